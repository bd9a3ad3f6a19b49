"""What a waiting caller is told: the place in the queue, and the expected wait as a range."""

from __future__ import annotations

import math

import attrs

from softswitch.prompts.faults import PromptError, PromptFault
from softswitch.prompts.numbers import Noun, Numbers

POSITION_MAX = 9_999
"""The largest place in a queue that is spoken."""

MINUTES_MAX = 120
"""A wait that may be longer is told in hours."""


@attrs.frozen(kw_only=True)
class Waiting:
    """Sentences of the queue; the attributes are those of the table ``[waiting]``.

    Attributes:
        position: the place, with ``{number}``.
        under_a_minute: the wait is shorter than a minute.
        at_most: the wait is anything up to ``{high}``.
        about: the wait is ``{high}``, neither more nor less.
        between: the wait is between ``{low}``, a number, and ``{high}``, with its unit.
        minute: how minutes are counted.
        hour: how hours are counted.
    """

    position: str
    under_a_minute: str
    at_most: str
    about: str
    between: str
    minute: Noun
    hour: Noun

    def place(self, number: int, numbers: Numbers) -> str:
        """Return the sentence that tells the place in the queue, 1 being next.

        Raises:
            PromptError: ``number`` is not from 1 to 9,999.
        """
        if not 1 <= number <= POSITION_MAX:
            raise PromptError(
                f"There is no place {number} in a queue; places go from 1 to {POSITION_MAX}.",
                reason=PromptFault.BAD_POSITION,
            )
        return self.position.format(number=numbers.cardinal(number))

    def wait(self, low_s: float, high_s: float, numbers: Numbers) -> str:
        """Return the sentence that tells a range for the wait, in whole minutes or hours.

        The range is rounded outwards, so that what is said is at least as true as what was
        found. Beyond two hours nobody counts minutes.

        Args:
            low_s: shortest wait in seconds.
            high_s: longest wait in seconds.
            numbers: of the same language.

        Raises:
            PromptError: a wait that is negative, unbounded, or shorter at most than at least.
        """
        if not 0 <= low_s <= high_s < math.inf:
            raise PromptError(
                f"A wait from {low_s} to {high_s} s is not possible.",
                reason=PromptFault.UNSPEAKABLE,
            )
        unit, unit_s = self._unit(high_s)
        low, high = math.floor(low_s / unit_s), max(math.ceil(high_s / unit_s), 1)
        return self._range(low, high, unit, numbers)

    def length(self, seconds: float, numbers: Numbers) -> str:
        """Return a length of time, in whole minutes or hours, rounded up: "three minutes".

        Raises:
            PromptError: a length that is negative or unbounded.
        """
        if not 0 <= seconds < math.inf:
            raise PromptError(f"{seconds} s is no length of time.", reason=PromptFault.UNSPEAKABLE)
        unit, unit_s = self._unit(seconds)
        return numbers.counted(max(math.ceil(seconds / unit_s), 1), unit)

    def _unit(self, seconds: float) -> tuple[Noun, int]:
        long = seconds > 60 * MINUTES_MAX
        return (self.hour, 3_600) if long else (self.minute, 60)

    def _range(self, low: int, high: int, unit: Noun, numbers: Numbers) -> str:
        if low == 0 and high == 1:
            return self.under_a_minute
        pattern = self.at_most if not low else self.about if low == high else self.between
        return pattern.format(
            low=numbers.cardinal(low, unit.gender), high=numbers.counted(high, unit)
        )
