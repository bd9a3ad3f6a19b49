"""What is different between two versions of a flow, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import attrs

from softswitch.ivr.model import Flow

_SETTINGS = (
    "name",
    "start",
    "language",
    "languages",
    "early_media",
    "keys",
    "variables",
    "choices",
)


def differences(before: Flow | None, after: Flow) -> tuple[str, ...]:
    """Say what another version changes; nothing where they are alike."""
    if before is None:
        return ("The flow is new.",)
    return tuple(_differences(before, after))


def _differences(before: Flow, after: Flow) -> Iterator[str]:
    for name in _SETTINGS:
        if getattr(before, name) != getattr(after, name):
            yield f"Setting {name} changes."
    yield from _tables("Source", before.sources, after.sources)
    yield from _tables("Node", before.nodes, after.nodes)
    for name, plan in after.sub_flows.items():
        inner = differences(before.sub_flows.get(name), plan)
        yield from (f"In {name}: {change}" for change in inner)


def _tables(what: str, before: Mapping[str, object], after: Mapping[str, object]) -> Iterator[str]:
    for name, one in after.items():
        if name not in before:
            yield f"{what} {name} is new."
        elif before[name] != one:
            yield f"{what} {name} changes{_fields(before[name], one)}."
    yield from (f"{what} {name} is removed." for name in before if name not in after)


def _fields(before: object, after: object) -> str:
    if type(before) is not type(after) or not attrs.has(type(after)):
        return ""
    changed = [
        field.name
        for field in attrs.fields(type(after))  # type: ignore[arg-type] # it has fields
        if getattr(before, field.name) != getattr(after, field.name)
    ]
    return f": {', '.join(changed)}"
