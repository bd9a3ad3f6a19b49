"""The smallest switch: it answers, says a sentence and hangs up.

    python examples/01_hello.py [PORT]

Then call sip:1000@127.0.0.1:5060 from any SIP phone on this machine.
"""

import asyncio
import contextlib
import sys

from softswitch.sip.config import Listener, SipConfig
from softswitch.switch import Call, OfficeConfig, Switch


async def main(port: int = 5060) -> None:
    """Answer calls until cancelled."""
    # Phones find us here, by UDP. "0.0.0.0" would be every network of this machine.
    sip = SipConfig(listen=(Listener(address="127.0.0.1", port=port),))

    async with Switch(OfficeConfig(sip=sip)) as switch:

        @switch.flow("1000")  # Whoever dials 1000 comes here: a task of its own for every call.
        async def hello(call: Call) -> None:
            print(f"{call.caller.number} calls")
            await call.answer()
            await call.say("Hello. This is a telephone switch, written in Python.")
            # The function ends, and with it the call. Had the caller hung up before, the line
            # above would have ended the function there and then.

        print(f"Call sip:1000@127.0.0.1:{port}; Ctrl-C stops.")
        await switch.serve_forever()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main(*map(int, sys.argv[1:])))
