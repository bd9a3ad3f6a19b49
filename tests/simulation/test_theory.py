"""The real engine under Markov traffic is Erlang C and Erlang A.

A case looks at several figures together: each is held to an interval so wide that all of them
hold with 99 %. Seeds are fixed, so that a case either always passes or never.
"""

from __future__ import annotations

from collections.abc import Callable

import attrs
import numpy as np
import pytest
from simulated import markov

from softswitch.acd.records import CallOutcome
from softswitch.reports import Demand, ErlangA, ErlangC, Interval, ratio_interval
from softswitch.reports.erlang import Forecast
from softswitch.simulation import Experiment, Outcome, replicate
from softswitch.simulation.tally import OUTCOMES

AGENTS = 10
TIMES_S = (0.0, 10.0, 30.0, 60.0, 120.0)
"""Where the distribution of waits is looked at."""

CONFIDENCE = 1 - 0.01 / (len(TIMES_S) + 4)


def waits_within(outcome: Outcome, seconds: float) -> Interval:
    """The share of all calls that was answered within so many seconds."""
    answered = OUTCOMES.index(CallOutcome.ANSWERED)
    runs = outcome.of_group("main")
    in_time = [int(np.sum((run.waited_s <= seconds) & (run.outcomes == answered))) for run in runs]
    return ratio_interval(in_time, [run.waited_s.size for run in runs], outcome.confidence)


def deviations(outcome: Outcome, theory: Forecast) -> dict[str, tuple[Interval, float]]:
    """The figures that do not agree, each as found and as theory has it."""
    figures = outcome.figures("main")
    calls_per_run = outcome.calls / len(outcome.runs)
    both = {f"within {t} s": (waits_within(outcome, t), theory.answered_within(t)) for t in TIMES_S}
    both |= {
        "abandoned": (figures.abandoned, theory.abandoning),
        "wait": (figures.wait_s, theory.mean_wait_s),
        "occupancy": (figures.occupancy, theory.occupancy),
    }
    assert calls_per_run > 1000
    return {name: pair for name, pair in both.items() if pair[1] not in pair[0]}


def run(experiment: Experiment, seed: int) -> Outcome:
    [outcome] = replicate([experiment], 16, seed=seed, confidence=CONFIDENCE)
    return outcome


@pytest.mark.parametrize(
    ("load", "hours"), [(5.0, 15), (8.0, 15), (9.2, 15)], ids=["light", "normal", "heavy"]
)
def test_patient_callers_are_erlang_c(load: float, hours: float):
    outcome = run(markov(AGENTS, load, patience_s=None, hours=hours), seed=1)
    demand = Demand(calls_per_hour=load * 20, handling_s=180)
    assert deviations(outcome, ErlangC(demand, AGENTS)) == {}


@pytest.mark.parametrize("load", [7.0, 10.0, 13.0], ids=["light", "normal", "heavy"])
def test_impatient_callers_are_erlang_a(load: float):
    outcome = run(markov(AGENTS, load, patience_s=120, hours=10), seed=1)
    demand = Demand(calls_per_hour=load * 20, handling_s=180, patience_s=120)
    assert deviations(outcome, ErlangA(demand, AGENTS)) == {}


def slower(demand: Demand) -> Demand:
    return attrs.evolve(demand, handling_s=demand.handling_s * 1.05)


def less_patient(demand: Demand) -> Demand:
    return attrs.evolve(demand, patience_s=demand.patience_s * 0.8)


@pytest.mark.parametrize("change", [slower, less_patient])
def test_a_slightly_wrong_theory_would_be_noticed(change: Callable[[Demand], Demand]):
    outcome = run(markov(AGENTS, 10.0, patience_s=120, hours=10), seed=2)
    demand = Demand(calls_per_hour=200, handling_s=180, patience_s=120)
    assert deviations(outcome, ErlangA(demand, AGENTS)) == {}
    assert deviations(outcome, ErlangA(change(demand), AGENTS)) != {}


@pytest.mark.parametrize("strategy", ["longest_idle", "simultaneous"])
def test_who_is_rung_first_does_not_matter_to_the_queue(strategy: str):
    experiment = markov(3, 3.0, patience_s=120, hours=40, strategy=strategy)
    demand = Demand(calls_per_hour=60, handling_s=180, patience_s=120)
    assert deviations(run(experiment, seed=3), ErlangA(demand, 3)) == {}


def test_wrap_up_is_part_of_the_work():
    # Erlang C knows exponential work only; with 10 % of it constant the difference is far less
    # than what the wrap-up itself makes.
    experiment = markov(AGENTS, 7.0, patience_s=None, hours=15, wrap_up_s=20)
    demand = Demand(calls_per_hour=140, handling_s=200)
    [outcome] = replicate([experiment], 8, seed=4, confidence=0.99)
    assert demand.load / AGENTS in outcome.figures("main").occupancy
