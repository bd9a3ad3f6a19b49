"""A flow of one's own in front of a queue: who calls decides who is served first.

    python examples/05_customer_number.py [PORT]

The caller enters a customer number. It is looked up while other calls go on undisturbed, good
customers go to the front of the queue, and after the conversation everybody is asked for a mark.
The agent's phone is expected 10 ports higher than the switch.
"""

import asyncio
import contextlib
import sys

from softswitch.acd.model import Group, Member
from softswitch.sip.config import Listener, SipConfig
from softswitch.switch import Call, GroupConfig, OfficeConfig, Switch

CUSTOMERS = {"123": ("Nordic Fish", 10), "456": ("Corner Shop", 0)}  # name, priority


async def look_up(number: str) -> tuple[str, int]:
    """Ask the customer register; here one that takes a moment to answer."""
    await asyncio.sleep(0.1)
    return CUSTOMERS.get(number, ("somebody new", 0))


async def serve(call: Call) -> None:
    """Everything that happens to a call to 1000."""
    await call.answer()
    await call.say("Please enter your customer number.")
    name, priority = await look_up(await call.collect(count=3))
    print(f"{name} calls")
    # Rings the members of "sales" and returns when the conversation, or the waiting, is over.
    # `stay`: the agent hangs up, the caller does not.
    result = await call.queue("sales", priority=priority, stay=True)
    print(f"{name}: {result.outcome.value} by {result.member} after {result.waited_s:.0f} s")
    await call.say("How did we do, from 1 to 5?")
    print(f"{name} gives us {await call.collect(count=1) or 'no mark'}")


async def main(port: int = 5060) -> None:
    """Take calls until cancelled."""
    office = OfficeConfig(
        sip=SipConfig(listen=(Listener(address="127.0.0.1", port=port),)),
        members=(Member(id="anna", address=f"sip:anna@127.0.0.1:{port + 10}"),),
        groups=(GroupConfig(engine=Group(id="sales", members=("anna",))),),  # no number of its own
    )
    async with Switch(office) as switch:
        switch.flow("1000")(serve)
        print(f"Call sip:1000@127.0.0.1:{port}; Ctrl-C stops.")
        await switch.serve_forever()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main(*map(int, sys.argv[1:])))
