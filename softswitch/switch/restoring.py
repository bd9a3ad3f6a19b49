"""The queue engine at the start of a switch: as it was when the last run ended, if there was one.

* Members are active, passive or paused as they chose; the office file counts for new ones only.
* Callers who waited were cut off: who redials in time finds the old place (`redial_within_s`).
* Who was promised a call is called back.
* Conversations are over. Their records are written now; the engine's time stood still meanwhile.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator

import attrs

from softswitch.acd import Engine
from softswitch.acd import events as ev
from softswitch.acd.journal import Input
from softswitch.acd.model import Group, Member
from softswitch.acd.records import MemberState
from softswitch.acd.snapshot import CallSnapshot, EngineSnapshot, MemberSnapshot
from softswitch.acd.tables import CallState
from softswitch.switch.choices import Choice, MemberChoices
from softswitch.switch.engine_log import Beginning, EngineLog, LoggedPast, read_log

log = logging.getLogger(__name__)


@attrs.frozen(kw_only=True)
class Restored:
    """An engine to go on with.

    Attributes:
        engine: the engine; what it has to say is still to be polled.
        now: its time.
        promised: calls that wait with nobody on the line, and are to be called back.
        counting: the day whose calls it counts, or "".
    """

    engine: Engine
    now: float
    promised: tuple[CallSnapshot, ...] = ()
    counting: str = ""


def restore(
    groups: tuple[Group, ...],
    members: tuple[Member, ...],
    *,
    engine_log: EngineLog,
    choices: MemberChoices,
    now: float,
) -> Restored:
    """Make the engine of a switch that starts. Reads and writes files: call it in a thread.

    Args:
        groups: as the office has them now.
        members: the same.
        engine_log: where the last run was kept, and this one will be.
        choices: of members.
        now: the engine's time where there was no run before.
    """
    members = tuple(_as_chosen(member, choices) for member in members)
    past = read_log(engine_log.path)
    if past is not None:
        try:
            return _go_on(past, groups, members, engine_log, choices)
        except Exception:
            # Whatever is wrong with the past, calls must be taken: choices are stored apart.
            log.exception("the last run cannot be played back, a new one begins")
    engine_log.forget()
    engine_log.begin(Beginning(groups=groups, members=members, now=now))
    engine = Engine(groups, members, now=now, journal=engine_log.note)
    for member in members:
        _choose(engine, member.id, choices, now)
    return Restored(engine=engine, now=now)


def play_back(past: LoggedPast, engine_log: EngineLog | None = None) -> Engine:
    """Let an engine go through what a log holds; what it says is left to be polled.

    Raises:
        MisuseError: it refuses something.
        ConfigurationError: groups and members do not fit together.
    """
    began = past.beginning
    note = None if engine_log is None else engine_log.note
    if began.state is None:
        engine = Engine(began.groups, began.members, now=began.now, journal=note)
    else:
        engine = Engine.thaw(began.state, journal=note)
    pauses = (ev.MemberPaused(member_id=m, reason=why) for m, why in began.paused.items())
    for told in (*(Input(now=began.now, event=pause) for pause in pauses), *past.inputs):
        if told.event is None:
            engine.advance(told.now)
        else:
            engine.handle(told.event, told.now)
    return engine


def _go_on(
    past: LoggedPast,
    groups: tuple[Group, ...],
    members: tuple[Member, ...],
    engine_log: EngineLog,
    choices: MemberChoices,
) -> Restored:
    engine_log.muted = True
    engine = play_back(past, engine_log)
    engine.poll()  # done and recorded by the run before
    engine_log.muted = False
    engine_log.go_on(past)
    now = past.inputs[-1].now if past.inputs else past.beginning.now
    for event in _cut_off(engine.snapshot(now)):
        engine.handle(event, now)
    if (groups, members) != _in_force(past):
        engine.handle(ev.Reconfigured(groups=groups, members=members), now)
    for member in members:
        _choose(engine, member.id, choices, now)
    snapshot = engine.snapshot(now)
    waiting = [call for group in snapshot.groups for call in group.waiting]
    promised = tuple(call for call in waiting if call.call_back)
    return Restored(engine=engine, now=now, promised=promised, counting=snapshot.counting)


def _cut_off(snapshot: EngineSnapshot) -> Iterator[ev.EngineEvent]:
    """Say what the end of the last run did to its calls: first to those who could be rung for."""
    waiting = {call.id: call for group in snapshot.groups for call in group.waiting}
    for call in waiting.values():
        if not call.call_back:
            yield ev.CallHungUp(call_id=call.id)
        elif call.state is CallState.CALLING:
            yield ev.CallBackFailed(call_id=call.id)
    for offer in snapshot.offers:
        if waiting[offer.call_id].call_back:
            failure = ev.OfferFailure.UNREACHABLE
            yield ev.OfferFailed(offer_id=offer.id, failure=failure)
            yield ev.MemberReady(member_id=offer.member_id)  # that was not the phone's fault
    yield from _conversations_over(snapshot)


def _conversations_over(snapshot: EngineSnapshot) -> Iterator[ev.EngineEvent]:
    for member in snapshot.members:
        if member.call_id is None and member.state is MemberState.IN_CALL:
            yield ev.MemberHungUp(member_id=member.id)
    for call in snapshot.talking:
        if call.state is CallState.DIALLING and call.member_id is not None:
            yield ev.MemberHungUp(member_id=call.member_id, call_id=call.id)
        else:
            yield ev.CallHungUp(call_id=call.id)


def _in_force(past: LoggedPast) -> tuple[tuple[Group, ...], tuple[Member, ...]]:
    """Return the groups and members with which the last run ended."""
    groups, members = past.beginning.groups, past.beginning.members
    for told in past.inputs:
        if isinstance(told.event, ev.Reconfigured):
            groups, members = told.event.groups, told.event.members
    return groups, members


def _as_chosen(member: Member, choices: MemberChoices) -> Member:
    choice = choices.get(member.id)
    return member if choice is None else attrs.evolve(member, active=choice.active)


def _choose(engine: Engine, member_id: str, choices: MemberChoices, now: float) -> None:
    """Let what is stored count, where the log does not know it."""
    choice = choices.get(member_id)
    if choice is None:
        return
    for event in steps(engine.snapshot(now).member(member_id), choice):
        engine.handle(event, now)


def steps(member: MemberSnapshot, choice: Choice) -> Iterator[ev.EngineEvent]:
    """Say what leads a member to a choice."""
    if member.active != choice.active:
        kind = ev.MemberActivated if choice.active else ev.MemberDeactivated
        yield kind(member_id=member.id)
    if choice.paused and (not member.paused or member.reason != choice.reason):
        yield ev.MemberPaused(member_id=member.id, reason=choice.reason)
    elif member.paused and not choice.paused and choice.active:
        yield ev.MemberReady(member_id=member.id)


def present_state(
    engine: Engine, groups: tuple[Group, ...], members: tuple[Member, ...], now: float
) -> Beginning:
    """Say how a log could begin now that knows all that the engine does.

    Args:
        engine: the engine, with nothing left to be polled.
        groups: those in force.
        members: the same.
        now: the engine's time.
    """
    return Beginning(groups=groups, members=members, now=now, state=engine.freeze())
