"""A menu: the caller presses keys, and enters a number.

    python examples/02_keys.py [PORT]

Keys may be pressed while something is being said: that cuts it short, and no key is lost.
"""

import asyncio
import contextlib
import sys

from softswitch.sip.config import Listener, SipConfig
from softswitch.switch import Call, OfficeConfig, Switch


async def menu(call: Call) -> None:
    """What a caller goes through, one thing after the other."""
    await call.answer()
    for _attempt in range(3):
        await call.say("For opening hours, press 1. To ask about a case, press 2.")
        key = await call.collect(count=1, timeout_s=5)  # "" when five seconds pass
        if key == "1":
            await call.say("We are open from nine to four.")
            return
        if key == "2":
            await ask_about_case(call)
            return
    await call.say("Goodbye.")


async def ask_about_case(call: Call) -> None:
    """Let the caller enter a case number."""
    await call.say("Enter the case number, and press hash.")
    case = await call.collect(terminator="#")  # also ends five seconds after the last key
    print(f"{call.caller.number} asks about case {case}")
    await call.say(f"Case {' '.join(case)} is being dealt with.")  # digit by digit


async def main(port: int = 5060) -> None:
    """Answer calls until cancelled."""
    sip = SipConfig(listen=(Listener(address="127.0.0.1", port=port),))
    async with Switch(OfficeConfig(sip=sip, language="en")) as switch:
        switch.flow("1000")(menu)  # the same as @switch.flow("1000") above the function
        print(f"Call sip:1000@127.0.0.1:{port}; Ctrl-C stops.")
        await switch.serve_forever()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main(*map(int, sys.argv[1:])))
