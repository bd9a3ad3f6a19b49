"""Calls simulated per second: the real engine with its rules and records, beside plain SimPy.

    .venv/bin/python benchmarks/simulation.py [--calls N] [--agents N]

Both get the same callers: M/M/c+M at 95 % load. SimPy only queues them; the engine also chooses
whom to ring, writes down why nobody else, rings, connects and records. One core, the best of
three; processor time, so that other work on the machine matters less.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Generator

import numpy as np
import simpy
from rich.console import Console
from rich.table import Table

from softswitch.acd import Group, Member
from softswitch.simulation import (
    Caller,
    DrawnTraffic,
    Experiment,
    Exponential,
    Office,
    simulate_once,
)

ROUNDS = 3


def office(agents: int, strategy: str) -> Office:
    """One group."""
    members = tuple(Member(id=f"m{i}", address=f"sip:m{i}@192.0.2.1") for i in range(agents))
    names = tuple(member.id for member in members)
    group = Group(id="main", members=names, queue_cap=10**6, strategy=strategy)
    return Office(groups=(group,), members=members)


def traffic(agents: int, calls: int) -> DrawnTraffic:
    """95 % load, talks of three minutes, patience of two."""
    rate = 0.95 * agents * 20
    return DrawnTraffic(
        group_id="main",
        calls_per_hour=rate,
        hours=calls / rate,
        talk=Exponential(180),
        patience=Exponential(120),
    )


def by_simpy(callers: list[Caller], agents: int) -> None:
    """The same callers in SimPy."""
    world = simpy.Environment()
    desk = simpy.Resource(world, agents)

    def attend(caller: Caller) -> Generator[simpy.Event, object, None]:
        with desk.request() as turn:
            yield turn | world.timeout(caller.patience_s)
            if turn.triggered:
                yield world.timeout(caller.talk_s)

    def arrive() -> Generator[simpy.Event, object, None]:
        for caller in callers:
            yield world.timeout(caller.at - world.now)
            world.process(attend(caller))

    world.process(arrive())
    world.run()


def fastest(work: Callable[[], object]) -> float:
    """The least processor time of some rounds, in seconds."""
    times = []
    for _ in range(ROUNDS):
        began = time.process_time()
        work()
        times.append(time.process_time() - began)
    return min(times)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Calls simulated per second.")
    parser.add_argument("--calls", type=int, default=20_000)
    parser.add_argument("--agents", type=int, default=25)
    asked = parser.parse_args()
    drawn = traffic(asked.agents, asked.calls)
    callers = drawn.draw(np.random.SeedSequence(1))
    table = Table("", "calls a second", title=f"M/M/{asked.agents}+M, {len(callers):,} calls")
    for strategy in ("priority", "longest_idle", "simultaneous"):
        experiment = Experiment(office=office(asked.agents, strategy), traffic=drawn)
        took_s = fastest(lambda e=experiment: simulate_once(e, np.random.SeedSequence(1)))
        table.add_row(f"softswitch, {strategy}", f"{len(callers) / took_s:,.0f}")
    took_s = fastest(lambda: by_simpy(callers, asked.agents))
    table.add_row("SimPy, queueing only", f"{len(callers) / took_s:,.0f}")
    Console().print(table)


if __name__ == "__main__":
    main()
