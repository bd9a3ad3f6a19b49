"""One run of an office: callers in, the real engine's decisions, records out.

No loop and no clock: a heap of what people will do, ordered by (time, rank, number), beside the
engine's own deadlines; whichever comes first happens. At the same time the engine's deadlines
come first, then the lower rank.
"""

from __future__ import annotations

import gc
import math
from collections.abc import Callable, Iterator
from heapq import heappop, heappush
from typing import Any, Final

import attrs
import numpy as np

from softswitch.acd.commands import Command, Connect, Forward, RingMember, StopRinging
from softswitch.acd.engine import Engine
from softswitch.acd.events import CallHungUp, CallJoined, EngineEvent, MemberHungUp, OfferAnswered
from softswitch.acd.model import Target
from softswitch.acd.names import TargetKind
from softswitch.acd.records import Record
from softswitch.simulation.distributions import one_by_one
from softswitch.simulation.office import Experiment
from softswitch.simulation.traffic import Caller

HOPS_MAX: Final = 5
"""How often a call is sent on inside the office before it gets the standard message."""

_SENT_ON: Final = 0
_TALK_ENDS: Final = 1
_STAFF: Final = 2
_PHONE: Final = 3
_PATIENCE: Final = 4

FOR_EVER: Final = math.inf

_Happening = tuple[Any, ...]
"""When, rank, number, what; machine code would unpack and pack again what has four given types."""


class _Visit:
    """A caller in the office.

    Attributes:
        call_id: of the group asked last.
        hops: how many groups have been asked.
    """

    def __init__(self, caller: Caller, name: str) -> None:
        self.caller = caller
        self.name = self.call_id = name
        self.hops = 1


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
        office, answering = experiment.office, experiment.answering
        self._now = 0.0
        self._keep: Callable[[Any], None] = keep
        self._acts: dict[type, Callable[[Any], None]] = {
            **dict.fromkeys(Command.__subclasses__(), _leave),
            RingMember: self._ring,
            StopRinging: self._stop,
            Connect: self._connect,
            Forward: self._forward,
        }
        self._length_s = experiment.traffic.length_s
        self._numbers = office.numbers
        groups = [
            attrs.evolve(group, position_every_s=0.0, auto_ready=True) for group in office.groups
        ]
        self._engine = Engine(groups, office.members, office.strategies)
        self._callers = iter(experiment.traffic.draw(callers))
        self._await_next()
        self._calls = 0
        self._delays = one_by_one(answering.after, np.random.default_rng(delays))
        self._missed = answering.missed
        self._chances: Iterator[float] = _chances(np.random.default_rng(misses))
        self._waiting: dict[str, _Visit] = {}
        self._ringing: set[str] = set()
        self._heap: list[_Happening] = []
        self._sequence = 0
        for at, event in experiment.traffic.staff_changes:
            self._plan(at, _STAFF, event)

    def run(self) -> None:
        """Let everything happen.

        Python's search for garbage that points at itself pauses meanwhile: a day leaves none, and
        each search would go through all records kept so far. Afterwards they count as old (to
        freeze and unfreeze does that), or else the next search would go through all of them.
        """
        searching = gc.isenabled()
        gc.disable()
        try:
            self._run()
        finally:
            gc.freeze()
            gc.unfreeze()
            if searching:
                gc.enable()

    def _run(self) -> None:
        self._carry_out()
        while self._step():
            pass
        for call_id in list(self._waiting):
            self._tell(CallHungUp(call_id=call_id))

    def _step(self) -> bool:
        """Let the next thing happen; False where nothing ever will."""
        due, caller, calls_at = self._engine.next_deadline(), self._caller, self._calls_at
        planned: float = self._heap[0][0] if self._heap else FOR_EVER
        at = min(planned, calls_at)
        if at < FOR_EVER and (due is None or at < due):
            self._now = at
            if caller is None or planned <= calls_at:
                self._happen()
            else:
                self._call(caller)
        elif due is not None and (at < FOR_EVER or self._waiting or due <= self._length_s):
            self._now = due
            self._engine.advance(due)
            self._carry_out()
        else:
            return False
        return True

    def _happen(self) -> None:
        """What comes first of all that is planned."""
        happening = heappop(self._heap)
        rank: int = happening[1]
        what = happening[3]
        if rank == _PHONE:
            self._answer(what)
        elif rank == _PATIENCE:
            self._give_up(what)
        else:
            self._tell(what)

    def _plan(self, at: float, rank: int, what: object) -> None:
        self._sequence += 1
        heappush(self._heap, (at, rank, self._sequence, what))

    def _tell(self, event: EngineEvent) -> None:
        self._engine.handle(event, self._now)
        self._carry_out()

    def _carry_out(self) -> None:
        acts, keep = self._acts, self._keep
        for output in self._engine.poll():
            acts.get(type(output), keep)(output)

    def _await_next(self) -> None:
        """Who calls next, and when."""
        self._caller: Caller | None = next(self._callers, None)
        self._calls_at = FOR_EVER if self._caller is None else self._caller.at

    def _call(self, caller: Caller) -> None:
        self._await_next()
        self._calls += 1
        visit = _Visit(caller, f"c{self._calls}")
        patience_s = caller.patience_s
        if patience_s != FOR_EVER:
            self._plan(self._now + patience_s, _PATIENCE, visit)
        self._waiting[visit.name] = visit
        self._tell(_joined(visit, caller.group_id))

    def _give_up(self, visit: _Visit) -> None:
        if self._waiting.pop(visit.call_id, None):
            self._tell(CallHungUp(call_id=visit.call_id))

    def _ring(self, command: RingMember) -> None:
        self._ringing.add(command.offer_id)
        if self._missed > 0.0 and next(self._chances) < self._missed:
            return
        after = next(self._delays)
        if after < command.ring_time_s:
            self._plan(self._now + after, _PHONE, command.offer_id)

    def _answer(self, offer_id: str) -> None:
        if offer_id in self._ringing:
            self._ringing.remove(offer_id)
            self._tell(OfferAnswered(offer_id=offer_id))

    def _stop(self, command: StopRinging) -> None:
        self._ringing.discard(command.offer_id)

    def _connect(self, command: Connect) -> None:
        visit = self._waiting.pop(command.call_id)
        end = MemberHungUp(member_id=command.member_id, call_id=command.call_id)
        self._plan(self._now + visit.caller.talk_s, _TALK_ENDS, end)

    def _forward(self, command: Forward) -> None:
        visit = self._waiting.pop(command.call_id, None)
        group_id = self._group_at(command.target)
        if visit is not None and group_id is not None and visit.hops < HOPS_MAX:
            visit.hops += 1
            visit.call_id = f"{visit.name}-{visit.hops}"
            self._waiting[visit.call_id] = visit
            self._plan(self._now, _SENT_ON, _joined(visit, group_id))

    def _group_at(self, target: Target) -> str | None:
        if target.kind is TargetKind.GROUP:
            return target.value
        return self._numbers.get(target.value) if target.kind is TargetKind.NUMBER else None


def _leave(_command: Command) -> None:
    """Nobody in a simulated office would hear or do this."""


def _joined(visit: _Visit, group_id: str) -> CallJoined:
    return CallJoined(call_id=visit.call_id, group_id=group_id, caller=visit.caller.number)


def _chances(rng: np.random.Generator) -> Iterator[float]:
    while True:
        yield from rng.random(1024).tolist()
