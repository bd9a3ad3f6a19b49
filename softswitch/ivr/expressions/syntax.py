"""Expressions as data: what the parser makes and everything else reads.

Each part knows its column in the text, 1 for the first, for messages to people.
"""

from __future__ import annotations

import datetime as dt
import enum
from typing import TypeAlias

import attrs

Value: TypeAlias = bool | float | str | dt.time | dt.date
"""What an expression can come to; whole numbers are whole also in Python."""


class Comparing(enum.Enum):
    """How two values are compared."""

    EQUAL = "=="
    UNEQUAL = "!="
    LESS = "<"
    AT_MOST = "<="
    MORE = ">"
    AT_LEAST = ">="


@attrs.frozen(kw_only=True)
class Part:
    """Base of every part of an expression."""

    column: int


@attrs.frozen(kw_only=True)
class Literal(Part):
    """A value as written."""

    value: Value


@attrs.frozen(kw_only=True)
class Name(Part):
    """A variable, or something that the flow knows: ``digits``."""

    name: str


@attrs.frozen(kw_only=True)
class Asked(Part):
    """A question with what it is about: ``agents("sales")``."""

    name: str
    about: tuple[Part, ...]


@attrs.frozen(kw_only=True)
class Not(Part):
    """The opposite of a truth."""

    inner: Part


@attrs.frozen(kw_only=True)
class Joined(Part):
    """Two truths: both (``and``), or at least one (``or``)."""

    left: Part
    right: Part
    both: bool


@attrs.frozen(kw_only=True)
class Compared(Part):
    """Two values compared; ``a < b < c`` is two of them joined."""

    left: Part
    how: Comparing
    right: Part


@attrs.frozen(kw_only=True)
class Among(Part):
    """Whether a value is one of several."""

    item: Part
    several: tuple[Part, ...]


@attrs.frozen(kw_only=True)
class Sum(Part):
    """Two numbers added, or one taken from the other."""

    left: Part
    right: Part
    minus: bool
