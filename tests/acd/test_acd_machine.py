"""Anything in any order: a rule machine over the whole engine, with jumps in time.

The machine keeps its own books (`Books`), from what it told the engine and from the commands it
got, and looks at every single command in the order in which they came.
"""

from __future__ import annotations

import sys

import attrs
import pytest
from acd_examples import EXAMPLES, TIMEOUT_S
from acd_office import Office, people
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from softswitch.acd import (
    CallHungUp,
    CallJoined,
    CallRecord,
    Connect,
    ConversationRecord,
    Engine,
    EngineMisuseError,
    Forward,
    ForwardReason,
    Group,
    MemberActivated,
    MemberBusyElsewhere,
    MemberDeactivated,
    MemberHungUp,
    MemberPaused,
    MemberReady,
    MemberState,
    MemberStateRecord,
    OfferAnswered,
    OfferFailed,
    OfferFailure,
    OfferOutcome,
    OfferRecord,
    OfferRinging,
    ReleaseMember,
    RingMember,
    StartWaiting,
    StopRinging,
    Target,
    TargetKind,
)

FAILED = {
    OfferOutcome.REJECTED,
    OfferOutcome.BUSY,
    OfferOutcome.UNREACHABLE,
    OfferOutcome.NO_ANSWER,
}
MEMBERS = 6
IDS = [str(n) for n in range(1, MEMBERS + 1)]

member_ids = st.sampled_from(IDS)
seconds = st.one_of(st.integers(0, 12), st.integers(13, 100)).map(float)


@st.composite
def groups(draw, group_id, strategy):
    queue = draw(st.booleans() if group_id == "c" else st.just(True))
    some = st.lists(st.sampled_from(IDS), min_size=2, max_size=MEMBERS, unique=True)
    return Group(
        id=group_id,
        members=tuple(draw(some)),
        strategy=strategy,
        ring_time_s=draw(st.sampled_from([15.0, 20.0])),
        simultaneous_limit=draw(st.integers(2, 4)),
        max_offers=draw(st.sampled_from([None, None, 2, 5])),
        max_offering_s=draw(st.sampled_from([None, None, 40.0, 60.0])),
        queue=queue,
        queue_cap=draw(st.integers(1, 4)),
        wrap_up_s=draw(st.sampled_from([0.0, 10.0])),
        weight=draw(st.integers(0, 1)),
        nobody_active=draw(st.sampled_from([None, None, Target(TargetKind.MESSAGE)])),
        no_answer_back_off_s=draw(st.sampled_from([0.0, 0.0, 3.0])),
    )


@attrs.define
class Seen:
    """A call as the books know it."""

    id: str
    group: Group
    priority: int
    number: int
    phones: dict[str, str] = attrs.field(factory=dict)
    tried: list[str] = attrs.field(factory=list)
    round_ends_at: float = 0.0
    dropped: set[str] = attrs.field(factory=set)
    got_phone_at_once: bool = False
    member: str | None = None
    ended: bool = False

    @property
    def order(self) -> tuple[int, int]:
        return (-self.priority, self.number)

    @property
    def waits(self) -> bool:
        return not self.ended and self.member is None


class Books:
    """What may be known from outside, and the rules that every command must keep."""

    def __init__(self, groups: dict[str, Group]) -> None:
        self.groups = groups
        self.calls: dict[str, Seen] = {}
        self.offers: dict[str, tuple[str, str]] = {}
        self.closed: set[str] = set()
        self.state: dict[str, MemberState] = {}
        self.back_off = dict.fromkeys(IDS, 0.0)
        self.wrap_up = dict.fromkeys(IDS, 0.0)
        self.idle_since = dict.fromkeys(IDS, 0.0)
        self.batch: tuple[str, list[str], list[str]] | None = None
        self.now = 0.0

    def is_free(self, member_id: str) -> bool:
        return self.state[member_id] is MemberState.READY and self.back_off[member_id] <= self.now

    def may_ring(self, call: Seen) -> list[str]:
        free = [member_id for member_id in call.group.members if self.is_free(member_id)]
        if call.group.strategy == "simultaneous" and not self.round_over(call):
            return [member_id for member_id in free if member_id not in call.dropped]
        return free

    def round_over(self, call: Seen) -> bool:
        return not call.phones or self.now >= call.round_ends_at

    def width(self, group: Group) -> int:
        return group.simultaneous_limit if group.strategy == "simultaneous" else 1

    def see(self, output: object) -> None:
        if not isinstance(output, RingMember | MemberStateRecord):
            self.end_batch()
        match output:
            case RingMember():
                self.ring(output)
            case Connect():
                self.connect(output)
            case StopRinging():
                self.stopped(output.offer_id)
            case OfferRecord():
                self.offer_record(output)
            case MemberStateRecord():
                self.member_record(output)
            case ConversationRecord():
                self.conversation(output)
            case CallRecord():
                self.call_record(output)
            case _:
                pass

    def ring(self, ring: RingMember) -> None:
        call = self.calls[ring.call_id]
        assert call.waits
        assert ring.offer_id not in self.offers
        assert ring.ring_time_s == call.group.ring_time_s
        assert self.wrap_up[ring.member_id] <= self.now
        if self.batch is None or self.batch[0] != call.id:
            self.end_batch()
            self.batch = (call.id, self.free_before(call, ring.member_id), [])
            self.check_turn(call)
            if self.round_over(call):
                call.dropped.clear()
                call.round_ends_at = self.now + call.group.ring_time_s
        self.batch[2].append(ring.member_id)
        self.offers[ring.offer_id] = (call.id, ring.member_id)
        call.phones[ring.offer_id] = ring.member_id
        assert len(call.phones) <= self.width(call.group) <= 10

    def free_before(self, call: Seen, first: str) -> list[str]:
        """Who could be rung just before the first of a batch began to ring."""
        assert self.state[first] is MemberState.RINGING
        self.state[first] = MemberState.READY
        free = self.may_ring(call)
        self.state[first] = MemberState.RINGING
        assert first in free
        return free

    def check_turn(self, call: Seen) -> None:
        """First come first served: nobody before this call is without a phone."""
        for other in self.calls.values():
            if other.group is call.group and other.waits and not other.phones:
                assert other.order >= call.order or other.id == call.id

    def end_batch(self) -> None:
        """The choice of a strategy is complete: was it the right one?"""
        if self.batch is None:
            return
        call_id, free, rung = self.batch
        self.batch = None
        call = self.calls[call_id]
        if call.group.strategy == "simultaneous":
            already = len(call.phones) - len(rung)
            assert rung == free[: call.group.simultaneous_limit - already]
            return
        (member_id,) = rung
        untried = [other for other in free if other not in call.tried]
        if len(free) > 1:
            assert call.tried[-1:] != [member_id]
        if not untried:
            return
        if call.group.strategy == "priority":
            assert member_id == untried[0] or member_id in call.tried
        else:
            longest = min(self.idle_since[other] for other in untried)
            assert self.idle_since[member_id] == longest or member_id in call.tried

    def connect(self, connect: Connect) -> None:
        call = self.calls[connect.call_id]
        assert call.waits
        assert self.offers[connect.offer_id] == (call.id, connect.member_id)
        assert self.state[connect.member_id] is MemberState.IN_CALL
        call.member = connect.member_id

    def stopped(self, offer_id: str) -> None:
        assert offer_id not in self.closed

    def offer_record(self, record: OfferRecord) -> None:
        assert record.offer_id not in self.closed
        self.closed.add(record.offer_id)
        call = self.calls[record.call_id]
        assert call.phones.pop(record.offer_id) == record.member_id
        everyone = {*dict(record.others)}
        assert record.member_id not in everyone
        assert everyone <= set(call.group.members)
        if record.outcome in FAILED:
            call.tried.append(record.member_id)
            call.dropped.add(record.member_id)
            pause = 5.0
            if record.outcome is OfferOutcome.NO_ANSWER:
                pause = call.group.no_answer_back_off_s
            self.back_off[record.member_id] = record.at + pause

    def member_record(self, record: MemberStateRecord) -> None:
        self.now = max(self.now, record.at)
        self.state[record.member_id] = record.state

    def conversation(self, record: ConversationRecord) -> None:
        call = self.calls[record.call_id]
        assert call.member == record.member_id
        assert self.state[record.member_id] is MemberState.IN_CALL
        self.idle_since[record.member_id] = record.at
        self.wrap_up[record.member_id] = record.at + call.group.wrap_up_s

    def call_record(self, record: CallRecord) -> None:
        call = self.calls[record.call_id]
        assert not call.ended
        assert not call.phones
        assert record.member_id == call.member
        assert (record.answered_at is not None) == (call.member is not None)
        call.ended = True


class EngineMachine(RuleBasedStateMachine):
    @initialize(
        made=st.tuples(
            groups("a", "priority"), groups("b", "longest_idle"), groups("c", "simultaneous")
        )
    )
    def open(self, made):
        self.made = made
        self.office = Office(*made, members=people(MEMBERS))
        self.books = Books({group.id: group for group in made})
        self.inputs: list[tuple[float, object]] = []
        self.late: list[str] = []
        self.over: list[str] = []
        self.count = 0
        self.digest()

    def digest(self):
        """Enter what the last step brought, in order."""
        for output in self.office.new:
            at = getattr(output, "at", None)
            if at is not None and at > self.books.now:
                self.books.end_batch()
                self.books.now = at
            self.books.see(output)
            if isinstance(output, StopRinging):
                self.late.append(output.offer_id)
        self.books.now = self.office.now
        self.books.end_batch()

    def tell(self, event):
        self.inputs.append((self.office.now, event))
        self.office.tell(event)
        self.digest()

    def member_is_free_again(self, member_id):
        self.books.back_off[member_id] = 0.0

    @rule(group=st.sampled_from("abc"), priority=st.sampled_from([0, 0, 0, 1]))
    def join(self, group, priority):
        self.count += 1
        call = Seen(f"call-{self.count}", self.books.groups[group], priority, self.count)
        self.books.calls[call.id] = call
        free = self.books.may_ring(call)
        queued = [c for c in self.books.calls.values() if c.group is call.group and c.waits]
        self.tell(CallJoined(call_id=call.id, group_id=group, priority=priority))
        call.got_phone_at_once = bool(self.office.ringing_for(call.id))
        assert call.got_phone_at_once == bool(free and call.waits)
        if free and not (call.group.nobody_active and call.ended):
            assert not call.ended
        full = self.office.latest(Forward)
        if any(out.reason is ForwardReason.QUEUE_FULL for out in full):
            assert not free
            assert len(queued) - 1 >= call.group.queue_cap
        heard = [out.call_id for out in self.office.latest(StartWaiting)]
        assert heard == ([call.id] if not call.ended else [])

    @rule(by=seconds)
    def pass_time(self, by):
        now = self.office.now + by
        self.inputs.append((now, None))
        self.office.at(now)
        self.digest()

    @rule()
    def pass_time_to_the_next_deadline(self):
        now = self.office.engine.next_deadline()
        if now is not None:
            self.inputs.append((now, None))
            self.office.at(now)
            self.digest()

    @precondition(lambda self: self.office.phones)
    @rule(data=st.data())
    def answer(self, data):
        member_id = data.draw(st.sampled_from(self.office.ringing))
        self.tell(OfferAnswered(offer_id=self.office.phones[member_id].offer_id))
        assert [c.member_id for c in self.office.latest(Connect)] == [member_id]

    @precondition(lambda self: self.office.phones)
    @rule(data=st.data(), failure=st.sampled_from(OfferFailure))
    def fail(self, data, failure):
        ring = self.office.phones.pop(data.draw(st.sampled_from(self.office.ringing)))
        self.tell(OfferFailed(offer_id=ring.offer_id, failure=failure))

    @precondition(lambda self: self.office.phones)
    @rule(data=st.data())
    def rings(self, data):
        ring = self.office.phones[data.draw(st.sampled_from(self.office.ringing))]
        self.tell(OfferRinging(offer_id=ring.offer_id))
        assert self.office.new == []

    @precondition(lambda self: self.late)
    @rule(data=st.data())
    def answer_too_late(self, data):
        """Nothing is lost by a tie: who waits is connected to who is free."""
        offer_id = data.draw(st.sampled_from(self.late))
        self.late.remove(offer_id)
        call_id, member_id = self.books.offers[offer_id]
        rings = self.office.phones.get(member_id)
        free = self.books.state[member_id] is MemberState.READY
        fits = self.books.calls[call_id].waits and (free or (rings and rings.call_id == call_id))
        self.tell(OfferAnswered(offer_id=offer_id))
        if fits:
            (connect,) = self.office.latest(Connect)
            assert (connect.offer_id, connect.member_id) == (offer_id, member_id)
        else:
            (release,) = self.office.new
            assert isinstance(release, ReleaseMember)
            assert release.offer_id == offer_id
        self.over.append(offer_id)

    @precondition(lambda self: self.late)
    @rule(data=st.data())
    def confirm_the_stop(self, data):
        offer_id = data.draw(st.sampled_from(self.late))
        self.late.remove(offer_id)
        self.tell(OfferFailed(offer_id=offer_id, failure=OfferFailure.NO_ANSWER))
        assert self.office.new == []
        self.over.append(offer_id)

    @precondition(lambda self: self.over)
    @rule(data=st.data())
    def answer_again(self, data):
        self.tell(OfferAnswered(offer_id=data.draw(st.sampled_from(self.over))))
        assert self.office.new == []

    @precondition(lambda self: any(not call.ended for call in self.books.calls.values()))
    @rule(data=st.data())
    def hang_up(self, data):
        here = [call.id for call in self.books.calls.values() if not call.ended]
        call = self.books.calls[data.draw(st.sampled_from(here))]
        self.tell(CallHungUp(call_id=call.id))
        assert call.ended

    @rule(member_id=member_ids)
    def member_hangs_up(self, member_id):
        self.tell(MemberHungUp(member_id=member_id))

    @rule(member_id=member_ids)
    def activate(self, member_id):
        if not self.office.engine.snapshot(0).member(member_id).active:
            self.member_is_free_again(member_id)
            self.books.idle_since[member_id] = self.office.now
        self.tell(MemberActivated(member_id=member_id))

    @rule(member_id=member_ids)
    def deactivate(self, member_id):
        self.tell(MemberDeactivated(member_id=member_id))

    @rule(member_id=member_ids)
    def pause(self, member_id):
        self.tell(MemberPaused(member_id=member_id, reason="lunch"))

    @rule(member_id=member_ids)
    def ready(self, member_id):
        self.member_is_free_again(member_id)
        self.books.wrap_up[member_id] = 0.0
        self.tell(MemberReady(member_id=member_id))

    @rule(member_id=member_ids)
    def busy_elsewhere(self, member_id):
        self.tell(MemberBusyElsewhere(member_id=member_id))

    @rule(
        event=st.sampled_from(
            [
                CallHungUp(call_id="?"),
                OfferAnswered(offer_id="?"),
                MemberReady(member_id="?"),
                CallJoined(call_id="new", group_id="?"),
            ]
        )
    )
    def be_mistaken(self, event):
        before = self.office.engine.snapshot(self.office.now)
        with pytest.raises(EngineMisuseError):
            self.office.engine.handle(event, self.office.now)
        assert self.office.engine.snapshot(self.office.now) == before
        assert self.office.engine.poll() == []

    @invariant()
    def nobody_is_in_two_places(self):
        snapshot = self.office.engine.snapshot(self.office.now)
        waiting = [call.id for group in snapshot.groups for call in group.waiting]
        talking = [call.id for call in snapshot.talking]
        here = [call.id for call in self.books.calls.values() if not call.ended]
        assert sorted(waiting + talking) == sorted(here)
        rung = [offer.member_id for offer in snapshot.offers]
        busy = [call.member_id for call in snapshot.talking]
        assert len({*rung, *busy}) == len(rung) + len(busy)
        assert sorted(rung) == sorted(self.office.ringing)
        for member in snapshot.members:
            assert (member.state is MemberState.RINGING) == (member.id in rung)
            assert member.call_id is None or member.state is MemberState.IN_CALL
            assert member.free == self.books.is_free(member.id)
            assert snapshot.now - member.idle_s == self.books.idle_since[member.id]

    @invariant()
    def nobody_waits_while_somebody_is_free(self):
        for call in self.books.calls.values():
            if call.waits and len(call.phones) < self.books.width(call.group):
                assert self.books.may_ring(call) == []

    @invariant()
    def the_cap_holds(self):
        for group in self.made:
            queued = [
                call
                for call in self.books.calls.values()
                if call.group is group and call.waits and not call.got_phone_at_once
            ]
            assert len(queued) <= group.queue_cap or not group.queue

    @invariant()
    def deadlines_lie_ahead(self):
        deadline = self.office.engine.next_deadline()
        assert deadline is None or deadline > self.office.now

    def teardown(self):
        if not hasattr(self, "office") or sys.exception():
            return
        for call in list(self.books.calls.values()):
            if not call.ended:
                self.tell(CallHungUp(call_id=call.id))
        assert self.office.phones == {}
        assert self.books.closed == set(self.books.offers)
        assert len(self.office.all(CallRecord)) == self.count
        self.replay()

    def replay(self):
        """The same inputs give the same outputs, however often the time is told."""
        engine = Engine(self.made, people(MEMBERS))
        for now, event in self.inputs:
            if event is not None:
                engine.handle(event, now)
        engine.advance(self.office.now)
        assert engine.poll() == self.office.history


EngineMachine.TestCase.settings = settings(
    max_examples=EXAMPLES,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
TestEngineMachine = pytest.mark.timeout(TIMEOUT_S)(EngineMachine.TestCase)
