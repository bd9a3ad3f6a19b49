"""From text to the words of an expression."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import attrs

from softswitch.ivr.expressions.faults import ExpressionError, ExpressionFault

_WORDS: Final = re.compile(
    r"""
      (?P<space>\s+)
    | (?P<date>\d{4}-\d{2}-\d{2}(?!\d))
    | (?P<time>\d{1,2}:\d{2}(?!\d))
    | (?P<number>\d+(?:\.\d+)?)
    | (?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
    | (?P<sign>==|!=|<=|>=|[<>()\[\],+-])
    """,
    re.VERBOSE,
)
WORDS_MAX: Final = 500
"""An expression with more words is refused: nobody could read it either."""
END: Final = "end"


@attrs.frozen
class Token:
    """One word.

    Attributes:
        kind: ``date``, ``time``, ``number``, ``text``, ``name``, ``sign`` or ``end``.
        text: as written.
        column: place of its first character, 1 for the first.
    """

    kind: str
    text: str
    column: int


def tokens(text: str) -> tuple[Token, ...]:
    """Take a text apart; the last token is the end.

    Raises:
        ExpressionError: a character that means nothing, or far too many words.
    """
    found = tuple(_tokens(text))
    if len(found) > WORDS_MAX:
        message = f"This is longer than {WORDS_MAX} words."
        raise ExpressionError(ExpressionFault(column=found[WORDS_MAX].column, message=message))
    return found


def _tokens(text: str) -> Iterator[Token]:
    place = 0
    while place < len(text):
        match = _WORDS.match(text, place)
        if match is None:
            raise ExpressionError(_strange(text, place))
        if match.lastgroup != "space":
            yield Token(str(match.lastgroup), match[0], place + 1)
        place = match.end()
    yield Token(END, "", len(text) + 1)


def _strange(text: str, place: int) -> ExpressionFault:
    character = text[place]
    message, allowed = f"{character!r} means nothing here.", ""
    if character in "\"'":
        message = "This text has no closing quote."
    elif text[place] == "=":
        allowed = "== to compare"
    elif character in "&|!":
        allowed = "and, or, not"
    return ExpressionFault(column=place + 1, message=message, allowed=allowed)
