"""What each event does, and each deadline: the engine's two tables of entry points."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from softswitch.acd import (
    altering,
    callers,
    calling_back,
    dispatch,
    late,
    queueing,
    reconfiguring,
    ringing,
    serving,
    staffing,
)
from softswitch.acd import events as ev
from softswitch.acd.core import Core
from softswitch.acd.deadlines import Due
from softswitch.acd.errors import DuplicateCallError
from softswitch.acd.model import Target
from softswitch.acd.names import ForwardReason, OfferOutcome, StopReason
from softswitch.acd.served import Served
from softswitch.acd.state import Agent, Entry, Offer
from softswitch.acd.tables import MemberInput


def _call_joined(core: Core, event: ev.CallJoined) -> None:
    group = core.group(event.group_id)
    if event.call_id in core.calls:
        raise DuplicateCallError(event.call_id)
    number = core.number()
    key = queueing.order_key(group, event.priority, core.now, number)
    entry = Entry(event, group, at=core.now, number=number, key=key)
    dispatch.admit(core, entry)


def _call_hung_up(core: Core, event: ev.CallHungUp) -> None:
    entry = core.call(event.call_id)
    if entry is not None:
        serving.caller_gone(core, entry)


def _call_left(core: Core, event: ev.CallLeft) -> None:
    _send_away(core, event.call_id, event.target, ForwardReason.CALLER_CHOICE)


def _call_withdrawn(core: Core, event: ev.CallWithdrawn) -> None:
    _send_away(core, event.call_id, event.target, ForwardReason.WITHDRAWN)


def _send_away(core: Core, call_id: str, target: Target, reason: ForwardReason) -> None:
    entry = core.call(call_id)
    if entry is not None:
        serving.send_away(core, entry, target, reason)


def _call_moved(core: Core, event: ev.CallMoved) -> None:
    entry, group = core.call(event.call_id), core.group(event.group_id)
    if entry is not None:
        altering.move(core, entry, group)


def _call_reprioritised(core: Core, event: ev.CallReprioritised) -> None:
    entry = core.call(event.call_id)
    if entry is not None:
        altering.reprioritise(core, entry, event.priority)


def _music_plays(core: Core, event: ev.MusicPlays) -> None:
    entry = core.call(event.call_id)
    if entry is not None:
        serving.music_plays(core, entry)


def _call_put_back(core: Core, event: ev.CallPutBack) -> None:
    entry = core.call(event.call_id)
    if entry is not None:
        serving.put_back(core, entry)


def _call_back_asked(core: Core, event: ev.CallBackAsked) -> None:
    entry = core.call(event.call_id)
    if entry is not None:
        calling_back.asked(core, entry, event.number)


def _call_back_answered(core: Core, event: ev.CallBackAnswered) -> None:
    entry = core.call(event.call_id)
    if entry is not None:
        calling_back.reached(core, entry, event.attempt)


def _call_back_failed(core: Core, event: ev.CallBackFailed) -> None:
    entry = core.call(event.call_id)
    if entry is not None:
        calling_back.not_reached(core, entry, event.attempt)


def _offer_ringing(core: Core, event: ev.OfferRinging) -> None:
    ringing.rang(core.offer(event.offer_id))


def _offer_answered(core: Core, event: ev.OfferAnswered) -> None:
    offer = core.offer(event.offer_id)
    if isinstance(offer, Offer):
        serving.offer_answered(core, offer)
    else:
        late.answered(core, offer)


def _offer_failed(core: Core, event: ev.OfferFailed) -> None:
    ringing.failed(core, core.offer(event.offer_id), event.failure)


def _member_hung_up(core: Core, event: ev.MemberHungUp) -> None:
    agent = core.agent(event.member_id)
    entry = agent.entry
    if event.call_id is not None:
        if entry is not None and entry.id == event.call_id:
            serving.member_gone(core, entry)
    elif agent.elsewhere:
        staffing.shift(core, agent, MemberInput.OWN_CALL_OVER)
    elif entry is not None:
        serving.member_gone(core, entry)
    else:
        staffing.shift(core, agent, MemberInput.HANG_UP)


def _member_activated(core: Core, event: ev.MemberActivated) -> None:
    staffing.shift(core, core.agent(event.member_id), MemberInput.ACTIVATE)


def _member_deactivated(core: Core, event: ev.MemberDeactivated) -> None:
    _choose(core, core.agent(event.member_id), MemberInput.DEACTIVATE)


def _member_paused(core: Core, event: ev.MemberPaused) -> None:
    _choose(core, core.agent(event.member_id), MemberInput.PAUSE, event.reason)


def _member_ready(core: Core, event: ev.MemberReady) -> None:
    staffing.shift(core, core.agent(event.member_id), MemberInput.READY)


def _member_busy_elsewhere(core: Core, event: ev.MemberBusyElsewhere) -> None:
    _choose(core, core.agent(event.member_id), MemberInput.BUSY_ELSEWHERE)


def _choose(core: Core, agent: Agent, input_: MemberInput, reason: str = "") -> None:
    """A member is no longer there for calls; a phone that rings stops."""
    staffing.shift(core, agent, input_, reason)
    if agent.offer is not None:
        ringing.stop(core, agent.offer, StopReason.MEMBER_WITHDRAWN, OfferOutcome.WITHDRAWN)


def _reconfigured(core: Core, event: ev.Reconfigured) -> None:
    reconfiguring.reconfigure(core, event.groups, event.members)


def _targets_changed(core: Core, event: ev.TargetsChanged) -> None:
    core.group(event.group_id).no_answer_now = event.no_answer


def _counting_begins(core: Core, event: ev.CountingBegins) -> None:
    core.counting = event.day
    for group in core.groups.values():
        group.served = Served(group.group.service_within_s)


HANDLERS: Final[dict[type[ev.EngineEvent], Callable[[Core, Any], None]]] = {
    ev.CallJoined: _call_joined,
    ev.CallHungUp: _call_hung_up,
    ev.CallLeft: _call_left,
    ev.CallWithdrawn: _call_withdrawn,
    ev.CallMoved: _call_moved,
    ev.CallReprioritised: _call_reprioritised,
    ev.MusicPlays: _music_plays,
    ev.CallPutBack: _call_put_back,
    ev.CallBackAsked: _call_back_asked,
    ev.CallBackAnswered: _call_back_answered,
    ev.CallBackFailed: _call_back_failed,
    ev.OfferRinging: _offer_ringing,
    ev.OfferAnswered: _offer_answered,
    ev.OfferFailed: _offer_failed,
    ev.MemberHungUp: _member_hung_up,
    ev.MemberActivated: _member_activated,
    ev.MemberDeactivated: _member_deactivated,
    ev.MemberPaused: _member_paused,
    ev.MemberReady: _member_ready,
    ev.MemberBusyElsewhere: _member_busy_elsewhere,
    ev.TargetsChanged: _targets_changed,
    ev.CountingBegins: _counting_begins,
    ev.Reconfigured: _reconfigured,
}


def _ring_time_over(core: Core, offer_id: str) -> None:
    ringing.ring_time_over(core, core.offers[offer_id])


def _look_again(core: Core, call_id: str) -> None:
    core.look_at(core.calls[call_id])


def _offering_time_over(core: Core, call_id: str) -> None:
    entry = core.calls[call_id]
    serving.send_away(core, entry, entry.group.no_answer, ForwardReason.OFFERING_TIME_OVER)


def _too_long(core: Core, call_id: str) -> None:
    entry = core.calls[call_id]
    target = entry.group.group.too_long
    serving.send_away(core, entry, target, ForwardReason.WAITED_TOO_LONG)


def _last_agent(core: Core, call_id: str) -> None:
    queueing.keep_no_longer(core, core.calls[call_id])


def _further_group(core: Core, call_id: str) -> None:
    entry = core.calls[call_id]
    queueing.search_further(core, entry)
    core.look_at(entry)


def _call_back(core: Core, call_id: str) -> None:
    calling_back.again(core, core.calls[call_id])


def _forget_place(core: Core, who: str) -> None:
    group_id, caller = who.split("\0", 1)
    callers.forget_place(core, (group_id, caller))


def _tell_position(core: Core, call_id: str) -> None:
    serving.tell_position(core, core.calls[call_id])


def _wrap_up_over(core: Core, member_id: str) -> None:
    staffing.shift(core, core.agents[member_id], MemberInput.WRAP_UP_OVER)


def _back_off_over(core: Core, member_id: str) -> None:
    core.wake(core.agents[member_id])


DEADLINES: Final[dict[Due, Callable[[Core, str], None]]] = {
    Due.RING_TIME: _ring_time_over,
    Due.ROUND: _look_again,
    Due.OFFERING_TIME: _offering_time_over,
    Due.POSITION: _tell_position,
    Due.TOO_LONG: _too_long,
    Due.LAST_AGENT: _last_agent,
    Due.FURTHER_GROUP: _further_group,
    Due.CALL_BACK: _call_back,
    Due.FORGET_PLACE: _forget_place,
    Due.WRAP_UP: _wrap_up_over,
    Due.BACK_OFF: _back_off_over,
}
