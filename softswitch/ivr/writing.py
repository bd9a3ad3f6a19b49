"""A flow as TOML: what a program built from objects, in the words of a flow file.

`softswitch.ivr.loading.parse_flow` reads it back to the same flow. Settings that are as they would
be anyway are left out.
"""

from __future__ import annotations

import os.path
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import attrs
import tomli_w

from softswitch.ivr.fields import RoleKind, role_of
from softswitch.ivr.model import Flow, Node, Source
from softswitch.ivr.prompts import (
    ANY_LANGUAGE,
    LibrarySound,
    Message,
    Piece,
    Prompt,
    Sound,
    Welcome,
    Words,
)
from softswitch.ivr.sayings import Sayings


def flow_text(flow: Flow, base: Path = Path()) -> str:
    """Return the text of a flow's file; further plans are named in it, and have files of their own.

    Args:
        flow: the flow.
        base: folder of the file, which paths of sounds are relative to.
    """
    return tomli_w.dumps(_tables(flow, base))


def write_flow(flow: Flow, path: Path) -> None:
    """Write a flow to a file, and its further plans to files by their names beside it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(flow_text(flow, path.parent), encoding="utf-8")
    for name, plan in flow.sub_flows.items():
        write_flow(plan, path.parent / name)


def _tables(flow: Flow, base: Path) -> dict[str, Any]:
    head: dict[str, Any] = {"name": flow.name, "start": flow.start, "language": flow.language}
    if flow.languages:
        head["languages"] = list(flow.languages)
    if flow.early_media:
        head["early_media"] = True
    tables: dict[str, Any] = {
        "flow": head,
        "keys": dict(flow.keys),
        "variables": {name: _variable(flow, name) for name in flow.variables},
        "look_ups": {name: _source(source, base) for name, source in flow.sources.items()},
        "nodes": {name: _node(node, base) for name, node in flow.nodes.items()},
    }
    return {name: table for name, table in tables.items() if table}


def _variable(flow: Flow, name: str) -> Any:  # noqa: ANN401 - a value, or a table
    first = flow.variables[name]
    choices = flow.choices.get(name)
    return first if choices is None else {"choices": list(choices), "first": first}


def _source(source: Source, base: Path) -> dict[str, Any]:
    fields = attrs.fields_dict(Source)
    written = {name: _plain(getattr(source, name), base) for name in fields}
    written["secrets"] = {name: _relative(file, base) for name, file in source.secrets.items()}
    usual = {name: _plain(getattr(Source(), name), base) for name in fields}
    return {name: value for name, value in written.items() if value != usual[name]}


def _node(node: Node, base: Path) -> dict[str, Any]:
    table: dict[str, Any] = {"kind": node.kind}
    for field in attrs.fields(type(node)):
        value = getattr(node, field.name)
        if value is not None and not _is_usual(field, value):
            write = _WRITERS.get(role_of(field).kind, _plain)
            table[field.name] = write(value, base)
    return table


def _is_usual(field: attrs.Attribute[Any], value: object) -> bool:
    default: Any = field.default
    if isinstance(default, attrs.Factory):  # type: ignore[arg-type] # a class, typed as a function
        default = default.factory()
    if field.converter is not None and default is not attrs.NOTHING:
        default = field.converter(default)  # type: ignore[operator] # of one argument
    return bool(value == default)


def _plain(value: Any, _: Path) -> Any:  # noqa: ANN401 - by role
    if isinstance(value, Mapping):
        return dict(value)
    return list(value) if isinstance(value, tuple) else value


def _prompt(prompt: Prompt, base: Path) -> Any:  # noqa: ANN401 - a text, a table or a list
    if set(prompt.spoken) == {ANY_LANGUAGE}:
        return _pieces(prompt.spoken[ANY_LANGUAGE], base)
    return {code: _pieces(pieces, base) for code, pieces in prompt.spoken.items()}


def _pieces(pieces: tuple[Piece, ...], base: Path) -> Any:  # noqa: ANN401 - the same
    written = [_piece(piece, base) for piece in pieces]
    return written[0] if len(written) == 1 else written


def _piece(piece: Piece, base: Path) -> str | dict[str, str | bool]:
    match piece:
        case LibrarySound():
            return {"sound": piece.name}
        case Welcome():
            return _welcome(piece)
        case Sound():
            return {"play": _relative(piece.file, base)}
        case Message():
            return {"message": piece.message.value}
        case Words() if piece.language:
            return {"say": piece.text.text, "language": piece.language}
        case Words():
            return piece.text.text


def _files(prompt: Prompt, base: Path) -> Any:  # noqa: ANN401 - the same
    names = {
        code: [_file(piece, base) for piece in pieces] for code, pieces in prompt.spoken.items()
    }
    short = {code: found[0] if len(found) == 1 else found for code, found in names.items()}
    return short[ANY_LANGUAGE] if set(short) == {ANY_LANGUAGE} else short


def _file(piece: Piece, base: Path) -> str | dict[str, str | bool]:
    return _relative(piece.file, base) if isinstance(piece, Sound) else _piece(piece, base)


def _welcome(piece: Welcome) -> dict[str, str | bool]:
    written: dict[str, str | bool] = {piece.part.value: piece.group or True}
    return {**written, "hours": piece.hours} if piece.hours else written


def _sayings(sayings: Sayings) -> dict[str, Any]:
    written = {
        code: {key: words[0] if len(words) == 1 else list(words) for key, words in keys.items()}
        for code, keys in sayings.spoken.items()
    }
    return written[ANY_LANGUAGE] if set(written) == {ANY_LANGUAGE} else written


def _relative(file: Path, base: Path) -> str:
    return os.path.relpath(file, base)


_WRITERS: Final[Mapping[RoleKind, Callable[[Any, Path], Any]]] = {
    RoleKind.PROMPT: _prompt,
    RoleKind.PROMPTS: lambda prompts, base: [_prompt(one, base) for one in prompts],
    RoleKind.FILES: _files,
    RoleKind.SAYINGS: lambda sayings, _: _sayings(sayings),
    RoleKind.EXPRESSION: lambda expression, _: expression.text,
    RoleKind.EXPRESSIONS: lambda several, _: {name: one.text for name, one in several.items()},
    RoleKind.TEMPLATE: lambda template, _: template.text,
    RoleKind.CASES: lambda cases, _: [{"when": c.when.text, "to": c.to} for c in cases],
}
