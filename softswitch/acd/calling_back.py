"""Callers who hung up and keep the place: dialled when it is their turn.

Agent first: a member answers the offer like any other and is then on the line while the caller
is dialled. Customer first: the caller is dialled when a member is free, and having answered waits
in the old place, for whoever is free by then. No member is held for that; but for each free
member no more than one caller is dialled at a time.
"""

from __future__ import annotations

from softswitch.acd import queueing, serving
from softswitch.acd.commands import DialCallerFirst, ReleaseCaller
from softswitch.acd.core import Core
from softswitch.acd.deadlines import Due
from softswitch.acd.names import StopReason
from softswitch.acd.state import Agent, Entry
from softswitch.acd.tables import CallAction, CallInput


def asked(core: Core, entry: Entry, number: str) -> None:
    """The caller may hang up and keeps the place; nobody needs to be told of it any more."""
    queueing.shift(entry, CallInput.ASK_CALL_BACK)
    entry.call_back = number
    core.deadlines.cancel((Due.POSITION, entry.id))
    core.deadlines.cancel((Due.TOO_LONG, entry.id))


def dial_first(core: Core, entry: Entry, agent: Agent) -> None:
    """A member is free: dial the caller before any member is rung."""
    queueing.shift(entry, CallInput.DIAL_FIRST)
    entry.expecting, agent.expecting = agent, entry
    queueing.refresh(entry)
    entry.attempts += 1
    entry.dials += 1
    dial = DialCallerFirst(call_id=entry.id, number=entry.call_back, attempt=entry.dials)
    core.emit(dial)


def reached(core: Core, entry: Entry, attempt: int | None) -> None:
    """Who was called back answered: in time, or after the dialling was stopped."""
    if attempt not in (None, entry.dials):
        _release(core, entry, attempt)
        return
    action = queueing.shift(entry, CallInput.CALLER_REACHED)
    if action is CallAction.RELEASE_CALLER:
        if entry.call_back:
            _release(core, entry, attempt)
    elif action is not CallAction.NOTHING:
        entry.call_back, entry.called_back = "", True
        if action is CallAction.TALK:
            serving.connect(core, entry)
        else:
            _wait_for_member(core, entry)


def _wait_for_member(core: Core, entry: Entry) -> None:
    serving.expect_no_longer(core, entry)
    serving.begin_waiting(core, entry)
    queueing.refresh(entry)
    core.look_at(entry)


def _release(core: Core, entry: Entry, attempt: int | None) -> None:
    reason = StopReason.MEMBER_GONE
    core.emit(ReleaseCaller(call_id=entry.id, attempt=attempt, reason=reason))


def not_reached(core: Core, entry: Entry, attempt: int | None) -> None:
    """Who was called back did not answer: tried again later, in the old place, or given up."""
    if attempt not in (None, entry.dials):
        return
    if queueing.shift(entry, CallInput.CALLER_NOT_REACHED) is not CallAction.RETRY:
        return
    group = entry.group.group
    serving.part(core, entry)
    serving.expect_no_longer(core, entry)
    if entry.attempts >= group.call_back_attempts:
        queueing.shift(entry, CallInput.GIVE_UP_CALL_BACK)
        serving.abandon(core, entry)
        return
    entry.resting = True
    core.deadlines.arm((Due.CALL_BACK, entry.id), core.now + group.call_back_retry_s)
    if not entry.in_line:
        serving.line_up_again(core, entry)


def again(core: Core, entry: Entry) -> None:
    """It is time to dial a caller who was not reached once more."""
    entry.resting = False
    queueing.refresh(entry)
    core.look_at(entry)
