"""Everything that an office must satisfy beyond the shape of its tables.

`validate` is the one door: the loader uses it on what it read, programs on what they built. Limits
of single settings stand in the metadata of `softswitch.switch.tables` and `softswitch.sip.config`;
the rules that look further are in `group_rules`, `sip_rules` and `file_rules` beside this.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any, get_args

import attrs

from softswitch.acd.model import Target
from softswitch.errors import Fault
from softswitch.switch.config import OfficeConfig
from softswitch.switch.faults import ConfigPath, allowed_by, fault, nearest
from softswitch.switch.file_rules import file_faults
from softswitch.switch.group_rules import group_faults
from softswitch.switch.sip_rules import sip_faults
from softswitch.switch.tables import group_table, office_table


def validate(config: OfficeConfig) -> tuple[Fault, ...]:
    """Find everything that is wrong with an office. Reads the sound and TLS files it names.

    Args:
        config: an office from a file or built in Python.

    Returns:
        Every fault, none for an office that can run. Paths are those of an office file, also for
        an office built in Python: ``groups.main.ring_time_s``.
    """
    tables = tuple(_tables(config))
    found = [f for path, table in tables for f in _limit_faults(path, table)]
    for rule in (group_faults, sip_faults, file_faults):
        found += rule(config)
    told = {f.path for f in found}
    found += [f for path, table in tables for f in _text_faults(path, table) if f.path not in told]
    return tuple(dict.fromkeys(found))


def _tables(config: OfficeConfig) -> Iterator[tuple[ConfigPath, attrs.AttrsInstance]]:
    """Take an office apart into the tables of its file, each with its path."""
    yield ("office",), office_table(config)
    yield ("sip",), config.sip
    yield ("sip", "tls"), config.sip.tls
    for i, listener in enumerate(config.sip.listen):
        yield ("sip", "listen", i), listener
    for i, trunk in enumerate(config.sip.trunks):
        yield ("sip", "trunks", i), trunk
    for member in config.members:
        yield ("members", member.id), member
    for group in config.groups:
        yield ("groups", group.id), group_table(group, office_language=config.language)


def _limit_faults(path: ConfigPath, table: attrs.AttrsInstance) -> Iterator[Fault]:
    """Hold the settings of one table against the limits of their fields."""
    cls = attrs.resolve_types(type(table))
    for field in attrs.fields(cls):
        value = getattr(table, field.name)
        message = "" if value is None else _limit_message(field.metadata, value)
        if message:
            kind = next((t for t in get_args(field.type) if t is not type(None)), field.type)
            where, found = (*path, field.name), None if value == () else value
            yield fault(where, message, found, allowed_by(field.metadata, kind))


def _limit_message(limits: Mapping[Any, Any], value: object) -> str:
    """Return what is wrong with a value, or nothing."""
    if "range" in limits:
        return "" if _in_range(value, *limits["range"]) else "This is out of range."
    if "choices" in limits and value not in limits["choices"]:
        return f"This is not known.{nearest(value, limits['choices'])}"
    if "length" in limits and isinstance(value, tuple):
        fewest, most = limits["length"]
        if len(value) < fewest:
            return "There must be at least one." if fewest == 1 else "There are too few."
        return f"There are {len(value)}, that is too many." if len(value) > most else ""
    return ""


def _in_range(value: object, low: float, high: float) -> bool:
    """Tell whether a value is a number from ``low`` to ``high``; NaN is not."""
    return isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high


def _text_faults(path: ConfigPath, table: attrs.AttrsInstance) -> Iterator[Fault]:
    """Refuse control characters, which could forge lines in SIP messages and logs."""
    for field in attrs.fields(type(table)):
        value = getattr(table, field.name)
        texts = value if isinstance(value, tuple) else (value,)
        if not isinstance(value, Target) and any(map(_has_control_character, texts)):
            shown = value if field.repr else None
            yield fault((*path, field.name), "This holds a control character.", shown)


def _has_control_character(value: object) -> bool:
    return isinstance(value, str) and any(unicodedata.category(c) in ("Cc", "Cs") for c in value)
