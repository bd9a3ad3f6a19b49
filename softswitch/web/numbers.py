"""Which numbers strangers may have called: those of people in the countries served."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import attrs
import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberType

from softswitch.switch.config import OfficeConfig
from softswitch.switch.e164 import country_of, e164, parsed
from softswitch.switch.service_tables import service_numbers
from softswitch.web.refusals import FieldFault, Why, WishRefusedError

_PEOPLES: Final = frozenset(
    {
        PhoneNumberType.FIXED_LINE,
        PhoneNumberType.MOBILE,
        PhoneNumberType.FIXED_LINE_OR_MOBILE,
        PhoneNumberType.VOIP,
    }
)
"""Kinds of numbers that a call costs what a call to a person costs; premium rate, shared cost,
short and special numbers, pagers and voicemail access are not among them."""


@attrs.frozen(kw_only=True)
class NumberRules:
    """What may be called back.

    Attributes:
        country: whose numbers need no country code.
        allowed: prefixes; none: numbers of that country alone.
        refused: prefixes that are not called though they are allowed.
        ours: numbers of the office itself, as digits: a call there would go round.
    """

    country: str
    allowed: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    ours: frozenset[str] = frozenset()

    def number(self, written: str) -> str:
        """Return a number in E.164.

        Raises:
            WishRefusedError: it is no number, or is not called.
        """
        number = parsed(written, self.country)
        if number is None:
            why = Why.NUMBER if written.strip() else Why.MISSING
            raise WishRefusedError(
                FieldFault(field="number", why=why, value=written, allowed=self._allowed)
            )
        if not self._serves(number):
            raise WishRefusedError(
                FieldFault(
                    field="number",
                    why=Why.NUMBER_NOT_SERVED,
                    value=written,
                    allowed=self._allowed,
                )
            )
        return e164(number)

    @property
    def _allowed(self) -> str:
        places = f"of {self.country}"
        if self.allowed:
            places = f"beginning with {' or '.join(self.allowed)}"
        return f"a number of a person's phone {places}, such as {self._example}"

    @property
    def _example(self) -> str:
        number = phonenumbers.example_number(self.country)
        return "+4533111111" if number is None else e164(number)

    def _serves(self, number: PhoneNumber) -> bool:
        plain = e164(number)
        if self.allowed:
            home = plain.startswith(self.allowed)
        else:
            home = phonenumbers.region_code_for_number(number) == self.country
        own = {plain.removeprefix("+"), phonenumbers.national_significant_number(number)}
        costly = phonenumbers.number_type(number) not in _PEOPLES
        return home and not costly and not plain.startswith(self.refused) and not own & self.ours


def number_rules(config: OfficeConfig) -> NumberRules:
    """Return what an office may be asked to call."""
    return NumberRules(
        country=country_of(config),
        allowed=config.web.allowed,
        refused=config.web.refused,
        ours=frozenset(re.sub(r"\D", "", number) for number in _own(config)) - {""},
    )


def _own(config: OfficeConfig) -> Iterator[str]:
    for group in config.groups:
        yield from group.numbers
    for flow in config.flows:
        yield from flow.numbers
    for _, number in service_numbers(config):
        yield number
