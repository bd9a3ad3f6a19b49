"""Words that callers may say: each means one thing, and can be made out where the flow is used."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Protocol, runtime_checkable

import attrs

from softswitch.errors import Fault
from softswitch.ivr.fields import RoleKind, role_of
from softswitch.ivr.model import Flow
from softswitch.ivr.prompts import ANY_LANGUAGE
from softswitch.ivr.sayings import Sayings, as_said
from softswitch.settings.faults import ConfigPath, fault, one_of


class Ears(Protocol):
    """What a flow must know of whatever makes out words."""

    def knows(self, language: str) -> bool:
        """Whether it makes out a language (ISO 639-1)."""


@runtime_checkable
class Dictionary(Protocol):
    """Ears that know single words only."""

    def unknown(self, words: Collection[str], language: str) -> Collection[str]:
        """Return the words that it can never make out, in lower case. Reads the disk."""


def sayings(flow: Flow) -> Iterator[tuple[ConfigPath, Sayings]]:
    """Give everything that may be said in a flow, with its path."""
    for name, node in flow.nodes.items():
        for field in attrs.fields(type(node)):
            if role_of(field).kind is RoleKind.SAYINGS and getattr(node, field.name):
                yield ("nodes", name, field.name), getattr(node, field.name)


def saying_faults(flow: Flow, ears: Ears | None) -> Iterator[Fault]:
    """Find words that mean two things, or that nobody can make out.

    Args:
        flow: the flow.
        ears: what makes out words; None: not known, or nothing does, and keys alone count.
    """
    for path, what in sayings(flow):
        yield from _language_faults(flow, path, what)
        yield from _twice(path, what)
        if ears is not None:
            yield from _unheard(flow, path, what, ears)


def _language_faults(flow: Flow, path: ConfigPath, what: Sayings) -> Iterator[Fault]:
    spoken = flow.spoken
    if ANY_LANGUAGE in what.spoken and len(spoken) > 1:
        message = f"The flow speaks {', '.join(spoken)}, and these words are of one language only."
        yield fault(path, message, None, "a table by language")
    for code in what.spoken:
        if code not in (ANY_LANGUAGE, *spoken):
            message = "The flow does not speak this language: see `languages`."
            yield fault((*path, code), message, code, one_of(spoken))


def _twice(path: ConfigPath, what: Sayings) -> Iterator[Fault]:
    meant: dict[tuple[str, str], str] = {}
    for code, key, words in what.everything():
        for word in words:
            other = meant.setdefault((code, as_said(word)), key)
            if other != key:
                yield fault(_at(path, code, key), f"This stands for key {other} already.", word)


def _unheard(flow: Flow, path: ConfigPath, what: Sayings, ears: Ears) -> Iterator[Fault]:
    for code, keys in what.spoken.items():
        language = code or flow.language
        if not ears.knows(language):
            message = f"What the office has to make out words knows no words in {language!r}."
            for key, words in keys.items():
                yield fault(_at(path, code, key), message, ", ".join(words), "keys alone")
        elif isinstance(ears, Dictionary):
            single = {one for words in keys.values() for word in words for one in _single(word)}
            missing = ears.unknown(single, language)
            for key, words in keys.items():
                yield from _not_in_dictionary(_at(path, code, key), words, missing)


def _not_in_dictionary(
    path: ConfigPath, words: tuple[str, ...], missing: Collection[str]
) -> Iterator[Fault]:
    for word in words:
        for one in _single(word):
            if one in missing:
                message = f"The dictionary has no word {one!r}, which could never be made out."
                yield fault(path, message, word, "other words, or keys alone")


def _single(words: str) -> list[str]:
    return as_said(words).split()


def _at(path: ConfigPath, code: str, key: str) -> ConfigPath:
    return (*path, key) if code == ANY_LANGUAGE else (*path, code, key)
