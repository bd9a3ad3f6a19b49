"""Everything that an office must satisfy beyond the shape of its tables.

`validate` is the one door: the loader uses it on what it read, programs on what they built. Limits
of single settings stand in the metadata of `softswitch.switch.tables` and `softswitch.sip.config`;
the rules that look further are in `group_rules`, `sip_rules` and `file_rules` beside this.
"""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Iterator
from typing import Any, Final, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

import attrs

from softswitch.acd.model import Target
from softswitch.errors import ConfigurationError, Fault
from softswitch.settings.faults import ConfigPath, Limits, allowed_by, fault, nearest
from softswitch.switch.config import OfficeConfig
from softswitch.switch.file_rules import file_faults
from softswitch.switch.flow_rules import flow_faults
from softswitch.switch.group_rules import group_faults
from softswitch.switch.hours_tables import hours_faults
from softswitch.switch.service_tables import service_faults
from softswitch.switch.sip_rules import sip_faults
from softswitch.switch.sms_tables import sms_faults
from softswitch.switch.speech_tables import speech_faults
from softswitch.switch.tables import (
    ALLOWED_ZONE,
    further_table,
    group_table,
    member_table,
    office_table,
)
from softswitch.switch.web_rules import web_faults


def require_valid(config: OfficeConfig, *, limits: bool = True, flows: bool = False) -> None:
    """Refuse an office that cannot run; arguments as those of `validate`.

    Raises:
        ConfigurationError: something is wrong; it holds every fault.
    """
    if faults := validate(config, limits=limits, flows=flows):
        raise ConfigurationError(faults)


def validate(
    config: OfficeConfig, *, limits: bool = True, flows: bool = False
) -> tuple[Fault, ...]:
    """Find everything that is wrong with an office. Reads the sound and TLS files it names.

    Args:
        config: an office from a file or built in Python.
        limits: hold groups and members against the limits of the service, such as 15 to 40 s of
            ringing; False: only against what is possible, for tests and demonstrations in a hurry.
        flows: numbers may lead to flows of a program besides the groups of the office, so that a
            number as a target needs no trunk.

    Returns:
        Every fault, none for an office that can run. Paths are those of an office file, also for
        an office built in Python: ``groups.main.ring_time_s``.
    """
    tables = tuple(_tables(config))
    found = [f for path, table in tables for f in _limit_faults(path, table, limits=limits)]
    found += _zone_faults(config.timezone)
    found += group_faults(config, flows=flows)
    found += hours_faults(config.hours)
    found += sip_faults(config, flows=flows)
    found += file_faults(config)
    found += flow_faults(config)
    found += service_faults(config)
    found += sms_faults(config.sms)
    found += speech_faults(config.speech)
    found += web_faults(config)
    told = {f.path for f in found}
    found += [f for path, table in tables for f in _text_faults(path, table) if f.path not in told]
    return tuple(dict.fromkeys(found))


def _zone_faults(name: str) -> Iterator[Fault]:
    """Refuse a time zone that the machine does not know."""
    try:
        if name:
            ZoneInfo(name)
    except (ValueError, OSError, ZoneInfoNotFoundError):
        message = f"This time zone is not known.{nearest(name, available_timezones())}"
        yield fault(("office", "timezone"), message, name, ALLOWED_ZONE)


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
        yield ("members", member.id), member_table(member)
    for group in config.groups:
        yield ("groups", group.id), group_table(group, office_language=config.language)
        for i, further in enumerate(group.engine.further):
            yield ("groups", group.id, "further", i), further_table(further)
    for name, hours in config.hours.items():
        for i, calendar in enumerate(hours.calendars):
            yield ("hours", name, "calendars", i), calendar
    yield ("mail",), config.mail
    yield ("speech",), config.speech
    yield ("sms",), config.sms
    yield ("voicemail",), config.voicemail
    yield ("web",), config.web
    for name, survey in config.surveys.items():
        yield ("surveys", name), survey
        for i, question in enumerate(survey.questions):
            yield ("surveys", name, "questions", i), question


_OF_THE_SERVICE: Final = ("members", "groups")
"""The tables whose limits are those of a service, not of what is possible."""


def _limit_faults(path: ConfigPath, table: attrs.AttrsInstance, *, limits: bool) -> Iterator[Fault]:
    """Hold the settings of one table against the limits of their fields."""
    cls = attrs.resolve_types(type(table))
    for field in attrs.fields(cls):
        value = getattr(table, field.name)
        held = limits or path[0] not in _OF_THE_SERVICE
        bounds = field.metadata if held else _possible(field.metadata)
        message = "" if value is None else _limit_message(bounds, value)
        if message:
            kind = next((t for t in get_args(field.type) if t is not type(None)), field.type)
            where, found = (*path, field.name), None if value == () else value
            yield fault(where, message, found, allowed_by(bounds, kind))


def _possible(limits: Limits) -> dict[Any, Any]:
    """Widen the limits of a field to what is possible at all."""
    wide = dict(limits)
    if "range" in limits:
        low = min(limits["range"][0], 0)
        wide |= {"range": (low, sys.float_info.max), "allowed": f"a number, {low} or more"}
    if "length" in limits:
        fewest = limits["length"][0]
        wide |= {"length": (fewest, sys.maxsize), "allowed": f"{fewest} of them or more, in a list"}
    return wide


def _limit_message(limits: Limits, value: object) -> str:
    """Return what is wrong with a value, or nothing."""
    if "range" in limits:
        besides = "or" in limits and _in_range(value, limits["or"], limits["or"])
        return "" if besides or _in_range(value, *limits["range"]) else "This is out of range."
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
