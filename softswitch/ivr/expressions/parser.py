"""From the words of an expression to its parts: a small Pratt parser.

From the loosest to the tightest: ``or``, ``and``, ``not``, comparisons and ``in``, ``+ -``. What
it makes is data; nothing of the text is ever run as a program.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Final

from softswitch.ivr.expressions.faults import ExpressionError, ExpressionFault
from softswitch.ivr.expressions.syntax import (
    Among,
    Asked,
    Compared,
    Comparing,
    Joined,
    Literal,
    Name,
    Not,
    Part,
    Sum,
    Value,
)
from softswitch.ivr.expressions.tokens import END, Token, tokens

DEEPEST: Final = 50
"""How deep parts may be nested."""

_OR, _AND, _NOT, _COMPARE, _ADD = range(1, 6)
_STRENGTHS: Final[Mapping[str, int]] = {
    "or": _OR,
    "and": _AND,
    "in": _COMPARE,
    "not": _COMPARE,
    "+": _ADD,
    "-": _ADD,
    **{how.value: _COMPARE for how in Comparing},
}
_TRUTHS: Final[Mapping[str, bool]] = {"true": True, "false": False}
_KEYWORDS: Final = frozenset({"and", "or", "not", "in", *_TRUTHS})
_COMPARISONS: Final = frozenset(how.value for how in Comparing)
_A_VALUE: Final = 'a name, a number, a time such as 08:00, a "text", not, or a bracket'


def parse(text: str) -> Part:
    """Read an expression.

    Raises:
        ExpressionError: the text is none; the fault names the column and what is allowed there.
    """
    reader = _Reader(tokens(text))
    try:
        part = reader.part(0)
    except RecursionError:
        raise _fault(reader.next, "Parts are nested too deeply here.") from None
    if reader.next.kind != END:
        raise _fault(reader.next, f"{reader.next.text!r} does not belong here.", "and, or, the end")
    return part


class _Reader:
    def __init__(self, words: tuple[Token, ...]) -> None:
        self._words = words
        self._at = 0
        self._depth = 0

    @property
    def next(self) -> Token:
        return self._words[self._at]

    def take(self) -> Token:
        token = self.next
        self._at += token.kind != END
        return token

    def expect(self, sign: str) -> None:
        if self.next.text != sign or self.next.kind == "text":
            raise _fault(self.next, f"{_shown(self.next)} stands here.", sign)
        self.take()

    def part(self, strength: int) -> Part:
        """Read as much as holds together more tightly than ``strength``."""
        self._depth += 1
        if self._depth > DEEPEST:
            raise _fault(self.next, "Parts are nested too deeply here.")
        left = self._first()
        while self._strength() > strength:
            left = self._continued(left)
        self._depth -= 1
        return left

    def _strength(self) -> int:
        token = self.next
        return _STRENGTHS.get(token.text, 0) if token.kind in {"name", "sign"} else 0

    def _first(self) -> Part:
        token = self.take()
        if token.kind in _LITERALS:
            return Literal(column=token.column, value=_literal(token))
        if token.text == "not":
            return Not(column=token.column, inner=self.part(_NOT))
        if token.text == "(":
            inner = self.part(0)
            self.expect(")")
            return inner
        if token.text == "-" and self.next.kind == "number":
            return _negative(token.column, _literal(self.take()))
        if token.kind != "name" or (token.text in _KEYWORDS and token.text not in _TRUTHS):
            raise _fault(token, f"{_shown(token)} stands where a value must be.", _A_VALUE)
        return self._named(token)

    def _named(self, token: Token) -> Part:
        if token.text in _TRUTHS:
            return Literal(column=token.column, value=_TRUTHS[token.text])
        if self.next.text == "(":
            self.take()
            return Asked(column=token.column, name=token.text, about=self._several(")"))
        return Name(column=token.column, name=token.text)

    def _several(self, closing: str) -> tuple[Part, ...]:
        """Read parts with commas between them, up to the closing bracket."""
        parts: list[Part] = []
        while self.next.text != closing:
            parts.append(self.part(0))
            if self.next.text != closing:
                self.expect(",")
        self.take()
        return tuple(parts)

    def _continued(self, left: Part) -> Part:
        token = self.take()
        if token.text in {"and", "or"}:
            strength, both = _STRENGTHS[token.text], token.text == "and"
            return Joined(column=token.column, left=left, right=self.part(strength), both=both)
        if token.text in {"+", "-"}:
            minus = token.text == "-"
            return Sum(column=token.column, left=left, right=self.part(_ADD), minus=minus)
        if token.text == "not":
            self.expect("in")
            return Not(column=token.column, inner=self._among(left, token))
        return self._among(left, token) if token.text == "in" else self._compared(left, token)

    def _among(self, left: Part, token: Token) -> Part:
        opening = self.next
        if opening.text not in {"(", "["}:
            raise _fault(opening, "After `in` must stand values in brackets.", '("a", "b")')
        self.take()
        several = self._several(")" if opening.text == "(" else "]")
        if not several:
            raise _fault(opening, "These brackets are empty.", "at least one value")
        return Among(column=token.column, item=left, several=several)

    def _compared(self, left: Part, token: Token) -> Part:
        """Read a comparison, or a chain of them, each with its neighbour."""
        right = self.part(_COMPARE)
        how = Comparing(token.text)
        comparison: Part = Compared(column=token.column, left=left, how=how, right=right)
        while self.next.text in _COMPARISONS and self.next.kind == "sign":
            further, middle = self.take(), right
            right = self.part(_COMPARE)
            how = Comparing(further.text)
            link = Compared(column=further.column, left=middle, how=how, right=right)
            comparison = Joined(column=further.column, left=comparison, right=link, both=True)
        return comparison


_LITERALS: Final = frozenset({"number", "text", "time", "date"})


def _literal(token: Token) -> Value:
    if token.kind == "number":
        return float(token.text) if "." in token.text else int(token.text)
    if token.kind == "text":
        return re.sub(r"\\(.)", r"\1", token.text[1:-1], flags=re.DOTALL)
    try:
        if token.kind == "date":
            return dt.date.fromisoformat(token.text)
        hour, minute = token.text.split(":")
        return dt.time(int(hour), int(minute))
    except ValueError:
        allowed = "00:00 to 23:59" if token.kind == "time" else "a date such as 2026-12-24"
        raise _fault(token, f"There is no {token.kind} {token.text}.", allowed) from None


def _negative(column: int, value: Value) -> Literal:
    return Literal(column=column, value=-value if isinstance(value, int | float) else value)


def _shown(token: Token) -> str:
    return "The end" if token.kind == END else repr(token.text)


def _fault(token: Token, message: str, allowed: str = "") -> ExpressionError:
    return ExpressionError(ExpressionFault(column=token.column, message=message, allowed=allowed))
