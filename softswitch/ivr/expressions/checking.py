"""Which type an expression has, and every place where types do not fit."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Final

from softswitch.ivr.expressions.faults import ExpressionFault
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
)
from softswitch.ivr.expressions.types import (
    TRUTH,
    About,
    Kind,
    Question,
    Type,
    Vocabulary,
    type_of_value,
)

_ORDERED: Final = frozenset({Kind.NUMBER, Kind.TIME, Kind.DATE})
_ABOUT_SAMENESS: Final = frozenset({Comparing.EQUAL, Comparing.UNEQUAL})
_NUMBER: Final = Type(Kind.NUMBER)


class Checker:
    """Finds types; what does not fit goes to ``faults``, and the rest is looked at all the same."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self.faults: list[ExpressionFault] = []

    def type_of(self, part: Part) -> Type | None:
        """Return the type of a part, or None where that cannot be told because of a fault."""
        match part:
            case Literal():
                return type_of_value(part.value)
            case Name():
                return self._name(part)
            case Asked():
                return self._asked(part)
            case Sum():
                return self._sum(part)
            case Not():
                self._require(part.inner, TRUTH)
            case Joined():
                self._require(part.left, TRUTH)
                self._require(part.right, TRUTH)
            case Compared():
                self._compared(part)
            case Among():
                self._among(part)
        return TRUTH

    def _name(self, part: Name) -> Type | None:
        found = self._vocabulary.names.get(part.name)
        if found is None:
            known = self._vocabulary.names
            message = f"There is nothing called `{part.name}`."
            if part.name in self._vocabulary.questions:
                about = self._vocabulary.questions[part.name].about[0].value
                message = f"`{part.name}` needs {about} in brackets after it."
                known = {}
            self._fault(part, message + _nearest(part.name, known), ", ".join(known))
        return found

    def _asked(self, part: Asked) -> Type | None:
        question = self._vocabulary.questions.get(part.name)
        if question is None:
            known = self._vocabulary.questions
            message = f"Nothing called `{part.name}` can be asked.{_nearest(part.name, known)}"
            self._fault(part, message, ", ".join(known))
            return None
        if len(part.about) != len(question.about):
            wanted = ", ".join(about.value for about in question.about)
            self._fault(
                part, f"`{part.name}` is asked about {len(question.about)} thing(s).", wanted
            )
            return question.gives
        self._about(part, question)
        return question.gives

    def _about(self, part: Asked, question: Question) -> None:
        for given, wanted in zip(part.about, question.about, strict=True):
            if wanted is About.TEXT:
                self._require(given, Type(Kind.TEXT))
            elif not (isinstance(given, Literal) and isinstance(given.value, str)):
                self._fault(
                    given, f"`{part.name}` must be told this in so many words.", wanted.value
                )

    def _sum(self, part: Sum) -> Type:
        left, right = self._require(part.left, _NUMBER), self._require(part.right, _NUMBER)
        whole = left is not None and right is not None and left.whole and right.whole
        return Type(Kind.NUMBER, whole=whole)

    def _compared(self, part: Compared) -> None:
        left, right = self.type_of(part.left), self.type_of(part.right)
        if left is None or right is None:
            return
        if part.how not in _ABOUT_SAMENESS and left.kind is right.kind not in _ORDERED:
            message = f"{_capital(left)} has no order: `{part.how.value}` means nothing."
            self._fault(part, message, "== or !=")
            return
        if right.choices and isinstance(part.left, Literal):
            self._alike(part, right, part.left, left)
        else:
            self._alike(part, left, part.right, right)

    def _among(self, part: Among) -> None:
        item = self.type_of(part.item)
        for one in part.several:
            found = self.type_of(one)
            if item is not None and found is not None:
                self._alike(one, item, one, found)

    def _alike(self, at: Part, left: Type, right_part: Part, right: Type) -> None:
        if left.kind is not right.kind:
            self._fault(at, f"{_capital(left)} is never {right}.", str(left))
        elif left.choices and isinstance(right_part, Literal):
            value = str(right_part.value)
            if value not in left.choices:
                nearest = _nearest(value, left.choices)
                self._fault(right_part, f'This is never "{value}".{nearest}', str(left))

    def _require(self, part: Part, wanted: Type) -> Type | None:
        found = self.type_of(part)
        if found is not None and found.kind is not wanted.kind:
            self._fault(part, f"This is {found}.", str(wanted))
        return found

    def _fault(self, part: Part, message: str, allowed: str = "") -> None:
        self.faults.append(ExpressionFault(column=part.column, message=message, allowed=allowed))


def _capital(of: Type) -> str:
    text = str(of)
    return text[0].upper() + text[1:]


def _nearest(word: str, known: Iterable[str]) -> str:
    found = difflib.get_close_matches(word, list(known), n=1)
    return f" Did you mean `{found[0]}`?" if found else ""
