"""Whole sentences and the values in them, in one language: what a flow or a queue says.

`Phrases` is made of one table of a language's file for each concept; every method returns the
words as they are said, numbers included, so that recorded clips, any synthesiser and a person who
reads a table all deal with the same words.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from decimal import Decimal

import attrs

from softswitch.prompts.dates import Dates, Years
from softswitch.prompts.money import Money
from softswitch.prompts.numbers import Gender, Noun, Numbers
from softswitch.prompts.opening import Calendar, OpenDays, Opening
from softswitch.prompts.sentences import Sentences
from softswitch.prompts.spelling import Spelling
from softswitch.prompts.telephone import Telephone
from softswitch.prompts.times import Times
from softswitch.prompts.waiting import Waiting


@attrs.frozen(kw_only=True)
class Phrases:
    """The grammar of one language; each attribute is a table of its file.

    Every method raises `PromptError` for a value that has no words, and says which have.
    """

    numbers: Numbers
    years: Years
    dates: Dates
    times: Times
    money: Money
    telephone: Telephone
    spelling: Spelling
    waiting: Waiting
    opening: Opening
    sentences: Sentences

    def cardinal(self, number: int, gender: Gender = Gender.COUNTING) -> str:
        """Return a number: "one hundred and twenty-one"; see `Numbers.cardinal`."""
        return self.numbers.cardinal(number, gender)

    def ordinal(self, number: int, gender: Gender = Gender.COMMON) -> str:
        """Return a place in a row: "twenty-first"; see `Numbers.ordinal`."""
        return self.numbers.ordinal(number, gender)

    def counted(self, number: int, noun: Noun) -> str:
        """Return so many of something: "one minute", "two minutes"."""
        return self.numbers.counted(number, noun)

    def position(self, number: int) -> str:
        """Return the sentence on the place in the queue; see `Waiting.place`."""
        return self.waiting.place(number, self.numbers)

    def expected_wait(self, low_s: float, high_s: float) -> str:
        """Return the sentence on the expected wait, a range; see `Waiting.wait`."""
        return self.waiting.wait(low_s, high_s, self.numbers)

    def minutes(self, seconds: float) -> str:
        """Return a length of time in whole minutes, rounded up: "three minutes"."""
        return self.waiting.length(seconds, self.numbers)

    def time(self, moment: dt.time) -> str:
        """Return a time of day: "half" and "quarter" are not used; see `Times.time`."""
        return self.times.time(moment, self.numbers)

    def at(self, moment: dt.time) -> str:
        """Return when something happens: "at eight in the morning", "klokken otte"."""
        return self.times.when(moment, self.numbers)

    def date(self, day: dt.date, *, year: bool = True, weekday: bool = False) -> str:
        """Return a date: "the first of January two thousand"; see `Dates.date`."""
        years = self.years if year else None
        return self.dates.date(day, self.numbers, years, weekday=weekday)

    def day(self, day: dt.date, today: dt.date) -> str:
        """Return a day as seen from today: "tomorrow", "on Monday"; see `Dates.relative`."""
        return self.dates.relative(day, today, self.numbers, self.years)

    def weekday(self, day: int) -> str:
        """Return a day of the week, 0 being Monday: "Monday"."""
        return self.dates.weekdays[day]

    def year(self, year: int) -> str:
        """Return a year: "nineteen ninety-nine"."""
        return self.years.words(year, self.numbers)

    def amount(self, value: Decimal, currency: str | None = None) -> str:
        """Return an amount of money: "two pounds and fifty pence"; see `Money.amount`."""
        return self.money.amount(value, self.numbers, currency)

    def telephone_number(self, written: str, region: str | None = None) -> str:
        """Return a telephone number in its country's groups; see `Telephone.number`."""
        return self.telephone.number(written, self.numbers, region)

    def digits(self, written: str) -> str:
        """Return digits one by one; see `Spelling.digits`."""
        return self.spelling.digits(written, self.numbers)

    def case_number(self, written: str) -> str:
        """Return a case number such as "2023/114"; see `Spelling.case_number`."""
        return self.spelling.case_number(written, self.numbers, self.years)

    def opens(self, at: dt.datetime, now: dt.datetime) -> str:
        """Return the sentence on when it opens: "We open tomorrow at eight."."""
        return self._calendar.opens(at, now)

    def closes(self, at: dt.datetime, now: dt.datetime) -> str:
        """Return the sentence on when it closes: "We close today at four in the afternoon."."""
        return self._calendar.closes(at, now)

    def opening_hours(self, week: Sequence[OpenDays]) -> str:
        """Return the sentence on the hours of a week; see `Calendar.hours`."""
        return self._calendar.hours(week)

    def new_messages(self, count: int) -> str:
        """Return the sentence on how many messages are new: "You have two new messages."."""
        return self.sentences.messages(count, self.numbers)

    def message_received(self, at: dt.datetime, now: dt.datetime, number: str | None) -> str:
        """Return the sentence on when a message was left, and from which number.

        Args:
            at: when, local time.
            now: the present, local time.
            number: as `telephone_number` takes it; None when unknown.
        """
        sentence = self.sentences.received if number else self.sentences.received_unknown
        return sentence.format(
            day=self.day(at.date(), now.date()),
            at=self.at(at.time()),
            number=self.telephone_number(number) if number else "",
        )

    def call_back_to(self, number: str) -> str:
        """Return the sentence on which number is going to be called."""
        return self.sentences.call_back_to.format(number=self.telephone_number(number))

    def entered(self, digits: str) -> str:
        """Return the sentence that repeats what a caller keyed."""
        return self.sentences.entered.format(digits=self.digits(digits))

    def case_status(self, case: str) -> str:
        """Return the sentence that a case is being worked on."""
        return self.sentences.case.format(case=self.case_number(case))

    def with_digits_in_words(self, text: str) -> str:
        """Return a text whose whole numbers are in words: "Press one" for "Press 1".

        Only for texts of our own: in others a number may be part of a date or a time.
        """
        return re.sub(r"\d+", lambda digits: self.cardinal(int(digits[0])), text)

    @property
    def _calendar(self) -> Calendar:
        return Calendar(self.opening, self.dates, self.times, self.years, self.numbers)
