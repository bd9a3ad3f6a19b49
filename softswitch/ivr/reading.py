"""From tables, as `tomllib` gives them, to a flow; every fault of shape at once.

A setting is read by its role (`softswitch.ivr.fields`), so that nodes of any kind are read alike.
What is refused is noted with its path and left out, and the rest is read all the same.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import attrs

from softswitch.errors import Fault
from softswitch.ivr.fields import Role, RoleKind, role_of
from softswitch.ivr.model import KINDS, Flow, Node, Source
from softswitch.ivr.sources import ANSWERS, METHODS
from softswitch.ivr.values import RefusedError, ValueReader
from softswitch.settings.faults import ConfigPath, fault, nearest, one_of

TABLES: Final = ("flow", "keys", "variables", "look_ups", "nodes")
LANGUAGES: Final = ("da", "nb", "sv", "en")


class FlowReader:
    """Reads one flow; ``faults`` is what was refused.

    Attributes:
        sub_flows: the files that nodes lead to, in the order of reading.
        refused: nodes that could not be made.
    """

    def __init__(self, base: Path, languages: tuple[str, ...] = LANGUAGES) -> None:
        """Set up.

        Args:
            base: folder that paths are relative to.
            languages: every language that can be spoken.
        """
        self._values = ValueReader(base, languages)
        self.faults: list[Fault] = []
        self.sub_flows: dict[str, ConfigPath] = {}
        self.refused: set[str] = set()

    def read(self, raw: Mapping[str, Any]) -> Flow:
        """Read the tables of a flow file."""
        for name in raw:
            if name not in TABLES:
                self._refuse(
                    (name,), f"There is no such table.{nearest(name, TABLES)}", None, one_of(TABLES)
                )
        head = self._table(raw, ("flow",))
        nodes = {
            name: node
            for name, table in self._tables(raw, ("nodes",))
            if (node := self._node(name, table)) is not None
        }
        sources = {name: self._source(name, t) for name, t in self._tables(raw, ("look_ups",))}
        variables, choices = self._variables(self._table(raw, ("variables",)))
        return Flow(
            **self._head(head),
            nodes=nodes,
            keys=self._keys(self._table(raw, ("keys",))),
            variables=variables,
            choices=choices,
            sources=sources,
        )

    def _refuse(self, path: ConfigPath, message: str, value: object, allowed: str = "") -> None:
        self.faults.append(fault(path, message, value, allowed))

    def _table(self, raw: Mapping[str, Any], path: ConfigPath) -> Mapping[str, Any]:
        table = raw.get(str(path[-1]), {})
        if isinstance(table, dict):
            return table
        self._refuse(path, "This must be a table.", table)
        return {}

    def _tables(
        self, raw: Mapping[str, Any], path: ConfigPath
    ) -> Iterator[tuple[str, Mapping[str, Any]]]:
        for name, table in self._table(raw, path).items():
            if isinstance(table, dict):
                yield name, table
            else:
                self._refuse((*path, name), "This must be a table.", table)

    def _head(self, raw: Mapping[str, Any]) -> dict[str, Any]:
        settings: dict[str, Any] = {"name": "", "start": ""}
        for name, value in raw.items():
            role = _HEAD.get(name)
            if role is None:
                near = nearest(name, _HEAD)
                self._refuse(
                    ("flow", name), f"There is no such setting.{near}", None, one_of(_HEAD)
                )
            else:
                self._take(settings, ("flow", name), role, value)
        for name in ("name", "start"):
            if name not in raw:
                self._refuse(("flow", name), "This is missing.", None, _HEAD[name].allowed)
        return settings

    def _take(self, settings: dict[str, Any], path: ConfigPath, role: Role, value: object) -> None:
        try:
            settings[str(path[-1])] = self._values.read(role, value)
        except RefusedError as refused:
            found = value if refused.value is None else refused.value
            allowed = refused.allowed or role.allowed
            self._refuse((*path, *refused.at), str(refused), found, allowed)

    def _keys(self, raw: Mapping[str, Any]) -> dict[str, str]:
        keys: dict[str, str] = {}
        for key, target in raw.items():
            self._take(keys, ("keys", key), Role(kind=RoleKind.TARGET), target)
        return keys

    def _variables(
        self, raw: Mapping[str, Any]
    ) -> tuple[dict[str, Any], dict[str, tuple[str, ...]]]:
        """Read what variables begin with, and the choices of those that have some."""
        found: dict[str, Any] = {}
        choices: dict[str, tuple[str, ...]] = {}
        for name, value in raw.items():
            if isinstance(value, bool | int | float | str | dt.time) or type(value) is dt.date:
                found[name] = value
            elif isinstance(value, dict) and (several := self._choices(name, value)):
                choices[name] = several
                found[name] = value.get("first", several[0])
            elif not isinstance(value, dict):
                message = "A variable begins as a text, a number, true, false, a time or a date."
                self._refuse(("variables", name), message, value, 'or { choices = ["a", "b"] }')
        return found, choices

    def _choices(self, name: str, raw: Mapping[str, Any]) -> tuple[str, ...]:
        """Read a variable that is one of a few texts; empty: it was refused."""
        path: ConfigPath = ("variables", name)
        for key in raw:
            if key not in _CHOICE:
                near = nearest(key, _CHOICE)
                self._refuse(
                    (*path, key), f"There is no such setting.{near}", None, one_of(_CHOICE)
                )
                return ()
        given, first = raw.get("choices"), raw.get("first")
        wanted = "a list of texts in quotes, each once"
        if not isinstance(given, list) or not all(isinstance(one, str) for one in given):
            self._refuse((*path, "choices"), "This must be a list of texts.", given, wanted)
        elif not given or len(set(given)) < len(given):
            self._refuse((*path, "choices"), "There must be some, each once.", given, wanted)
        elif first is not None and first not in given:
            message = f"This is none of the choices.{nearest(first, given)}"
            self._refuse((*path, "first"), message, first, one_of(given))
        else:
            return tuple(given)
        return ()

    def _source(self, name: str, raw: Mapping[str, Any]) -> Source:
        settings: dict[str, Any] = {}
        for key, value in raw.items():
            path = ("look_ups", name, key)
            if key == "fallback" and isinstance(value, dict):
                settings[key] = value
            elif key in _SOURCE:
                self._take(settings, path, _SOURCE[key], value)
            else:
                near = nearest(key, _SOURCE)
                self._refuse(path, f"There is no such setting.{near}", None, one_of(_SOURCE))
        return Source(**settings)

    def _node(self, name: str, raw: Mapping[str, Any]) -> Node | None:
        path: ConfigPath = ("nodes", name)
        kind = KINDS.get(raw["kind"]) if isinstance(raw.get("kind"), str) else None
        if kind is None:
            near = nearest(raw.get("kind"), KINDS)
            message = (
                f"There is no such kind of node.{near}" if "kind" in raw else "This is missing."
            )
            self._refuse((*path, "kind"), message, raw.get("kind"), one_of(sorted(KINDS)))
            self.refused.add(name)
            return None
        settings = self._settings(path, kind, raw)
        missing = [field for field in attrs.fields(kind) if field.default is attrs.NOTHING]
        for field in missing:
            if field.name not in raw:
                allowed = role_of(field).allowed
                self._refuse((*path, field.name), "This is missing.", None, allowed)
        if all(field.name in settings for field in missing):
            return self._made(path, kind, settings)
        self.refused.add(name)
        return None

    def _made(self, path: ConfigPath, kind: type[Node], settings: dict[str, Any]) -> Node | None:
        try:
            return kind(**settings)
        except ValueError as error:  # a validator of its own
            self._refuse(path, f"{error}", None)
            self.refused.add(str(path[-1]))
            return None

    def _settings(
        self, path: ConfigPath, kind: type[Node], raw: Mapping[str, Any]
    ) -> dict[str, Any]:
        fields = attrs.fields_dict(kind)
        settings: dict[str, Any] = {}
        for name, value in raw.items():
            if name in fields:
                self._take(settings, (*path, name), role_of(fields[name]), value)
            elif name != "kind":
                near = nearest(name, fields)
                message = f"A node of kind {kind.kind} has no such setting.{near}"
                self._refuse((*path, name), message, None, one_of(fields))
        if kind.kind == "sub_flow" and "flow" in settings:
            self.sub_flows.setdefault(settings["flow"], (*path, "flow"))
        return settings


_CHOICE: Final = ("choices", "first")
_TEXT: Final = Role(kind=RoleKind.TEXT)
_HEAD: Final[Mapping[str, Role]] = {
    "name": _TEXT,
    "start": Role(kind=RoleKind.TARGET),
    "language": Role(kind=RoleKind.NAME, names=LANGUAGES),
    "languages": Role(kind=RoleKind.NAMES),
    "early_media": Role(kind=RoleKind.TRUTH),
}
_SOURCE: Final[Mapping[str, Role]] = {
    "url": _TEXT,
    "method": Role(kind=RoleKind.NAME, names=METHODS),
    "query": Role(kind=RoleKind.WORDS),
    "headers": Role(kind=RoleKind.WORDS),
    "json": Role(kind=RoleKind.JSON),
    "form": Role(kind=RoleKind.WORDS),
    "secrets": Role(kind=RoleKind.PATHS),
    "answer": Role(kind=RoleKind.NAME, names=ANSWERS),
    "path": _TEXT,
    "expected": Role(kind=RoleKind.STATUSES),
    "not_found": Role(kind=RoleKind.STATUSES),
    "timeout_s": Role(kind=RoleKind.NUMBER, low=0.1, high=60),
    "cache_s": Role(kind=RoleKind.NUMBER, low=0, high=86_400),
    "fallback": Role(kind=RoleKind.WORDS),
}
