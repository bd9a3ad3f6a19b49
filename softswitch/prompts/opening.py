"""Opening hours in sentences."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time

import attrs

from softswitch.prompts.dates import Dates, Years
from softswitch.prompts.faults import PromptError, PromptFault
from softswitch.prompts.numbers import Numbers
from softswitch.prompts.times import Times


@attrs.frozen(kw_only=True)
class OpenDays:
    """Days of the week with the same hours.

    Attributes:
        first: the first of them, 0 for Monday to 6 for Sunday.
        last: the last of them; the same for a single day.
        opens: when they open.
        closes: when they close; 00:00 is the midnight that ends the day.
    """

    first: int
    last: int
    opens: time
    closes: time


@attrs.frozen(kw_only=True)
class Opening:
    """Sentences on opening hours; the attributes are those of the table ``[opening]``.

    Attributes:
        opens: when it opens next, with ``{day}`` and ``{at}``.
        closes: when it closes next, likewise.
        hours: all hours of a week, with ``{spans}``.
        span: some days and their hours: ``{days}``, ``{opens}``, ``{closes}``.
        days: more than two days in a row, with ``{first}`` and ``{last}``.
        two_days: two days in a row, likewise.
        last: before the last span.
    """

    opens: str
    closes: str
    hours: str
    span: str
    days: str
    two_days: str
    last: str


@attrs.frozen
class Calendar:
    """All that sentences on opening hours are made of, in one language."""

    opening: Opening
    dates: Dates
    times: Times
    years: Years
    numbers: Numbers

    def opens(self, at: datetime, now: datetime) -> str:
        """Return when it opens next, in a sentence: "We open tomorrow at eight.".

        Args:
            at: the moment, local time.
            now: the present, local time; it decides whether that is today or tomorrow.

        Raises:
            PromptError: ``at`` lies in the past.
        """
        return self._change(self.opening.opens, at, now)

    def closes(self, at: datetime, now: datetime) -> str:
        """Return when it closes next; as `opens`."""
        return self._change(self.opening.closes, at, now)

    def hours(self, week: Sequence[OpenDays]) -> str:
        """Return the hours of a week: "We are open Monday to Friday from eight to ...".

        Raises:
            PromptError: no days, or no weekday of that number.
        """
        if not week:
            raise PromptError("There are no opening hours to tell.", reason=PromptFault.UNSPEAKABLE)
        spans = [self._span(days) for days in week]
        listed = ", ".join(spans[:-1])
        words = f"{listed} {self.opening.last} {spans[-1]}" if listed else spans[-1]
        return self.opening.hours.format(spans=words)

    def _change(self, sentence: str, at: datetime, now: datetime) -> str:
        if at < now:
            raise PromptError(
                f"{at:%Y-%m-%d %H:%M} is past at {now:%Y-%m-%d %H:%M}: nothing opens or closes "
                "then.",
                reason=PromptFault.UNSPEAKABLE,
            )
        return sentence.format(
            day=self.dates.relative(at.date(), now.date(), self.numbers, self.years),
            at=self.times.when(at.time(), self.numbers, part=False),
        )

    def _span(self, days: OpenDays) -> str:
        if not 0 <= days.first <= days.last <= 6:
            raise PromptError(
                f"There are no weekdays {days.first} to {days.last}: 0 is Monday, 6 is Sunday.",
                reason=PromptFault.UNSPEAKABLE,
            )
        names = self.dates.weekdays
        pattern = {0: "{first}", 1: self.opening.two_days}.get(
            days.last - days.first, self.opening.days
        )
        return self.opening.span.format(
            days=pattern.format(first=names[days.first], last=names[days.last]),
            opens=self.times.after(days.opens, self.numbers),
            closes=self.times.after(days.closes, self.numbers),
        )
