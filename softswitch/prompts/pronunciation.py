"""How words are written for a synthesiser that would otherwise mispronounce them.

espeak-ng has good tables for reading digits, while its spelling rules fail on many number words:
in Danish "halvtreds" gets a soft d and "treogtyve" a hard g, in Swedish "fjorton" loses its r.
For such a language number words are given to the synthesiser as digits. People, recordings and
other synthesisers never see that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from softswitch.prompts.numbers import Gender, Numbers

_WORD: Final = re.compile(r"[^\W\d_]+")


def digits_for_numbers(numbers: Numbers) -> Mapping[str, str]:
    """Return what to give a synthesiser for each number word from 2 to 99.

    A form that agrees with a noun (sv "tjugoen") is given as ten and unit ("20 en"). Ordinals
    that begin with the unit (da "treogtyvende") are given in three words.
    """
    written = {numbers.cardinal(number): str(number) for number in range(2, 100)}
    for ten in range(20, 100, 10):
        for gender in Gender:
            form = numbers.cardinal(ten + 1, gender)
            written.setdefault(form, f"{ten} {numbers.one.of(gender)}")
    if numbers.unit_first:
        written |= dict(_spaced_ordinals(numbers))
    return {word: said for word, said in written.items() if _WORD.fullmatch(word)}


def _spaced_ordinals(numbers: Numbers) -> Iterator[tuple[str, str]]:
    for ten in range(20, 100, 10):
        for unit in range(1, 10):
            pattern = numbers.compound.replace("{unit}", "{unit} ").replace("{ten}", " {ten}")
            spaced = pattern.format(unit=unit, ten=numbers.ordinal(ten))
            yield numbers.ordinal(ten + unit), spaced


def respell(text: str, read_as: Mapping[str, str]) -> str:
    """Return ``text`` with every word that ``read_as`` holds, in any case, replaced."""
    return _WORD.sub(lambda word: read_as.get(word[0].lower(), word[0]), text)
