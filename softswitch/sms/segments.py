"""How many messages a text takes on the air (3GPP TS 23.038 and TS 23.040).

A text in the GSM 7-bit default alphabet fills 160 septets; any other character makes all of it
UCS-2 with 70 characters of 16 bits. A longer one travels in segments that each lose six octets to
the header that puts them together again (TS 23.040 section 9.2.3.24.1): 153 septets, or 67.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

BASIC: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""The default alphabet (TS 23.038 section 6.2.1), one septet each."""

EXTENSION: Final = frozenset("\f^{}\\[~]|€")
"""Its extension table (section 6.2.1.1), two septets each: an escape goes before."""

_SEPTETS, _SEPTETS_OF_MANY = 160, 153
_UNITS, _UNITS_OF_MANY = 70, 67


def is_gsm7(text: str) -> bool:
    """Tell whether a text can be said in the default alphabet and its extension."""
    return all(c in BASIC or c in EXTENSION for c in text)


def segments(text: str) -> int:
    """Return how many segments a text takes; an empty one takes one.

    What takes two septets or two units of 16 bits is never parted.
    """
    if is_gsm7(text):
        sizes = [2 if c in EXTENSION else 1 for c in text]
        return _filled(sizes, _SEPTETS, _SEPTETS_OF_MANY)
    return _filled([2 if ord(c) > 0xFFFF else 1 for c in text], _UNITS, _UNITS_OF_MANY)


def _filled(sizes: Iterable[int], alone: int, of_many: int) -> int:
    sizes = tuple(sizes)
    if sum(sizes) <= alone:
        return 1
    count, room = 1, of_many
    for size in sizes:
        if size > room:
            count, room = count + 1, of_many
        room -= size
    return count
