"""``[[groups.ID.week]]``: the standard week of a group as an office file has it, and back.

A table of the file stands for one slot on each of its days, so that office hours from Monday to
Friday are written once.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from datetime import time
from typing import Final

import attrs

from softswitch.acd.model import Target
from softswitch.errors import ConfigurationError, Fault
from softswitch.hours import StandardWeek, WeekSlot
from softswitch.settings.faults import ConfigPath, dotted
from softswitch.switch.targets import ALLOWED_TARGET

DAY_NAMES: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ALLOWED_DAYS: Final = f"{', '.join(DAY_NAMES)}, a span such as mon-fri, or a list of them"
_MINUTES_OF_A_WEEK: Final = 7 * 1440
ALLOWED_TIME: Final = 'a time from "00:00" to "23:59"'


class Days(tuple[int, ...]):
    """Days of the week, 0 for Monday, each once, in the order in which they were written."""

    __slots__ = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The days as the file has them."""
        return tuple(DAY_NAMES[day] for day in self)

    def __str__(self) -> str:
        """Write days that follow each other as a span: ``mon-fri, sun``."""
        runs = itertools.groupby(enumerate(self), key=lambda pair: pair[1] - pair[0])
        return ", ".join(_span([day for _, day in run]) for _, run in runs)


def _span(days: list[int]) -> str:
    first, last = DAY_NAMES[days[0]], DAY_NAMES[days[-1]]
    return first if len(days) == 1 else f"{first}-{last}"


def days_of(span: str) -> range | None:
    """Return the days that ``mon`` or ``mon-fri`` names, from 0, or None where it names none.

    A span over the end of the week goes on beyond 6: ``sat-mon`` is 5, 6, 7.
    """
    first, _, last = span.partition("-")
    if first not in DAY_NAMES or (last or first) not in DAY_NAMES or span.endswith("-"):
        return None
    begin, end = DAY_NAMES.index(first), DAY_NAMES.index(last or first)
    return range(begin, (end if end >= begin else end + 7) + 1)


@attrs.frozen(kw_only=True)
class WeekTable:
    """``[[groups.ID.week]]``.

    Attributes:
        days: on which days the slot begins.
        begin: when it begins, in the office's own time.
        end: when it is over; where that is not after `begin`, on the following day.
        target: where unanswered calls go meanwhile, instead of `no_answer`: see below.
    """

    days: Days = attrs.field(default=Days(range(7)), metadata={"allowed": ALLOWED_DAYS})
    begin: time = attrs.field(default=time(), metadata={"allowed": ALLOWED_TIME})
    end: time = attrs.field(default=time(), metadata={"allowed": ALLOWED_TIME})
    target: Target = attrs.field(metadata={"allowed": ALLOWED_TARGET})

    def slots(self) -> Iterator[WeekSlot]:
        """Give the slot of each day."""
        for day in self.days:
            yield WeekSlot(day=day, begin=self.begin, end=self.end, target=self.target)


def standard_week(tables: Sequence[WeekTable]) -> StandardWeek | None:
    """Make the standard week of a group; None: it has no tables.

    Raises:
        ConfigurationError: slots overlap; `overlap_faults` says it in terms of the file.
    """
    slots = [slot for table in tables for slot in table.slots()]
    return StandardWeek(slots) if slots else None


def stand_in(tables: Sequence[WeekTable]) -> StandardWeek | None:
    """Make a week that has the target of each table in one slot, which overlaps with no other.

    By it a file is checked before its times are known to fit together: slot and table have the
    same index.
    """
    numbered = enumerate(tables[:_MINUTES_OF_A_WEEK])
    slots = [
        WeekSlot(day=n // 1440, begin=_minute(n), end=_minute(n + 1), target=table.target)
        for n, table in numbered
    ]
    return StandardWeek(slots) if slots else None


def _minute(n: int) -> time:
    return time(n // 60 % 24, n % 60)


def overlap_faults(group: ConfigPath, tables: Sequence[WeekTable]) -> Iterator[Fault]:
    """Say which tables overlap with earlier ones, each once; ``group``: the path of their group."""
    places = [place for place, table in enumerate(tables) for _ in table.days]
    allowed = "times of the week that no other slot covers"
    told: set[int] = set()
    for n, fault in _overlaps(tables):
        if places[n] not in told:
            told.add(places[n])
            path, message = dotted((*group, "week", places[n])), f"This {fault.message}."
            yield attrs.evolve(fault, path=path, message=message, allowed=allowed)


def _overlaps(tables: Sequence[WeekTable]) -> Iterator[tuple[int, Fault]]:
    """Give the slots that overlap with earlier ones: index, fault."""
    try:
        standard_week(tables)
    except ConfigurationError as error:
        for fault in error.faults:
            yield int(fault.path.removeprefix("slots[").removesuffix("]")), fault


def as_tables(week: StandardWeek | None) -> tuple[WeekTable, ...]:
    """Write a standard week as tables of the file, neighbouring slots that differ by day as one."""
    slots = () if week is None else week.slots
    alike = itertools.groupby(slots, key=lambda slot: (slot.begin, slot.end, slot.target))
    return tuple(
        WeekTable(days=Days(slot.day for slot in run), begin=begin, end=end, target=target)
        for (begin, end, target), run in alike
    )
