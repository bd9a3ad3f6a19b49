"""Values as they are said: the forms of slots in texts, in words of a language."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Final

from softswitch.ivr.commands import SpokenText, SpokenValue, SpokenWords
from softswitch.ivr.expressions import Value
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
        return _FORMS[part.form](part.value, phrases)
    return _plain(part.value, phrases)  # a date that is none is still better said than not


def _plain(value: Value, phrases: Phrases) -> str:
    """Return a value as written text has it; times and dates in words."""
    if isinstance(value, dt.time):
        return phrases.time(value)
    if isinstance(value, dt.date):
        return phrases.date(value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def _whole(value: Value) -> int:
    number = Decimal(str(value))
    if number != int(number):
        raise ValueError(f"{value} is not whole")
    return int(number)


def _date(value: Value, phrases: Phrases) -> str:
    day = value if isinstance(value, dt.date) else dt.date.fromisoformat(str(value))
    return phrases.date(day)


def _time(value: Value, phrases: Phrases) -> str:
    moment = value if isinstance(value, dt.time) else dt.time.fromisoformat(str(value))
    return phrases.time(moment)


_FORMS: Final[Mapping[str, Callable[[Value, Phrases], str]]] = {
    "text": _plain,
    "digits": lambda value, phrases: phrases.digits(str(value)),
    "number": lambda value, phrases: phrases.cardinal(_whole(value)),
    "ordinal": lambda value, phrases: phrases.ordinal(_whole(value)),
    "amount": lambda value, phrases: phrases.amount(Decimal(str(value))),
    "date": _date,
    "time": _time,
    "phone": lambda value, phrases: phrases.telephone_number(str(value)),
    "case": lambda value, phrases: phrases.case_number(str(value)),
}
