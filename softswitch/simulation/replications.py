"""The same day many times over, on one core or all of them, and what that says of any day."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor

import attrs
import numpy as np

from softswitch.errors import MisuseError
from softswitch.reports.intervals import Interval, ratio_interval
from softswitch.simulation.office import Experiment
from softswitch.simulation.tally import GroupRun, simulate_once

Progress = Callable[[int], None]
"""Is told how many runs are done."""

_Task = tuple[Experiment, np.random.SeedSequence]


@attrs.frozen(kw_only=True)
class Figures:
    """A group's key figures over all runs. Shares are from 0 to 1, times in seconds.

    Attributes:
        offered: calls that came to the group in one run.
        service_level: answered within the time of the goal, of all offered.
        answered: answered, of all offered.
        abandoned: hung up before being answered, of all offered.
        forwarded: sent elsewhere, of all offered.
        refused: told that nobody can answer, of all offered.
        wait_of_answered_s: how long those waited who were answered.
        wait_s: how long callers waited, answered or not.
        occupancy: the share of their time on duty in which members talked or wrapped up.
    """

    offered: Interval
    service_level: Interval
    answered: Interval
    abandoned: Interval
    forwarded: Interval
    refused: Interval
    wait_of_answered_s: Interval
    wait_s: Interval
    occupancy: Interval


@attrs.frozen(kw_only=True)
class Outcome:
    """What came of an experiment.

    Attributes:
        runs: every group that was called, by its id, in every run.
        confidence: of the intervals.
    """

    experiment: Experiment
    runs: tuple[dict[str, GroupRun], ...]
    confidence: float

    @property
    def group_ids(self) -> list[str]:
        """The groups that were called, in the order of the office."""
        called = {group_id for run in self.runs for group_id in run}
        return [group.id for group in self.experiment.office.groups if group.id in called]

    @property
    def calls(self) -> int:
        """How many calls were simulated; one sent on to another group counts there too."""
        return sum(group.count.offered for run in self.runs for group in run.values())

    def of_group(self, group_id: str) -> list[GroupRun]:
        """A group in those runs in which it was called."""
        return [run[group_id] for run in self.runs if group_id in run]

    def figures(self, group_id: str) -> Figures:
        """The key figures of a group."""
        runs = self.of_group(group_id)
        counts = [run.count for run in runs]
        offered = [count.offered for count in counts]
        offered_per_run = [*offered, *[0] * (len(self.runs) - len(runs))]
        answered = [count.answered for count in counts]

        def share(tops: Sequence[float], bottoms: Sequence[float] = offered) -> Interval:
            return ratio_interval(tops, bottoms, self.confidence)

        return Figures(
            offered=share(offered_per_run, [1] * len(self.runs)),
            service_level=share([count.answered_in_time for count in counts]),
            answered=share(answered),
            abandoned=share([count.abandoned for count in counts]),
            forwarded=share([count.forwarded for count in counts]),
            refused=share([count.refused for count in counts]),
            wait_of_answered_s=share([count.wait_of_answered_s for count in counts], answered),
            wait_s=share([count.wait_s for count in counts]),
            occupancy=share([run.busy_s for run in runs], [run.duty_s for run in runs]),
        )


def replicate(
    experiments: Sequence[Experiment],
    replications: int,
    *,
    seed: int = 1,
    workers: int = 1,
    confidence: float = 0.95,
    progress: Progress | None = None,
) -> list[Outcome]:
    """Run experiments, each as often, with the same draws for each of them.

    The outcome depends on the seed alone, not on the number of workers. With several workers the
    calling program must be importable, as `multiprocessing` demands of programs that spawn.

    Args:
        experiments: what is simulated; compared by what differs between them alone, since the
            n-th runs of all of them share their seed.
        replications: how many runs each.
        seed: where all randomness begins.
        workers: how many processes work at it; 1: this one.
        confidence: of the intervals.
        progress: is told after every run how many are done.

    Raises:
        MisuseError: no replications or workers.
    """
    if replications < 1 or workers < 1:
        raise MisuseError("at least one replication and one worker are needed")
    seeds = np.random.SeedSequence(seed).spawn(replications)
    tasks = [(experiment, own) for experiment in experiments for own in _copies(seeds)]
    runs = list(_counted(_all(tasks, workers), progress))
    return [
        Outcome(
            experiment=experiment,
            runs=tuple(runs[i * replications : (i + 1) * replications]),
            confidence=confidence,
        )
        for i, experiment in enumerate(experiments)
    ]


def _copies(seeds: Iterable[np.random.SeedSequence]) -> Iterator[np.random.SeedSequence]:
    """Fresh ones: a seed sequence counts what was spawned from it."""
    for seed in seeds:
        yield np.random.SeedSequence(seed.entropy, spawn_key=seed.spawn_key)


def _all(tasks: Sequence[_Task], workers: int) -> Iterator[dict[str, GroupRun]]:
    if workers == 1:
        yield from map(_run, tasks)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(workers, len(tasks)), mp_context=context) as pool:
        yield from pool.map(_run, tasks)


def _run(task: _Task) -> dict[str, GroupRun]:
    return simulate_once(*task)


def _counted(
    runs: Iterable[dict[str, GroupRun]], progress: Progress | None
) -> Iterator[dict[str, GroupRun]]:
    for done, run in enumerate(runs, start=1):
        if progress is not None:
            progress(done)
        yield run
