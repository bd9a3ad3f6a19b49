"""What came of a run: each call of each group, and how busy the members were."""

from __future__ import annotations

from typing import Final

import attrs
import numpy as np
from numpy.typing import NDArray

from softswitch.acd.records import (
    CallOutcome,
    CallRecord,
    MemberState,
    MemberStateRecord,
    Record,
)
from softswitch.reports.service_level import ServiceCount, count_service, waited_s
from softswitch.simulation.day import Day
from softswitch.simulation.distributions import Floats
from softswitch.simulation.office import Experiment

OUTCOMES: Final = tuple(CallOutcome)
"""The outcomes in the order of their numbers in `GroupRun.outcomes`."""

_BUSY: Final = frozenset({MemberState.IN_CALL, MemberState.WRAP_UP})
_ON_DUTY: Final = _BUSY | {MemberState.READY, MemberState.RINGING}


@attrs.frozen(kw_only=True, eq=False)
class GroupRun:
    """A group in one run.

    Attributes:
        count: how the calls fared.
        joined_s: when each call joined, in seconds from the beginning; shape (calls,).
        waited_s: how long it waited for an answer or its end; shape (calls,).
        outcomes: how it ended, as a place in `OUTCOMES`; shape (calls,).
        busy_s: seconds in which the group's members talked or wrapped up, for whatever group.
        duty_s: seconds in which they did that, rang or were free.
    """

    count: ServiceCount
    joined_s: Floats
    waited_s: Floats
    outcomes: NDArray[np.int8]
    busy_s: float
    duty_s: float


@attrs.define(eq=False)
class _Timesheet:
    """One member's seconds, counted between two times."""

    begin: float
    end: float
    since: float = 0.0
    state: MemberState = MemberState.PASSIVE
    busy_s: float = 0.0
    duty_s: float = 0.0

    def enter(self, state: MemberState, at: float) -> None:
        seconds = max(0.0, min(at, self.end) - max(self.since, self.begin))
        self.busy_s += seconds * (self.state in _BUSY)
        self.duty_s += seconds * (self.state in _ON_DUTY)
        self.since, self.state = at, state


class Tally:
    """Takes the records of a run."""

    def __init__(self, experiment: Experiment) -> None:
        self._experiment = experiment
        self._calls: dict[str, list[CallRecord]] = {}
        begin, end = experiment.warm_up_s, experiment.traffic.length_s
        members = experiment.office.members
        self._sheets = {member.id: _Timesheet(begin, end) for member in members}

    def keep(self, record: Record) -> None:
        """Take a record."""
        if isinstance(record, CallRecord):
            if record.joined_at >= self._experiment.warm_up_s:
                self._calls.setdefault(record.group_id, []).append(record)
        elif isinstance(record, MemberStateRecord):
            self._sheets[record.member_id].enter(record.state, record.at)

    def groups(self) -> dict[str, GroupRun]:
        """Every group that was called, in the order of the office."""
        for sheet in self._sheets.values():
            sheet.enter(sheet.state, sheet.end)
        ids = [group.id for group in self._experiment.office.groups]
        return {id_: self._group(id_, self._calls[id_]) for id_ in ids if id_ in self._calls}

    def _group(self, group_id: str, calls: list[CallRecord]) -> GroupRun:
        members = self._experiment.office.group(group_id).members
        sheets = [self._sheets[member] for member in members]
        return GroupRun(
            count=count_service(calls, self._experiment.within_s),
            joined_s=np.array([call.joined_at for call in calls]),
            waited_s=np.array([waited_s(call) for call in calls]),
            outcomes=np.array([OUTCOMES.index(call.outcome) for call in calls], np.int8),
            busy_s=sum(sheet.busy_s for sheet in sheets),
            duty_s=sum(sheet.duty_s for sheet in sheets),
        )


def simulate_once(experiment: Experiment, seed: np.random.SeedSequence) -> dict[str, GroupRun]:
    """Run an experiment once.

    Args:
        experiment: what is simulated.
        seed: the same seed, the same outcome.

    Returns:
        Every group that was called, by its id.
    """
    tally = Tally(experiment)
    Day(experiment, seed, tally.keep).run()
    return tally.groups()
