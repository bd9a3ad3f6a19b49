"""Whether a condition can ever hold: reasoning about ranges and choices, without trying values.

A condition is spread out into ways of holding (``or`` between them), each a list of demands on
terms, such as "the time is before 08:00" and "the weekday is sat or sun". A way is possible when
the demands on each term leave at least one value. Terms are taken as independent of one another,
so "possible" may be too kind, but "never" is certain.
"""

from __future__ import annotations

import datetime as dt
import itertools
import math
from collections.abc import Iterable, Iterator
from typing import Final, TypeAlias

import attrs

from softswitch.ivr.expressions.checking import Checker
from softswitch.ivr.expressions.evaluating import evaluate
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
from softswitch.ivr.expressions.types import TRUTH, Kind, Type, Vocabulary

WAYS_MAX: Final = 2000
"""Above so many ways of holding, a condition is taken to be possible."""

_OPPOSITE: Final = {
    Comparing.EQUAL: Comparing.UNEQUAL,
    Comparing.UNEQUAL: Comparing.EQUAL,
    Comparing.LESS: Comparing.AT_LEAST,
    Comparing.AT_LEAST: Comparing.LESS,
    Comparing.MORE: Comparing.AT_MOST,
    Comparing.AT_MOST: Comparing.MORE,
}
_SEEN_FROM_RIGHT: Final = {
    Comparing.EQUAL: Comparing.EQUAL,
    Comparing.UNEQUAL: Comparing.UNEQUAL,
    Comparing.LESS: Comparing.MORE,
    Comparing.MORE: Comparing.LESS,
    Comparing.AT_MOST: Comparing.AT_LEAST,
    Comparing.AT_LEAST: Comparing.AT_MOST,
}


@attrs.frozen
class _Demand:
    """One comparison of a term with a value."""

    term: str
    type: Type
    how: Comparing
    value: Value


_Way: TypeAlias = tuple[_Demand, ...]


class _TooManyWaysError(Exception):
    """The condition is too large to be reasoned about."""


def can_hold(part: Part, vocabulary: Vocabulary) -> bool:
    """Tell whether a condition, whose types were checked, could hold in some situation."""
    try:
        return any(_possible(way) for way in _Spreading(vocabulary).ways(part, wanted=True))
    except _TooManyWaysError:
        return True


class _Spreading:
    """Spreads a condition out into ways of being as wanted."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary

    def ways(self, part: Part, *, wanted: bool) -> list[_Way]:
        match part:
            case Literal():
                return [()] if part.value is wanted else []
            case Not():
                return self.ways(part.inner, wanted=not wanted)
            case Joined():
                return self._joined(part, wanted=wanted)
            case Among():
                return self._among(part, wanted=wanted)
            case Compared():
                return self._compared(part, wanted=wanted)
        if isinstance(part, Asked) and part.name == "closed":
            part, wanted = attrs.evolve(part, name="open"), not wanted
        return [(_Demand(_words(part), TRUTH, Comparing.EQUAL, wanted),)]

    def _joined(self, part: Joined, *, wanted: bool) -> list[_Way]:
        left, right = self.ways(part.left, wanted=wanted), self.ways(part.right, wanted=wanted)
        if part.both is wanted:
            return _limited((*one, *other) for one, other in itertools.product(left, right))
        return _limited((*left, *right))

    def _among(self, part: Among, *, wanted: bool) -> list[_Way]:
        equals = (
            Compared(column=one.column, left=part.item, how=Comparing.EQUAL, right=one)
            for one in part.several
        )
        if wanted:
            return _limited(way for one in equals for way in self._compared(one, wanted=True))
        ways: list[_Way] = [()]
        for one in equals:
            further = self._compared(one, wanted=False)
            ways = _limited((*way, *other) for way, other in itertools.product(ways, further))
        return ways

    def _compared(self, part: Compared, *, wanted: bool) -> list[_Way]:
        left, right, how = part.left, part.right, part.how
        if isinstance(left, Literal) and isinstance(right, Literal):
            return [()] if bool(evaluate(part, _Nobody())) is wanted else []
        if isinstance(left, Literal):
            left, right, how = right, left, _SEEN_FROM_RIGHT[how]
        if not isinstance(right, Literal):
            return [(_Demand(_words(part), TRUTH, Comparing.EQUAL, wanted),)]
        of = Checker(self._vocabulary).type_of(left) or TRUTH
        if of.kind is Kind.TRUTH:
            same = (how is Comparing.EQUAL) is wanted
            return self.ways(left, wanted=bool(right.value) is same)
        return [(_Demand(_words(left), of, how if wanted else _OPPOSITE[how], right.value),)]


def _limited(ways: Iterable[_Way]) -> list[_Way]:
    found = list(itertools.islice(ways, WAYS_MAX + 1))
    if len(found) > WAYS_MAX:
        raise _TooManyWaysError
    return found


def _possible(way: _Way) -> bool:
    by_term: dict[str, list[_Demand]] = {}
    for demand in way:
        by_term.setdefault(demand.term, []).append(demand)
    return all(_leaves_a_value(demands) for demands in by_term.values())


def _leaves_a_value(demands: list[_Demand]) -> bool:
    of = demands[0].type
    candidates = {d.value for d in demands if d.how is Comparing.EQUAL}
    if candidates:
        return any(_allowed(value, demands) for value in candidates)
    if of.choices or of.kind is Kind.TRUTH:
        every: tuple[Value, ...] = of.choices or (True, False)
        return any(_allowed(value, demands) for value in every)
    return of.kind is Kind.TEXT or _room(demands, of)


def _allowed(value: Value, demands: Iterable[_Demand]) -> bool:
    return all(_fits(value, demand) for demand in demands)


def _fits(value: Value, demand: _Demand) -> bool:
    of = demand.type
    if of.choices and value not in of.choices:
        return False
    if isinstance(value, int | float) and not isinstance(value, bool):
        if of.least is not None and value < of.least:
            return False
        if of.whole and value != int(value):
            return False
    part = Compared(
        column=0, left=_as_literal(value), how=demand.how, right=_as_literal(demand.value)
    )
    return bool(evaluate(part, _Nobody()))


def _as_literal(value: Value) -> Literal:
    return Literal(column=0, value=value)


def _room(demands: list[_Demand], of: Type) -> bool:
    """Tell whether ranges leave something between them; single values taken out leave the rest."""
    low, high = _bounds(demands, of)
    excluded = {_on_line(d.value) for d in demands if d.how is Comparing.UNEQUAL}
    if of.whole or of.kind is Kind.DATE:
        first, last = _whole_bounds(low, high)
        if last - first < len(excluded):
            return any(n not in excluded for n in range(int(first), int(last) + 1))
        return first <= last
    if low.at == high.at:
        return low.included and high.included and low.at not in excluded
    return low.at < high.at


@attrs.frozen
class _Bound:
    at: float
    included: bool


def _bounds(demands: list[_Demand], of: Type) -> tuple[_Bound, _Bound]:
    low, high = _Bound(-math.inf, included=False), _Bound(math.inf, included=False)
    if of.least is not None:
        low = _Bound(of.least, included=True)
    if of.kind is Kind.TIME:
        low, high = _Bound(0, included=True), _Bound(_DAY_S, included=False)
    for demand in demands:
        bound = _Bound(_on_line(demand.value), demand.how in _INCLUDING)
        if demand.how in _FROM_BELOW:
            low = max(low, bound, key=lambda b: (b.at, not b.included))
        elif demand.how in _FROM_ABOVE:
            high = min(high, bound, key=lambda b: (b.at, b.included))
    return low, high


_DAY_S: Final = 86_400
_INCLUDING: Final = frozenset({Comparing.AT_LEAST, Comparing.AT_MOST})
_FROM_BELOW: Final = frozenset({Comparing.AT_LEAST, Comparing.MORE})
_FROM_ABOVE: Final = frozenset({Comparing.AT_MOST, Comparing.LESS})


def _whole_bounds(low: _Bound, high: _Bound) -> tuple[float, float]:
    """Return the smallest and the largest whole number between two bounds."""
    first, last = low.at, high.at
    if math.isfinite(first):
        first = math.ceil(first) + (not low.included and first == math.ceil(first))
    if math.isfinite(last):
        last = math.floor(last) - (not high.included and last == math.floor(last))
    return first, last


def _on_line(value: Value) -> float:
    """Return a number, time or date as a number that orders like it."""
    if isinstance(value, dt.time):
        return value.hour * 3600 + value.minute * 60 + value.second
    if isinstance(value, dt.date):
        return value.toordinal()
    return float(value) if isinstance(value, int | float) else math.nan


def _words(part: Part) -> str:
    """Return the same text for parts that ask the same, wherever they stand."""
    return " ".join(_spell(part))


def _spell(part: Part) -> Iterator[str]:
    match part:
        case Literal():
            yield repr(part.value)
        case Name():
            yield part.name
        case Asked():
            yield f"{part.name}({', '.join(map(_words, part.about))})"
        case Sum():
            yield f"({_words(part.left)} {'-' if part.minus else '+'} {_words(part.right)})"
        case Compared():
            yield f"({_words(part.left)} {part.how.value} {_words(part.right)})"
        case _:
            yield repr(part)


class _Nobody:
    """Knows nothing: what is compared here are values as written."""

    def value_of(self, name: str) -> Value:
        raise KeyError(name)

    def ask(self, question: str, about: tuple[Value, ...]) -> Value:
        raise KeyError(question, about)
