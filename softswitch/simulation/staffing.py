"""How many agents a group needs, found by trying: the office's own rules, more and fewer people."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import attrs

from softswitch.reports.service_level import Goal
from softswitch.simulation.office import Experiment
from softswitch.simulation.replications import Figures, Outcome

STEP = 4
MOST_AGENTS = 1000

Simulate = Callable[[list[Experiment]], list[Outcome]]
"""Runs experiments; `replicate` with what it needs besides."""


@attrs.frozen(kw_only=True)
class StaffingPoint:
    """A group with so many agents."""

    agents: int
    figures: Figures


def with_agents(experiment: Experiment, group_id: str, agents: int) -> Experiment:
    """The same experiment with so many members in a group, all of them active."""
    office = experiment.office.with_agents(group_id, agents)
    return attrs.evolve(experiment, office=office)


def staffing_curve(
    experiment: Experiment, group_id: str, agents: Iterable[int], simulate: Simulate
) -> list[StaffingPoint]:
    """A group's figures with each of these numbers of agents; the same callers call each."""
    numbers = list(agents)
    outcomes = simulate([with_agents(experiment, group_id, number) for number in numbers])
    return [
        StaffingPoint(agents=number, figures=outcome.figures(group_id))
        for number, outcome in zip(numbers, outcomes, strict=True)
    ]


def find_staff(
    experiment: Experiment,
    group_id: str,
    goal: Goal,
    simulate: Simulate,
    *,
    guess: int,
    most: int = MOST_AGENTS,
) -> list[StaffingPoint]:
    """Try numbers of agents around a guess until the fewest that reach a goal are among them.

    Returns:
        What was tried, the fewest agents first: at least one number that misses the goal, unless
        one agent reaches it, and one that reaches it, unless ``most`` agents do not.
    """
    experiment = attrs.evolve(experiment, within_s=goal.within_s)
    low, high = max(1, min(guess, most) - STEP + 1), min(guess + STEP - 1, most)
    curve = staffing_curve(experiment, group_id, range(low, high + 1), simulate)
    while low > 1 and reaches(curve[0], goal):
        below = range(max(1, low - STEP), low)
        curve, low = [*staffing_curve(experiment, group_id, below, simulate), *curve], below[0]
    while high < most and not reaches(curve[-1], goal):
        above = range(high + 1, min(high + STEP, most) + 1)
        curve, high = [*curve, *staffing_curve(experiment, group_id, above, simulate)], above[-1]
    return curve


def reaches(point: StaffingPoint, goal: Goal) -> bool:
    """Whether so many agents reach a goal, by the simulation's best estimate."""
    return point.figures.service_level.mean >= goal.share


def fewest(curve: Iterable[StaffingPoint], goal: Goal) -> StaffingPoint | None:
    """The first point of a curve that reaches a goal; None where none does."""
    return next((point for point in curve if reaches(point, goal)), None)
