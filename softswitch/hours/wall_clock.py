"""Times on the office's wall and the instants they stand for, on the days the clock jumps too.

A time of day in the hour that is left out in spring stands for the instant at which the clock goes
on; one in the hour that comes twice in autumn stands for two instants.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo


def instants(day: date, of_day: time, zone: tzinfo) -> Iterator[datetime]:
    """Give the instants, in UTC, at which the clock shows this time; the same one twice mostly."""
    for fold in (0, 1):
        yield datetime.combine(day, of_day, zone).replace(fold=fold).astimezone(UTC)


def clock_changes(days: Iterable[date], zone: tzinfo) -> Iterator[datetime]:
    """Give the instants, in UTC, at which the clock jumps between the first and the last day."""
    midnights = [datetime.combine(day, time(), zone).astimezone(UTC) for day in days]
    for before, after in itertools.pairwise(midnights):
        if _offset(before, zone) != _offset(after, zone):
            yield _clock_change(before, after, zone)


def _offset(at: datetime, zone: tzinfo) -> timedelta | None:
    return at.astimezone(zone).utcoffset()


def _clock_change(before: datetime, after: datetime, zone: tzinfo) -> datetime:
    """The first second, between these two, at which the clock shows the other time."""
    low, high = int(before.timestamp()), int(after.timestamp())
    old = _offset(before, zone)
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(datetime.fromtimestamp(middle, UTC), zone) == old:
            low = middle
        else:
            high = middle
    return datetime.fromtimestamp(high, UTC)
