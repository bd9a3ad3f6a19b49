"""An office for the tests: it drives an engine and keeps its own books of what phones were told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from softswitch.acd import (
    DEFAULT_STRATEGIES,
    CallHungUp,
    CallJoined,
    CallRecord,
    Command,
    Connect,
    DialCaller,
    Engine,
    EngineEvent,
    Forward,
    Group,
    Member,
    MemberActivated,
    MemberBusyElsewhere,
    MemberDeactivated,
    MemberHungUp,
    MemberPaused,
    MemberReady,
    MemberState,
    OfferAnswered,
    OfferFailed,
    OfferFailure,
    OfferRecord,
    Rank,
    Record,
    RingMember,
    StopRinging,
    Strategy,
)

Out = TypeVar("Out", Command, Record)


def people(count: int) -> list[Member]:
    """Members "1", "2", ... all active."""
    return [Member(id=str(n), address=f"sip:{n}@office.example") for n in range(1, count + 1)]


def office(count: int, *others: Group, **settings: object) -> Office:
    """Group "g" of the first `count` members; the other groups may name further ones."""
    names = {name for other in others for name in other.members}
    highest = max([count, *map(int, names)])
    ids = tuple(str(n) for n in range(1, count + 1))
    group = Group(id="g", members=ids, **settings)  # type: ignore[arg-type]
    return Office(group, *others, members=people(highest))


def state_of(o: Office, member_id: str) -> MemberState:
    return o.engine.snapshot(o.now).member(member_id).state


class Office:
    """An engine, its clock, and phones that are known only by the commands given to them."""

    def __init__(
        self,
        *groups: Group,
        members: list[Member],
        strategies: Mapping[str, Strategy | Rank] = DEFAULT_STRATEGIES,
    ) -> None:
        self.engine = Engine(groups, members, strategies)
        self.now = 0.0
        self.history: list[Command | Record] = []
        self.phones: dict[str, RingMember] = {}
        self.new: list[Command | Record] = []
        self.stopped: set[str] = set()
        self.dialling: set[str] = set()
        self._collect()

    def at(self, now: float) -> Office:
        """Let the time pass up to this second."""
        self.now = now
        self.engine.advance(now)
        self._collect()
        return self

    def tell(self, event: EngineEvent) -> None:
        self.engine.handle(event, self.now)
        self._collect()

    def tell_nothing(self) -> None:
        """The engine was spoken to directly."""
        self._collect()

    def join(self, call_id: str, group_id: str = "g", **more: object) -> None:
        self.tell(CallJoined(call_id=call_id, group_id=group_id, **more))  # type: ignore[arg-type]

    def hang_up(self, call_id: str) -> None:
        self.tell(CallHungUp(call_id=call_id))

    def answer(self, member_id: str) -> None:
        self.tell(OfferAnswered(offer_id=self.phones[member_id].offer_id))

    def fail(self, member_id: str, failure: OfferFailure = OfferFailure.REJECTED) -> None:
        ring = self.phones.pop(member_id)
        self.tell(OfferFailed(offer_id=ring.offer_id, failure=failure))

    def member_hangs_up(self, member_id: str) -> None:
        self.tell(MemberHungUp(member_id=member_id))

    def activate(self, *member_ids: str) -> None:
        for member_id in member_ids:
            self.tell(MemberActivated(member_id=member_id))

    def deactivate(self, *member_ids: str) -> None:
        for member_id in member_ids:
            self.tell(MemberDeactivated(member_id=member_id))

    def pause(self, member_id: str, reason: str = "") -> None:
        self.tell(MemberPaused(member_id=member_id, reason=reason))

    def ready(self, member_id: str) -> None:
        self.tell(MemberReady(member_id=member_id))

    def busy(self, *member_ids: str) -> None:
        for member_id in member_ids:
            self.tell(MemberBusyElsewhere(member_id=member_id))

    def talk(self, call_id: str, member_id: str, group_id: str = "g") -> None:
        """A call comes in and this member, whose phone rings, takes it."""
        self.join(call_id, group_id)
        self.answer(member_id)

    @property
    def ringing(self) -> list[str]:
        """The members whose phones ring, by the commands, in the order of ringing."""
        return list(self.phones)

    def ringing_for(self, call_id: str) -> list[str]:
        return [who for who, ring in self.phones.items() if ring.call_id == call_id]

    def waiting(self, group_id: str = "g") -> list[str]:
        snapshot = self.engine.snapshot(self.now)
        return [call.id for call in snapshot.group(group_id).waiting]

    def all(self, kind: type[Out]) -> list[Out]:
        """Everything of a kind since the beginning."""
        return [output for output in self.history if isinstance(output, kind)]

    def latest(self, kind: type[Out]) -> list[Out]:
        """Everything of a kind that the last step brought."""
        return [output for output in self.new if isinstance(output, kind)]

    def call_record(self, call_id: str) -> CallRecord:
        (record,) = [record for record in self.all(CallRecord) if record.call_id == call_id]
        return record

    def offer_records(self, call_id: str) -> list[OfferRecord]:
        return [record for record in self.all(OfferRecord) if record.call_id == call_id]

    def forwarded(self, call_id: str) -> Forward:
        (forward,) = [found for found in self.all(Forward) if found.call_id == call_id]
        return forward

    def _collect(self) -> None:
        self.new = self.engine.poll()
        self.history += self.new
        for output in self.new:
            match output:
                case RingMember():
                    assert output.member_id not in self.phones
                    self.phones[output.member_id] = output
                case StopRinging():
                    ring = self.phones.pop(output.member_id)
                    assert ring.offer_id == output.offer_id
                    self.stopped.add(output.offer_id)
                case DialCaller() | Connect() if output.member_id in self.phones:
                    ring = self.phones.pop(output.member_id)
                    assert ring.offer_id == output.offer_id
                    self.dialling.add(output.offer_id)
                case DialCaller() | Connect():
                    assert output.offer_id in self.stopped | self.dialling
                    self.dialling.add(output.offer_id)
                case _:
                    pass
