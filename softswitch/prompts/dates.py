"""Dates, weekdays and years in words."""

from __future__ import annotations

import datetime as dt

import attrs

from softswitch.prompts.numbers import Numbers


@attrs.frozen(kw_only=True)
class Years:
    """How years are read; the attributes are those of the table ``[years]``.

    Attributes:
        by_hundreds: first and last years of spans that are read by their hundreds, as in
            "nineteen ninety-nine"; all others are read as plain numbers.
        even: such a year that ends in 00, with ``{century}``, in words 19 for 1900.
        below_ten: such a year whose rest is 1 to 9, with ``{century}`` and ``{rest}``.
        other: all other such years, with ``{century}`` and ``{rest}``.
    """

    by_hundreds: tuple[tuple[int, int], ...]
    even: str
    below_ten: str
    other: str

    def words(self, year: int, numbers: Numbers) -> str:
        """Return a year in words."""
        if not any(first <= year <= last for first, last in self.by_hundreds):
            return numbers.cardinal(year)
        century, rest = divmod(year, 100)
        pattern = self.even if not rest else self.below_ten if rest < 10 else self.other
        return pattern.format(century=numbers.cardinal(century), rest=numbers.cardinal(rest))


@attrs.frozen(kw_only=True)
class Dates:
    """How days are named; the attributes are those of the table ``[dates]``.

    Attributes:
        months: January to December.
        weekdays: Monday to Sunday, as in "Monday to Friday".
        dated_weekdays: the same as they stand before a date (sv "måndagen den första maj").
        day: a day of the year, with ``{ordinal}`` and ``{month}``.
        with_year: the same with its year: ``{day}`` and ``{year}``.
        with_weekday: either with its weekday: ``{weekday}`` and ``{day}``.
        today: said instead of the date of today.
        yesterday: said instead of the date of yesterday.
        tomorrow: said instead of the date of tomorrow.
        on_weekday: a day in the week that begins, with ``{weekday}``.
        on_date: any later day, with ``{date}``.
    """

    months: tuple[str, ...] = attrs.field(
        validator=attrs.validators.and_(attrs.validators.min_len(12), attrs.validators.max_len(12))
    )
    weekdays: tuple[str, ...] = attrs.field(
        validator=attrs.validators.and_(attrs.validators.min_len(7), attrs.validators.max_len(7))
    )
    dated_weekdays: tuple[str, ...] = attrs.field(
        validator=attrs.validators.and_(attrs.validators.min_len(7), attrs.validators.max_len(7))
    )
    day: str
    with_year: str
    with_weekday: str
    today: str
    yesterday: str
    tomorrow: str
    on_weekday: str
    on_date: str

    def date(
        self, day: dt.date, numbers: Numbers, years: Years | None, *, weekday: bool = False
    ) -> str:
        """Return a date in words: "the first of January".

        Args:
            day: the date.
            numbers: of the same language.
            years: of the same language; None leaves the year out.
            weekday: name the day of the week before.
        """
        ordinal = numbers.ordinal(day.day)
        words = self.day.format(ordinal=ordinal, month=self.months[day.month - 1])
        if years is not None:
            words = self.with_year.format(day=words, year=years.words(day.year, numbers))
        if weekday:
            name = self.dated_weekdays[day.weekday()]
            words = self.with_weekday.format(weekday=name, day=words)
        return words

    def relative(self, day: dt.date, today: dt.date, numbers: Numbers, years: Years) -> str:
        """Return when a day is, as people say it: "tomorrow", "on Monday", "on ... May".

        The weekday alone is enough for the six days after today; the year is left out within
        half a year of today.
        """
        names = {-1: self.yesterday, 0: self.today, 1: self.tomorrow}
        days = (day - today).days
        if days in names:
            return names[days]
        if 1 < days < 7:
            return self.on_weekday.format(weekday=self.weekdays[day.weekday()])
        near = abs(days) < 183
        words = self.date(day, numbers, None if near else years, weekday=True)
        return self.on_date.format(date=words)
