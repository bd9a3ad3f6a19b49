"""What can be sent, and to whom: numbers by ITU-T E.164, and no more segments than agreed."""

from __future__ import annotations

import re
from typing import Final

import attrs
import phonenumbers
from phonenumbers import PhoneNumberFormat

from softswitch.errors import MisuseError
from softswitch.sms.segments import segments

ALLOWED_NUMBER: Final = "an international number such as +4533111111"
ALLOWED_NATIONAL: Final = f"{ALLOWED_NUMBER}, or a national number of the office's country"

_WRITTEN: Final = re.compile(r"(tel:)?\+?[0-9 ()./\u00a0-]+", re.ASCII)
_SENDER: Final = re.compile(r"\+?[0-9]{3,15}|(?=.*[A-Za-z])[A-Za-z0-9 &._+-]{1,11}", re.ASCII)


@attrs.frozen(kw_only=True)
class TextRules:
    """What an office sends.

    Attributes:
        country: ISO 3166-1 code of the country whose numbers may do without a country code;
            empty: all need one.
        segments_max: a text that takes more is not sent.
        why_not: why nothing can be sent at all; empty: it can.
    """

    country: str = ""
    segments_max: int = 4
    why_not: str = ""

    @property
    def allowed(self) -> str:
        """What a number may look like, in words."""
        return ALLOWED_NATIONAL if self.country else ALLOWED_NUMBER

    def number(self, written: str) -> str:
        """Return a number in E.164, with its ``+``.

        Raises:
            MisuseError: it cannot be a number of any country's plan.
        """
        try:
            if not _WRITTEN.fullmatch(written):
                raise MisuseError(f"{written!r} is no number to send a text to: {self.allowed}")
            number = phonenumbers.parse(written.removeprefix("tel:"), self.country or None)
        except phonenumbers.NumberParseException:
            number = None
        if number is None or not phonenumbers.is_possible_number(number):
            raise MisuseError(f"{written!r} is no number to send a text to: {self.allowed}")
        return phonenumbers.format_number(number, PhoneNumberFormat.E164)

    def number_fault(self, written: str) -> str:
        """Return one sentence on what is wrong with a number; empty when nothing is."""
        try:
            self.number(written)
        except MisuseError:
            return "No text can be sent to this number."
        return ""

    def text_fault(self, text: str) -> str:
        """Return one sentence on what is wrong with a text; empty when nothing is."""
        if not text.strip():
            return "The text is empty."
        count = segments(text)
        if count > self.segments_max:
            return f"The text takes {count} segments, and {self.segments_max} are the most."
        return ""


def is_country(code: str) -> bool:
    """Tell whether numbers of a country are known."""
    return code in phonenumbers.SUPPORTED_REGIONS


def is_sender(text: str) -> bool:
    """Tell whether phones can show a sender: a number, or up to eleven characters with a letter.

    See 3GPP TS 23.040 section 9.1.2.5: an alphanumeric address has room for eleven septets.
    """
    return bool(_SENDER.fullmatch(text))
