"""What a decision of the queue engine costs, and whether size changes it.

    .venv/bin/python benchmarks/engine.py [--json FILE] [--quick]

No phones and no network: the engine alone, with all rules and records, told by this program what
people do. A round is one call: it joins, a phone rings, is answered, and somebody hangs up. Rounds
of the sizes that are compared take turns, and the best batch of each counts: what else the machine
does can only add.
"""

from __future__ import annotations

import argparse
import gc
import json
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import attrs
from rich import box
from rich.console import Console
from rich.table import Table
from sip_load.machine import this_machine

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


@attrs.frozen(kw_only=True)
class Row:
    """One line of the result.

    Attributes:
        measured: what.
        under: how much of it.
        value: the figure.
        unit: of the figure.
        ratio: to the smallest size of the same measure; None for that one.
        at_most: what the ratio may be.
    """

    measured: str
    under: str
    value: float
    unit: str
    ratio: float | None = None
    at_most: float | None = None

    @property
    def reached(self) -> bool:
        """Whether the ratio is small enough."""
        return self.ratio is None or self.at_most is None or self.ratio <= self.at_most


class Bench:
    """An engine at work.

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
            )
            for name in self.names
        ]
        staff = [Member(id=who, address=f"sip:{who}") for group in made for who in group.members]
        self.engine = Engine(made, staff)
        self.engine.poll()
        self.now, self.count = 0.0, 0
        self.talking: list[str] = []
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
        self.engine.handle(CallHungUp(call_id=self.talking.pop(0)), self.tick())
        self.talking.append(self.answer())
        self.join(self.names[0])
        self.engine.poll()


def best_us(rounds: Sequence[Callable[[], None]], *, batches: int, batch: int) -> list[float]:
    """Microseconds that a round of each kind takes, in its best batch."""
    best = [float("inf")] * len(rounds)
    gc.collect()
    gc.freeze()
    for _ in range(batches):
        for place, one in enumerate(rounds):
            begin = time.perf_counter()
            for _ in range(batch):
                one()
            best[place] = min(best[place], (time.perf_counter() - begin) / batch * 1e6)
    gc.unfreeze()
    return best


def compared(
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
    rounds = (free.free_round, queue.queue_round)
    for under, cost in zip(
        ("members free", "10 waiting"), best_us(rounds, batches=batches, batch=500), strict=True
    ):
        yield Row(measured="calls", under=f"25 members, {under}", value=1e6 / cost, unit="/s")
        yield Row(measured="decisions", under=f"25 members, {under}", value=3e6 / cost, unit="/s")


def by_groups(batches: int) -> Iterator[Row]:
    """The same call among few and many groups."""
    benches = [Bench(groups=count, members=5) for count in (1, 100, 10_000)]
    costs = best_us([bench.free_round for bench in benches], batches=batches, batch=500)
    sizes = [f"{len(bench.names):,} groups of 5" for bench in benches]
    yield from compared("a call, by groups", sizes, costs, 1.3)


def by_waiting(batches: int) -> Iterator[Row]:
    """The same call before few and many that wait."""
    counts = (10, 1_000, 10_000)
    benches = [Bench(waiting=count) for count in counts]
    costs = best_us([bench.queue_round for bench in benches], batches=batches, batch=500)
    yield from compared(
        "a call, by waiting", [f"{count:,} waiting" for count in counts], costs, 1.5
    )


def by_agents(batches: int) -> Iterator[Row]:
    """The same call with few and many members logged in, 25 to a group."""
    benches = [Bench(groups=count) for count in (1, 100)]
    costs = best_us([bench.free_round for bench in benches], batches=batches, batch=500)
    sizes = [f"{25 * len(bench.names):,} members in groups of 25" for bench in benches]
    yield from compared("a call, by members", sizes, costs, 1.3)


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


MEASURES = (speed, by_groups, by_waiting, by_agents, memory)


def table(rows: Sequence[Row]) -> Table:
    """One row for each figure."""
    shown = Table(title="the queue engine by itself", box=box.SIMPLE_HEAD)
    for title in ("measured", "under"):
        shown.add_column(title)
    for title in ("value", "ratio", "goal"):
        shown.add_column(title, justify="right")
    for row in rows:
        ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
        goal = "" if row.ratio is None else f"≤ {row.at_most}"
        value = f"{row.value:,.0f}" if row.value >= 1000 else f"{row.value:.1f}"
        colour = "" if row.reached else "red"
        shown.add_row(row.measured, row.under, f"{value} {row.unit}", ratio, goal, style=colour)
    return shown


def main() -> int:
    """Measure; 1 when a ratio is missed."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    parser.add_argument("--quick", action="store_true", help="fewer batches")
    arguments = parser.parse_args()
    machine = this_machine()
    batches = 5 if arguments.quick else 30
    rows = [row for measure in MEASURES for row in measure(batches)]
    Console().print(table(rows))
    if arguments.json is not None:
        figures = [attrs.asdict(row) | {"reached": row.reached} for row in rows]
        found = {"machine": attrs.asdict(machine), "figures": figures}
        arguments.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    return 0 if all(row.reached for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
