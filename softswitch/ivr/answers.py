"""What comes from outside: finding a value in it, and making it one that a variable can hold."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

from softswitch.ivr.expressions import Value

MISSING: Final = object()
"""Stands for what is not there."""


class Written(str):
    """A value from a source that knows texts alone, and writes numbers and truths as such."""

    __slots__ = ()


def within(values: object, name: str) -> object:
    """Follow dots into tables, by names, and into lists, by numbers from 0; `MISSING`: nowhere."""
    for step in name.split("."):
        if isinstance(values, Mapping):
            values = values.get(step, MISSING)
        elif isinstance(values, Sequence) and not isinstance(values, str) and step.isdecimal():
            values = values[int(step)] if int(step) < len(values) else MISSING
        else:
            return MISSING
    return values


def fitted(given: object, like: Value) -> Value | None:
    """Return a value from outside as one of the kind of ``like``, or None where it is none.

    A number given for a text is written out: many registers keep customer numbers as numbers.
    """
    if isinstance(given, Written) and isinstance(like, bool | int | float):
        return _read(given, like)
    number = _is_number(given)
    if isinstance(like, bool):
        return given if isinstance(given, bool) else None
    if isinstance(like, int | float):
        return given if number and isinstance(given, int | float) else None
    if isinstance(like, str):
        return str(given) if number or isinstance(given, str) else None
    try:
        return type(like).fromisoformat(str(given))
    except ValueError:
        return None


def _is_number(given: object) -> bool:
    if isinstance(given, float):
        return math.isfinite(given)  # JSON of some programs knows NaN and Infinity
    return isinstance(given, int) and not isinstance(given, bool)


_TRUTHS: Final = {"true": True, "1": True, "false": False, "0": False}


def _read(written: Written, like: Value) -> Value | None:
    """Read a number, or a truth as XML Schema writes it."""
    text = written.strip()
    if isinstance(like, bool):
        return _TRUTHS.get(text)
    try:
        number = float(text)
    except ValueError:
        return None
    if not math.isfinite(number):
        return None
    return int(number) if number.is_integer() else number
