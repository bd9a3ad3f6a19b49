"""What callers may say instead of pressing keys.

In a flow file words stand under the key that they are another way to press::

    spoken = { 1 = ["sales", "buy something"], 2 = "support" }
    spoken = { en = { 1 = "sales", 2 = "support" } }

In a flow of several languages they stand by language, as prompts do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import attrs

from softswitch.errors import MisuseError
from softswitch.ivr.prompts import ANY_LANGUAGE
from softswitch.prompts.messages import languages

_BY_LANGUAGE: Final = frozenset(languages())


@attrs.frozen
class Sayings:
    """Words by the keys that they stand for.

    Attributes:
        spoken: by language; under `ANY_LANGUAGE` those for every other one.
    """

    spoken: Mapping[str, Mapping[str, tuple[str, ...]]] = attrs.field(factory=dict)

    def __bool__(self) -> bool:
        return any(self.spoken.values())

    def words(self, language: str) -> tuple[str, ...]:
        """Return everything that may be said in a language."""
        return tuple(word for words in self._keys(language).values() for word in words)

    def key(self, said: str, language: str) -> str | None:
        """Return the key or keys that words stand for, or None."""
        wanted = as_said(said)
        for key, words in self._keys(language).items():
            if wanted in map(as_said, words):
                return key
        return None

    def of_key(self, key: str) -> tuple[str, ...]:
        """Return the words for a key in every language, each once."""
        found = (word for keys in self.spoken.values() for word in keys.get(key, ()))
        return tuple(dict.fromkeys(found))

    def everything(self) -> Iterator[tuple[str, str, tuple[str, ...]]]:
        """Give language, key and words."""
        for language, keys in self.spoken.items():
            for key, words in keys.items():
                yield language, key, words

    def _keys(self, language: str) -> Mapping[str, tuple[str, ...]]:
        return self.spoken.get(language, self.spoken.get(ANY_LANGUAGE, {}))


def as_said(text: str) -> str:
    """Return words as they sound: without capitals, signs and needless space."""
    return " ".join(re.sub(r"[^\w']|_", " ", text.casefold()).split())


def is_by_language(given: Mapping[str, object]) -> bool:
    """Tell whether a table has languages for keys, not keys of a phone."""
    return bool(_BY_LANGUAGE & set(given))


def sayings_of(given: Sayings | Mapping[str, object]) -> Sayings:
    """Make sayings of what a program gives: words by key, perhaps by language.

    Raises:
        MisuseError: something else.
    """
    if isinstance(given, Sayings):
        return given
    by_language = given if is_by_language(given) else {ANY_LANGUAGE: given} if given else {}
    return Sayings({code: _keys(keys) for code, keys in by_language.items()})


def _keys(given: object) -> dict[str, tuple[str, ...]]:
    if not isinstance(given, Mapping):
        raise MisuseError(f"{given!r} are no words by key")
    return {str(key): _words(words) for key, words in given.items()}


def _words(given: object) -> tuple[str, ...]:
    if isinstance(given, str):
        return (given,)
    if isinstance(given, Sequence) and all(isinstance(one, str) for one in given):
        return tuple(given)
    raise MisuseError(f"{given!r} cannot be said")
