"""Texts as words: what two texts, or a text and the name of a recording, have in common."""

from __future__ import annotations

import re
import unicodedata
from typing import Final, TypeAlias

import attrs

Key: TypeAlias = tuple[str, ...]
"""Words as they are compared: lower case, no punctuation."""

_WORD: Final = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*|[*#+/]")
_APOSTROPHES: Final = str.maketrans("", "", "'\u2019")

PAUSES_S: Final = {".": 0.35, "?": 0.35, "!": 0.35, ",": 0.2, ";": 0.2, ":": 0.2}
"""Silence where punctuation stands between two sounds."""

BETWEEN_S: Final = 0.04
"""Silence between two sounds that nothing parts: words in one breath."""


@attrs.frozen
class Word:
    """One word of a text.

    Attributes:
        key: as it is compared.
        start: where it begins in the text.
        end: where it and its punctuation end.
        pause_s: silence that follows if a new sound begins after it.
    """

    key: str
    start: int
    end: int
    pause_s: float


def words_of(text: str) -> tuple[Word, ...]:
    """Return the words of a text in order; "twenty-one" is two of them.

    Args:
        text: as `composed` returns it.
    """
    found = list(_WORD.finditer(text))
    starts = [match.start() for match in found]
    ends = [*starts, len(text)][1:]
    return tuple(
        Word(_key(match[0]), match.start(), end, _pause_s(text[match.end() : end]))
        for match, end in zip(found, ends, strict=True)
    )


def key_of(text: str) -> Key:
    """Return the words of a text as they are compared."""
    return tuple(word.key for word in words_of(composed(text)))


def composed(text: str) -> str:
    """Return a text with one sign for a letter and its accent (Unicode NFC), as files may not."""
    return unicodedata.normalize("NFC", text)


def _key(word: str) -> str:
    return word.lower().translate(_APOSTROPHES)


def _pause_s(between: str) -> float:
    return max((PAUSES_S.get(sign, BETWEEN_S) for sign in between), default=BETWEEN_S)
