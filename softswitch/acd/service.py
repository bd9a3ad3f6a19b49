"""The service goal: how many calls were answered within a set time, counted as records come.

A pure fold: `ServiceCounts.count` gives the counts with one more call in them, so that the
counts of any period are those of its records, in whatever order::

    counts = functools.reduce(ServiceCounts.count, records, ServiceCounts(within_s=20.0))

What people call "the service level" differs; `SERVICE_LEVELS` has the usual definitions by name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import attrs

from softswitch.acd.names import CallOutcome
from softswitch.acd.records import CallRecord
from softswitch.acd.served import Served


@attrs.frozen(kw_only=True)
class ServiceCounts:
    """How the calls of a group fared; each is counted in `offered` and in one of the outcomes.

    A call back that was talked to is an answered call. The wait is that from joining until the
    first answer, or until the call left.

    Attributes:
        within_s: the time of the goal, in seconds.
        answered_in_time: answered within it, to the second itself.
        abandoned_in_time: hung up within it.
    """

    within_s: float
    offered: int = 0
    answered: int = 0
    abandoned: int = 0
    forwarded: int = 0
    refused: int = 0
    answered_in_time: int = 0
    abandoned_in_time: int = 0

    @classmethod
    def of(cls, served: Served) -> ServiceCounts:
        """The counts as they are now."""
        counts = {name: getattr(served, name) for name in _COUNTED}
        return cls(within_s=served.within_s, **counts)

    def count(self, record: CallRecord) -> ServiceCounts:
        """The counts with one more finished call."""
        one, answered_at = Served(self.within_s), record.answered_at
        if answered_at is None:
            one.count(record.ended_at - record.joined_at, record.outcome)
        else:
            one.count(answered_at - record.joined_at, CallOutcome.ANSWERED)
        counts = {name: getattr(self, name) + getattr(one, name) for name in _COUNTED}
        return attrs.evolve(self, **counts)


_COUNTED = [field.name for field in attrs.fields(ServiceCounts) if field.name != "within_s"]


def _of_offered(counts: ServiceCounts) -> float | None:
    return _share(counts.answered_in_time, counts.offered)


def _of_lasting(counts: ServiceCounts) -> float | None:
    return _share(counts.answered_in_time, counts.offered - counts.abandoned_in_time)


def _of_answered(counts: ServiceCounts) -> float | None:
    return _share(counts.answered_in_time, counts.answered)


def _of_answered_and_abandoned(counts: ServiceCounts) -> float | None:
    return _share(counts.answered_in_time, counts.answered + counts.abandoned)


def _abandoned_in_time_is_fine(counts: ServiceCounts) -> float | None:
    return _share(counts.answered_in_time + counts.abandoned_in_time, counts.offered)


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


SERVICE_LEVELS: Mapping[str, Callable[[ServiceCounts], float | None]] = {
    "of_offered": _of_offered,
    "of_lasting": _of_lasting,
    "of_answered": _of_answered,
    "of_answered_and_abandoned": _of_answered_and_abandoned,
    "abandoned_in_time_is_fine": _abandoned_in_time_is_fine,
}
"""The usual definitions: the share of calls answered in time among

* all that were offered;
* those offered, without those that hung up within the time: they gave no chance;
* those answered at all;
* those answered or abandoned: what was forwarded or refused was not for the group to answer;
* all offered, where one who hung up within the time counts as served.

None where there is nothing to take a share of.
"""
