"""Reading scripted conversations: TOML text to `Conversation`, or every fault with its line.

What stands in such a file: `softswitch.ivr.conversations`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, TypeAlias

import attrs
import cattrs

from softswitch.errors import ConfigurationError, Fault
from softswitch.ivr.rehearsal import MONDAY_MORNING, WHAT, PretendGroup, PretendWorld
from softswitch.ivr.world import CallFacts
from softswitch.settings.faults import ConfigPath, LocatedFault, fault, nearest, one_of
from softswitch.settings.lines import line_numbers, line_of

Answer: TypeAlias = Mapping[str, object] | str
_ANSWERS: Final = ("nothing", "fails")
HAPPENINGS: Final = (*(what for what, _ in WHAT.values()), "records", "ends")
_SETTINGS: Final = {
    what: tuple(field.name for field in attrs.fields(kind) if field.name != "id")
    for kind, (what, _) in WHAT.items()
}
"""What is known of each thing that happens."""

ACTIONS: Final = ("press", "say", "silent", "hangs_up", "then", "speaks_s")
GIVES: Final = "gives"
"""What an own node gives besides its outcome: goes with ``then``."""

LOOKS: Final = ("hears", "hears_not", "language", "node", "variables", *HAPPENINGS)


@attrs.frozen(kw_only=True)
class Conversation:
    """One script.

    Attributes:
        world: what conditions find.
        facts: who calls.
        look_ups: how sources answer.
        steps: what is seen and done, in order; keys as in the file.
    """

    name: str
    world: PretendWorld
    facts: CallFacts
    look_ups: Mapping[str, Answer]
    steps: tuple[Mapping[str, Any], ...]


def script_of(flow_file: Path) -> Path:
    """Return where the conversations of a flow file stand."""
    return flow_file.with_name(f"{flow_file.stem}.test.toml")


def load_conversations(path: Path) -> tuple[Conversation, ...]:
    """Read a file of conversations.

    Raises:
        ConfigurationError: it cannot be read, or something in it is wrong.
    """
    name = str(path)
    try:
        text = path.read_text(encoding="utf-8")
        raw = tomllib.loads(text)
    except OSError as error:
        message = f"The file cannot be read: {error.strerror}."
        raise ConfigurationError([LocatedFault(path=name, message=message, file=name)]) from None
    except ValueError as error:  # no TOML, or no UTF-8
        place = re.search(r"\(at line (\d+), ", str(error))
        line = int(place[1]) if place else None
        message = f"This is not TOML: {error}."
        fault_ = LocatedFault(path=name, message=message, file=name, line=line)
        raise ConfigurationError([fault_]) from None
    faults: list[Fault] = []
    found = tuple(_conversation(i, table, faults) for i, table in enumerate(_tables(raw, faults)))
    faults += _unknown((), raw, ("conversation",))
    if faults:
        lines = line_numbers(text)
        raise ConfigurationError(
            LocatedFault(**attrs.asdict(one), file=name, line=line_of(one.path, lines))
            for one in faults
        )
    return found


def _tables(raw: Mapping[str, Any], faults: list[Fault]) -> list[Mapping[str, Any]]:
    """Return the conversations of a file, none where something else is called so."""
    tables = raw.get("conversation", [])
    if _are_tables(tables):
        return list(tables)
    faults.append(fault(("conversation",), "Each begins with [[conversation]].", None))
    return []


def _are_tables(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(one, dict) for one in value)


def _of_its_kind(
    path: ConfigPath, raw: Mapping[str, Any], kinds: Mapping[str, _Kind], faults: list[Fault]
) -> dict[str, Any]:
    """Return what is of the kind that it has to be; the rest is noted and left out."""
    right = {}
    for key, value in raw.items():
        types, allowed = kinds.get(key, (object, ""))
        if isinstance(value, types):
            right[key] = value
        else:
            faults.append(fault((*path, key), f"This must be {allowed}.", value))
    return right


_HEAD: Final = (
    "name",
    "at",
    "caller",
    "caller_name",
    "dialled",
    "open",
    "special",
    "groups",
    "look_ups",
    "steps",
)


_Kind: TypeAlias = tuple[type | tuple[type, ...], str]
_TEXT: Final[_Kind] = (str, "text in quotes")
_NUMBER: Final[_Kind] = ((int, float), "a number")
_TABLE: Final[_Kind] = (dict, "a table")
_LIST: Final[_Kind] = (list, "a list")
_HEAD_KINDS: Final[Mapping[str, _Kind]] = {
    **dict.fromkeys(("name", "caller", "caller_name", "dialled"), _TEXT),
    **dict.fromkeys(("open", "groups", "look_ups"), _TABLE),
    "special": _LIST,
}
_STEP_KINDS: Final[Mapping[str, _Kind]] = {
    **dict.fromkeys(("say", "then", "language", "node", "hears_not"), _TEXT),
    **dict.fromkeys(("variables", "gives"), _TABLE),
    "hears": ((str, list), "text in quotes, or a list of texts"),
    "press": ((str, int), "keys in quotes"),
    "silent": (int, "a whole number"),
    "speaks_s": _NUMBER,
}


def _conversation(i: int, raw: Mapping[str, Any], faults: list[Fault]) -> Conversation:
    path: ConfigPath = ("conversation", i)
    raw = _of_its_kind(path, raw, _HEAD_KINDS, faults)
    steps = raw.get("steps", [])
    if not _are_tables(steps):
        faults.append(fault((*path, "steps"), "This must be a list of tables.", steps))
        steps = []
    raw["steps"] = [
        _of_its_kind((*path, "steps", at), step, _STEP_KINDS, faults)
        for at, step in enumerate(steps)
    ]
    faults.extend(_shape_faults(path, raw))
    return Conversation(
        name=str(raw.get("name", f"conversation {i + 1}")),
        world=_world(path, raw, faults),
        facts=CallFacts(
            caller=str(raw.get("caller", "")),
            caller_name=str(raw.get("caller_name", "")),
            dialled=str(raw.get("dialled", "")),
        ),
        look_ups=raw.get("look_ups", {}),
        steps=tuple(raw.get("steps", [])),
    )


def _shape_faults(path: ConfigPath, raw: Mapping[str, Any]) -> Iterator[Fault]:
    """Find what is called by no known name, and look-ups that answer nothing known."""
    yield from _unknown(path, raw, _HEAD)
    for at, step in enumerate(raw.get("steps", [])):
        yield from _unknown((*path, "steps", at), step, (*LOOKS, *ACTIONS, GIVES))
        for what, settings in _SETTINGS.items():
            if isinstance(step.get(what), dict):
                yield from _unknown((*path, "steps", at, what), step[what], settings)
    for source, answer in raw.get("look_ups", {}).items():
        if not isinstance(answer, dict) and answer not in _ANSWERS:
            allowed = f"a table, {one_of(_ANSWERS)}"
            yield fault((*path, "look_ups", source), "This is no answer.", answer, allowed)


def _unknown(path: ConfigPath, raw: Mapping[str, Any], known: tuple[str, ...]) -> Iterator[Fault]:
    for key in raw:
        if key not in known:
            message = f"This means nothing here.{nearest(key, known)}"
            yield fault((*path, key), message, None, one_of(known))


def _world(
    path: tuple[str | int, ...], raw: Mapping[str, Any], faults: list[Fault]
) -> PretendWorld:
    begins, groups = raw.get("at", MONDAY_MORNING), {}
    if not isinstance(begins, datetime):
        message = "This must be a date and time."
        faults.append(fault((*path, "at"), message, begins, "such as 2026-03-02T10:00:00"))
        begins = MONDAY_MORNING
    for name, table in raw.get("groups", {}).items():
        try:
            groups[name] = _CONVERTER.structure(table, PretendGroup)
        except cattrs.BaseValidationError:
            allowed = one_of(field.name for field in attrs.fields(PretendGroup))
            faults.append(
                fault(
                    (*path, "groups", name),
                    "This is no state of a group.",
                    None,
                    f"a table with {allowed}",
                )
            )
    return PretendWorld(
        begins=begins if begins.tzinfo else begins.replace(tzinfo=UTC),
        open=raw.get("open", {}),
        special=tuple(raw.get("special", ())),
        groups=groups,
    )


_CONVERTER: Final = cattrs.Converter(forbid_extra_keys=True)
