"""Frozen views of the engine, for consoles, wallboards and tests."""

from __future__ import annotations

import attrs

from softswitch.acd import waits
from softswitch.acd.core import Core
from softswitch.acd.estimate import Expectation
from softswitch.acd.model import Target
from softswitch.acd.names import CallOutcome, MemberState
from softswitch.acd.served import Served
from softswitch.acd.service import ServiceCounts
from softswitch.acd.state import FOR_EVER, Agent, Entry, HuntGroup, Offer
from softswitch.acd.tables import CallState, OfferState


@attrs.frozen(kw_only=True)
class CallSnapshot:
    """A call.

    Attributes:
        position: in the queue, 1 for the first; 0 for a call that was answered.
        waited_s: seconds from joining until now, or until the answer.
        offers: how many rounds of offers have begun.
        queued: had to wait because every active member was busy.
        expected: the wait still to come, where the group tells it.
        member_id: who talks to the caller.
        call_back: where the caller, who is not on the line, wants to be called. Personal data.
    """

    id: str
    group_id: str
    caller: str
    priority: int
    position: int
    joined_at: float
    waited_s: float
    state: CallState
    offers: int
    queued: bool
    expected: Expectation | None = None
    member_id: str | None = None
    call_back: str = ""


@attrs.frozen(kw_only=True)
class GroupSnapshot:
    """A group.

    Attributes:
        waiting: the calls that nobody has answered yet, in the order of serving.
        places: how many of the places of the queue are taken.
        active: how many members are active.
        free: how many members could be rung at once.
        no_answer: where a call goes now that nobody answers.
        service: how calls fared since counting began: those over, and those answered and not over.
        waiting_too_long: how many wait for longer than the service goal allows.
    """

    id: str
    waiting: tuple[CallSnapshot, ...]
    places: int
    active: int
    free: int
    no_answer: Target
    service: ServiceCounts
    waiting_too_long: int


@attrs.frozen(kw_only=True)
class OfferSnapshot:
    """A phone that rings, or was just asked to."""

    id: str
    call_id: str
    group_id: str
    member_id: str
    round: int
    started_at: float
    expires_at: float
    state: OfferState


@attrs.frozen(kw_only=True)
class MemberSnapshot:
    """A member.

    Attributes:
        since: when the present state began, in the engine's seconds.
        idle_s: seconds since the end of the last answered call, or since becoming active.
        paused: wants no calls for now, also while a call goes on.
        reason: of the pause.
        free: could be rung at once.
        wrap_up_until: when the wrap-up ends; None outside of one, and where only the member ends
            it.
    """

    id: str
    name: str
    state: MemberState
    since: float
    active: bool
    free: bool
    idle_s: float
    paused: bool = False
    reason: str = ""
    wrap_up_until: float | None = None
    call_id: str | None = None
    offer_id: str | None = None


@attrs.frozen(kw_only=True)
class EngineSnapshot:
    """The engine at one instant.

    Attributes:
        talking: the calls that a member has answered, in the order of joining; with those that
            are being called back.
        offers: the phones that ring, in the order of ringing.
        counting: the day whose calls the groups' `service` counts; "" where no `CountingBegins`
            named one.
    """

    now: float
    groups: tuple[GroupSnapshot, ...]
    talking: tuple[CallSnapshot, ...]
    offers: tuple[OfferSnapshot, ...]
    members: tuple[MemberSnapshot, ...]
    counting: str = ""

    def group(self, group_id: str) -> GroupSnapshot:
        """A group by its id; KeyError where there is none."""
        return {group.id: group for group in self.groups}[group_id]

    def member(self, member_id: str) -> MemberSnapshot:
        """A member by its id; KeyError where there is none."""
        return {member.id: member for member in self.members}[member_id]


def take(core: Core, now: float) -> EngineSnapshot:
    """A snapshot; its size and cost are those of everything in the engine."""
    served = _served(core)
    talking = (entry for entry in core.calls.values() if not entry.in_line)
    return EngineSnapshot(
        now=now,
        groups=tuple(_group(core, group, counts, now) for group, counts in served.items()),
        talking=tuple(_call(entry, now, 0) for entry in talking),
        offers=tuple(_offer(offer) for offer in core.offers.values()),
        members=tuple(_member(agent, now) for agent in core.agents.values()),
        counting=core.counting,
    )


def _served(core: Core) -> dict[HuntGroup, Served]:
    """What finished calls count, with those answered that are not over."""
    served = {group: group.served.fork() for group in core.groups.values()}
    for entry in core.calls.values():
        if entry.first_answered_at is not None and entry.group in served:
            waited_s = entry.first_answered_at - entry.joined_at
            served[entry.group].count(waited_s, CallOutcome.ANSWERED)
    return served


def _unanswered_since(entry: Entry) -> float:
    """Since when nobody has answered: never, for a call that was put back."""
    return entry.joined_at if entry.first_answered_at is None else FOR_EVER


def _group(core: Core, group: HuntGroup, served: Served, now: float) -> GroupSnapshot:
    within_s = group.group.service_within_s
    return GroupSnapshot(
        id=group.id,
        waiting=tuple(
            _call(entry, now, place, waits.expected(core, entry))
            for place, entry in enumerate(group.line, start=1)
        ),
        places=group.places,
        active=sum(agent.active for agent in group.agents),
        free=sum(agent.is_free(now) for agent in group.agents),
        no_answer=group.no_answer,
        service=ServiceCounts.of(served),
        waiting_too_long=sum(now - _unanswered_since(entry) > within_s for entry in group.line),
    )


def _call(
    entry: Entry, now: float, position: int, expected: Expectation | None = None
) -> CallSnapshot:
    until = now if entry.answered_at is None else entry.answered_at
    return CallSnapshot(
        id=entry.id,
        group_id=entry.group.id,
        caller=entry.caller,
        priority=entry.priority,
        position=position,
        joined_at=entry.joined_at,
        waited_s=until - entry.joined_at,
        state=entry.state,
        offers=entry.earlier_rounds + entry.round,
        queued=entry.queued,
        expected=expected,
        member_id=entry.agent.id if entry.agent else None,
        call_back=entry.call_back,
    )


def _offer(offer: Offer) -> OfferSnapshot:
    return OfferSnapshot(
        id=offer.id,
        call_id=offer.entry.id,
        group_id=offer.entry.group.id,
        member_id=offer.agent.id,
        round=offer.round,
        started_at=offer.started_at,
        expires_at=offer.expires_at,
        state=offer.state,
    )


def _member(agent: Agent, now: float) -> MemberSnapshot:
    in_wrap_up = agent.state is MemberState.WRAP_UP and agent.wrap_up_until < FOR_EVER
    return MemberSnapshot(
        id=agent.id,
        name=agent.member.name,
        state=agent.state,
        since=agent.since,
        active=agent.active,
        free=agent.is_free(now),
        idle_s=now - agent.idle_since,
        paused=agent.paused,
        reason=agent.pause_reason if agent.paused else "",
        wrap_up_until=agent.wrap_up_until if in_wrap_up else None,
        call_id=agent.entry.id if agent.entry else None,
        offer_id=agent.offer.id if agent.offer else None,
    )
