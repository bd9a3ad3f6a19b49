"""What is done to waiting calls from outside: another group, another priority."""

from __future__ import annotations

from softswitch.acd import queueing, ringing, serving
from softswitch.acd.core import Core
from softswitch.acd.names import OfferOutcome, StopReason
from softswitch.acd.records import CallMovedRecord
from softswitch.acd.state import Entry, HuntGroup
from softswitch.acd.tables import CallInput


def move(core: Core, entry: Entry, group: HuntGroup) -> None:
    """The call waits in another group, where the time waited counts too."""
    queueing.shift(entry, CallInput.ALTER)
    old = entry.group
    serving.leave_line(core, entry)
    ringing.stop_all(core, entry, StopReason.CALL_MOVED, OfferOutcome.WITHDRAWN)
    entry.group = group
    entry.tried.clear()
    entry.key = queueing.order_key(group, entry.priority, entry.since, entry.number)
    core.emit(
        CallMovedRecord(
            at=core.now,
            call_id=entry.id,
            from_group_id=old.id,
            to_group_id=group.id,
            joined_at=entry.joined_at,
        )
    )
    serving.line_up_again(core, entry)


def reprioritise(core: Core, entry: Entry, priority: int) -> None:
    """The call takes the place in line that the priority gives it; phones ring on."""
    queueing.shift(entry, CallInput.ALTER)
    entry.priority = priority
    queueing.reorder(core, entry)
