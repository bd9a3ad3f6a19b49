"""Prompts: something for every language that the flow speaks, and files that are there."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TypeGuard

import attrs

from softswitch.errors import Fault
from softswitch.ivr.fields import RoleKind, role_of
from softswitch.ivr.model import Flow
from softswitch.ivr.prompts import (
    ANY_LANGUAGE,
    LibrarySound,
    Piece,
    Prompt,
    Sound,
    Welcome,
    Words,
)
from softswitch.settings.faults import ConfigPath, fault, nearest, one_of

_HEARD = (RoleKind.PROMPT, RoleKind.FILES)


def prompts(flow: Flow) -> Iterator[tuple[ConfigPath, Prompt]]:
    """Give every prompt of a flow with its path."""
    for name, node in flow.nodes.items():
        for field in attrs.fields(type(node)):
            kind, value = role_of(field).kind, getattr(node, field.name)
            path = ("nodes", name, field.name)
            if kind in _HEARD and value is not None:
                yield path, value
            elif kind is RoleKind.PROMPTS:
                yield from (((*path, i), prompt) for i, prompt in enumerate(value))


def prompt_faults(flow: Flow) -> Iterator[Fault]:
    """Find languages in which callers would hear nothing, or the words of another language."""
    for path, prompt in prompts(flow):
        yield from _language_faults(flow, path, prompt)


def _language_faults(flow: Flow, path: ConfigPath, prompt: Prompt) -> Iterator[Fault]:
    spoken = flow.spoken
    for code in prompt.spoken:
        if code not in (ANY_LANGUAGE, *spoken):
            message = "The flow does not speak this language: see `languages`."
            yield fault((*path, code), message, code, one_of(spoken))
    silent = [code for code in spoken if not prompt.pieces(code)]
    if silent:
        yield fault(path, f"Nothing is heard in {one_of(silent)}.", None, "a table by language")
    words = [piece for piece in prompt.spoken.get(ANY_LANGUAGE, ()) if _is_of_a_language(piece)]
    mixed = any(piece.language for piece in words)  # on purpose, as in a choice of languages
    if words and not mixed and len(spoken) > 1 and not set(spoken) <= set(prompt.spoken):
        message = f"The flow speaks {', '.join(spoken)}, and these words are of one language only."
        yield fault(path, message, None, "a table by language")


def _is_of_a_language(piece: Piece) -> TypeGuard[Words]:
    """Tell whether a piece has words of its own, and not only values and signs."""
    return isinstance(piece, Words) and any(
        isinstance(part, str) and any(map(str.isalpha, part)) for part in piece.text.pieces
    )


def library_faults(
    flow: Flow,
    sounds: Collection[str] | None,
    groups: Collection[str] | None,
    calendars: Collection[str] | None,
) -> Iterator[Fault]:
    """Find sounds that the library does not have, and greetings of nobody; None: not known."""
    for path, prompt in prompts(flow):
        for code, piece in prompt.everything():
            where = (*path, code) if code else path
            if isinstance(piece, LibrarySound):
                yield from _unknown(where, "The library has no sound", piece.name, sounds)
            elif isinstance(piece, Welcome):
                yield from _unknown(where, "There is no group", piece.group, groups)
                yield from _unknown(where, "There is no calendar", piece.hours, calendars)


def _unknown(
    path: ConfigPath, what: str, name: str, known: Collection[str] | None
) -> Iterator[Fault]:
    if name and known is not None and name not in known:
        message = f"{what} of this name.{nearest(name, known)}"
        yield fault(path, message, name, one_of(sorted(known)) if known else "there are none")


def named_sounds(flow: Flow) -> Iterator[tuple[str, str]]:
    """Give every sound of the library that a flow names, with the node where it is heard.

    Those of further plans are given too, with the plan before the node: ``plan/node``.
    """
    for path, prompt in prompts(flow):
        for _, piece in prompt.everything():
            if isinstance(piece, LibrarySound):
                yield piece.name, str(path[1])
    for plan, inner in flow.sub_flows.items():
        yield from ((name, f"{plan}/{node}") for name, node in named_sounds(inner))


def file_faults(flow: Flow) -> Iterator[Fault]:
    """Find sound files that are not there. Looks at the disk."""
    for path, prompt in prompts(flow):
        for code, piece in prompt.everything():
            if isinstance(piece, Sound) and not piece.file.is_file():
                where = (*path, code) if code else path
                yield fault(where, "There is no such sound file.", piece.file)
