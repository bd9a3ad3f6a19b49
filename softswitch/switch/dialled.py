"""Calls that are dialled for other calls, kept as records: whom, when, for how long.

Members' phones that ring for a group are no such calls: the queue engine's records tell of those.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from softswitch.acd.model import Member
from softswitch.switch.journal import DialledCall
from softswitch.telephony import Answered, Ended, Identity, LegEvent

if TYPE_CHECKING:
    from softswitch.switch.house import House
    from softswitch.switch.party import Party

_SIP_URI: Final = re.compile(r"sips?:([^@;?>]+)@([^:;?>]+)", re.IGNORECASE)


def keep_record(
    house: House, caller: Party, other: Party, target: str, *, transfer: bool = False
) -> None:
    """Write it down when a call that was dialled is over.

    Args:
        house: what the switch's parts share.
        caller: the call that it was dialled for.
        other: the call that was dialled.
        target: what was dialled.
        transfer: whether a phone asked for it.
    """
    member = member_at(caller.caller, house.config.members)
    started_at = house.now
    answered_at: float | None = None

    def watch(_other: Party, event: LegEvent) -> None:
        nonlocal answered_at
        if isinstance(event, Answered):
            answered_at = house.now
        elif isinstance(event, Ended):
            house.journal.note(
                DialledCall(
                    at=house.now,
                    call_id=caller.id,
                    caller=caller.caller.number,
                    member_id=None if member is None else member.id,
                    target=target,
                    started_at=started_at,
                    answered_at=answered_at,
                    transfer=transfer,
                )
            )

    other.watch(watch)


def member_at(who: Identity, members: Iterable[Member]) -> Member | None:
    """Return the member whose phone this is, by its address: user and host, or number."""
    wanted = _place(who.uri)
    for member in members:
        if _place(member.address) == wanted or member.address == who.number != "":
            return member
    return None


def _place(address: str) -> str:
    """An address without what may differ from call to call: port, scheme, parameters."""
    found = _SIP_URI.match(address)
    return f"{found[1]}@{found[2].lower()}" if found else address
