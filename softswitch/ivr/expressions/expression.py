"""An expression with its text, and texts with expressions in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import attrs

from softswitch.ivr.expressions.checking import Checker
from softswitch.ivr.expressions.evaluating import Values, evaluate
from softswitch.ivr.expressions.faults import ExpressionError, ExpressionFault
from softswitch.ivr.expressions.parser import parse
from softswitch.ivr.expressions.syntax import Asked, Literal, Part, Value
from softswitch.ivr.expressions.types import About, Type, Vocabulary

FORMS: Final = ("text", "digits", "number", "ordinal", "amount", "date", "time", "phone", "case")
"""How a value is spoken inside a text: ``{case:digits}``."""


@attrs.frozen
class Expression:
    """An expression as written, and what it means.

    Raises:
        ExpressionError: the text is no expression.
    """

    text: str
    part: Part = attrs.field(init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "part", parse(self.text))

    def faults(self, vocabulary: Vocabulary, wanted: Type | None = None) -> list[ExpressionFault]:
        """Return every place where types do not fit; ``wanted``: what it must come to."""
        checker = Checker(vocabulary)
        found = checker.type_of(self.part)
        if wanted is not None and found is not None and found.kind is not wanted.kind:
            message = f"This comes to {found}."
            checker.faults.append(
                ExpressionFault(column=self.part.column, message=message, allowed=str(wanted))
            )
        return checker.faults

    def value(self, values: Values) -> Value:
        """Return what it comes to."""
        return evaluate(self.part, values)

    def asked(self, vocabulary: Vocabulary) -> Iterator[tuple[About, str, int]]:
        """Give each group and calendar that is asked about, with its column."""
        for part in parts(self.part):
            question = vocabulary.questions.get(part.name) if isinstance(part, Asked) else None
            if isinstance(part, Asked) and question is not None:
                for about, given in zip(question.about, part.about, strict=False):
                    if isinstance(given, Literal) and about is not About.TEXT:
                        yield about, str(given.value), given.column


def expression_of(value: str | Value | Expression) -> Expression:
    """Return an expression from its text, or one that is always the same value."""
    if isinstance(value, Expression):
        return value
    if isinstance(value, bool):
        return Expression("true" if value else "false")
    return Expression(str(value))


def holds(condition: Expression, values: Values) -> bool:
    """Tell whether a condition holds."""
    return condition.value(values) is True


def parts(part: Part) -> Iterator[Part]:
    """Give a part and every part inside it."""
    yield part
    for field in attrs.fields(type(part)):
        value = getattr(part, field.name)
        for one in value if isinstance(value, tuple) else (value,):
            if isinstance(one, Part):
                yield from parts(one)


@attrs.frozen
class Slot:
    """A place in a text where a value is put.

    Attributes:
        expression: which value.
        form: how it is spoken; one of `FORMS`.
    """

    expression: Expression
    form: str = "text"


_SLOT: Final = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")


@attrs.frozen
class Template:
    """A text with slots: ``"Case {case:digits} is {status}."``; ``{{`` is a brace.

    Raises:
        ExpressionError: a brace without its partner, no expression, or no such form.
    """

    text: str
    pieces: tuple[str | Slot, ...] = attrs.field(init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "pieces", tuple(_pieces(self.text)))

    @property
    def fixed(self) -> bool:
        """Whether it always says the same."""
        return not any(isinstance(piece, Slot) for piece in self.pieces)

    def faults(self, vocabulary: Vocabulary) -> list[ExpressionFault]:
        """Return every place where types do not fit; columns are those of the slot's expression."""
        slots = (piece for piece in self.pieces if isinstance(piece, Slot))
        return [fault for slot in slots for fault in slot.expression.faults(vocabulary)]


def _pieces(text: str) -> Iterator[str | Slot]:
    place, plain = 0, ""
    for match in _SLOT.finditer(text):
        plain += text[place : match.start()]
        place = match.end()
        if match[0] in {"{{", "}}"}:
            plain += match[0][0]
            continue
        if plain:
            yield plain
        plain = ""
        yield _slot(match)
    if plain + text[place:]:
        yield plain + text[place:]


def _slot(match: re.Match[str]) -> Slot:
    column = match.start() + 1
    if match[1] is None:
        message = f"This {match[0]!r} has no partner."
        raise ExpressionError(ExpressionFault(column=column, message=message, allowed="{{ or }}"))
    inner, form = match[1], "text"
    named = re.fullmatch(r"(.*?):\s*([a-z]+)\s*", inner)
    if named is not None:
        inner, form = named[1], named[2]
    if form not in FORMS:
        message = f"There is no form {form!r}."
        raise ExpressionError(
            ExpressionFault(column=column, message=message, allowed=", ".join(FORMS))
        )
    try:
        return Slot(Expression(inner.strip()), form)
    except ExpressionError as error:
        shifted = (attrs.evolve(f, column=f.column + column) for f in error.faults)
        raise ExpressionError(*shifted) from None
