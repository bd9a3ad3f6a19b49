"""Numbers in words: cardinals and ordinals, by rules that are the same for all languages here.

What differs is data, in the table ``[numbers]`` of a language's file. The rules:

* Up to 19 each number has a word; from 20 to 99 a compound of a ten and a unit, in either order
  (da "enogtyve", sv "tjugoett", en "twenty-one").
* Above, the largest scale (hundred, thousand, million) is counted, and the rest follows. A rest
  below 100 is joined by a word of its own where the language has one ("two hundred *and* one").
* The number 1 at the end agrees with the noun counted (da "én krone", "ét minut").
* In an ordinal the last part only is ordinal ("one hundred and twenty-*first*").
"""

from __future__ import annotations

import enum
from collections.abc import Mapping

import attrs

from softswitch.prompts.faults import PromptError, PromptFault

NUMBER_MAX = 999_999_999_999
"""The largest number that has words here; as low as its negative goes."""


class Gender(enum.Enum):
    """Which form of the number 1 is meant."""

    COUNTING = "counting"  # no noun: one, two, three; number one
    COMMON = "common"  # da/sv "en krone", nb also masculine
    NEUTER = "neuter"  # "et minut"


@attrs.frozen(kw_only=True)
class Forms:
    """The number 1 for each `Gender`."""

    counting: str
    common: str
    neuter: str

    def of(self, gender: Gender) -> str:
        """Return the form for ``gender``."""
        found: str = getattr(self, gender.value)
        return found


@attrs.frozen(kw_only=True)
class Scale:
    """A word that is itself counted.

    Attributes:
        value: 100, 1,000, 1,000,000, ...
        one: a single one of them: "one hundred".
        many: more of them, with ``{count}``: "{count} hundred".
        gender: of the word, which its count agrees with.
        ordinal_one: the ordinal of exactly one: "one hundredth".
        ordinal_many: the ordinal of more, with ``{count}``.
    """

    value: int
    one: str
    many: str
    gender: Gender
    ordinal_one: str
    ordinal_many: str


@attrs.frozen(kw_only=True)
class Noun:
    """Something that is counted: "minute", "krone"."""

    one: str
    many: str
    gender: Gender = Gender.COMMON


@attrs.frozen(kw_only=True)
class Numbers:
    """Numbers of one language; the attributes are those of the table ``[numbers]``.

    Attributes:
        units: the words from 0 to 19.
        one: the number 1 standing alone or last after a space.
        one_in_compound: the number 1 inside a compound such as "enogtyve", "tjugoett".
        tens: the words for 20, 30, ... 90.
        compound: how a ten and a unit make one word, with ``{ten}`` and ``{unit}``.
        joiner: stands between hundreds or more and a rest below 100; may be empty.
        minus: said before a negative number.
        scales: hundred and up, in ascending order.
        ordinals: the words from 0th to 19th.
        ordinal_tens: the words for 20th, 30th, ... 90th.
        neuter_ordinals: ordinals from 0 to 19 that have a form of their own before a neuter
            noun, by the number as text.
    """

    units: tuple[str, ...] = attrs.field(
        validator=attrs.validators.and_(attrs.validators.min_len(20), attrs.validators.max_len(20))
    )
    one: Forms
    one_in_compound: Forms
    tens: tuple[str, ...] = attrs.field(
        validator=attrs.validators.and_(attrs.validators.min_len(8), attrs.validators.max_len(8))
    )
    compound: str
    joiner: str
    minus: str
    scales: tuple[Scale, ...]
    ordinals: tuple[str, ...] = attrs.field(
        validator=attrs.validators.and_(attrs.validators.min_len(20), attrs.validators.max_len(20))
    )
    ordinal_tens: tuple[str, ...] = attrs.field(
        validator=attrs.validators.and_(attrs.validators.min_len(8), attrs.validators.max_len(8))
    )
    neuter_ordinals: Mapping[str, str] = attrs.field(factory=dict)

    def cardinal(self, number: int, gender: Gender = Gender.COUNTING) -> str:
        """Return a number in words.

        Args:
            number: from -999,999,999,999 to 999,999,999,999.
            gender: of what is counted; `Gender.COUNTING` for a number on its own.

        Raises:
            PromptError: beyond that.
        """
        _check(number, -NUMBER_MAX)
        words = self._cardinal(abs(number), gender)
        return f"{self.minus} {words}" if number < 0 else words

    def ordinal(self, number: int, gender: Gender = Gender.COMMON) -> str:
        """Return the number of something in a row: "first", "twenty-first".

        Raises:
            PromptError: ``number`` is not from 0 to 999,999,999,999.
        """
        _check(number, 0)
        return self._ordinal(number, gender)

    def counted(self, number: int, noun: Noun) -> str:
        """Return so many of something: "én krone", "to kroner"."""
        word = noun.one if abs(number) == 1 else noun.many
        return f"{self.cardinal(number, noun.gender)} {word}"

    @property
    def unit_first(self) -> bool:
        """Whether 21 is "one and twenty" (da) and not "twenty-one"."""
        return self.compound.index("{unit}") < self.compound.index("{ten}")

    def _cardinal(self, number: int, gender: Gender) -> str:
        if number == 1:
            return self.one.of(gender)
        if number < 20:
            return self.units[number]
        if number < 100:
            return self._tens(number, gender)
        scale = self._scale(number)
        count, rest = divmod(number, scale.value)
        many = scale.many.format(count=self._cardinal(count, scale.gender))
        head = scale.one if count == 1 else many
        return self._joined(head, rest, self._cardinal(rest, gender)) if rest else head

    def _tens(self, number: int, gender: Gender) -> str:
        ten, unit = divmod(number, 10)
        if not unit:
            return self.tens[ten - 2]
        word = self.one_in_compound.of(gender) if unit == 1 else self.units[unit]
        return self.compound.format(ten=self.tens[ten - 2], unit=word)

    def _ordinal(self, number: int, gender: Gender) -> str:
        if number < 20:
            neuter = self.neuter_ordinals if gender is Gender.NEUTER else {}
            return neuter.get(str(number), self.ordinals[number])
        if number < 100:
            return self._ordinal_tens(number, gender)
        scale = self._scale(number)
        count, rest = divmod(number, scale.value)
        if not rest:
            counted = scale.ordinal_many.format(count=self._cardinal(count, scale.gender))
            return scale.ordinal_one if count == 1 else counted
        head = self._cardinal(number - rest, Gender.COUNTING)
        return self._joined(head, rest, self._ordinal(rest, gender))

    def _ordinal_tens(self, number: int, gender: Gender) -> str:
        ten, unit = divmod(number, 10)
        if not unit:
            return self.ordinal_tens[ten - 2]
        if self.unit_first:
            word = self.one_in_compound.counting if unit == 1 else self.units[unit]
            return self.compound.format(ten=self.ordinal_tens[ten - 2], unit=word)
        return self.compound.format(ten=self.tens[ten - 2], unit=self._ordinal(unit, gender))

    def _scale(self, number: int) -> Scale:
        return next(scale for scale in reversed(self.scales) if scale.value <= number)

    def _joined(self, head: str, rest: int, words: str) -> str:
        between = f" {self.joiner} " if rest < 100 and self.joiner else " "
        return f"{head}{between}{words}"


def _check(number: int, lowest: int) -> None:
    if not lowest <= number <= NUMBER_MAX:
        raise PromptError(
            f"The number {number} is not spoken; numbers go from {lowest:,} to {NUMBER_MAX:,}.",
            reason=PromptFault.UNSPEAKABLE,
        )
