"""A phone that is answered just when its offer ends.

CANCEL and 200 cross on the wire (RFC 3261 section 9.1), and a ring time may end in the very
instant of the answer. Nothing is lost by such a tie: where the caller still waits and the member
has been given nothing else to do, they are connected; else the member is let go politely.
"""

from __future__ import annotations

from softswitch.acd import ringing, serving, staffing
from softswitch.acd.commands import ReleaseMember
from softswitch.acd.core import Core
from softswitch.acd.names import MemberState, OfferOutcome, StopReason
from softswitch.acd.records import LateAnswerRecord
from softswitch.acd.state import Agent, Entry, PastOffer
from softswitch.acd.tables import OFFER_STEPS, CallState, OfferAction, OfferInput, step


def answered(core: Core, past: PastOffer) -> None:
    """The phone of an offer that has ended was answered."""
    action, past.state = step(OFFER_STEPS, past.state, OfferInput.ANSWERED)
    if action is not OfferAction.CONNECT_IF_FREE:
        return
    entry, agent = _call(core, past), core.agents.get(past.member_id)
    if entry and agent and _wants(entry, agent) and _is_there(agent, entry, past):
        _connect(core, past, entry, agent)
    else:
        core.emit(ReleaseMember(offer_id=past.id, member_id=past.member_id, reason=past.reason))


def _call(core: Core, past: PastOffer) -> Entry | None:
    entry = core.calls.get(past.call_id)
    return entry if entry is not None and entry.number == past.call_number else None


def _wants(entry: Entry, agent: Agent) -> bool:
    """Whether the call waits for a member, and this one would do."""
    waits = entry.in_line and not entry.resting and entry.state is not CallState.CALLING
    return waits and entry.kept_for in (None, agent) and agent in entry.staff()


def _is_there(agent: Agent, entry: Entry, past: PastOffer) -> bool:
    """Whether the member has nothing else to do: also where the same call rings there again."""
    if agent.offer is not None:
        return agent.offer.entry is entry
    return agent.state is MemberState.READY or agent.sent_off_by == past.id


def _connect(core: Core, past: PastOffer, entry: Entry, agent: Agent) -> None:
    if agent.offer is not None:
        reason, outcome = StopReason.ANSWERED_ELSEWHERE, OfferOutcome.ANSWERED_ELSEWHERE
        ringing.stop(core, agent.offer, reason, outcome)
    elif agent.state is not MemberState.READY:
        staffing.welcome_back(core, agent)
    core.emit(
        LateAnswerRecord(
            at=core.now,
            offer_id=past.id,
            call_id=entry.id,
            group_id=entry.group.id,
            member_id=agent.id,
        )
    )
    staffing.answer(core, agent, entry)
    serving.take(core, entry, agent, past.id)
