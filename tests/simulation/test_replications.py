"""Many runs: the same for the same seed on any number of cores, and honest about doubt."""

from __future__ import annotations

import math

import attrs
import numpy as np
import pytest
from simulated import Script, call, markov, plain_office

from softswitch.errors import MisuseError
from softswitch.reports import Goal
from softswitch.simulation import (
    Answering,
    Caller,
    Constant,
    Experiment,
    Lognormal,
    Outcome,
    find_staff,
    replicate,
    staffing_curve,
)
from softswitch.simulation.staffing import fewest, reaches

OFFICE = attrs.evolve(
    markov(5, 5.0, patience_s=60, hours=2),
    answering=Answering(after=Lognormal(5, 0.5), missed=0.1),
)


def everything(outcome: Outcome) -> list[object]:
    return [
        (run.joined_s.tolist(), run.waited_s.tolist(), run.outcomes.tolist(), run.busy_s)
        for run in outcome.of_group("main")
    ]


def test_the_number_of_workers_changes_nothing():
    [alone] = replicate([OFFICE], 4, seed=11)
    [together] = replicate([OFFICE], 4, seed=11, workers=2)
    assert everything(alone) == everything(together)
    assert alone.figures("main") == together.figures("main")


def test_each_run_is_another_and_each_seed():
    [once] = replicate([OFFICE], 3, seed=11)
    [other] = replicate([OFFICE], 3, seed=12)
    runs = [*everything(once), *everything(other)]
    assert all(a != b for i, a in enumerate(runs) for b in runs[:i])


def test_the_first_runs_are_the_same_however_many_follow():
    [few] = replicate([OFFICE], 2, seed=11)
    [many] = replicate([OFFICE], 3, seed=11)
    assert everything(few) == everything(many)[:2]


def test_the_same_callers_meet_every_office():
    outcomes = replicate([OFFICE, attrs.evolve(OFFICE, office=plain_office(6))], 2, seed=11)
    joined = [[sorted(run.joined_s) for run in outcome.of_group("main")] for outcome in outcomes]
    assert joined[0] == joined[1]


def test_figures_of_two_days_worked_by_hand():
    class TwoDays:
        """Three calls on one day, one on the other."""

        length_s = 600.0
        staff_changes = ()

        def draw(self, seed: np.random.SeedSequence) -> list[Caller]:
            first = seed.spawn_key[0] == 0
            late = [call(10, 60), call(20, 60, 15)]
            return [call(0, 60), *late] if first else [call(0, 120)]

    experiment = Experiment(office=plain_office(1), traffic=TwoDays())
    [outcome] = replicate([experiment], 2)
    figures = outcome.figures("main")
    assert figures.offered.mean == 2
    assert figures.service_level.mean == 2 / 4
    assert figures.answered.mean == 3 / 4
    assert figures.abandoned.mean == 1 / 4
    assert figures.wait_of_answered_s.mean == 50 / 3
    assert figures.wait_s.mean == 65 / 4
    assert figures.occupancy.mean == 240 / 1200
    # Calls: 3 and 1, deviation √2, so 12.706 · √2 / √2.
    assert figures.offered.half_width == pytest.approx(12.706, abs=1e-3)


def test_one_run_says_nothing_of_doubt():
    [outcome] = replicate([Experiment(office=plain_office(1), traffic=Script([call(0, 60)]))], 1)
    assert math.isinf(outcome.figures("main").service_level.half_width)


def test_a_day_without_calls():
    [outcome] = replicate([Experiment(office=plain_office(1), traffic=Script([]))], 2)
    assert (outcome.group_ids, outcome.calls) == ([], 0)


def test_progress_is_told():
    told: list[int] = []
    replicate([OFFICE], 3, progress=told.append)
    assert told == [1, 2, 3]


@pytest.mark.parametrize(("replications", "workers"), [(0, 1), (1, 0)])
def test_nonsense_is_refused(replications: int, workers: int):
    with pytest.raises(MisuseError):
        replicate([OFFICE], replications, workers=workers)


def simulate(experiments: list[Experiment]) -> list[Outcome]:
    return replicate(experiments, 6, seed=5)


def test_more_agents_serve_better():
    curve = staffing_curve(OFFICE, "main", range(3, 10), simulate)
    levels = [point.figures.service_level.mean for point in curve]
    assert [point.agents for point in curve] == list(range(3, 10))
    assert levels == sorted(levels)
    assert levels[0] < 0.4
    assert levels[-1] > 0.75


@pytest.mark.parametrize("guess", [1, 6, 13])
def test_the_fewest_agents_are_found_from_any_guess(guess: int):
    goal = Goal(0.7, 20.0)
    curve = find_staff(OFFICE, "main", goal, simulate, guess=guess)
    found = fewest(curve, goal)
    assert found is not None
    numbers = [point.agents for point in curve]
    assert numbers == list(range(numbers[0], numbers[-1] + 1))
    assert not reaches(curve[numbers.index(found.agents - 1)], goal)
    assert found.agents == 7


def test_a_goal_out_of_reach_is_given_up():
    slow = attrs.evolve(OFFICE, answering=Answering(after=Constant(10.0)))
    goal = Goal(0.8, 5.0)
    curve = find_staff(slow, "main", goal, simulate, guess=3, most=9)
    assert {point.figures.service_level.mean for point in curve} == {0.0}
    assert fewest(curve, goal) is None
    assert curve[-1].agents == 9
