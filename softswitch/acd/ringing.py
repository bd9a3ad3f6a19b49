"""Offers: a phone is asked to ring, and each offer ends in exactly one outcome."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from softswitch.acd import queueing, staffing
from softswitch.acd.commands import RingMember, StopRinging
from softswitch.acd.core import Core
from softswitch.acd.deadlines import Due
from softswitch.acd.model import Group
from softswitch.acd.names import OfferFailure, OfferOutcome, Picked, StopReason
from softswitch.acd.records import OfferRecord
from softswitch.acd.roster import Note
from softswitch.acd.state import Agent, Entry, Offer, PastOffer
from softswitch.acd.tables import (
    OFFER_STEPS,
    CallInput,
    CallState,
    MemberInput,
    OfferInput,
    step,
)

_RING_CALL: Final = CallInput.RING
_RING_MEMBER: Final = MemberInput.RING
_RING_TIME: Final = Due.RING_TIME
_PHONE_ANSWERED: Final = OfferInput.ANSWERED
_ANSWERED: Final = OfferOutcome.ANSWERED
_ANSWERED_ELSEWHERE: Final = StopReason.ANSWERED_ELSEWHERE
"""Looked up once: up to Python 3.11 a member of an enumeration is no plain attribute."""

_OUTCOMES: Final[Mapping[OfferFailure, OfferOutcome]] = {
    OfferFailure.REJECTED: OfferOutcome.REJECTED,
    OfferFailure.BUSY: OfferOutcome.BUSY,
    OfferFailure.NO_ANSWER: OfferOutcome.NO_ANSWER,
    OfferFailure.UNREACHABLE: OfferOutcome.UNREACHABLE,
}


def ring(core: Core, entry: Entry, agent: Agent, others: tuple[Note, ...], picked: Picked) -> None:
    """Reserve a free member for a call and ask the phone to ring; others were not chosen."""
    offer = Offer(core.number(), entry, agent, core.now)
    offer.others, offer.picked = others, picked
    staffing.shift(core, agent, _RING_MEMBER)
    agent.offer = offer
    core.offers[offer.id] = entry.offers[offer.id] = offer
    queueing.shift(entry, _RING_CALL)
    queueing.refresh(entry)
    core.deadlines.arm((_RING_TIME, offer.id), offer.expires_at)
    core.emit(
        RingMember(
            offer_id=offer.id,
            call_id=entry.id,
            group_id=entry.group.id,
            member_id=agent.id,
            address=agent.address,
            ring_time_s=entry.group.ring_time_s,
        )
    )


def rang(offer: Offer | PastOffer) -> None:
    """The phone says that it rings."""
    _, offer.state = step(OFFER_STEPS, offer.state, OfferInput.RANG)


def answered(core: Core, offer: Offer) -> None:
    """The phone answered in time, to be connected."""
    _, state = step(OFFER_STEPS, offer.state, _PHONE_ANSWERED)
    _close(core, offer, _ANSWERED)
    core.forget_offer(offer, state, _ANSWERED_ELSEWHERE)


def failed(core: Core, offer: Offer | PastOffer, failure: OfferFailure) -> None:
    """The phone will not take the call."""
    _, state = step(OFFER_STEPS, offer.state, OfferInput.FAILED)
    offer.state = state
    if isinstance(offer, Offer):
        _in_vain(core, offer, _OUTCOMES[failure])
        core.forget_offer(offer, state, StopReason.RING_TIME_OVER)


def ring_time_over(core: Core, offer: Offer) -> None:
    """Nobody answered: for the member as if the phone had said so."""
    _cancel(core, offer, StopReason.RING_TIME_OVER)
    _in_vain(core, offer, OfferOutcome.NO_ANSWER)


def stop(core: Core, offer: Offer, reason: StopReason, outcome: OfferOutcome) -> None:
    """Cancel the ringing; the member is not told of a missed call and not backed off from."""
    if reason is StopReason.MEMBER_WITHDRAWN and offer.entry.kept_for is offer.agent:
        queueing.keep_no_longer(core, offer.entry)
    _cancel(core, offer, reason)
    _close(core, offer, outcome)


def stop_all(core: Core, entry: Entry, reason: StopReason, outcome: OfferOutcome) -> None:
    """Cancel every phone that rings for a call."""
    for offer in list(entry.offers.values()):
        stop(core, offer, reason, outcome)


def _cancel(core: Core, offer: Offer, reason: StopReason) -> None:
    _, state = step(OFFER_STEPS, offer.state, OfferInput.STOP)
    offer.state = state
    core.forget_offer(offer, state, reason)
    core.emit(StopRinging(offer_id=offer.id, member_id=offer.agent.id, reason=reason))


def _in_vain(core: Core, offer: Offer, outcome: OfferOutcome) -> None:
    """Rung without success: this member's turn comes again later."""
    entry, group = offer.entry, offer.entry.group.group
    entry.tried.append(offer.agent.id)
    staffing.back_off(core, offer.agent, _back_off_s(group, outcome))
    if outcome is OfferOutcome.NO_ANSWER:
        staffing.did_not_answer(core, offer.agent, entry.group, offer.id)
    if entry.kept_for is offer.agent:
        queueing.keep_no_longer(core, entry)
    _close(core, offer, outcome)


def _back_off_s(group: Group, outcome: OfferOutcome) -> float:
    return {
        OfferOutcome.REJECTED: group.rejected_back_off_s,
        OfferOutcome.BUSY: group.busy_back_off_s,
        OfferOutcome.UNREACHABLE: group.unreachable_back_off_s,
        OfferOutcome.NO_ANSWER: group.no_answer_back_off_s,
    }[outcome]


def _close(core: Core, offer: Offer, outcome: OfferOutcome) -> None:
    """Set member and call free of each other and write it down."""
    entry, agent = offer.entry, offer.agent
    core.deadlines.cancel((_RING_TIME, offer.id))
    del entry.offers[offer.id]
    agent.offer = None
    core.emit(_record(core, offer, outcome))
    if outcome is _ANSWERED:
        staffing.answer(core, agent, entry)
        return
    if entry.state is CallState.OFFERED:
        if not entry.offers:
            queueing.shift(entry, CallInput.STOPPED_RINGING)
        queueing.refresh(entry)
        core.look_at(entry)
    staffing.shift(core, agent, MemberInput.STOPPED_RINGING)


def _record(core: Core, offer: Offer, outcome: OfferOutcome) -> OfferRecord:
    return OfferRecord(
        at=core.now,
        offer_id=offer.id,
        call_id=offer.entry.id,
        group_id=offer.entry.group.id,
        member_id=offer.agent.id,
        round=offer.round,
        started_at=offer.started_at,
        outcome=outcome,
        strategy=offer.strategy,
        others=offer.others,
        picked=offer.picked,
    )
