"""One run of an office: callers in, the real engine's decisions, records out.

No loop and no clock: a heap of what people will do, ordered by (time, rank, number), beside the
engine's own deadlines; whichever comes first happens. At the same time the engine's deadlines
come first, then the lower rank.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import attrs
import numpy as np

from softswitch.acd import commands as cmd
from softswitch.acd import events as ev
from softswitch.acd.engine import Engine
from softswitch.acd.model import Target, TargetKind
from softswitch.acd.records import Record
from softswitch.simulation.distributions import one_by_one
from softswitch.simulation.office import Experiment
from softswitch.simulation.traffic import Caller

HOPS_MAX: Final = 5
"""How often a call is sent on inside the office before it gets the standard message."""

_SENT_ON, _TALK_ENDS, _STAFF, _PHONE, _PATIENCE, _CALLS = range(6)

_Happening = tuple[float, int, int, Callable[[Any], None], Any]


@attrs.define(eq=False)
class _Visit:
    """A caller in the office.

    Attributes:
        call_id: of the group asked last.
        hops: how many groups have been asked.
    """

    caller: Caller
    name: str
    call_id: str
    hops: int = 1


class Day:
    """A run, from an office in which nobody waits until the last caller has gone.

    Positions in the queue are not told, since nobody hears them; where members end their wrap-up
    themselves, they do so when `Group.wrap_up_s` is over.

    Args:
        experiment: what is simulated.
        seed: the same seed, the same run.
        keep: is given every record.
    """

    def __init__(
        self,
        experiment: Experiment,
        seed: np.random.SeedSequence,
        keep: Callable[[Record], None],
    ) -> None:
        callers, delays, misses = seed.spawn(3)
        office, self._answering = experiment.office, experiment.answering
        self._now = 0.0
        self._keep = keep
        self._length_s = experiment.traffic.length_s
        self._numbers = office.numbers
        groups = [
            attrs.evolve(group, position_every_s=0.0, auto_ready=True) for group in office.groups
        ]
        self._engine = Engine(groups, office.members, office.strategies)
        self._callers = iter(experiment.traffic.draw(callers))
        self._delays = one_by_one(self._answering.after, np.random.default_rng(delays))
        self._chances: Iterator[float] = _chances(np.random.default_rng(misses))
        self._waiting: dict[str, _Visit] = {}
        self._ringing: set[str] = set()
        self._heap: list[_Happening] = []
        self._sequence = 0
        for at, event in experiment.traffic.staff_changes:
            self._plan(at, _STAFF, self._tell, event)
        self._next_caller()

    def run(self) -> None:
        """Let everything happen."""
        self._carry_out()
        while self._step():
            pass
        for call_id in list(self._waiting):
            self._tell(ev.CallHungUp(call_id=call_id))

    def _step(self) -> bool:
        """Let the next thing happen; False where nothing ever will."""
        due = self._engine.next_deadline()
        if self._heap and (due is None or self._heap[0][0] < due):
            self._now, _, _, happen, what = heapq.heappop(self._heap)
            happen(what)
        elif due is not None and (self._heap or self._waiting or due <= self._length_s):
            self._now = due
            self._engine.advance(due)
            self._carry_out()
        else:
            return False
        return True

    def _plan(self, at: float, rank: int, happen: Callable[[Any], None], what: object) -> None:
        self._sequence += 1
        heapq.heappush(self._heap, (at, rank, self._sequence, happen, what))

    def _tell(self, event: ev.EngineEvent) -> None:
        self._engine.handle(event, self._now)
        self._carry_out()

    def _carry_out(self) -> None:
        for output in self._engine.poll():
            if command := _COMMANDS.get(type(output)):
                command(self, output)
            elif isinstance(output, Record):
                self._keep(output)

    def _next_caller(self) -> None:
        caller = next(self._callers, None)
        if caller is not None:
            self._plan(caller.at, _CALLS, self._call, caller)

    def _call(self, caller: Caller) -> None:
        name = f"c{self._sequence}"
        visit = _Visit(caller, name, name)
        if caller.patience_s != float("inf"):
            self._plan(self._now + caller.patience_s, _PATIENCE, self._give_up, visit)
        self._next_caller()
        self._waiting[name] = visit
        self._tell(_joined(visit, caller.group_id))

    def _give_up(self, visit: _Visit) -> None:
        if self._waiting.pop(visit.call_id, None):
            self._tell(ev.CallHungUp(call_id=visit.call_id))

    def _ring(self, command: cmd.RingMember) -> None:
        self._ringing.add(command.offer_id)
        if self._answering.missed and next(self._chances) < self._answering.missed:
            return
        after = next(self._delays)
        if after < command.ring_time_s:
            self._plan(self._now + after, _PHONE, self._answer, command.offer_id)

    def _answer(self, offer_id: str) -> None:
        if offer_id in self._ringing:
            self._ringing.remove(offer_id)
            self._tell(ev.OfferAnswered(offer_id=offer_id))

    def _stop(self, command: cmd.StopRinging) -> None:
        self._ringing.discard(command.offer_id)

    def _connect(self, command: cmd.Connect) -> None:
        visit = self._waiting.pop(command.call_id)
        end = ev.MemberHungUp(member_id=command.member_id, call_id=command.call_id)
        self._plan(self._now + visit.caller.talk_s, _TALK_ENDS, self._tell, end)

    def _forward(self, command: cmd.Forward) -> None:
        visit = self._waiting.pop(command.call_id, None)
        group_id = self._group_at(command.target)
        if visit is not None and group_id is not None and visit.hops < HOPS_MAX:
            visit.hops += 1
            visit.call_id = f"{visit.name}-{visit.hops}"
            self._waiting[visit.call_id] = visit
            self._plan(self._now, _SENT_ON, self._tell, _joined(visit, group_id))

    def _group_at(self, target: Target) -> str | None:
        if target.kind is TargetKind.GROUP:
            return target.value
        return self._numbers.get(target.value) if target.kind is TargetKind.NUMBER else None


_COMMANDS: Final[Mapping[type, Callable[[Day, Any], None]]] = {
    cmd.RingMember: Day._ring,  # noqa: SLF001
    cmd.StopRinging: Day._stop,  # noqa: SLF001
    cmd.Connect: Day._connect,  # noqa: SLF001
    cmd.Forward: Day._forward,  # noqa: SLF001
}


def _joined(visit: _Visit, group_id: str) -> ev.CallJoined:
    return ev.CallJoined(call_id=visit.call_id, group_id=group_id, caller=visit.caller.number)


def _chances(rng: np.random.Generator) -> Iterator[float]:
    while True:
        yield from rng.random(1024).tolist()
