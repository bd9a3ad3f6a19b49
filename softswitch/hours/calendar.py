"""When an office is open, from all that has a say in it.

Exactly one rule sets the hours of a day. The first of these that says anything of it:

1. a special day of one date,
2. a special period, the shorter before the longer,
3. a day of every year,
4. an imported calendar (an all-day event),
5. public holidays,
6. the normal week.

Among equals the one written first. So an exception of an exception is written as the narrower rule.
Within days that rule 4, 5 or 6 decides, timed events of imported calendars close the office while
they last; days written in the office file itself are left as they are written.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final

import attrs

from softswitch.hours.days import DayRule, Hours, NormalWeek, PublicHolidays, SpecialDay, YearlyDay
from softswitch.hours.imported import Closure, ImportedDays
from softswitch.hours.wall_clock import clock_changes, instants

HORIZON_DAYS: Final = 400
"""How far ahead opening is looked for: a year, and what is moved about around its end."""

_DAY: Final = timedelta(days=1)


@attrs.frozen(kw_only=True)
class DayPlan:
    """What holds on one day.

    Attributes:
        day: the date.
        hours: when the office is open; none: closed.
        rule: the name of what decided.
        special: whether that was anything but the normal week.
    """

    day: date
    hours: Hours
    rule: str
    special: bool


@attrs.frozen(kw_only=True)
class OpeningStatus:
    """Whether the office is open.

    Attributes:
        open: whether it is.
        special: whether the day's hours are other than the normal week's (special hours).
        rule: the name of what decided.
    """

    open: bool
    special: bool
    rule: str


@attrs.frozen(kw_only=True)
class OpeningHours:
    """One calendar of opening hours, for a group or shared by several.

    Every method takes the office's own time with its zone, and reads no clock.

    Attributes:
        name: what it is called in the office file.
        week: the normal week.
        special: dates and periods with hours of their own.
        yearly: dates of every year.
        imported: what was read from calendar files.
        holidays: public holidays.
    """

    name: str = "hours"
    week: NormalWeek = attrs.field(factory=NormalWeek)
    special: tuple[SpecialDay, ...] = ()
    yearly: tuple[YearlyDay, ...] = ()
    imported: ImportedDays = attrs.field(factory=ImportedDays)
    holidays: tuple[PublicHolidays, ...] = ()

    def plan(self, day: date) -> DayPlan:
        """Return what holds on a day, and which rule says so."""
        for rule in self._exceptions():
            ruling = rule.on(day)
            if ruling is not None:
                return DayPlan(day=day, hours=ruling.hours, rule=ruling.name, special=True)
        ordinary = self.week.on(day)
        return DayPlan(day=day, hours=ordinary.hours, rule=ordinary.name, special=False)

    def status(self, local: datetime) -> OpeningStatus:
        """Whether the office is open, and why.

        Raises:
            ValueError: the time has no zone.
        """
        _zone(local)
        closure = self._closure(local)
        if closure is not None:
            return OpeningStatus(open=False, special=True, rule=closure.name)
        yesterday, today = self.plan(local.date() - _DAY), self.plan(local.date())
        if not _holds(today, local) and _holds(yesterday, local, days_later=1):
            return OpeningStatus(open=True, special=yesterday.special, rule=yesterday.rule)
        return OpeningStatus(open=_holds(today, local), special=today.special, rule=today.rule)

    def is_open(self, local: datetime) -> bool:
        """Whether the office is open."""
        return self.status(local).open

    def next_opening(self, local: datetime) -> datetime | None:
        """When the office opens next, for "we open tomorrow at eight".

        Returns:
            An instant after `local` before which the office is closed, in the same zone; None
            where there is none within `HORIZON_DAYS`.
        """
        changes = self._changes(local)
        return next((at for at, opens in changes if opens), None)

    def next_change(self, local: datetime) -> datetime | None:
        """When the office opens or closes next: for a timer. None as for `next_opening`."""
        return next((at for at, _ in self._changes(local)), None)

    def _exceptions(self) -> Iterator[DayRule]:
        yield from sorted(self.special, key=lambda special: special.days)
        yield from self.yearly
        yield self.imported
        yield from self.holidays

    def _closure(self, local: datetime) -> Closure | None:
        closure = self.imported.closure_at(local)
        return None if closure is None or self._written(local.date()) else closure

    def _written(self, day: date) -> bool:
        """Whether the office file itself sets the hours of a day."""
        written: tuple[DayRule, ...] = (*self.special, *self.yearly)
        return any(rule.on(day) is not None for rule in written)

    def _changes(self, local: datetime) -> Iterator[tuple[datetime, bool]]:
        """Give each instant at which the office opens (True) or closes (False)."""
        zone = _zone(local)
        now = self.is_open(local)
        for at in _ascending(self._boundaries(local, zone), local):
            there = at.astimezone(zone)
            if self.is_open(there) != now:
                now = not now
                yield there, now

    def _boundaries(self, local: datetime, zone: tzinfo) -> Iterator[list[datetime]]:
        """Give the instants at which anything may change, day by day, in UTC."""
        first = local.date() - _DAY
        for n in range(HORIZON_DAYS + 2):
            day = first + n * _DAY
            times = {time()} | {at for span in self.plan(day).hours for at in attrs.astuple(span)}
            days = (day, day + _DAY)
            found = [
                at for one, of in itertools.product(days, times) for at in instants(one, of, zone)
            ]
            yield [*found, *clock_changes(days, zone), *self.imported.boundaries(day, zone)]


def _zone(local: datetime) -> tzinfo:
    if local.tzinfo is None:
        raise ValueError("a time of day without its zone does not say when it is")
    return local.tzinfo


def _holds(plan: DayPlan, local: datetime, *, days_later: int = 0) -> bool:
    return any(span.holds(local.time(), days_later=days_later) for span in plan.hours)


def _ascending(days: Iterable[list[datetime]], after: datetime) -> Iterator[datetime]:
    """Give the instants after one, each once, in order; each list reaches two days ahead."""
    last = after.astimezone(UTC)
    pending: set[datetime] = set()
    for n, found in enumerate(days):
        pending.update(at for at in found if at > last)
        safe = after.astimezone(UTC) + (n - 2) * _DAY
        for at in sorted(at for at in pending if at <= safe):
            pending.discard(at)
            last = at
            yield at
