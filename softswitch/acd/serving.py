"""Calls from joining to their one outcome."""

from __future__ import annotations

from typing import Final

from softswitch.acd import callers, queueing, ringing, staffing, waits
from softswitch.acd.commands import (
    Connect,
    DialCaller,
    Forward,
    StartWaiting,
    StopDialling,
    TellPosition,
)
from softswitch.acd.core import Core
from softswitch.acd.deadlines import Due
from softswitch.acd.model import Target
from softswitch.acd.names import CallOutcome, ForwardReason, OfferOutcome, StopReason, TargetKind
from softswitch.acd.records import CallRecord, ConversationRecord
from softswitch.acd.state import Agent, Entry, Offer
from softswitch.acd.tables import CallAction, CallInput, CallState, MemberInput

_CALL_DEADLINES: Final = (
    Due.ROUND,
    Due.OFFERING_TIME,
    Due.POSITION,
    Due.LAST_AGENT,
    Due.FURTHER_GROUP,
    Due.TOO_LONG,
    Due.CALL_BACK,
)
_TELLS_ONLY: Final = (TargetKind.MESSAGE, TargetKind.HANG_UP)

_ANSWER: Final = CallInput.ANSWER
_MEMBER_GONE: Final = CallInput.MEMBER_GONE
_FINISH: Final = CallAction.FINISH
_HANG_UP: Final = MemberInput.HANG_UP
_ANSWERED: Final = CallOutcome.ANSWERED
"""Looked up once: up to Python 3.11 a member of an enumeration is no plain attribute."""


def let_in(core: Core, entry: Entry) -> None:
    """The call waits: it hears music from now on, whether phones ring at once or not."""
    begin_waiting(core, entry)
    queueing.line_up(core, entry)


def begin_waiting(core: Core, entry: Entry) -> None:
    """The caller is on the line and hears music from now on."""
    core.newcomers.append(entry)
    entry.waits_from = core.now
    _arm_position(core, entry)
    if entry.group.max_wait_s is not None:
        core.deadlines.arm((Due.TOO_LONG, entry.id), core.now + entry.group.max_wait_s)


def welcome(core: Core) -> None:
    """Newcomers are told to wait, now that phones ring for them: a caller loses no time by it.

    Whoever went elsewhere at once has nothing to wait for.
    """
    for entry in core.newcomers:
        if entry.in_line:
            core.emit(StartWaiting(call_id=entry.id, group_id=entry.group.id))
    core.newcomers.clear()


def tell_position(core: Core, entry: Entry) -> None:
    """It is time to say the place in the queue, also while phones ring."""
    position = entry.group.line.position(entry)
    expected = waits.tell(core, entry)
    core.emit(TellPosition(call_id=entry.id, position=position, expected=expected))
    _arm_position(core, entry)


def music_plays(core: Core, entry: Entry) -> None:
    """The stretch of music before the next position message begins here."""
    action = queueing.shift(entry, CallInput.MUSIC_PLAYS)
    if action is CallAction.TIME_POSITION and not entry.call_back:
        _arm_position(core, entry)


def renew_position(core: Core, entry: Entry) -> None:
    """Where positions were not told and now are, begin with it; and the other way about."""
    if entry.group.position_every_s <= 0:
        core.deadlines.cancel((Due.POSITION, entry.id))
    elif core.deadlines.get((Due.POSITION, entry.id)) is None and not entry.call_back:
        _arm_position(core, entry)


def apply_limits(core: Core, entry: Entry) -> None:
    """New limits of waiting and offering, for a call in line: as if they had always been so."""
    group = entry.group.group
    waits_from = None if entry.call_back else entry.waits_from
    offered_from = entry.offered_from if entry.round else None
    if _overdue(core, (Due.TOO_LONG, entry.id), waits_from, group.max_wait_s):
        send_away(core, entry, group.too_long, ForwardReason.WAITED_TOO_LONG)
    elif _overdue(core, (Due.OFFERING_TIME, entry.id), offered_from, group.max_offering_s):
        send_away(core, entry, entry.group.no_answer, ForwardReason.OFFERING_TIME_OVER)


def _overdue(core: Core, key: tuple[Due, str], since: float | None, limit_s: float | None) -> bool:
    """Set a deadline anew, or tell that it has passed."""
    core.deadlines.cancel(key)
    if since is None or limit_s is None:
        return False
    if since + limit_s <= core.now:
        return True
    core.deadlines.arm(key, since + limit_s)
    return False


def _arm_position(core: Core, entry: Entry) -> None:
    every_s = entry.group.position_every_s
    if every_s > 0:
        core.deadlines.arm((Due.POSITION, entry.id), core.now + every_s)


def offer_answered(core: Core, offer: Offer) -> None:
    """A member's phone answered first."""
    ringing.answered(core, offer)
    take(core, offer.entry, offer.agent, offer.id)


def take(core: Core, entry: Entry, agent: Agent, offer_id: str) -> None:
    """The member has the call: connected to the caller, or to whom is being called back."""
    dial = bool(entry.call_back)
    queueing.shift(entry, CallInput.ANSWER_CALL_BACK if dial else _ANSWER)
    waits.score(core, entry)
    leave_line(core, entry)
    entry.agent, entry.offer_id = agent, offer_id
    if dial:
        _dial(core, entry, agent)
    else:
        connect(core, entry)
    if entry.offers:
        reason, outcome = StopReason.ANSWERED_ELSEWHERE, OfferOutcome.ANSWERED_ELSEWHERE
        ringing.stop_all(core, entry, reason, outcome)


def connect(core: Core, entry: Entry) -> None:
    """Caller and member talk."""
    member_id = entry.agent.id if entry.agent else ""
    entry.answered_at, entry.last_member_id = core.now, member_id
    if entry.first_answered_at is None:
        entry.first_answered_at = core.now
    core.emit(Connect(offer_id=entry.offer_id, call_id=entry.id, member_id=member_id))


def _dial(core: Core, entry: Entry, agent: Agent) -> None:
    entry.attempts += 1
    entry.dials += 1
    core.emit(
        DialCaller(
            offer_id=entry.offer_id,
            call_id=entry.id,
            member_id=agent.id,
            number=entry.call_back,
            attempt=entry.dials,
        )
    )


def _stop_dialling(core: Core, entry: Entry, reason: StopReason) -> None:
    core.emit(StopDialling(call_id=entry.id, attempt=entry.dials, reason=reason))


def expect_no_longer(core: Core, entry: Entry) -> None:
    """The caller is not dialled any more: the free member may have another one dialled."""
    agent, entry.expecting = entry.expecting, None
    if agent is not None:
        agent.expecting = None
        core.wake(agent)


def caller_gone(core: Core, entry: Entry) -> None:
    """The caller hung up: abandoned while waiting, over while talking."""
    if entry.call_back:
        return
    if queueing.shift(entry, CallInput.CALLER_GONE) is CallAction.FINISH:
        _finish(core, entry)
    else:
        callers.keep_place(core, entry)
        abandon(core, entry)


def abandon(core: Core, entry: Entry) -> None:
    """Nobody is there any more to be answered."""
    leave_line(core, entry)
    ringing.stop_all(core, entry, StopReason.CALLER_GONE, OfferOutcome.CALLER_GONE)
    _end(core, entry, CallOutcome.ABANDONED)


def member_gone(core: Core, entry: Entry) -> None:
    """The member left: the conversation is over, a call back has to wait for another member."""
    if queueing.shift(entry, _MEMBER_GONE) is _FINISH:
        _finish(core, entry)
    else:
        entry.attempts -= 1
        _stop_dialling(core, entry, StopReason.MEMBER_GONE)
        part(core, entry)
        line_up_again(core, entry)


def _finish(core: Core, entry: Entry) -> None:
    part(core, entry)
    _end(core, entry, CallOutcome.CALLED_BACK if entry.called_back else _ANSWERED)


def put_back(core: Core, entry: Entry) -> None:
    """The caller waits again, in the old place, and for another member if there is one."""
    queueing.shift(entry, CallInput.PUT_BACK)
    part(core, entry)
    entry.answered_at = None
    entry.tried = [entry.last_member_id or ""]
    line_up_again(core, entry)


def line_up_again(core: Core, entry: Entry) -> None:
    """Back into the line where the key belongs; what limits the offers begins anew."""
    entry.earlier_rounds += entry.round
    entry.round, entry.told = 0, None
    if entry.call_back:
        queueing.line_up(core, entry)
    else:
        let_in(core, entry)
    if core.groups.get(entry.group.id) is not entry.group:
        send_away(core, entry, entry.group.no_answer, ForwardReason.GROUP_CLOSED)


def part(core: Core, entry: Entry) -> None:
    """The member is done with the call."""
    agent, entry.agent = entry.agent, None
    if agent is None:
        return
    if entry.answered_at is None:
        staffing.drop_call(agent)
    else:
        callers.met(core, entry, agent)
        waits.learn(core, entry, entry.answered_at)
        core.emit(_conversation(core, entry, agent.id, entry.answered_at))
    staffing.shift(core, agent, _HANG_UP)


def send_away(core: Core, entry: Entry, target: Target, reason: ForwardReason) -> None:
    """The call goes elsewhere, and the engine lets go of it.

    Counted as refused where the target only tells the caller no.
    """
    calling = entry.state is CallState.CALLING
    queueing.shift(entry, CallInput.FORWARD)
    leave_line(core, entry)
    if calling:
        _stop_dialling(core, entry, StopReason.CALL_FORWARDED)
        expect_no_longer(core, entry)
    ringing.stop_all(core, entry, StopReason.CALL_FORWARDED, OfferOutcome.WITHDRAWN)
    group_id = entry.group.id
    core.emit(Forward(call_id=entry.id, group_id=group_id, target=target, reason=reason))
    refused = target.kind in _TELLS_ONLY
    outcome = CallOutcome.REFUSED if refused else CallOutcome.FORWARDED
    _end(core, entry, outcome, target, reason)


def leave_line(core: Core, entry: Entry) -> None:
    """The call is no longer among those waiting, and none of their deadlines concerns it."""
    queueing.step_out(core, entry)
    queueing.give_up_place(entry)
    entry.kept_for = None
    core.deadlines.cancel_all(_CALL_DEADLINES, entry.id)


def _conversation(
    core: Core, entry: Entry, member_id: str, started_at: float
) -> ConversationRecord:
    return ConversationRecord(
        at=core.now,
        call_id=entry.id,
        group_id=entry.group.id,
        caller=entry.caller,
        member_id=member_id,
        started_at=started_at,
    )


def _end(
    core: Core,
    entry: Entry,
    outcome: CallOutcome,
    target: Target | None = None,
    reason: ForwardReason | None = None,
) -> None:
    """Write the call's one record and let go of it."""
    core.forget_call(entry)
    record = CallRecord(
        at=core.now,
        call_id=entry.id,
        group_id=entry.group.id,
        caller=entry.caller,
        joined_at=entry.joined_at,
        answered_at=entry.first_answered_at,
        ended_at=core.now,
        outcome=outcome,
        member_id=entry.last_member_id,
        offers=entry.earlier_rounds + entry.round,
        queued=entry.queued,
        forward_target=target,
        forward_reason=reason,
    )
    answered_at = entry.first_answered_at
    if answered_at is None:
        entry.group.served.count(core.now - entry.joined_at, outcome)
    else:
        entry.group.served.count(answered_at - entry.joined_at, _ANSWERED)
    core.emit(record)
