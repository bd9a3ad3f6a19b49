"""Faults of a configuration in words: where, what was found, what is allowed.

A path is a tuple of keys and list indices while we work with it, and dotted text for people:
``("sip", "trunks", 0, "server")`` is ``sip.trunks[0].server``. A key that TOML would quote is
quoted here too. Secrets never become text: not as a value found, not inside a SIP URI.
"""

from __future__ import annotations

import difflib
import enum
import re
import types
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final, TypeAlias, Union, get_args, get_origin

import attrs

from softswitch.errors import Fault

ConfigPath: TypeAlias = tuple[str | int, ...]
Limits: TypeAlias = Mapping[Any, Any]

_BARE_KEY: Final = re.compile(r"[A-Za-z0-9_-]+")
_URI_PASSWORD: Final = re.compile(r"(?i)(sips?:[^:@\s]*):[^@\s]*@")
_LONGEST_VALUE: Final = 80
HIDDEN: Final = "hidden"


@attrs.frozen(kw_only=True)
class LocatedFault(Fault):
    """A fault whose place in a file is known.

    Attributes:
        file: name of the file, or empty.
        line: line in the file, 1 for the first; None where it cannot be told.
    """

    file: str = ""
    line: int | None = None

    def __str__(self) -> str:
        place = f"line {self.line}: " if self.line is not None else ""
        return place + super().__str__()


def dotted(path: ConfigPath) -> str:
    """Write a path as people read it."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            key = step if _BARE_KEY.fullmatch(step) else _quoted(step)
            text += f".{key}" if text else key
    return text


def _quoted(key: str) -> str:
    """Write a key as a TOML basic string; what cannot be printed becomes an escape."""
    inner = key.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in inner) + '"'


def fault(path: ConfigPath, message: str, value: object = None, allowed: str = "") -> Fault:
    """Make a fault from a path of keys and a value as it is."""
    return Fault(path=dotted(path), message=message, value=shown(value), allowed=allowed)


def is_within(path: str, outer: str) -> bool:
    """Tell whether dotted ``path`` is ``outer`` or lies inside it."""
    return path == outer or path.startswith((f"{outer}.", f"{outer}["))


def shown(value: object) -> str:  # noqa: PLR0911 - a table of types
    """Write a value found as short text, without passwords."""
    match value:
        case None:
            return ""
        case Mapping():
            return "a table"
        case list() | tuple():
            return f"a list of {len(value)}"
        case enum.Enum():
            return shown(value.value)
        case bool():
            return "true" if value else "false"
        case int() if abs(value) >= 10**20:
            return "a very large number"
        case str() | Path():
            return _shortened(repr(_URI_PASSWORD.sub(r"\1:***@", str(value))))
        case _:
            return _shortened(str(value))


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 3] + "..."


def one_of(choices: Iterable[object]) -> str:
    """Write ``a, b or c``; nothing for none."""
    *first, last = [str(choice) for choice in choices] or [""]
    return f"{', '.join(first)} or {last}" if first else last


def nearest(word: object, known: Iterable[object]) -> str:
    """Return `` Did you mean `x`?`` for the known word most like ``word``, or nothing."""
    if not isinstance(word, str):
        return ""
    by_folded = {str(k).casefold(): str(k) for k in known}
    found = difflib.get_close_matches(word[:64].casefold(), by_folded, n=1)
    return f" Did you mean `{by_folded[found[0]]}`?" if found else ""


def allowed_type(wanted: object) -> str:
    """Say in plain words what a value of a type looks like in the file."""
    if get_origin(wanted) in (Union, types.UnionType):
        return one_of(allowed_type(t) for t in get_args(wanted) if t is not type(None))
    if get_origin(wanted) is tuple:
        return f"a list, each {allowed_type(get_args(wanted)[0])}"
    if isinstance(wanted, type) and issubclass(wanted, enum.Enum):
        return one_of(member.value for member in wanted)
    return _TYPE_WORDS.get(wanted if isinstance(wanted, type) else None, "a table")


_TYPE_WORDS: Final[Mapping[Any, str]] = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "text in quotes",
    Path: "a path in quotes",
}


def allowed_by(limits: Limits, wanted: object) -> str:
    """Say in plain words what a field allows, from its metadata and type.

    Metadata: ``range`` (lowest, highest), ``or`` (one more number), ``choices``, ``length``
    (fewest, most), ``allowed`` (the words themselves).
    """
    if "allowed" in limits:
        return str(limits["allowed"])
    if "range" in limits:
        low, high = limits["range"]
        kind = "a number" if wanted is float else "a whole number"
        besides = f", or {limits['or']}" if "or" in limits else ""
        return f"{kind} from {low} to {high}{besides}"
    if "choices" in limits:
        return one_of(limits["choices"])
    if "length" in limits:
        fewest, most = limits["length"]
        return f"{fewest} to {most} of them, in a list"
    return allowed_type(wanted)
