"""Which kinds of values there are, and what a flow can ask for.

A vocabulary says what may be named in an expression. `KNOWN` and `QUESTIONS` are what every flow
knows; the variables of a flow come on top.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Mapping
from typing import Final

import attrs

from softswitch.ivr.expressions.syntax import Value


class Kind(enum.Enum):
    """Kinds of values, as people read them."""

    TRUTH = "true or false"
    NUMBER = "a number"
    TEXT = "a text"
    TIME = "a time of day"
    DATE = "a date"


@attrs.frozen
class Type:
    """What values something can have.

    Attributes:
        kind: of which kind they are.
        choices: the only texts that there are; none: any.
        whole: whole numbers only.
        least: no number is smaller.
    """

    kind: Kind
    choices: tuple[str, ...] = ()
    whole: bool = False
    least: float | None = None

    def __str__(self) -> str:
        if self.choices:
            return " or ".join(f'"{choice}"' for choice in self.choices)
        return "a whole number" if self.whole else self.kind.value


TRUTH: Final = Type(Kind.TRUTH)
NUMBER: Final = Type(Kind.NUMBER)
COUNT: Final = Type(Kind.NUMBER, whole=True, least=0)
SECONDS: Final = Type(Kind.NUMBER, least=0)
TEXT: Final = Type(Kind.TEXT)
TIME: Final = Type(Kind.TIME)
DATE: Final = Type(Kind.DATE)
WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def type_of_value(value: Value) -> Type:
    """Return the type of a value as it stands."""
    if isinstance(value, bool):
        return TRUTH
    if isinstance(value, int | float):
        return Type(Kind.NUMBER, whole=isinstance(value, int))
    if isinstance(value, str):
        return TEXT
    return TIME if isinstance(value, dt.time) else DATE


class About(enum.Enum):
    """What a question is about."""

    GROUP = "the name of a group in quotes"
    CALENDAR = "the name of a calendar in quotes"
    TEXT = "a text"


@attrs.frozen
class Question:
    """Something that can be asked: ``agents("sales")``."""

    about: tuple[About, ...]
    gives: Type


KNOWN: Final[Mapping[str, Type]] = {
    "time": TIME,
    "date": DATE,
    "weekday": Type(Kind.TEXT, choices=WEEKDAYS),
    "caller": TEXT,
    "caller_name": TEXT,
    "caller_withheld": TRUTH,
    "dialled": TEXT,
    "dialled_first": TEXT,
    "digits": TEXT,
    "priority": Type(Kind.NUMBER, whole=True),
    "language": TEXT,
}
"""What every flow knows of its call. ``dialled_first`` differs for a call that was diverted;
``digits`` are those that the caller keyed last."""

QUESTIONS: Final[Mapping[str, Question]] = {
    "open": Question((About.CALENDAR,), TRUTH),
    "closed": Question((About.CALENDAR,), TRUTH),
    "special": Question((About.CALENDAR,), TRUTH),
    "opens": Question((About.CALENDAR,), TEXT),
    "agents": Question((About.GROUP,), COUNT),
    "agents_free": Question((About.GROUP,), COUNT),
    "waiting": Question((About.GROUP,), COUNT),
    "expected_wait": Question((About.GROUP,), SECONDS),
    "length": Question((About.TEXT,), COUNT),
    "starts_with": Question((About.TEXT, About.TEXT), TRUTH),
}
"""What every flow can ask: calendars (``special``: hours that differ from the normal week;
``opens``: the sentence that says when they open next, in the caller's language), groups
(members logged in, members free, callers waiting, seconds a new caller would wait), texts."""


@attrs.frozen
class Vocabulary:
    """What may be named in an expression."""

    names: Mapping[str, Type] = KNOWN
    questions: Mapping[str, Question] = attrs.field(default=QUESTIONS)

    def knowing(self, names: Mapping[str, Type]) -> Vocabulary:
        """Return a vocabulary that has further names."""
        return attrs.evolve(self, names={**self.names, **names})
