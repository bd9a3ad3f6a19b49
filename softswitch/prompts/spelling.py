"""What is read sign by sign: digits, and case numbers such as "2023/114"."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

import attrs

from softswitch.prompts.dates import Years
from softswitch.prompts.faults import PromptError, PromptFault
from softswitch.prompts.numbers import Numbers

SIGNS_MAX: Final = 64
_PARTS: Final = re.compile(r"\d+|[^\W\d_]|[^\w\s]|_", re.UNICODE)
_YEAR: Final = re.compile(r"(?:19|20)\d\d", re.ASCII)


@attrs.frozen(kw_only=True)
class Spelling:
    """How signs are named; the attribute is that of the table ``[spelling]``.

    Attributes:
        signs: words for signs that are neither digits nor letters: ``"/" = "slash"``.
    """

    signs: Mapping[str, str]

    def digits(self, written: str, numbers: Numbers) -> str:
        """Return digits one by one, with ``*`` and ``#``: "four seven one one".

        Raises:
            PromptError: nothing, anything else, or more than 64 of them.
        """
        if not re.fullmatch(rf"[0-9*#]{{1,{SIGNS_MAX}}}", written):
            raise PromptError(
                f"{written!r} cannot be read digit by digit: only digits, * and #, "
                f"1 to {SIGNS_MAX} of them.",
                reason=PromptFault.UNSPEAKABLE,
            )
        return " ".join(
            numbers.cardinal(int(sign)) if sign.isdigit() else self.signs[sign] for sign in written
        )

    def case_number(self, written: str, numbers: Numbers, years: Years) -> str:
        """Return a case number in words: "twenty twenty-three slash one hundred and fourteen".

        Four digits at the beginning that can be a year of the 20th or 21st century are read as
        one. Of other digits up to three are read as a number, more of them, or with a leading
        zero, one by one. Letters are read by their names.

        Raises:
            PromptError: nothing, more than 64 signs, or one that has no name.
        """
        parts = _PARTS.findall(written)
        if not parts or len(written) > SIGNS_MAX:
            raise PromptError(
                f"{written!r} is no case number: 1 to {SIGNS_MAX} digits, letters and signs.",
                reason=PromptFault.UNSPEAKABLE,
            )
        first = years.words(int(parts[0]), numbers) if _YEAR.fullmatch(parts[0]) else None
        rest = [self._part(part, numbers) for part in (parts[1:] if first else parts)]
        return " ".join([first, *rest] if first else rest)

    def _part(self, part: str, numbers: Numbers) -> str:
        if part.isdigit() and part.isascii():
            if len(part) > 3 or (len(part) > 1 and part[0] == "0"):
                return self.digits(part[:SIGNS_MAX], numbers)
            return numbers.cardinal(int(part))
        if part.isalpha():
            return part.upper()
        if part not in self.signs:
            raise PromptError(
                f"The sign {part!r} has no name here; those that have: {' '.join(self.signs)}.",
                reason=PromptFault.UNSPEAKABLE,
            )
        return self.signs[part]
