"""Calling somebody on a caller's behalf, and connecting the two.

    python examples/06_dial_and_bridge.py [PORT]

The caretaker's phone is expected 10 ports higher than the switch, the deputy's 20.
"""

import asyncio
import contextlib
import sys
from pathlib import Path

from softswitch.errors import PeerError
from softswitch.sip.config import Listener, SipConfig
from softswitch.switch import Call, OfficeConfig, Switch


async def reach_somebody(call: Call, addresses: list[str]) -> None:
    """Try one phone after the other; the caller hears it ring, and is connected."""
    call.ring()  # the caller hears the ringing tone; not answered, so not charged yet
    for address in addresses:
        try:
            other = await call.dial(address, ring_time_s=10)
        except PeerError as refused:  # busy, refused, not answered, not there
            print(f"{address}: {refused.status}")
            continue
        await call.answer()
        print(f"{address} talks to {call.caller.number}")
        await call.bridge(other, record_to=Path("conversation.wav"))
        return
    await call.answer()
    await call.say("Nobody can be reached. Please try again later.")


async def main(port: int = 5060) -> None:
    """Take calls until cancelled."""
    addresses = [f"sip:caretaker@127.0.0.1:{port + 10}", f"sip:deputy@127.0.0.1:{port + 20}"]
    sip = SipConfig(listen=(Listener(address="127.0.0.1", port=port),))
    async with Switch(OfficeConfig(sip=sip)) as switch:

        @switch.flow("*")  # any number that leads nowhere else
        async def anybody(call: Call) -> None:
            await reach_somebody(call, addresses)

        print(f"Call sip:1000@127.0.0.1:{port}; Ctrl-C stops.")
        await switch.serve_forever()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main(*map(int, sys.argv[1:])))
