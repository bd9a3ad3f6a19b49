"""Calls simulated in a second, beside SimPy and Ciw on the same callers.

All get the same 25 servers, the same times of calling and the same lengths of talks, drawn
beforehand for an M/M/25 queue at 90 % load. The other two only queue them (Ciw also writes a record
of each); ours is the real engine with all rules: it chooses whom to ring, notes why nobody else,
rings, connects, and makes six records of each call, all of which are kept. That all three work on
the same thing is seen by the mean wait, which has to be the same. One core, the best of some
rounds, which take turns; processor time, so that other work on the machine matters less.
"""

from __future__ import annotations

import gc
import math
import statistics
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from functools import partial
from itertools import pairwise

import attrs
import ciw
import numpy as np
import simpy

from acd_load.rows import Row
from softswitch.acd import CallRecord, EngineEvent, Group, Member, Record
from softswitch.simulation import Caller, DrawnTraffic, Experiment, Exponential, Office
from softswitch.simulation.day import Day

AGENTS = 25
CALLS = 20_000
ROUNDS = 7
LOAD = 0.9
TALK_S = 180.0
SEED = 1
AHEAD = {"SimPy": 1.0, "Ciw": 1.0}
"""How many times as many calls as theirs ours should be."""

STRATEGIES = ("priority", "longest_idle", "simultaneous")

MeanWait = float
Queue = Callable[[], MeanWait]


@attrs.frozen
class Drawn:
    """Callers drawn before, as traffic for softswitch."""

    callers: list[Caller]
    staff_changes: tuple[tuple[float, EngineEvent], ...] = ()

    @property
    def length_s(self) -> float:
        """Until the last one calls."""
        return self.callers[-1].at

    def draw(self, _seed: np.random.SeedSequence) -> list[Caller]:
        """Nothing is left to be drawn."""
        return self.callers


def draw_callers() -> list[Caller]:
    """The callers of an M/M/25 queue."""
    rate = LOAD * AGENTS * 3600 / TALK_S
    talk = Exponential(TALK_S)
    traffic = DrawnTraffic(group_id="main", calls_per_hour=rate, hours=CALLS / rate, talk=talk)
    return traffic.draw(np.random.SeedSequence(SEED))


def by_softswitch(callers: list[Caller], strategy: str) -> MeanWait:
    """The real engine."""
    members = tuple(Member(id=f"m{i}", address=f"sip:m{i}@192.0.2.1") for i in range(AGENTS))
    names = tuple(member.id for member in members)
    group = Group(id="main", members=names, queue_cap=10**6, strategy=strategy)
    office, records = Office(groups=(group,), members=members), list[Record]()
    experiment = Experiment(office=office, traffic=Drawn(callers))
    Day(experiment, np.random.SeedSequence(SEED), records.append).run()
    calls = (record for record in records if isinstance(record, CallRecord))
    return statistics.fmean(call.answered_at - call.joined_at for call in calls)


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
    callers = draw_callers()
    queues: dict[str, Queue] = {
        **{name: partial(by_softswitch, callers, name) for name in STRATEGIES},
        "SimPy": partial(by_simpy, callers),
        "Ciw": partial(by_ciw, callers),
    }
    rates = _calls_per_s(queues, len(callers))
    for name in STRATEGIES:
        under = f"softswitch, {name}"
        yield Row(measured="calls simulated", under=under, value=rates[name], unit="/s")
    for name, at_least in AHEAD.items():
        yield Row(
            measured="calls simulated",
            under=f"{name}, queueing only",
            value=rates[name],
            unit="/s",
            ratio=rates["longest_idle"] / rates[name],
            at_least=at_least,
        )


def _calls_per_s(queues: Mapping[str, Queue], calls: int) -> dict[str, float]:
    """How fast each is in its best round.

    Raises:
        RuntimeError: they do not find the same mean wait.
    """
    best_s = dict.fromkeys(queues, math.inf)
    waits = set()
    for _ in range(ROUNDS):
        for name, queue in queues.items():
            gc.collect()
            began = time.process_time()
            waits.add(round(queue(), 6))
            best_s[name] = min(best_s[name], time.process_time() - began)
    if len(waits) > 1:
        raise RuntimeError(f"they do not simulate the same: mean waits of {waits} s")
    return {name: calls / seconds for name, seconds in best_s.items()}
