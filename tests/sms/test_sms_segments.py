"""Segments by 3GPP TS 23.038 and TS 23.040; the alphabet by another implementation of it."""

from __future__ import annotations

import math

import gsm0338
import pytest
from hypothesis import given
from hypothesis import strategies as st

from softswitch.sms.segments import BASIC, EXTENSION, is_gsm7, segments


def test_the_alphabet_is_that_of_another_implementation():
    codec = gsm0338.Codec()
    for code in range(0x20000):
        character = chr(code)
        try:
            octets = codec.encode(character)[0]
        except UnicodeError:
            octets = b""
        if character == "\x1b":  # the escape itself says nothing
            continue
        assert (character in BASIC) == (len(octets) == 1), hex(code)
        assert (character in EXTENSION) == (len(octets) == 2), hex(code)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("æøåÆØÅ" * 26 + "äöüß", 1),  # 160 septets of Northern letters
        ("a" * 306, 2),  # 2 x 153
        ("a" * 307, 3),
        ("€" * 80, 1),  # an escape each: 160 septets
        ("€" * 81, 2),
        ("a" * 152 + "€" + "a" * 152, 3),  # the euro is not parted: 152, 2 + 151, 1
        ("č" * 70, 1),
        ("č" * 71, 2),
        ("č" * 134, 2),  # 2 x 67
        ("č" * 135, 3),
        ("a" * 70 + "č", 2),  # one character makes all of it UCS-2
        ("😀" * 35, 1),  # two units of 16 bits each
        ("😀" * 36, 2),
        ("😀" * 67, 3),  # 33 in a segment of 67 units: one unit stays empty
    ],
)
def test_segments_worked_out_by_hand(text: str, count: int):
    assert segments(text) == count


@given(st.text(alphabet=st.sampled_from("aæ€[č😀\n")))
def test_segments_lie_between_what_is_needed_and_what_could_be_lost(text: str):
    """The slow twin fills segments with units, and can lose at most one unit in each."""
    gsm = all(c in "aæ€[\n" for c in text)
    assert is_gsm7(text) is gsm
    units = len(text.encode("utf-16-le")) // 2
    if gsm:
        units = sum(2 if c in "€[" else 1 for c in text)
    alone, many = (160, 153) if gsm else (70, 67)
    if units <= alone:
        assert segments(text) == 1
    else:
        assert math.ceil(units / many) <= segments(text) <= math.ceil(units / (many - 1))
