"""Everything at once: every event, every rule, configurations that change, in any order.

Beside `test_acd_machine`, which knows the rules of the hunt group exactly, this one knows only
what must hold whatever the settings are, and looks at the engine's own books for contradictions.
"""

# ruff: noqa: SLF001 -- the engine's own books are what is looked at

from __future__ import annotations

import json
import sys
from collections import Counter

import attrs
import pytest
from acd_examples import EXAMPLES, TIMEOUT_S
from acd_office import Office, people
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from softswitch.acd import (
    CallBackAnswered,
    CallBackAsked,
    CallBackFailed,
    CallHungUp,
    CallJoined,
    CallLeft,
    CallMoved,
    CallPutBack,
    CallRecord,
    CallReprioritised,
    CallState,
    CallWithdrawn,
    ConversationRecord,
    CountingBegins,
    DialCaller,
    DialCallerFirst,
    Engine,
    Forward,
    FurtherGroup,
    Group,
    ImpossibleInputError,
    Input,
    MemberActivated,
    MemberBusyElsewhere,
    MemberDeactivated,
    MemberHungUp,
    MemberPaused,
    MemberReady,
    MemberState,
    MusicPlays,
    NoAnswerAction,
    OfferAnswered,
    OfferFailed,
    OfferFailure,
    OfferRecord,
    RingMember,
    StopRinging,
    Target,
    TargetKind,
    TargetsChanged,
    UnknownMemberError,
    repeat,
    replay,
)
from softswitch.acd.core import Core
from softswitch.acd.deadlines import Due
from softswitch.acd.fork import fork

NAMES = ["a", "b", "c"]
MEMBERS = 5
IDS = [str(n) for n in range(1, MEMBERS + 1)]
SKILLS = [frozenset(), frozenset({"da"}), frozenset({"sv"}), frozenset({"da", "sv"})]
AWAY = Target(TargetKind.NUMBER, "sip:desk@office.example")
CALLS = {Due.RING_TIME: "offers", Due.WRAP_UP: "agents", Due.BACK_OFF: "agents"}

member_ids = st.sampled_from(IDS)
rarely = st.sampled_from([False, False, False, True])


@st.composite
def group_settings(draw, group_id, members):
    further = [
        FurtherGroup(
            group_id=name,
            after_s=draw(st.sampled_from([0.0, 10.0])),
            waiting_at_least=draw(st.sampled_from([0, 2])),
            active_at_most=draw(st.sampled_from([None, 1])),
        )
        for name in NAMES
        if name != group_id and draw(rarely)
    ]
    return Group(
        id=group_id,
        members=tuple(draw(st.lists(st.sampled_from(members), min_size=1, unique=True))),
        strategy=draw(st.sampled_from(["priority", "longest_idle", "simultaneous"])),
        simultaneous_limit=draw(st.integers(1, 3)),
        max_offers=draw(st.sampled_from([None, 3])),
        max_offering_s=draw(st.sampled_from([None, 50.0])),
        queue=not draw(rarely),
        queue_cap=draw(st.integers(1, 3)),
        wrap_up_s=draw(st.sampled_from([0.0, 10.0])),
        weight=draw(st.integers(0, 1)),
        nobody_active=draw(st.sampled_from([None, AWAY])),
        no_answer_action=draw(st.sampled_from(NoAnswerAction)),
        priority_worth_s=draw(st.sampled_from([None, 30.0])),
        further=tuple(further),
        max_wait_s=draw(st.sampled_from([None, 70.0])),
        last_agent_within_s=draw(st.sampled_from([0.0, 100.0])),
        last_agent_wait_s=15.0,
        redial_within_s=draw(st.sampled_from([0.0, 60.0])),
        auto_ready=not draw(rarely),
        service_within_s=draw(st.sampled_from([10.0, 20.0])),
        customer_first=draw(st.booleans()),
        call_back_attempts=2,
        call_back_retry_s=25.0,
    )


@st.composite
def configurations(draw):
    skills = {member_id: draw(st.sampled_from(SKILLS)) for member_id in IDS}
    some = draw(st.lists(member_ids, min_size=2, unique=True))
    staff = [
        attrs.evolve(member, skills=skills[member.id])
        for member in people(MEMBERS)
        if member.id in some
    ]
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, unique=True))
    groups = [draw(group_settings(name, some)) for name in names]
    return (
        tuple(
            attrs.evolve(group, further=tuple(f for f in group.further if f.group_id in names))
            for group in groups
        ),
        tuple(staff),
    )


class FullMachine(RuleBasedStateMachine):
    @initialize(made=configurations())
    def open(self, made):
        self.made = made
        self.journal: list[Input] = []
        self.office = Office(*made[0], members=list(made[1]))
        self.office.engine = Engine(*made, journal=self.journal.append)
        self.office.history.clear()
        self.office.tell_nothing()
        self.groups = {group.id for group in made[0]}
        self.known: set[str] = {member.id for member in made[1]}
        self.freeze()
        self.count = 0
        self.late: list[str] = []

    def told(self):
        self.late += [out.offer_id for out in self.office.new if isinstance(out, StopRinging)]

    def tell(self, event):
        """A refused event must change nothing; it may be refused only by a state table."""
        before = self.office.engine.snapshot(self.office.now)
        try:
            self.office.tell(event)
        except (ImpossibleInputError, UnknownMemberError):
            assert self.office.engine.snapshot(self.office.now) == before
            assert self.office.engine.poll() == []
            return
        self.told()

    def some_call(self, data):
        return data.draw(st.sampled_from(sorted(self.office.engine._core.calls)))

    def has_calls(self):
        return bool(self.office.engine._core.calls)

    @rule(data=st.data(), priority=st.sampled_from([0, 0, 1]), skills=st.sampled_from(SKILLS))
    def join(self, data, priority, skills):
        self.count += 1
        group_id = data.draw(st.sampled_from(sorted(self.groups)))
        caller = data.draw(st.sampled_from(["", "ole", "eva"]))
        self.tell(
            CallJoined(
                call_id=f"call-{self.count}",
                group_id=group_id,
                caller=caller,
                priority=priority,
                skills=skills if data.draw(rarely) else frozenset(),
            )
        )

    @rule(by=st.sampled_from([0.5, 3.0, 10.0, 20.0, 90.0]))
    def pass_time(self, by):
        self.office.at(self.office.now + by)
        self.told()

    @rule()
    def pass_time_to_the_next_deadline(self):
        now = self.office.engine.next_deadline()
        if now is not None:
            self.office.at(now)
            self.told()

    @precondition(lambda self: self.office.phones)
    @rule(data=st.data())
    def answer(self, data):
        member_id = data.draw(st.sampled_from(self.office.ringing))
        self.tell(OfferAnswered(offer_id=self.office.phones[member_id].offer_id))

    @precondition(lambda self: self.office.phones)
    @rule(data=st.data(), failure=st.sampled_from(OfferFailure))
    def fail(self, data, failure):
        ring = self.office.phones.pop(data.draw(st.sampled_from(self.office.ringing)))
        self.tell(OfferFailed(offer_id=ring.offer_id, failure=failure))

    @precondition(lambda self: self.late)
    @rule(data=st.data())
    def answer_too_late(self, data):
        """However late and however often: a phone that answers is never a mistake."""
        self.office.tell(OfferAnswered(offer_id=data.draw(st.sampled_from(self.late))))
        self.told()

    @rule(
        member_id=member_ids,
        kind=st.sampled_from(
            [
                MemberActivated,
                MemberActivated,
                MemberDeactivated,
                MemberPaused,
                MemberReady,
                MemberReady,
                MemberBusyElsewhere,
                MemberHungUp,
                MemberHungUp,
            ]
        ),
    )
    def member_does(self, member_id, kind):
        self.tell(kind(member_id=member_id))

    @precondition(has_calls)
    @rule(
        data=st.data(),
        kind=st.sampled_from(
            [CallHungUp, CallPutBack, CallBackAnswered, CallBackFailed, MusicPlays]
        ),
    )
    def call_does(self, data, kind):
        self.tell(kind(call_id=self.some_call(data)))

    @precondition(lambda self: self.office.all(DialCaller) or self.office.all(DialCallerFirst))
    @rule(data=st.data(), kind=st.sampled_from([CallBackAnswered, CallBackFailed]))
    def dialled(self, data, kind):
        """However late: who is dialled may answer, or not, and it is never a mistake."""
        dials = [*self.office.all(DialCaller), *self.office.all(DialCallerFirst)]
        dial = data.draw(st.sampled_from(dials[-4:]))
        self.office.tell(kind(call_id=dial.call_id, attempt=dial.attempt))
        self.told()

    @rule(data=st.data(), away=st.sampled_from([None, AWAY]))
    def week_turns(self, data, away):
        group_id = data.draw(st.sampled_from(sorted(self.groups)))
        self.tell(TargetsChanged(group_id=group_id, no_answer=away))

    @rule()
    def midnight(self):
        self.tell(CountingBegins())

    @precondition(has_calls)
    @rule(data=st.data())
    def call_back_asked(self, data):
        self.tell(CallBackAsked(call_id=self.some_call(data), number="+45"))

    @precondition(has_calls)
    @rule(data=st.data(), kind=st.sampled_from([CallLeft, CallWithdrawn]))
    def sent_away(self, data, kind):
        self.tell(kind(call_id=self.some_call(data), target=AWAY))

    @precondition(has_calls)
    @rule(data=st.data())
    def moved(self, data):
        group_id = data.draw(st.sampled_from(sorted(self.groups)))
        self.tell(CallMoved(call_id=self.some_call(data), group_id=group_id))

    @precondition(has_calls)
    @rule(data=st.data(), priority=st.integers(-1, 2))
    def reprioritised(self, data, priority):
        self.tell(CallReprioritised(call_id=self.some_call(data), priority=priority))

    @rule(made=configurations())
    def reconfigured(self, made):
        before = self.office.engine.snapshot(self.office.now)
        plan = self.office.engine.plan(*made)
        assert self.office.engine.snapshot(self.office.now) == before
        self.office.engine.apply(plan, self.office.now)
        self.office.tell_nothing()
        self.told()
        self.groups = {group.id for group in made[0]}
        foretold = [effect.id for effect in plan.effects if effect.kind.value == "call_sent_away"]
        assert foretold == [out.call_id for out in self.office.latest(Forward)]
        foretold = [effect.id for effect in plan.effects if effect.kind.value == "phone_stops"]
        assert foretold == [out.member_id for out in self.office.latest(StopRinging)]
        foretold = [effect.id for effect in plan.effects if effect.kind.value == "phone_rings"]
        assert foretold == [out.member_id for out in self.office.latest(RingMember)]

    @invariant()
    def nobody_is_in_two_places(self):
        snapshot = self.office.engine.snapshot(self.office.now)
        waiting = [call.id for group in snapshot.groups for call in group.waiting]
        talking = [call.id for call in snapshot.talking]
        assert sorted(waiting + talking) == sorted(self.office.engine._core.calls)
        rung = [offer.member_id for offer in snapshot.offers]
        busy = [call.member_id for call in snapshot.talking]
        assert None not in busy
        assert len({*rung, *busy}) == len(rung) + len(busy)
        assert sorted(rung) == sorted(self.office.ringing)
        for member in snapshot.members:
            assert (member.state is MemberState.RINGING) == (member.id in rung)
            assert member.call_id is None or member.state is MemberState.IN_CALL

    @invariant()
    def nobody_waits_while_somebody_is_free(self):
        now = self.office.now
        for group in self.office.engine._core.groups.values():
            for entry in group.line:
                if entry.kept_for or entry.resting or entry.offers:
                    continue
                if entry.state is CallState.CALLING:
                    continue
                free = [a for a in group.agents if a.is_free(now) and _can(a, entry)]
                if entry.dials_first:
                    free = [agent for agent in free if agent.expecting is None]
                assert not free

    @invariant()
    def the_books_agree(self):
        core = self.office.engine._core
        assert not core.idlers
        assert not core.seekers
        for group in core.groups.values():
            kept = sum(place.held for who, place in core.kept_places.items() if who[0] == group.id)
            assert group.places == sum(entry.has_place for entry in group.line) + kept
            assert [entry.key for entry in group.line] == sorted(e.key for e in group.line)
            assert all(entry.in_line and entry.group is group for entry in group.line)
        wanted = Counter(
            entry.id
            for place in (*core.groups.values(), *core.agents.values())
            for entry in place.wanting
        )
        assert wanted == Counter(
            {entry.id: len(entry.stands_in) for entry in core.calls.values() if entry.stands_in}
        )
        for entry in core.calls.values():
            assert bool(entry.stands_in) == entry.wants_phone
            assert (entry.expecting is not None) == (entry.state is CallState.CALLING)
            assert entry.expecting is None or entry.expecting.expecting is entry
            ringing = entry.in_line and bool(entry.offers)
            assert ringing == (entry.state is CallState.OFFERED)

    @invariant()
    def rosters_are_in_step(self):
        _look_at_rosters(self.office.engine._core)

    @invariant()
    def no_more_callers_are_dialled_than_members_were_free(self):
        agents = self.office.engine._core.agents.values()
        expected = [agent.expecting for agent in agents if agent.expecting is not None]
        assert len({*expected}) == len(expected)
        assert all(entry.state is CallState.CALLING for entry in expected)

    @invariant()
    def limits_hold(self):
        for group in self.office.engine._core.groups.values():
            for entry in group.line:
                assert len(entry.offers) <= group.width
                limit, waits = group.group.max_wait_s, not entry.call_back
                assert limit is None or not waits or self.office.now - entry.waits_from < limit

    @invariant()
    def deadlines_lie_ahead_and_belong_to_somebody(self):
        core = self.office.engine._core
        deadline = self.office.engine.next_deadline()
        assert deadline is None or deadline > self.office.now
        for owner, dues in core.deadlines._live.items():
            for due in dues:
                if due is Due.FORGET_PLACE:
                    assert tuple(owner.split("\0")) in core.kept_places
                else:
                    assert owner in getattr(core, CALLS.get(due, "calls"))

    def teardown(self):
        if not hasattr(self, "office") or sys.exception():
            return
        self.restart()
        self.thaw()
        o = self.office
        for call_id in list(o.engine._core.calls):
            for end in (CallWithdrawn(call_id=call_id, target=AWAY), CallHungUp(call_id=call_id)):
                if call_id in o.engine._core.calls:
                    self.tell(end)
            if call_id in o.engine._core.calls:
                member_id = o.engine._core.calls[call_id].agent.id
                self.tell(MemberHungUp(member_id=member_id, call_id=call_id))
                self.tell(CallWithdrawn(call_id=call_id, target=AWAY))
        assert o.phones == {}
        ended = [record.call_id for record in o.all(CallRecord)]
        assert sorted(ended) == sorted(f"call-{n}" for n in range(1, self.count + 1))
        closed = [record.offer_id for record in o.all(OfferRecord)]
        assert sorted(closed) == sorted(ring.offer_id for ring in o.all(RingMember))
        talks = o.all(ConversationRecord)
        assert {talk.call_id for talk in talks} == {
            record.call_id for record in o.all(CallRecord) if record.answered_at is not None
        }
        assert replay(*self.made, self.journal) == o.history
        self.thaw()

    def restart(self):
        """An engine that is told the log stands where this one stands."""
        engine = Engine(*self.made)
        repeat(engine, self.journal)
        now = self.office.now
        assert engine.snapshot(now) == self.office.engine.snapshot(now)
        assert engine.next_deadline() == self.office.engine.next_deadline()

    @rule()
    def freeze(self):
        """What the engine knows is written down; a second one will go on from there."""
        _look_at_rosters(fork(self.office.engine._core))
        written = json.dumps(self.office.engine.freeze())
        self.frozen, self.frozen_after = written, len(self.journal)
        self.said_before = len(self.office.history)

    def thaw(self):
        """The second engine, told the rest of the log, says and knows just the same."""
        engine = Engine.thaw(json.loads(self.frozen))
        said = repeat(engine, self.journal[self.frozen_after :])
        assert said == self.office.history[self.said_before :]
        now = self.office.now
        engine.advance(now)  # nothing was due, so nothing was logged
        _look_at_rosters(engine._core)
        assert engine.snapshot(now) == self.office.engine.snapshot(now)
        assert json.dumps(engine.freeze()) == json.dumps(self.office.engine.freeze())


def _look_at_rosters(core: Core) -> None:
    """What is kept in step with the members' states is what their states say."""
    for group in core.groups.values():
        ready = [agent for agent in group.agents if agent.state is MemberState.READY]
        if group.group.strategy == "longest_idle":
            ready.sort(key=lambda agent: agent.idle_since)
        assert group.roster.ready == ready
    for agent in core.agents.values():
        assert agent.groups == [group for group in core.groups.values() if agent in group.agents]
        assert all(group.agents[agent.place_in(group)] is agent for group in agent.groups)


def _can(agent, entry) -> bool:
    return entry.skills <= agent.member.skills


FullMachine.TestCase.settings = settings(
    max_examples=EXAMPLES,
    stateful_step_count=50,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
TestFullMachine = pytest.mark.timeout(TIMEOUT_S)(FullMachine.TestCase)
