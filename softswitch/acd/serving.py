"""Calls from joining to their one outcome."""

from __future__ import annotations

from softswitch.acd import callers, queueing, ringing, staffing, waits
from softswitch.acd.commands import (
    Connect,
    DialCaller,
    Forward,
    ForwardReason,
    StartWaiting,
    StopReason,
    TellPosition,
)
from softswitch.acd.core import Core
from softswitch.acd.deadlines import Due
from softswitch.acd.model import Target, TargetKind
from softswitch.acd.records import CallOutcome, CallRecord, ConversationRecord, OfferOutcome
from softswitch.acd.state import Entry, Offer, PastOffer
from softswitch.acd.tables import CallAction, CallInput, MemberInput

_CALL_DEADLINES = (
    Due.ROUND,
    Due.OFFERING_TIME,
    Due.POSITION,
    Due.LAST_AGENT,
    Due.FURTHER_GROUP,
    Due.TOO_LONG,
    Due.CALL_BACK,
)
_TELLS_ONLY = (TargetKind.MESSAGE, TargetKind.HANG_UP)


def let_in(core: Core, entry: Entry) -> None:
    """The call waits: it hears music from now on, whether phones ring at once or not."""
    core.emit(StartWaiting(call_id=entry.id, group_id=entry.group.id))
    queueing.line_up(core, entry)
    _arm_position(core, entry)
    if entry.group.group.max_wait_s is not None:
        core.deadlines.arm((Due.TOO_LONG, entry.id), core.now + entry.group.group.max_wait_s)


def tell_position(core: Core, entry: Entry) -> None:
    """It is time to say the place in the queue, also while phones ring."""
    position = entry.group.line.position(entry)
    expected = waits.tell(core, entry)
    core.emit(TellPosition(call_id=entry.id, position=position, expected=expected))
    _arm_position(core, entry)


def keep_telling_position(core: Core, entry: Entry) -> None:
    """Where positions were not told and now are, begin with it."""
    if core.deadlines.get((Due.POSITION, entry.id)) is None and not entry.call_back:
        _arm_position(core, entry)


def _arm_position(core: Core, entry: Entry) -> None:
    every_s = entry.group.group.position_every_s
    if every_s > 0:
        core.deadlines.arm((Due.POSITION, entry.id), core.now + every_s)


def offer_answered(core: Core, offer: Offer | PastOffer) -> None:
    """A member's phone answered: the first one talks, any other is released."""
    ringing.answered(core, offer)
    if isinstance(offer, Offer):
        _take(core, offer)


def _take(core: Core, offer: Offer) -> None:
    """The member has the call: connected to the caller, or to whom is being called back."""
    entry = offer.entry
    dial = bool(entry.call_back)
    queueing.shift(entry, CallInput.ANSWER_CALL_BACK if dial else CallInput.ANSWER)
    waits.score(core, entry)
    leave_line(core, entry)
    entry.agent, entry.offer_id = offer.agent, offer.id
    if dial:
        _dial(core, entry, offer)
    else:
        _connect(core, entry, offer.agent.id)
    ringing.stop_all(core, entry, StopReason.ANSWERED_ELSEWHERE, OfferOutcome.ANSWERED_ELSEWHERE)


def _connect(core: Core, entry: Entry, member_id: str) -> None:
    entry.answered_at, entry.last_member_id = core.now, member_id
    if entry.first_answered_at is None:
        entry.first_answered_at = core.now
    core.emit(Connect(offer_id=entry.offer_id, call_id=entry.id, member_id=member_id))


def _dial(core: Core, entry: Entry, offer: Offer) -> None:
    entry.attempts += 1
    core.emit(
        DialCaller(
            offer_id=offer.id,
            call_id=entry.id,
            member_id=offer.agent.id,
            number=entry.call_back,
        )
    )


def caller_reached(core: Core, entry: Entry) -> None:
    """Who was called back answered."""
    queueing.shift(entry, CallInput.CALLER_REACHED)
    entry.call_back, entry.called_back = "", True
    if entry.agent is not None:
        _connect(core, entry, entry.agent.id)


def caller_not_reached(core: Core, entry: Entry) -> None:
    """Who was called back did not answer: tried again later, in the old place, or given up."""
    if queueing.shift(entry, CallInput.CALLER_NOT_REACHED) is not CallAction.RETRY:
        return
    group = entry.group.group
    _part(core, entry)
    if entry.attempts >= group.call_back_attempts:
        queueing.shift(entry, CallInput.GIVE_UP_CALL_BACK)
        _abandon(core, entry)
        return
    entry.resting = True
    core.deadlines.arm((Due.CALL_BACK, entry.id), core.now + group.call_back_retry_s)
    line_up_again(core, entry)


def call_back_again(core: Core, entry: Entry) -> None:
    """It is time to dial a caller who was not reached once more."""
    entry.resting = False
    queueing.refresh(entry)
    core.seek([entry])


def call_back_asked(core: Core, entry: Entry, number: str) -> None:
    """The caller may hang up and keeps the place; nobody needs to be told of it any more."""
    queueing.shift(entry, CallInput.ASK_CALL_BACK)
    entry.call_back = number
    core.deadlines.cancel((Due.POSITION, entry.id))
    core.deadlines.cancel((Due.TOO_LONG, entry.id))


def caller_gone(core: Core, entry: Entry) -> None:
    """The caller hung up: abandoned while waiting, over while talking."""
    if entry.call_back:
        return
    if queueing.shift(entry, CallInput.CALLER_GONE) is CallAction.FINISH:
        _finish(core, entry)
    else:
        callers.keep_place(core, entry)
        _abandon(core, entry)


def _abandon(core: Core, entry: Entry) -> None:
    leave_line(core, entry)
    ringing.stop_all(core, entry, StopReason.CALLER_GONE, OfferOutcome.CALLER_GONE)
    _end(core, entry, CallOutcome.ABANDONED)


def member_gone(core: Core, entry: Entry) -> None:
    """The member left: the conversation is over, a call back has to wait for another member."""
    if queueing.shift(entry, CallInput.MEMBER_GONE) is CallAction.FINISH:
        _finish(core, entry)
    else:
        entry.attempts -= 1
        _part(core, entry)
        line_up_again(core, entry)


def _finish(core: Core, entry: Entry) -> None:
    _part(core, entry)
    _end(core, entry, CallOutcome.CALLED_BACK if entry.called_back else CallOutcome.ANSWERED)


def put_back(core: Core, entry: Entry) -> None:
    """The caller waits again, in the old place, and for another member if there is one."""
    queueing.shift(entry, CallInput.PUT_BACK)
    _part(core, entry)
    entry.answered_at = None
    if entry.last_member_id is not None:
        entry.tried = [entry.last_member_id]
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
        target = entry.group.group.no_answer
        send_away(core, entry, target, ForwardReason.GROUP_CLOSED)


def _part(core: Core, entry: Entry) -> None:
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
    staffing.shift(core, agent, MemberInput.HANG_UP)


def send_away(core: Core, entry: Entry, target: Target, reason: ForwardReason) -> None:
    """The call goes elsewhere, and the engine lets go of it.

    Counted as refused where the target only tells the caller no.
    """
    queueing.shift(entry, CallInput.FORWARD)
    leave_line(core, entry)
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
    for due in _CALL_DEADLINES:
        core.deadlines.cancel((due, entry.id))


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
    core.emit(
        CallRecord(
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
    )
