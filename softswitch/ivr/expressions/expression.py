"""An expression with its text, and texts with expressions in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import attrs

from softswitch.ivr.expressions.checking import Checker
from softswitch.ivr.expressions.evaluating import Values, evaluate
from softswitch.ivr.expressions.faults import ExpressionError, ExpressionFault
from softswitch.ivr.expressions.forms import CURRENCY_FORM, FORMS, can_say, forms_of
from softswitch.ivr.expressions.parser import parse
from softswitch.ivr.expressions.syntax import Asked, Literal, Part, Value
from softswitch.ivr.expressions.types import About, Type, Vocabulary


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
        currency: of an amount, as in ISO 4217; empty: the language's own.
    """

    expression: Expression
    form: str = "text"
    currency: str = ""

    def faults(self, vocabulary: Vocabulary) -> list[ExpressionFault]:
        """Return every place where types do not fit, and a form that cannot say the value."""
        checker = Checker(vocabulary)
        found = checker.type_of(self.expression.part)
        if found is not None and not can_say(self.form, found):
            column = self.expression.part.column
            message = f"The form `{self.form}` does not say this: it is {found}."
            allowed = ", ".join(forms_of(found))
            checker.faults.append(ExpressionFault(column=column, message=message, allowed=allowed))
        return checker.faults


_SLOT: Final = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_FORM: Final = re.compile(r"(.*?):\s*([a-z]+)(?:\s+([A-Z]{3}))?\s*")


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

    @property
    def slots(self) -> tuple[Slot, ...]:
        """The places for values, in order."""
        return tuple(piece for piece in self.pieces if isinstance(piece, Slot))

    def faults(self, vocabulary: Vocabulary) -> list[ExpressionFault]:
        """Return every place where types do not fit; columns are those of the slot's expression."""
        return [fault for slot in self.slots for fault in slot.faults(vocabulary)]


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
    inner, form, currency = match[1], "text", ""
    named = _FORM.fullmatch(inner)
    if named is not None:
        inner, form, currency = named[1], named[2], named[3] or ""
    if form not in FORMS or (currency and form != CURRENCY_FORM):
        message = f"There is no form {named[0][len(inner) + 1 :].strip()!r}." if named else ""
        raise ExpressionError(
            ExpressionFault(column=column, message=message, allowed=", ".join(FORMS))
        )
    try:
        return Slot(Expression(inner.strip()), form, currency)
    except ExpressionError as error:
        shifted = (attrs.evolve(f, column=f.column + column) for f in error.faults)
        raise ExpressionError(*shifted) from None
