"""The same callers through SimPy, which knows queues but no telephones: each waits as long."""

from __future__ import annotations

from collections.abc import Generator, Sequence

import numpy as np
import pytest
import simpy
from simulated import Script, markov

from softswitch.acd.records import CallOutcome
from softswitch.simulation import Caller, Experiment, simulate_once
from softswitch.simulation.tally import OUTCOMES

Fate = tuple[bool, float]
"""Whether a caller was answered, and how long the caller waited."""


def by_simpy(callers: Sequence[Caller], agents: int) -> list[Fate]:
    """M/M/c+M in SimPy, for given callers."""
    world = simpy.Environment()
    desk = simpy.Resource(world, agents)
    fates: list[Fate] = [(False, 0.0)] * len(callers)

    def attend(place: int, caller: Caller) -> Generator[simpy.Event, object, None]:
        yield world.timeout(caller.at)
        with desk.request() as turn:
            patience = [world.timeout(caller.patience_s)] if caller.patience_s < 1e9 else []
            yield simpy.AnyOf(world, [turn, *patience])
            fates[place] = (turn.triggered, world.now - caller.at)
            if turn.triggered:
                yield world.timeout(caller.talk_s)

    for place, caller in enumerate(callers):
        world.process(attend(place, caller))
    world.run()
    return fates


@pytest.mark.parametrize("strategy", ["priority", "longest_idle", "simultaneous"])
@pytest.mark.parametrize(("agents", "load"), [(1, 0.9), (5, 5.5), (25, 24.0)])
@pytest.mark.parametrize("patience_s", [None, 90.0])
def test_each_caller_waits_as_long_as_in_simpy(
    strategy: str, agents: int, load: float, patience_s: float | None
):
    drawn = markov(agents, load, patience_s=patience_s, hours=3, strategy=strategy)
    callers = drawn.traffic.draw(np.random.SeedSequence(5))
    script = Script(callers, length_s=drawn.traffic.length_s)
    experiment = Experiment(office=drawn.office, traffic=script)
    found = simulate_once(experiment, np.random.SeedSequence(0))["main"]
    order = np.argsort(found.joined_s)
    answered = found.outcomes[order] == OUTCOMES.index(CallOutcome.ANSWERED)
    expected = by_simpy(callers, agents)
    assert answered.tolist() == [fate for fate, _ in expected]
    waits = [wait for _, wait in expected]
    assert found.waited_s[order] == pytest.approx(np.array(waits), abs=1e-6)
    assert max(waits) > 0
