"""Amounts of money in words."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import attrs

from softswitch.prompts.faults import PromptError, PromptFault
from softswitch.prompts.numbers import NUMBER_MAX, Noun, Numbers


@attrs.frozen(kw_only=True)
class Currency:
    """The names of a currency and of its hundredth, in one language."""

    unit: Noun
    hundredth: Noun


@attrs.frozen(kw_only=True)
class Money:
    """How amounts are read; the attributes are those of the table ``[money]``.

    Attributes:
        both: an amount that has hundredths too, with ``{units}`` and ``{hundredths}``.
        home: the currency (ISO 4217) that is meant when none is named.
        currencies: by their code, ISO 4217.
    """

    both: str
    home: str
    currencies: Mapping[str, Currency]

    def amount(self, value: Decimal, numbers: Numbers, code: str | None = None) -> str:
        """Return an amount in words: "two pounds and fifty pence".

        Args:
            value: at most two decimals, up to 999,999,999,999.99, or as far below zero.
            numbers: of the same language.
            code: the currency, as in ISO 4217; None for the language's own.

        Raises:
            PromptError: an unknown currency, too many decimals, or too large.
        """
        currency = self._currency(code or self.home)
        units, hundredths = divmod(_hundredths(value), 100)
        words = []
        if units or not hundredths:
            words.append(numbers.counted(units, currency.unit))
        if hundredths:
            words.append(numbers.counted(hundredths, currency.hundredth))
        both = self.both.format(units=words[0], hundredths=words[-1])
        said = both if len(words) > 1 else words[0]
        return f"{numbers.minus} {said}" if value < 0 else said

    def _currency(self, code: str) -> Currency:
        found = self.currencies.get(code.upper())
        if found is None:
            known = ", ".join(sorted(self.currencies))
            raise PromptError(
                f"There is no currency {code!r} here; choose one of {known}.",
                reason=PromptFault.UNSPEAKABLE,
            )
        return found


def _hundredths(value: Decimal) -> int:
    """Return how many hundredths there are, sign aside."""
    if not value.is_finite() or abs(value) >= NUMBER_MAX + 1:
        raise PromptError(
            f"The amount {value} is not spoken; the largest is {NUMBER_MAX:,}.99.",
            reason=PromptFault.UNSPEAKABLE,
        )
    hundredths = abs(value) * 100
    if hundredths != int(hundredths):
        raise PromptError(
            f"The amount {value} has more than two decimals: round it first.",
            reason=PromptFault.UNSPEAKABLE,
        )
    return int(hundredths)
