"""Telephone numbers in words, grouped as each country groups its own (Google's libphonenumber)."""

from __future__ import annotations

import re
from typing import Final

import attrs
import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberFormat

from softswitch.prompts.faults import PromptError, PromptFault
from softswitch.prompts.numbers import Numbers

DIGITS_MAX: Final = 20
"""ITU-T E.164 allows 15; longer inputs are no telephone numbers, with some room for prefixes."""

_WRITTEN: Final = re.compile(r"\+?[\d\s()./\u00a0-]*\d[\d\s()./\u00a0-]*", re.ASCII)


@attrs.frozen(kw_only=True)
class Telephone:
    """How telephone numbers are read; the attributes are those of the table ``[telephone]``.

    Attributes:
        region: the country (ISO 3166) whose numbers need no country code.
        plus: said before a country code.
        zero: the digit 0 in a telephone number.
        pairs: two digits that stand together are read as one number ("toogtredive"); where
            false every digit is read by itself.
    """

    region: str
    plus: str
    zero: str
    pairs: bool

    def number(self, written: str, numbers: Numbers, region: str | None = None) -> str:
        """Return a telephone number in words, with a comma where its groups part.

        Args:
            written: digits, with blanks, brackets, hyphens and a leading + as people write them.
            numbers: of the same language.
            region: the country (ISO 3166) that the number is dialled in; None for the
                language's own. A number of that country is read without its country code.

        Raises:
            PromptError: not a telephone number.
        """
        _check(written)
        groups = self._groups(written, (region or self.region).upper())
        return ", ".join(self._group(group, numbers) for group in groups)

    def _groups(self, written: str, region: str) -> list[str]:
        """Return the digits in groups, the first with a + if it is a country code."""
        number = _parsed(written, region)
        if number is None:
            digits = re.sub(r"\D", "", written)
            return self._chunks(digits, short=3)
        at_home = phonenumbers.region_code_for_number(number) == region
        style = PhoneNumberFormat.NATIONAL if at_home else PhoneNumberFormat.INTERNATIONAL
        groups = re.findall(r"\+?\d+", phonenumbers.format_number(number, style))
        return [chunk for group in groups for chunk in self._chunks(group, short=4)]

    def _chunks(self, digits: str, *, short: int) -> list[str]:
        """Cut what is too long to be heard in one go: into pairs after a three, or into threes."""
        if len(digits.lstrip("+")) <= short:
            return [digits]
        if self.pairs:
            first = 3 if len(digits) % 2 else 0
            return [digits[:first]] * bool(first) + _cut(digits[first:], 2)
        last = 4 if len(digits) % 3 == 1 else 0  # nobody reads a lonely last digit
        return _cut(digits[: len(digits) - last], 3) + [digits[-last:]] * bool(last)

    def _group(self, group: str, numbers: Numbers) -> str:
        digits = group.removeprefix("+")
        if self.pairs and len(digits) == 2 and digits[0] != "0":
            words = numbers.cardinal(int(digits))
        else:
            words = " ".join(self._digit(digit, numbers) for digit in digits)
        return f"{self.plus} {words}" if group.startswith("+") else words

    def _digit(self, digit: str, numbers: Numbers) -> str:
        return self.zero if digit == "0" else numbers.cardinal(int(digit))


def _cut(digits: str, size: int) -> list[str]:
    return [digits[start : start + size] for start in range(0, len(digits), size)]


def _check(written: str) -> None:
    count = sum(character.isdecimal() for character in written)
    if not _WRITTEN.fullmatch(written.strip()) or count > DIGITS_MAX:
        raise PromptError(
            f"{written!r} is no telephone number: digits, blanks, brackets, hyphens, at most "
            f"{DIGITS_MAX} digits, and a + before a country code.",
            reason=PromptFault.UNSPEAKABLE,
        )


def _parsed(written: str, region: str) -> PhoneNumber | None:
    """Return the number, or None where it fits into no country's plan (short numbers do not)."""
    try:
        number = phonenumbers.parse(written, region)
    except phonenumbers.NumberParseException:
        return None
    return number if phonenumbers.is_valid_number(number) else None
