"""Calls simulated in a second, beside SimPy and Ciw on the same callers.

All get the same 25 servers, the same times of calling and the same lengths of talks, drawn for an
M/M/25 queue at 90 % load. The other two only queue them (Ciw also writes a record of each); ours
is the real engine with all rules: it chooses whom to ring, notes why nobody else, rings, connects
and keeps all records. That all three work on the same thing is seen by the mean wait, which has to
be the same. One core, the best of some rounds; processor time, so that other work on the machine
matters less.
"""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable, Generator, Iterator
from itertools import pairwise

import ciw
import numpy as np
import simpy

from acd_load.rows import Row
from softswitch.acd import Group, Member
from softswitch.simulation import (
    Caller,
    DrawnTraffic,
    Experiment,
    Exponential,
    Office,
    simulate_once,
)

AGENTS = 25
CALLS = 20_000
ROUNDS = 3
LOAD = 0.9
TALK_S = 180.0
SEED = 1
AHEAD = {"SimPy": 1.0, "Ciw": 1.0}
"""How many times as many calls as theirs ours should be."""

STRATEGIES = ("priority", "longest_idle", "simultaneous")

MeanWait = float
Queue = Callable[[], MeanWait]


def _traffic() -> DrawnTraffic:
    rate = LOAD * AGENTS * 3600 / TALK_S
    talk = Exponential(TALK_S)
    return DrawnTraffic(group_id="main", calls_per_hour=rate, hours=CALLS / rate, talk=talk)


def _experiment(strategy: str) -> Experiment:
    members = tuple(Member(id=f"m{i}", address=f"sip:m{i}@192.0.2.1") for i in range(AGENTS))
    names = tuple(member.id for member in members)
    group = Group(id="main", members=names, queue_cap=10**6, strategy=strategy)
    return Experiment(office=Office(groups=(group,), members=members), traffic=_traffic())


def by_softswitch(strategy: str) -> MeanWait:
    """The real engine."""
    runs = simulate_once(_experiment(strategy), np.random.SeedSequence(SEED))
    return float(runs["main"].waited_s.mean())


def by_simpy(callers: list[Caller]) -> MeanWait:
    """A resource in SimPy."""
    world, waits = simpy.Environment(), []
    desk = simpy.Resource(world, AGENTS)

    def attend(caller: Caller) -> Generator[simpy.Event, object, None]:
        with desk.request() as turn:
            yield turn
            waits.append(world.now - caller.at)
            yield world.timeout(caller.talk_s)

    def arrive() -> Generator[simpy.Event, object, None]:
        for caller in callers:
            yield world.timeout(caller.at - world.now)
            world.process(attend(caller))

    world.process(arrive())
    world.run()
    return statistics.fmean(waits)


def by_ciw(callers: list[Caller]) -> MeanWait:
    """A node in Ciw."""
    times = [0.0, *(caller.at for caller in callers)]
    gaps = [later - earlier for earlier, later in pairwise(times)]
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Sequential([*gaps, math.inf])],
        service_distributions=[ciw.dists.Sequential([caller.talk_s for caller in callers])],
        number_of_servers=[AGENTS],
    )
    world = ciw.Simulation(network)
    world.simulate_until_max_customers(len(callers), method="Finish")
    return statistics.fmean(record.waiting_time for record in world.get_all_records())


def rivals(_batches: int) -> Iterator[Row]:
    """Calls simulated in a second by each."""
    callers = _traffic().draw(np.random.SeedSequence(SEED).spawn(1)[0])  # as a run draws them
    count = len(callers)
    ours = {name: _calls_per_s(count, lambda n=name: by_softswitch(n)) for name in STRATEGIES}
    theirs = {
        "SimPy": _calls_per_s(count, lambda: by_simpy(callers)),
        "Ciw": _calls_per_s(count, lambda: by_ciw(callers)),
    }
    waits = [wait for _, wait in (*ours.values(), *theirs.values())]
    if not all(math.isclose(wait, waits[0], rel_tol=1e-6) for wait in waits):
        raise RuntimeError(f"they do not simulate the same: mean waits of {waits} s")
    best = ours["longest_idle"][0]
    for name, (rate, _) in ours.items():
        yield Row(measured="calls simulated", under=f"softswitch, {name}", value=rate, unit="/s")
    for name, (rate, _) in theirs.items():
        under = f"{name}, queueing only"
        yield Row(
            measured="calls simulated",
            under=under,
            value=rate,
            unit="/s",
            ratio=best / rate,
            at_least=AHEAD[name],
        )


def _calls_per_s(calls: int, queue: Queue) -> tuple[float, MeanWait]:
    """How fast it is in its best round, and the mean wait that it finds, in seconds."""
    best_s, wait_s = math.inf, 0.0
    for _ in range(ROUNDS):
        began = time.process_time()
        wait_s = queue()
        best_s = min(best_s, time.process_time() - began)
    return calls / best_s, wait_s
