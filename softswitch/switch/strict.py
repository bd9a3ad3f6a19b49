"""How each type of a setting is read: strictly, by a cattrs converter that coerces nothing.

``"20"`` is no number, ``1`` is not true, a text is no list, and an unknown key is refused.
"""

from __future__ import annotations

import enum
import json
import re
from collections.abc import Callable
from datetime import date, time
from pathlib import Path
from typing import Any, Final, TypeVar

import attrs
import cattrs
from cattrs.cols import homogenous_tuple_structure_factory, is_mapping, mapping_structure_factory
from cattrs.gen import make_dict_structure_fn

from softswitch.acd.model import Target, TargetKind
from softswitch.hours import parse_span
from softswitch.settings.faults import allowed_type, nearest, shown
from softswitch.switch.hours_tables import OpenSpans
from softswitch.switch.sms_tables import JsonTable
from softswitch.switch.tables import Numbers
from softswitch.switch.targets import ALLOWED_TARGET, BARE_TARGETS, VALUE_TARGETS
from softswitch.switch.week_tables import DAY_NAMES, Days, days_of

_T = TypeVar("_T")
Hook = Callable[[Any, Any], Any]


class RefusedError(ValueError):
    """A value has the wrong shape.

    Attributes:
        allowed: what may stand there, in words; empty: what its field says.
    """

    def __init__(self, message: str, allowed: str = "") -> None:
        super().__init__(message)
        self.allowed = allowed


def _checked(value: object, kind: type[_T], message: str) -> _T:
    if type(value) is not kind:
        raise RefusedError(message)
    return value


def _exactly(kind: type[Any]) -> Hook:
    message = f"This must be {allowed_type(kind)}."
    return lambda value, _: _checked(value, kind, message)


def _number(value: object, _: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise RefusedError("This must be a number.")
    try:
        return float(value)
    except OverflowError:
        raise RefusedError("This number is too large.") from None


def _path(value: object, _: object) -> Path:
    text = _checked(value, str, "This must be the path of a file or folder, in quotes.")
    if not text or "\0" in text:
        raise RefusedError("This is no path.")
    return Path(text)


def _choice(value: object, kind: type[enum.Enum]) -> enum.Enum:
    for member in kind:
        if type(value) is type(member.value) and value == member.value:
            return member
    raise RefusedError(f"This is not known.{nearest(value, [m.value for m in kind])}")


def _target(value: object, _: object) -> Target:
    if isinstance(value, str):
        if value not in BARE_TARGETS:
            raise RefusedError(f"This is no place to send a call.{nearest(value, BARE_TARGETS)}")
        return Target(TargetKind(value))
    if not isinstance(value, dict) or len(value) != 1:
        raise RefusedError("This must say one place to send a call.", ALLOWED_TARGET)
    [(kind, name)] = value.items()
    if kind not in VALUE_TARGETS:
        raise RefusedError(f"This is no place to send a call.{nearest(kind, VALUE_TARGETS)}")
    if not isinstance(name, str) or not name:
        raise RefusedError(f"After `{kind}` must stand text in quotes.")
    return Target(TargetKind(kind), name)


def _days(value: object, _: object) -> Days:
    spans = [value] if isinstance(value, str) else _checked(value, list, _NO_DAYS)
    if not spans:
        raise RefusedError(_NO_DAYS)
    days: list[int] = []
    for span in spans:
        found = days_of(_checked(span, str, _NO_DAYS))
        if found is None:
            raise RefusedError(f"{shown(span)} is no day.{nearest(span, DAY_NAMES)}")
        days += (day % len(DAY_NAMES) for day in found)
    return Days(dict.fromkeys(days))


_NO_DAYS: Final = "This must be a day in quotes, or a list of days."


def _time(value: object, _: object) -> time:
    message = "This must be a time of day in quotes."
    text = _checked(value, str, message)
    if not re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", text):
        raise RefusedError(message + (" Midnight is 00:00." if text == "24:00" else ""))
    return time.fromisoformat(text)


def _date(value: object, _: object) -> date:
    return _checked(value, date, "This must be a date, without quotes.")


def _spans(value: object, _: object) -> OpenSpans:
    spans = [value] if isinstance(value, str) else _checked(value, list, _NO_SPANS)
    try:
        return OpenSpans(parse_span(_checked(span, str, _NO_SPANS)) for span in spans)
    except RefusedError:
        raise
    except ValueError as error:
        raise RefusedError(f"These are no opening hours: {error}.") from None


_NO_SPANS: Final = "This must be a span of time in quotes, or a list of them."


def _json(value: object, _: object) -> JsonTable:
    table = _checked(value, dict, "This must be a table.")
    if not _says_json(table):
        raise RefusedError("JSON has no times, dates or endless numbers.")
    return JsonTable(table)


def _says_json(value: object) -> bool:
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        return False
    return True


def _table(cl: type[Any], converter: cattrs.Converter) -> Hook:
    read = make_dict_structure_fn(
        cl, converter, _cattrs_forbid_extra_keys=True, _cattrs_detailed_validation=True
    )
    return lambda value, kind: read(_checked(value, dict, "This must be a table."), kind)


def _tables(cl: type[Any], converter: cattrs.Converter) -> Hook:
    read = mapping_structure_factory(cl, converter)
    return lambda value, kind: read(_checked(value, dict, "This must be a table."), kind)


def _list(cl: type[Any], converter: cattrs.Converter) -> Hook:
    read = homogenous_tuple_structure_factory(cl, converter)
    return lambda value, kind: read(_checked(value, list, "This must be a list."), kind)


def _numbers(converter: cattrs.Converter) -> Hook:
    def read(value: object, _: object) -> str | tuple[str, ...]:
        if isinstance(value, str):
            return value
        _checked(value, list, "This must be a number in quotes, or a list of them.")
        return converter.structure(value, tuple[str, ...])

    return read


def _is_list(kind: object) -> bool:
    return getattr(kind, "__origin__", None) is tuple


def make_converter() -> cattrs.Converter:
    """Build the converter that reads the tables of an office file."""
    converter = cattrs.Converter(detailed_validation=True, forbid_extra_keys=True)
    for kind in (str, int, bool):
        converter.register_structure_hook(kind, _exactly(kind))
    converter.register_structure_hook(float, _number)
    converter.register_structure_hook(Path, _path)
    converter.register_structure_hook(Target, _target)
    converter.register_structure_hook(Days, _days)
    converter.register_structure_hook(time, _time)
    converter.register_structure_hook(date, _date)
    converter.register_structure_hook(OpenSpans, _spans)
    converter.register_structure_hook_func(
        lambda kind: isinstance(kind, type) and issubclass(kind, enum.Enum), _choice
    )
    converter.register_structure_hook_factory(_is_list, _list)
    converter.register_structure_hook_factory(is_mapping, _tables)
    converter.register_structure_hook_factory(
        lambda kind: attrs.has(kind) and kind is not Target, _table
    )
    converter.register_structure_hook(Numbers, _numbers(converter))
    converter.register_structure_hook(JsonTable, _json)
    return converter


CONVERTER: Final = make_converter()
