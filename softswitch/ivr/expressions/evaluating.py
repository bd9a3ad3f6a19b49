"""What an expression comes to."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol

from softswitch.ivr.expressions.syntax import (
    Among,
    Asked,
    Compared,
    Comparing,
    Joined,
    Literal,
    Name,
    Not,
    Part,
    Sum,
    Value,
)

_COMPARISONS: Final[Mapping[Comparing, Callable[[Any, Any], bool]]] = {
    Comparing.EQUAL: operator.eq,
    Comparing.UNEQUAL: operator.ne,
    Comparing.LESS: operator.lt,
    Comparing.AT_MOST: operator.le,
    Comparing.MORE: operator.gt,
    Comparing.AT_LEAST: operator.ge,
}


class Values(Protocol):
    """Who knows what names stand for."""

    def value_of(self, name: str) -> Value:
        """Return what a name stands for now."""

    def ask(self, question: str, about: tuple[Value, ...]) -> Value:
        """Answer a question such as ``agents("sales")``."""


def evaluate(part: Part, values: Values) -> Value:  # noqa: PLR0911 - one for each kind of part
    """Return the value of an expression whose types were checked."""
    match part:
        case Literal():
            return part.value
        case Name():
            return values.value_of(part.name)
        case Asked():
            return values.ask(part.name, tuple(evaluate(one, values) for one in part.about))
        case Sum():
            return _sum(part, values)
        case Not():
            return not evaluate(part.inner, values)
        case Joined():
            left = bool(evaluate(part.left, values))
            return bool(evaluate(part.right, values)) if left is part.both else left
        case Compared():
            left_value, right_value = evaluate(part.left, values), evaluate(part.right, values)
            return _COMPARISONS[part.how](left_value, right_value)
        case Among():
            item = evaluate(part.item, values)
            return any(item == evaluate(one, values) for one in part.several)
    raise TypeError(f"{type(part).__name__} is no part of an expression")


def _sum(part: Sum, values: Values) -> Value:
    left, right = evaluate(part.left, values), evaluate(part.right, values)
    if not (isinstance(left, int | float) and isinstance(right, int | float)):
        raise TypeError("only numbers are added")
    return left - right if part.minus else left + right
