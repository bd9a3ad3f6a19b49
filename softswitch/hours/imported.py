"""Days and absences read from iCalendar files (RFC 5545): what they say, without how they came.

In a calendar of special days an event of a whole day closes the office on that day, unless its
title gives hours: "Long Thursday 08:00-18:00". An event with times closes the office while it
lasts. In a person's calendar every event is an absence. Cancelled events, and those that their
calendar counts as free time (``TRANSP:TRANSPARENT``), are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final

import attrs
import icalendar
import recurring_ical_events

from softswitch.hours.days import Hours, Ruling, SpecialDay, overlaps, parse_span

MAX_EVENTS: Final = 20_000
"""More repetitions than this within the window are refused: no calendar of an office has them."""

UNTITLED: Final = "imported calendar"
"""What an event without a title is called in explanations."""

_SPAN: Final = re.compile(r"\b(\d{1,2}(?::\d{2})?)\s*[-\u2013]\s*(\d{1,2}(?::\d{2})?)\b")


@attrs.frozen(kw_only=True)
class Event:
    """One happening of an event.

    Attributes:
        title: its summary; personal data where it is a person's.
        begin, end: with their zone.
        all_day: whether it is of whole days; then both are midnights of the office's zone.
    """

    title: str
    begin: datetime
    end: datetime
    all_day: bool

    def holds_at(self, at: datetime) -> bool:
        """Whether it lasts at an instant."""
        return self.begin <= at < self.end


def read_events(text: str | bytes, zone: tzinfo, first: date, last: date) -> tuple[Event, ...]:
    """Read the events of a calendar, every repetition on its own.

    Args:
        text: an iCalendar file.
        zone: the office's; whole days and times without a zone are meant in it.
        first: events that are over before this day are left out.
        last: events that begin after this day are left out.

    Returns:
        In order of their beginning.

    Raises:
        ValueError: it is no iCalendar file, something in it repeats by the minute or second, or
            there are more than `MAX_EVENTS` happenings.
    """
    try:
        found = _happenings(icalendar.Calendar.from_ical(text), first, last)
    except (ValueError, KeyError, AttributeError, TypeError, IndexError) as error:
        raise ValueError(f"not an iCalendar file that can be read: {error}") from None
    if len(found) > MAX_EVENTS:
        raise ValueError(f"more than {MAX_EVENTS} events from {first} to {last}: {len(found)}")
    events = (_event(component, zone) for component in found if _counts(component))
    return tuple(sorted(events, key=lambda event: (event.begin, event.end, event.title)))


def _happenings(calendar: icalendar.Component, first: date, last: date) -> list[icalendar.Event]:
    for component in calendar.walk("VEVENT"):
        rule = component.get("RRULE")
        if rule is not None and {"SECONDLY", "MINUTELY"} & set(rule.get("FREQ", ())):
            raise ValueError(f"{component.get('SUMMARY', UNTITLED)} repeats every minute or more")
    query = recurring_ical_events.of(calendar, skip_bad_series=True)
    return list(query.between(first, last + timedelta(days=1)))


def _counts(component: icalendar.Event) -> bool:
    status, shown = str(component.get("STATUS", "")), str(component.get("TRANSP", ""))
    return status.upper() != "CANCELLED" and shown.upper() != "TRANSPARENT"


def _event(component: icalendar.Event, zone: tzinfo) -> Event:
    begin, end = component.start, component.end
    all_day = not isinstance(begin, datetime)
    return Event(
        title=str(component.get("SUMMARY", "")),
        begin=_instant(begin, zone),
        end=_instant(end, zone),
        all_day=all_day,
    )


def _instant(at: date | datetime, zone: tzinfo) -> datetime:
    if not isinstance(at, datetime):
        return datetime.combine(at, time(), zone)
    return at if at.tzinfo is not None else at.replace(tzinfo=zone)


@attrs.frozen(kw_only=True)
class Closure:
    """A time, not a day, at which the office is closed.

    Attributes:
        name: what for.
        begin, end: when, with their zone.
    """

    name: str
    begin: datetime
    end: datetime


@attrs.frozen(kw_only=True)
class ImportedDays:
    """What calendars of special days say.

    Attributes:
        days: whole days, with their hours.
        closures: times at which the office is closed.
    """

    days: tuple[SpecialDay, ...] = ()
    closures: tuple[Closure, ...] = ()

    def on(self, day: date) -> Ruling | None:
        """Return what the first event of a day says."""
        rulings = (one.on(day) for one in self.days)
        return next((ruling for ruling in rulings if ruling is not None), None)

    def closure_at(self, at: datetime) -> Closure | None:
        """Return what closes the office at an instant."""
        return next((one for one in self.closures if one.begin <= at < one.end), None)

    def boundaries(self, day: date, zone: tzinfo) -> Iterator[datetime]:
        """Give the instants, in UTC, at which a closure begins or ends on a day."""
        for closure in self.closures:
            for at in (closure.begin, closure.end):
                if at.astimezone(zone).date() == day:
                    yield at.astimezone(UTC)


def special_days(events: Iterable[Event]) -> ImportedDays:
    """Take events as special days of an office."""
    events = tuple(events)
    return ImportedDays(
        days=tuple(_special_day(event) for event in events if event.all_day),
        closures=tuple(
            Closure(name=event.title or UNTITLED, begin=event.begin, end=event.end)
            for event in events
            if not event.all_day
        ),
    )


def _special_day(event: Event) -> SpecialDay:
    first = event.begin.date()
    last = max(event.end.date() - timedelta(days=1), first)
    name = event.title or UNTITLED
    return SpecialDay(name=name, first=first, last=last, hours=hours_in(event.title))


def hours_in(title: str) -> Hours:
    """Return the opening hours that a title gives: ``Long Thursday 08:00-18:00``; none: closed."""
    found: list[Hours] = []
    for begin, end in _SPAN.findall(title):
        try:
            found.append((parse_span(f"{begin}-{end}"),))
        except ValueError:
            continue
    hours = tuple(span for spans in found for span in spans)
    return () if any(overlaps(hours)) else hours


def absence_at(events: Iterable[Event], at: datetime) -> Event | None:
    """Return the absence that holds at an instant, the one that ends last among several."""
    holding = (event for event in events if event.holds_at(at))
    return max(holding, key=lambda event: event.end, default=None)
