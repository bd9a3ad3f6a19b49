"""``[hours.ID]``: opening hours as an office file has them, and the calendar they make."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

import attrs

from softswitch.errors import ConfigurationError, Fault
from softswitch.hours import (
    NormalWeek,
    OpeningHours,
    PublicHolidays,
    Span,
    SpecialDay,
    YearlyDay,
)
from softswitch.hours.days import Hours, holiday_categories, overlaps
from softswitch.settings.faults import ConfigPath, fault, one_of
from softswitch.switch.week_tables import ALLOWED_DAYS, DAY_NAMES, Days

ALLOWED_SPANS: Final = 'a span such as "08:00-16:00", or a list of them; an empty list: closed'
ALLOWED_YEARLY: Final = 'month and day, such as "12-24"'
ALLOWED_HOLIDAYS: Final = 'countries by ISO 3166, such as ["DK"], or regions such as ["GB-SCT"]'
HOLIDAY_KINDS: Final = ("public", "bank", "de_facto", "optional", "government", "school")


class OpenSpans(tuple[Span, ...]):
    """The opening hours of a day; none: closed."""

    __slots__ = ()


CLOSED: Final = OpenSpans()


@attrs.frozen(kw_only=True)
class OpenTable:
    """``[[hours.ID.week]]``: hours of some days of the week.

    Attributes:
        days: which days.
        open: from when to when, in the office's own time; where the end is not after the begin, it
            is on the following day.
    """

    days: Days = attrs.field(default=Days(range(7)), metadata={"allowed": ALLOWED_DAYS})
    open: OpenSpans = attrs.field(metadata={"allowed": ALLOWED_SPANS})


@attrs.frozen(kw_only=True)
class SpecialTable:
    """``[[hours.ID.special]]``: a date, a period, or a day of every year.

    Attributes:
        name: what people call it; told where it decides.
        date: the date, or the first of a period: `2026-12-24` without quotes.
        until: the last day of a period.
        every: a day of every year: `"12-24"`; instead of `date`.
        open: hours on these days; left out: closed.
    """

    name: str = ""
    date: dt.date | None = attrs.field(default=None, metadata={"allowed": "a date: 2026-12-24"})
    until: dt.date | None = attrs.field(default=None, metadata={"allowed": "a date: 2026-12-24"})
    every: str = attrs.field(default="", metadata={"allowed": ALLOWED_YEARLY})
    open: OpenSpans = attrs.field(default=CLOSED, metadata={"allowed": ALLOWED_SPANS})


@attrs.frozen(kw_only=True)
class CalendarTable:
    """``[[hours.ID.calendars]]``: special days from an iCalendar file (RFC 5545).

    Attributes:
        file: the file, relative to the office file.
        url: where it is fetched from, instead of `file`.
        refresh_min: how often it is read again, minutes. What was read last holds until then, and
            for as long as the source cannot be read.
    """

    file: Path | None = None
    url: str = attrs.field(default="", metadata={"allowed": "an address with https:// or http://"})
    refresh_min: float = attrs.field(default=60.0, metadata={"range": (1, 10_080)})


@attrs.frozen(kw_only=True)
class HoursTable:
    """``[hours.ID]``.

    Attributes:
        week: the normal week; days in no table are closed.
        special: dates, periods and yearly days with hours of their own.
        holidays: countries, or regions, whose public holidays are closed.
        holiday_kinds: which holidays count: `de_facto` adds Sweden's Midsummer Eve, `optional`
            Denmark's Christmas Eve.
        holiday_open: hours on holidays; left out: closed.
        calendars: special days read from files or the web.
    """

    week: tuple[OpenTable, ...] = ()
    special: tuple[SpecialTable, ...] = ()
    holidays: tuple[str, ...] = attrs.field(default=(), metadata={"allowed": ALLOWED_HOLIDAYS})
    holiday_kinds: tuple[str, ...] = ("public",)
    holiday_open: OpenSpans = attrs.field(default=CLOSED, metadata={"allowed": ALLOWED_SPANS})
    calendars: tuple[CalendarTable, ...] = ()


def opening_hours(name: str, table: HoursTable) -> OpeningHours:
    """Make the calendar that a table describes, without what its files say.

    Raises:
        ConfigurationError: a country or region is not known; `hours_faults` says it with its place.
    """
    return OpeningHours(
        name=name,
        week=NormalWeek(hours=_week(table.week)),
        special=tuple(_special(one) for one in table.special if one.date is not None),
        yearly=tuple(_yearly(one) for one in table.special if one.every),
        holidays=tuple(_holidays(code, table) for code in table.holidays),
    )


def _week(tables: Iterable[OpenTable]) -> Mapping[int, Hours]:
    hours: dict[int, Hours] = {}
    for table in tables:
        for day in table.days:
            hours[day] = (*hours.get(day, ()), *table.open)
    return hours


def _special(table: SpecialTable) -> SpecialDay:
    first = table.date or dt.date.min
    name = table.name or str(first)
    return SpecialDay(name=name, first=first, last=table.until or first, hours=table.open)


def _yearly(table: SpecialTable) -> YearlyDay:
    month, day = _month_and_day(table.every)
    return YearlyDay(name=table.name or table.every, month=month, day=day, hours=table.open)


def _month_and_day(text: str) -> tuple[int, int]:
    """Read ``12-24``; raises `ValueError` on what is in no year."""
    leap_year = dt.date.fromisoformat(f"2024-{text}")
    return leap_year.month, leap_year.day


def _holidays(code: str, table: HoursTable) -> PublicHolidays:
    """Countries have different kinds of holidays: those that this one lacks are passed over."""
    country, _, region = code.partition("-")
    kinds = holiday_categories(country).intersection(table.holiday_kinds)
    return PublicHolidays(
        country=country,
        region=region or None,
        categories=tuple(sorted(kinds)) or ("public",),
        hours=table.holiday_open,
    )


def hours_faults(hours: Mapping[str, HoursTable]) -> Iterator[Fault]:
    """Find what is wrong with opening hours, beyond the shape of their tables."""
    for name, table in hours.items():
        path: ConfigPath = ("hours", name)
        yield from _overlap_faults(path, table)
        for n, special in enumerate(table.special):
            yield from _special_faults((*path, "special", n), special)
        for n, calendar in enumerate(table.calendars):
            yield from _calendar_faults((*path, "calendars", n), calendar)
        yield from _holiday_faults(path, table)


def _overlap_faults(path: ConfigPath, table: HoursTable) -> Iterator[Fault]:
    """Say which days have hours that overlap, each once."""
    message, allowed = "Hours of one day overlap", "spans of one day that do not overlap"
    for day, hours in sorted(_week(table.week).items()):
        if any(overlaps(hours)):
            spans = ", ".join(map(str, hours))
            yield fault((*path, "week"), f"{message}: {DAY_NAMES[day]}.", spans, allowed)
    for n, special in enumerate(table.special):
        if any(overlaps(special.open)):
            spans = ", ".join(map(str, special.open))
            yield fault((*path, "special", n, "open"), f"{message}.", spans, allowed)


def _special_faults(path: ConfigPath, table: SpecialTable) -> Iterator[Fault]:
    if (table.date is None) == (not table.every):
        allowed = "`date`, with or without `until`, or `every`"
        yield fault(path, "This must have either `date` or `every`.", None, allowed)
    if table.every:
        yield from _yearly_faults(path, table)
    elif table.until is not None and table.date is not None and table.until < table.date:
        message = f"The period ends before it begins, on {table.date}."
        yield fault((*path, "until"), message, str(table.until), "a day not before `date`")


def _yearly_faults(path: ConfigPath, table: SpecialTable) -> Iterator[Fault]:
    try:
        _month_and_day(table.every)
    except ValueError:
        yield fault((*path, "every"), "No year has this day.", table.every, ALLOWED_YEARLY)
    if table.until is not None:
        yield fault((*path, "until"), "A yearly day is one day.", str(table.until), "nothing here")


def _calendar_faults(path: ConfigPath, table: CalendarTable) -> Iterator[Fault]:
    if (table.file is None) == (not table.url):
        yield fault(path, "This must have either `file` or `url`.", None, "`file` or `url`")
    if table.url and not table.url.startswith(("https://", "http://")):
        allowed = "an address with https:// or http://"
        yield fault((*path, "url"), "This is no address on the web.", table.url, allowed)


def _holiday_faults(path: ConfigPath, table: HoursTable) -> Iterator[Fault]:
    for n, kind in enumerate(table.holiday_kinds):
        if kind not in HOLIDAY_KINDS:
            where = (*path, "holiday_kinds", n)
            yield fault(where, "This kind is not known.", kind, one_of(HOLIDAY_KINDS))
    if not set(table.holiday_kinds) <= set(HOLIDAY_KINDS):
        return
    for n, code in enumerate(table.holidays):
        try:
            _holidays(code, table)
        except ConfigurationError as error:
            (found,) = error.faults
            message = f"These holidays are not known: {found.path}."
            yield fault((*path, "holidays", n), message, code, ALLOWED_HOLIDAYS)
