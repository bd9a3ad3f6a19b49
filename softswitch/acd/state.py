"""What the engine knows of groups, calls, offers and members while it runs.

These objects change; they never leave the engine. What others see are the frozen ones in
`snapshot`, `commands` and `records`.

They are plain classes, since only those become records of machine code (`softswitch.machine_code`).
`serializable` lets them be copied there; the price is that then only compiled modules can make
them in the ordinary way.
"""

from __future__ import annotations

import math
from typing import Final

from mypy_extensions import mypyc_attr

from softswitch.acd.estimate import Expectation, Leeway
from softswitch.acd.events import CallJoined
from softswitch.acd.line import Line, Wanting
from softswitch.acd.model import Group, Member, Target
from softswitch.acd.names import MemberState, Picked, StopReason
from softswitch.acd.roster import Note, Roster, Seat, longest_idle
from softswitch.acd.served import Served
from softswitch.acd.strategies import Strategy
from softswitch.acd.tables import CallState, OfferState

NEVER: Final = -math.inf
FOR_EVER: Final = math.inf

UNCONTESTED: Final = Picked.UNCONTESTED
_READY: Final = MemberState.READY
_CALLING: Final = CallState.CALLING
_WAITING: Final = CallState.WAITING
_ASKED: Final = OfferState.ASKED
"""Looked up once: up to Python 3.11 a member of an enumeration is no plain attribute."""


@mypyc_attr(serializable=True)
class Agent:
    """A member at work.

    Attributes:
        groups: the groups that the member serves.
        seats: the member's places in them.
        since: when the present state began.
        idle_since: end of the last answered call, or when the member became active.
        elsewhere: talks outside the queue.
        retired: was taken out of the configuration in mid-call, and goes when it is over.
        wrap_up_until: no calls before this time.
        back_off_until: no offers before this time, after one that came to nothing.
        offer: what the member's phone rings for. Never together with `entry`.
        entry: the call that the member talks to.
        wanting: calls kept for this member.
        sent_off_by: the unanswered offer for which the member was paused or logged out, as long
            as the member chose nothing since; or "".
        expecting: the caller who is dialled because this member is free.
    """

    member: Member
    id: str
    address: str
    active: bool
    state: MemberState
    since: float
    idle_since: float
    groups: list[HuntGroup]
    seats: tuple[Seat, ...]
    wanting: Wanting
    wrap_up_until: float
    back_off_until: float
    paused: bool = False
    pause_reason: str = ""
    elsewhere: bool = False
    retired: bool = False
    offer: Offer | None = None
    entry: Entry | None = None
    sent_off_by: str = ""
    expecting: Entry | None = None

    def __init__(self, member: Member, state: MemberState, now: float) -> None:
        self.id = member.id
        self.adopt(member)
        self.active = member.active
        self.state = state
        self.since = self.idle_since = now
        self.groups, self.seats = [], ()
        self.wanting = Wanting()
        self.wrap_up_until = self.back_off_until = NEVER

    def adopt(self, member: Member) -> None:
        """These are the settings from now on."""
        self.member, self.address = member, member.address

    def place_in(self, group: HuntGroup) -> int:
        """The place in a group that the member serves, from 0."""
        at = 0
        while self.seats[at].group is not group:
            at += 1
        return self.seats[at].place

    def is_free(self, now: float) -> bool:
        """Whether a phone may ring here at once."""
        return self.state is _READY and now >= self.back_off_until


@mypyc_attr(serializable=True)
class HuntGroup:
    """A group at work.

    What is read several times for each call stands here as in `group`: a machine word, no table.

    Attributes:
        roster: the members in priority order.
        line: every call that no member has answered yet, in the order of serving.
        wanting: the calls, also of other groups, that want one of these members' phones to ring.
        places: how many places of the queue are taken, to be held against the cap.
        doors: for each of the further groups whether it is open now, but for the waiting time.
        conversations: how many there were.
        holding_s: mean seconds for which a call occupied a member, the last ones counting most.
        last_wait_s: how long the call waited that was answered last.
        leeway: what was learned from waits that were promised.
        impatient: a group without a queue looks for members here.
        no_answer_now: where unanswered calls go instead of to the group's own target.
        served: how calls that are over fared.
    """

    group: Group
    strategy: Strategy
    strategy_name: str
    id: str
    many: bool
    width: int
    by_roster: bool
    ring_time_s: float
    position_every_s: float
    priority_worth_s: float | None
    max_offering_s: float | None
    wrap_up_s: float
    auto_ready: bool
    max_offers: int | None
    max_wait_s: float | None
    nobody_active: Target | None
    doors: tuple[bool, ...]
    served: Served
    roster: Roster
    line: Line
    wanting: Wanting
    here: tuple[Wanting]
    alone: tuple[HuntGroup]
    places: int = 0
    impatient: bool = False
    conversations: int = 0
    holding_s: float = 0.0
    last_wait_s: float | None = None
    leeway: Leeway | None = None
    no_answer_now: Target | None = None

    def __init__(self, group: Group, strategy: Strategy) -> None:
        self.id = group.id
        self.adopt(group, strategy)
        self.doors = tuple(False for _ in group.further)
        self.served = Served(group.service_within_s)
        self.line = Line()
        self.wanting = Wanting()
        self.here = (self.wanting,)
        self.alone = (self,)
        self.man([])

    def adopt(self, group: Group, strategy: Strategy) -> None:
        """These are the settings from now on."""
        self.group, self.strategy, self.many = group, strategy, strategy.many
        self.width = group.simultaneous_limit if strategy.many else 1
        self.by_roster = strategy.shortcut is not None
        self.strategy_name = group.strategy
        self.ring_time_s, self.position_every_s = group.ring_time_s, group.position_every_s
        self.wrap_up_s, self.auto_ready = group.wrap_up_s, group.auto_ready
        self.max_offers, self.max_wait_s = group.max_offers, group.max_wait_s
        self.priority_worth_s, self.max_offering_s = group.priority_worth_s, group.max_offering_s
        self.nobody_active = group.nobody_active

    def man(self, agents: list[Agent]) -> None:
        """These are the members from now on; each takes a seat."""
        by_idle = self.strategy.shortcut is longest_idle
        self.roster = Roster(agents, self.strategy.passed_over, by_idle=by_idle)
        for place, agent in enumerate(agents):
            seat = Seat(self, place)
            agent.seats = (*agent.seats, seat)
            self.roster.note(agent, seat)

    @property
    def agents(self) -> list[Agent]:
        """The members in priority order."""
        return self.roster.agents

    @property
    def no_answer(self) -> Target:
        """Where a call goes now that nobody answers."""
        return self.no_answer_now or self.group.no_answer

    def count_active(self) -> int:
        """How many members are active."""
        return sum(agent.active for agent in self.agents)


class Told:
    """What a caller was told of the wait: at first, and most lately."""

    at: float
    first: Expectation
    latest: Expectation

    def __init__(self, at: float, first: Expectation, latest: Expectation) -> None:
        self.at, self.first, self.latest = at, first, latest


Key = tuple[float, float, int]


@mypyc_attr(serializable=True)
class Entry:
    """A call in the engine.

    Attributes:
        joined_at: when it joined.
        since: since when it waits by the order of serving: earlier for a place that was kept.
        number: sequence number.
        key: the order of serving, the smallest first.
        offers: the phones that ring now, by offer id.
        tried: members rung in vain since the list was last begun, the latest last.
        round: how many rounds of offers have begun; a simultaneous ring is one.
        earlier_rounds: those before it was put back or moved, which no limit counts any more.
        round_ends_at: when the ring time of the present round is over.
        in_line: stands in the group's `line`: no member has answered yet.
        search: the groups whose members may be rung, its own first.
        stands_in: where it stands as wanting a phone.
        has_place: holds one of the group's places in the queue, until it leaves the line.
        queued: had at some time to wait because no member was free.
        kept_for: the member met last, as long as the call waits for nobody else.
        call_back: the number of a caller who asked to be called back, or "".
        called_back: this caller was called back and talked to.
        attempts: how often this caller was dialled in vain, and now.
        dials: how often at all.
        expecting: the free member for whose sake the caller is dialled now.
        resting: between two such attempts.
        told: the wait that the caller was told to expect.
        waits_from: since when the caller waits on the line without having been answered.
        offered_from: when the first round began that the limits count.
        first_answered_at: when the caller first talked to a member.
        answered_at: when the present conversation began.
    """

    id: str
    group: HuntGroup
    caller: str
    priority: int
    skills: frozenset[str]
    joined_at: float
    since: float
    number: int
    key: Key
    state: CallState
    offers: dict[str, Offer]
    tried: list[str]
    search: tuple[HuntGroup, ...]
    stands_in: tuple[Wanting, ...]
    round_ends_at: float
    waits_from: float
    offered_from: float
    round: int = 0
    earlier_rounds: int = 0
    in_line: bool = False
    has_place: bool = False
    queued: bool = False
    kept_for: Agent | None = None
    call_back: str = ""
    called_back: bool = False
    attempts: int = 0
    dials: int = 0
    expecting: Agent | None = None
    resting: bool = False
    told: Told | None = None
    first_answered_at: float | None = None
    answered_at: float | None = None
    offer_id: str = ""
    agent: Agent | None = None
    last_member_id: str | None = None

    def __init__(
        self,
        joined: CallJoined,
        group: HuntGroup,
        *,
        at: float,
        number: int,
        key: Key,
    ) -> None:
        self.id = joined.call_id
        self.group = group
        self.caller = joined.caller
        self.priority = joined.priority
        self.skills = joined.skills
        self.joined_at = self.since = at
        self.number = number
        self.key = key
        self.state = _WAITING
        self.offers = {}
        self.tried = []
        self.search = group.alone
        self.stands_in = ()
        self.round_ends_at = self.waits_from = self.offered_from = NEVER

    @property
    def wants_phone(self) -> bool:
        """Whether one more phone should ring, were somebody free."""
        able = self.in_line and not self.resting and self.state is not _CALLING
        return able and len(self.offers) < self.group.width

    @property
    def dials_first(self) -> bool:
        """Whether the caller is to be dialled before a member is rung."""
        return bool(self.call_back) and self.group.group.customer_first

    def everybody(self) -> list[Agent]:
        """The members of all groups searched, the own group's first, each in priority order."""
        if len(self.search) == 1:
            return self.group.agents
        return list(dict.fromkeys(agent for group in self.search for agent in group.agents))

    def staff(self) -> list[Agent]:
        """Those of them who have the skills asked for."""
        return self._able(self.everybody())

    def ready(self) -> list[Agent]:
        """Those of them who have the skills asked for, and are ready."""
        if self.group.by_roster and len(self.search) == 1:
            return self._able(self.group.roster.ready)
        return [agent for agent in self.staff() if agent.state is _READY]

    def _able(self, agents: list[Agent]) -> list[Agent]:
        if not self.skills:
            return agents
        return [agent for agent in agents if self.skills <= agent.member.skills]

    def takes_anybody(self, now: float) -> bool:
        """Whether nothing but their states tells the members apart who may be rung for the call."""
        special = self.kept_for or self.skills or self.tried or self.call_back
        plain = self.group.by_roster and len(self.search) == 1 and not special
        return plain and now >= self.group.roster.back_off_until

    def round_over(self, now: float) -> bool:
        """Whether the next phone to ring begins a new round of offers."""
        return not self.offers or now >= self.round_ends_at

    def refused_by(self, agent: Agent, now: float) -> bool:
        """Whether the call has no use for this free member now.

        A simultaneous ring goes on that the member has dropped out of; or the caller is to be
        dialled first, and the member's being free has another caller dialled already.
        """
        if self.dials_first and (agent.expecting is not None or self.offers):
            return True
        return self.group.many and agent.id in self.tried and not self.round_over(now)


@mypyc_attr(serializable=True)
class Offer:
    """One member reserved for one call, until it is answered, refused, stopped or over.

    Attributes:
        others: the reasons why the other members of the group were not chosen.
        picked: why the call went before others.
    """

    id: str
    entry: Entry
    agent: Agent
    round: int
    started_at: float
    expires_at: float
    strategy: str
    others: tuple[Note, ...]
    state: OfferState
    picked: Picked = UNCONTESTED

    def __init__(self, number: int, entry: Entry, agent: Agent, at: float) -> None:
        group = entry.group
        self.id = f"offer-{number}"
        self.entry = entry
        self.agent = agent
        self.round = entry.round
        self.started_at = at
        self.expires_at = at + group.ring_time_s
        self.strategy = group.strategy_name
        self.others = ()
        self.state = _ASKED


@mypyc_attr(acyclic=True)
class PastOffer:
    """What is left of an offer, for what its phone may still report."""

    def __init__(
        self,
        *,
        offer_id: str,
        call_id: str,
        call_number: int,
        member_id: str,
        state: OfferState,
        reason: StopReason,
    ) -> None:
        self.id, self.call_id, self.call_number = offer_id, call_id, call_number
        self.member_id, self.state, self.reason = member_id, state, reason

    def fork(self) -> PastOffer:
        """The same, to be changed apart from it."""
        return PastOffer(
            offer_id=self.id,
            call_id=self.call_id,
            call_number=self.call_number,
            member_id=self.member_id,
            state=self.state,
            reason=self.reason,
        )
