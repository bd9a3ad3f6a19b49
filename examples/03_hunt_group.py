"""A hunt group: one number, several people. Who is free and first in the list is called first.

    python examples/03_hunt_group.py [PORT]

Anna's phone is expected 10 ports higher than the switch and Bo's 20 (5070 and 5080): any SIP
phone that listens there. While everybody is busy, callers wait with music.
"""

import asyncio
import contextlib
import sys

from softswitch.acd.model import Group, Member
from softswitch.acd.records import CallRecord, OfferRecord, Record
from softswitch.sip.config import Listener, SipConfig
from softswitch.switch import GroupConfig, OfficeConfig, Switch


def office(port: int) -> OfficeConfig:
    """Two people who share the number 1000."""
    members = (
        Member(id="anna", name="Anna", address=f"sip:anna@127.0.0.1:{port + 10}"),
        Member(id="bo", name="Bo", address=f"sip:bo@127.0.0.1:{port + 20}"),
    )
    # A phone rings for 15 seconds, then the next one; `members` is the order.
    support = Group(id="support", members=("anna", "bo"), strategy="priority", ring_time_s=15)
    return OfficeConfig(
        sip=SipConfig(listen=(Listener(address="127.0.0.1", port=port),)),
        members=members,
        groups=(GroupConfig(engine=support, numbers=("1000",)),),
    )


def tell(record: Record) -> None:
    """Print what the switch notes down: every offer of a call to a phone, and every call."""
    if isinstance(record, OfferRecord):
        print(f"{record.member_id}: {record.outcome.value}")  # answered, busy, no_answer, ...
    elif isinstance(record, CallRecord):
        print(f"call from {record.caller}: {record.outcome.value}, by {record.member_id}")


async def main(port: int = 5060) -> None:
    """Take calls until cancelled."""
    async with Switch(office(port)) as switch:
        switch.on_record(tell)
        print(f"Call sip:1000@127.0.0.1:{port}; Ctrl-C stops.")
        await switch.serve_forever()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main(*map(int, sys.argv[1:])))
