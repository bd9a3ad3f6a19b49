"""Values as they are said: the forms of slots in texts, in words of a language."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Final

from softswitch.ivr.commands import SpokenText, SpokenValue, SpokenWords
from softswitch.ivr.expressions import Value
from softswitch.ivr.expressions.types import WEEKDAYS
from softswitch.prompts.faults import PromptError
from softswitch.prompts.messages import language as language_of
from softswitch.prompts.phrases import Phrases


def words_of(spoken: SpokenWords) -> str:
    """Return what is to be said, as one text in the words of its language."""
    phrases = language_of(spoken.language).phrases
    return "".join(_part(part, phrases) for part in spoken.parts)


def _part(part: SpokenText | SpokenValue, phrases: Phrases) -> str:
    if isinstance(part, SpokenText):
        return part.text
    with contextlib.suppress(PromptError, ValueError, ArithmeticError):
        return _FORMS[part.form](part, phrases)
    return _plain(part.value, phrases)  # a date that is none is still better said than not


def _plain(value: Value, phrases: Phrases) -> str:
    """Return a value as written text has it; times and dates in words."""
    if isinstance(value, dt.time):
        return phrases.time(value)
    if isinstance(value, dt.date):
        return phrases.date(value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def _whole(part: SpokenValue) -> int:
    number = Decimal(str(part.value))
    if number != int(number):
        raise ValueError(f"{part.value} is not whole")
    return int(number)


def _date(part: SpokenValue) -> dt.date:
    value = part.value
    return value if isinstance(value, dt.date) else dt.date.fromisoformat(str(value))


def _time(part: SpokenValue) -> dt.time:
    value = part.value
    return value if isinstance(value, dt.time) else dt.time.fromisoformat(str(value))


def _day(part: SpokenValue, phrases: Phrases) -> str:
    day = _date(part)
    return phrases.date(day) if part.today is None else phrases.day(day, part.today)


def _weekday(part: SpokenValue, phrases: Phrases) -> str:
    value = part.value
    known = isinstance(value, str) and value in WEEKDAYS
    return phrases.weekday(WEEKDAYS.index(str(value)) if known else _date(part).weekday())


def _year(part: SpokenValue, phrases: Phrases) -> str:
    value = part.value
    written = isinstance(value, str) and "-" in value
    return phrases.year(_date(part).year if written or isinstance(value, dt.date) else _whole(part))


def _amount(part: SpokenValue, phrases: Phrases) -> str:
    return phrases.amount(Decimal(str(part.value)), part.currency or None)


def _wait(part: SpokenValue, phrases: Phrases) -> str:
    seconds = float(str(part.value))
    return phrases.expected_wait(seconds, seconds)


_FORMS: Final[Mapping[str, Callable[[SpokenValue, Phrases], str]]] = {
    "text": lambda part, phrases: _plain(part.value, phrases),
    "digits": lambda part, phrases: phrases.digits(str(part.value)),
    "number": lambda part, phrases: phrases.cardinal(_whole(part)),
    "ordinal": lambda part, phrases: phrases.ordinal(_whole(part)),
    "amount": _amount,
    "date": lambda part, phrases: phrases.date(_date(part)),
    "day": _day,
    "weekday": _weekday,
    "year": _year,
    "time": lambda part, phrases: phrases.time(_time(part)),
    "at": lambda part, phrases: phrases.at(_time(part)),
    "minutes": lambda part, phrases: phrases.minutes(float(str(part.value))),
    "wait": _wait,
    "position": lambda part, phrases: phrases.position(_whole(part)),
    "phone": lambda part, phrases: phrases.telephone_number(str(part.value)),
    "case": lambda part, phrases: phrases.case_number(str(part.value)),
}
