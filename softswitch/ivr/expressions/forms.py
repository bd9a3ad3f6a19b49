"""How a value is spoken inside a text, ``{case:digits}``, and which values have which forms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from softswitch.ivr.expressions.types import WEEKDAYS, Kind, Type

CURRENCY_FORM: Final = "amount"
"""The one form that may be followed by a currency: ``{price:amount EUR}``."""

_TEXT, _NUMBER, _TIME, _DATE = Kind.TEXT, Kind.NUMBER, Kind.TIME, Kind.DATE

FORMS: Final[Mapping[str, frozenset[Kind]]] = {
    "text": frozenset(Kind),
    "digits": frozenset({_TEXT, _NUMBER}),
    "number": frozenset({_TEXT, _NUMBER}),
    "ordinal": frozenset({_TEXT, _NUMBER}),
    "amount": frozenset({_TEXT, _NUMBER}),
    "date": frozenset({_TEXT, _DATE}),
    "day": frozenset({_TEXT, _DATE}),
    "weekday": frozenset({_TEXT, _DATE}),
    "year": frozenset({_TEXT, _DATE, _NUMBER}),
    "time": frozenset({_TEXT, _TIME}),
    "at": frozenset({_TEXT, _TIME}),
    "minutes": frozenset({_TEXT, _NUMBER}),
    "wait": frozenset({_TEXT, _NUMBER}),
    "position": frozenset({_TEXT, _NUMBER}),
    "phone": frozenset({_TEXT, _NUMBER}),
    "case": frozenset({_TEXT, _NUMBER}),
}
"""For each form the kinds of values that it can say. A text may hold what the form is for, as data
from outside often does: ``"2026-12-24"`` is a date."""

_OF_ANY_TEXT: Final = ("text", "digits", "phone", "case")


def can_say(form: str, of: Type) -> bool:
    """Tell whether a form can say the values of a type."""
    if of.kind not in FORMS[form]:
        return False
    if not of.choices or form in _OF_ANY_TEXT:
        return True
    return form == "weekday" and set(of.choices) <= set(WEEKDAYS)


def forms_of(of: Type) -> tuple[str, ...]:
    """Return the forms that can say the values of a type."""
    return tuple(form for form in FORMS if can_say(form, of))
