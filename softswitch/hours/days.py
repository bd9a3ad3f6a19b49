"""What holds on a day: its opening hours, and the rules that set them.

Hours belong to the day on which they begin. Friday 20:00 to 04:00 goes on into Saturday even where
Saturday is closed, and a closed Friday has no such night.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from datetime import date, time, timedelta
from typing import Final, Protocol

import attrs
import holidays as public_holidays

from softswitch.errors import ConfigurationError, Fault

_MINUTES: Final = 24 * 60


def minutes(of_day: time) -> float:
    """Return a time of day in minutes from midnight."""
    return of_day.hour * 60 + of_day.minute + of_day.second / 60


@attrs.frozen
class Span:
    """A stretch in which the office is open.

    Attributes:
        begin: its first moment, in the office's own time.
        end: the moment at which it is over; where that is not after `begin`, on the following day.
            So 00:00 to 00:00 is a whole day.
    """

    begin: time
    end: time

    def __str__(self) -> str:
        return f"{self.begin:%H:%M}-{self.end:%H:%M}"

    @property
    def stretch(self) -> tuple[float, float]:
        """Begin and end in minutes from the midnight at which its day begins."""
        begin, end = minutes(self.begin), minutes(self.end)
        return begin, end if end > begin else end + _MINUTES

    def holds(self, of_day: time, *, days_later: int = 0) -> bool:
        """Whether it holds at a time of its own day, or of a day so many days later."""
        begin, end = self.stretch
        return begin <= minutes(of_day) + days_later * _MINUTES < end


def parse_span(text: str) -> Span:
    """Read ``08:00-16:30``.

    Raises:
        ValueError: it is something else.
    """
    begin, dash, end = (part.strip() for part in text.partition("-"))
    if not dash:
        raise ValueError(f'opening hours are written "08:00-16:30", not {text!r}')
    return Span(_time(begin), _time(end))


def _time(text: str) -> time:
    hour, colon, minute = text.partition(":")
    if not (hour.isdecimal() and (minute.isdecimal() if colon else True) and len(hour) <= 2):
        raise ValueError(f'a time of day is written "08:00", not {text!r}')
    number, rest = int(hour), int(minute or 0)
    return time() if (number, rest) == (24, 0) else time(number, rest)


Hours = tuple[Span, ...]
"""The opening hours of a day; none: closed."""


def overlaps(hours: Hours) -> Iterator[tuple[int, int]]:
    """Give pairs of spans of one day, by their places, that overlap."""
    for (n, one), (m, other) in itertools.combinations(enumerate(hours), 2):
        if one.stretch[0] < other.stretch[1] and other.stretch[0] < one.stretch[1]:
            yield n, m


@attrs.frozen
class Ruling:
    """What a rule says of a day.

    Attributes:
        name: what the day is called in explanations: ``Christmas Eve``.
        hours: its hours; none: closed.
    """

    name: str
    hours: Hours


class DayRule(Protocol):
    """Something that sets the hours of some days."""

    def on(self, day: date) -> Ruling | None:
        """Return what it says of a day, or None where it says nothing."""


@attrs.frozen(kw_only=True)
class NormalWeek:
    """The hours of an ordinary week; a day that is not named is closed.

    Attributes:
        hours: of each weekday, 0 for Monday, as `datetime.date.weekday` counts.
    """

    hours: Mapping[int, Hours] = attrs.field(factory=dict)

    def on(self, day: date) -> Ruling:
        """Return what holds on an ordinary day."""
        return Ruling("normal week", self.hours.get(day.weekday(), ()))


@attrs.frozen(kw_only=True)
class SpecialDay:
    """One date, or a period, that has hours of its own.

    Attributes:
        name: what people call it.
        first, last: the first and the last day; the same for one date.
        hours: of each day; none: closed.
    """

    name: str
    first: date
    last: date
    hours: Hours = ()

    @property
    def days(self) -> int:
        """How many days it covers."""
        return (self.last - self.first) // timedelta(days=1) + 1

    def on(self, day: date) -> Ruling | None:
        """Return what holds on a day within it."""
        return Ruling(self.name, self.hours) if self.first <= day <= self.last else None


@attrs.frozen(kw_only=True)
class YearlyDay:
    """A date of every year, such as 24 December.

    Attributes:
        name: what people call it.
        month, day: the date; 29 February is there in leap years only.
        hours: of the day; none: closed.
    """

    name: str
    month: int
    day: int
    hours: Hours = ()

    def on(self, day: date) -> Ruling | None:
        """Return what holds where this is the date."""
        here = (day.month, day.day) == (self.month, self.day)
        return Ruling(self.name, self.hours) if here else None


@attrs.frozen(kw_only=True)
class PublicHolidays:
    """The public holidays of a country, or of a region of it (package ``holidays``).

    Attributes:
        country: ISO 3166-1 code of two letters: ``DK``.
        region: ISO 3166-2 code of a part of it, as the package names it: ``ENG``.
        categories: kinds of holidays: ``public`` alone is the law; ``de_facto`` adds Sweden's
            Midsummer Eve, ``optional`` Denmark's Christmas Eve.
        hours: on such a day; none: closed.

    Raises:
        ConfigurationError: no such country, region or category.
    """

    country: str
    region: str | None = None
    categories: tuple[str, ...] = ("public",)
    hours: Hours = ()
    _calendar: public_holidays.HolidayBase = attrs.field(init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        """Look the country up."""
        try:
            found = self._look_up(None)
            found = self._look_up(found.default_language)
        except (NotImplementedError, ValueError) as error:
            raise ConfigurationError([self._fault(str(error))]) from None
        object.__setattr__(self, "_calendar", found)

    def _look_up(self, language: str | None) -> public_holidays.HolidayBase:
        """Without a language the names would be in the machine's."""
        return public_holidays.country_holidays(
            self.country, subdiv=self.region, categories=self.categories, language=language
        )

    def _fault(self, what: str) -> Fault:
        known = public_holidays.list_supported_countries()
        where = "country" if self.country not in known else "region or categories"
        allowed = ", ".join(sorted(known)) if where == "country" else what
        value = repr((self.country, self.region, *self.categories))
        return Fault(path=where, value=value, allowed=allowed, message="no such holidays are known")

    def on(self, day: date) -> Ruling | None:
        """Return what holds on a holiday, under its name in the country's own language."""
        name = self._calendar.get(day)
        return None if name is None else Ruling(str(name), self.hours)


def holiday_categories(country: str) -> frozenset[str]:
    """Return the kinds of holidays that a country has.

    Raises:
        ConfigurationError: no such country is known.
    """
    return frozenset(PublicHolidays(country=country)._calendar.supported_categories)  # noqa: SLF001 - this module's own
