"""What a decision costs, and whether size changes it.

A round is one call: it joins, a phone rings, is answered, and somebody hangs up. Rounds of the
sizes that are compared take turns, and the best batch of each counts, in processor time: what else
the machine does can only add.
"""

from __future__ import annotations

import gc
import time
import tracemalloc
from collections import deque
from collections.abc import Callable, Iterator, Sequence

from acd_load.rows import Row
from softswitch.acd import (
    CallHungUp,
    CallJoined,
    Engine,
    Group,
    Member,
    OfferAnswered,
    RingMember,
)

CAP = 10**6
STEP_S = 0.001
"""Between two events, so that time passes and deadlines are set and fall due."""
BATCH = 500
"""Rounds in a batch."""


class Bench:
    """An engine at work.

    Positions are not told: they are due by the clock for each who waits, whatever is decided. Each
    call has a deadline all the same, that of waiting too long.

    Args:
        groups: how many groups, each with members of its own.
        members: how many members a group has.
        waiting: how many calls wait in each group, all of whose members talk.
    """

    def __init__(self, *, groups: int = 1, members: int = 25, waiting: int = 0) -> None:
        self.names = [f"g{n}" for n in range(groups)]
        made = [
            Group(
                id=name,
                members=tuple(f"{name}-{n}" for n in range(members)),
                strategy="longest_idle",
                queue_cap=CAP,
                position_every_s=0.0,
                max_wait_s=CAP,
            )
            for name in self.names
        ]
        staff = [Member(id=who, address=f"sip:{who}") for group in made for who in group.members]
        self.engine = Engine(made, staff)
        self.engine.poll()
        self.now, self.count = 0.0, 0
        self.talking: deque[str] = deque()
        if waiting:
            self.fill(members, waiting)

    def fill(self, members: int, waiting: int) -> None:
        """Every member talks, and so many calls wait."""
        for name in self.names:
            for _ in range(members):
                self.join(name)
                self.talking.append(self.answer())
            for _ in range(waiting):
                self.join(name)
        self.engine.poll()

    def tick(self) -> float:
        """A moment later."""
        self.now += STEP_S
        return self.now

    def join(self, group_id: str) -> str:
        """A caller asks for a group; returns the call."""
        self.count += 1
        call_id = f"call-{self.count}"
        self.engine.handle(CallJoined(call_id=call_id, group_id=group_id), self.tick())
        return call_id

    def answer(self) -> str:
        """The phone that was just rung is answered; returns its call."""
        ring = next(out for out in self.engine.poll() if isinstance(out, RingMember))
        self.engine.handle(OfferAnswered(offer_id=ring.offer_id), self.tick())
        return ring.call_id

    def free_round(self) -> None:
        """A call for whom members are free, in one group after the other."""
        call_id = self.join(self.names[self.count % len(self.names)])
        self.answer()
        self.engine.handle(CallHungUp(call_id=call_id), self.tick())
        self.engine.poll()

    def queue_round(self) -> None:
        """Somebody hangs up, the first in line is answered, and another call joins the line."""
        self.engine.handle(CallHungUp(call_id=self.talking.popleft()), self.tick())
        self.talking.append(self.answer())
        self.join(self.names[0])
        self.engine.poll()


def best_us(rounds: Sequence[Callable[[], None]], batches: int) -> list[float]:
    """Microseconds that a round of each kind takes, in its best batch."""
    best = [float("inf")] * len(rounds)
    gc.collect()
    gc.freeze()
    for _ in range(batches):
        for place, one in enumerate(rounds):
            begin = time.process_time()
            for _ in range(BATCH):
                one()
            best[place] = min(best[place], (time.process_time() - begin) / BATCH * 1e6)
    gc.unfreeze()
    return best


def _compared(
    measured: str, sizes: Sequence[str], costs: Sequence[float], at_most: float
) -> Iterator[Row]:
    """Rows of costs, each held against the first."""
    for size, cost in zip(sizes, costs, strict=True):
        ratio = None if size == sizes[0] else cost / costs[0]
        yield Row(
            measured=measured, under=size, value=cost, unit="µs", ratio=ratio, at_most=at_most
        )


def speed(batches: int) -> Iterator[Row]:
    """Calls and decisions in a second; a call is three events, each of which is decided on."""
    free, queue = Bench(), Bench(waiting=10)
    costs = best_us((free.free_round, queue.queue_round), batches)
    for under, cost in zip(("members free", "10 waiting"), costs, strict=True):
        where = f"25 members, {under}"
        yield Row(measured="calls handled", under=where, value=1e6 / cost, unit="/s")
        yield Row(measured="decisions", under=where, value=3e6 / cost, unit="/s")


def by_groups(batches: int) -> Iterator[Row]:
    """The same call among few and many groups."""
    counts = (1, 100, 10_000)
    benches = [Bench(groups=count, members=5) for count in counts]
    costs = best_us([bench.free_round for bench in benches], batches)
    sizes = [f"{count:,} groups of 5" for count in counts]
    yield from _compared("a call, by groups", sizes, costs, 1.3)


def by_waiting(batches: int) -> Iterator[Row]:
    """The same call before few and many that wait."""
    counts = (10, 1_000, 10_000)
    benches = [Bench(waiting=count) for count in counts]
    costs = best_us([bench.queue_round for bench in benches], batches)
    sizes = [f"{count:,} waiting" for count in counts]
    yield from _compared("a call, by waiting", sizes, costs, 1.5)


def by_agents(batches: int) -> Iterator[Row]:
    """The same call with few and many members logged in, 25 to a group."""
    counts = (1, 100)
    benches = [Bench(groups=count) for count in counts]
    costs = best_us([bench.free_round for bench in benches], batches)
    sizes = [f"{25 * count:,} members, 25 a group" for count in counts]
    yield from _compared("a call, by members", sizes, costs, 1.3)


def memory(_batches: int) -> Iterator[Row]:
    """What a waiting call takes, by Python's own count of what it has given out."""
    count = 10_000
    bench = Bench(waiting=1)
    gc.collect()
    tracemalloc.start()
    for _ in range(count):
        bench.join("g0")
        bench.engine.poll()
    gc.collect()
    used, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    yield Row(measured="memory", under="a waiting call", value=used / count, unit="bytes")
