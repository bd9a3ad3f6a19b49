"""One band of one call of G.722, in plain integers: faster than arrays for a few calls.

The same arithmetic as `softswitch_codecs._g722_bands`, and the same state.
"""

# ruff: noqa: FURB136 - a call of min or max costs more than the comparison

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from softswitch_codecs import _g722_tables as tables
from softswitch_codecs._g722_bands import QUIET


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """The tables of a band as plain lists, by scale factor.

    Attributes:
        decisions: decision levels.
        values: quantised differences by sign and step, 30 positive, then 30 negative ones.
        adapt: what each of those adds to the logarithm of the scale factor.
        received: quantised differences by codeword.
        fine: the same with all bits of it.
        received_adapt: what each codeword adds to the logarithm.
        highest: the largest logarithm.
    """

    decisions: list[list[int]]
    values: list[list[int]]
    adapt: list[int]
    received: list[list[int]]
    fine: list[list[int]]
    received_adapt: list[int]
    highest: int


def _band(number: int) -> Band:
    def part(table: NDArray[np.int32]) -> list[list[int]]:
        rows: list[list[int]] = np.split(table, [tables.LOW_SCALES])[number].tolist()
        return rows

    decisions = part(tables.DECISIONS)
    return Band(
        decisions=[row[:1] for row in decisions] if number else decisions,
        values=part(tables.VALUES),
        adapt=tables.ADAPT.reshape(2, -1)[number].tolist(),
        received=part(tables.RECEIVED),
        fine=part(tables.RECEIVED_FINE),
        received_adapt=tables.RECEIVED_ADAPT.reshape(2, -1)[number].tolist(),
        highest=64 * ((tables.LOW_SCALES, tables.HIGH_SCALES)[number] - 1),
    )


BANDS = (_band(0), _band(1))
"""The lower and the upper band."""


def run(  # noqa: PLR0915 - unrolled, because a call or a loop costs more than what it does
    band: Band, state: list[int], taken: Iterable[int], *, encode: bool
) -> Iterator[int]:
    """Encode or decode one band of one call.

    Args:
        band: its tables.
        state: as `Predictor.column` gives it; holds the state after the last step at the end.
        taken: samples to encode, or codewords to decode.
        encode: which of the two.

    Yields:
        for each sample its sign and step, of which `tables.CODES` knows the codeword; for each
        codeword its sample, not yet limited.
    """
    b6, b5, b4, b3, b2, b1, d6, d5, d4, d3, d2, d1, a1, a2, nb, p1, p2, r1, r2, s, sz = state
    decisions, highest = band.decisions, band.highest
    values = band.values if encode else band.received
    adapt = band.adapt if encode else band.received_adapt
    fine = band.fine
    for x in taken:
        k = nb >> 6
        if encode:
            e = x - s
            level = bisect_right(decisions[k], e) if e >= 0 else 30 + bisect_right(decisions[k], ~e)
            yield level
        else:
            level = x
            yield s + fine[k][x]
        d = values[k][level]
        nb = (nb * 127 >> 7) + adapt[level]
        nb = 0 if nb < 0 else highest if nb > highest else nb

        p = d + sz
        wd = a1 << 2
        wd = 32767 if wd > 32767 else -32768 if wd < -32768 else wd
        if (p ^ p1) >= 0:
            wd = -wd if wd > -32768 else 32767
            a1 = (a1 * 255 >> 8) + 192
        else:
            a1 = (a1 * 255 >> 8) - 192
        a2 = (a2 * 127 >> 7) + (wd >> 7) + (128 if (p ^ p2) >= 0 else -128)
        a2 = 12288 if a2 > 12288 else -12288 if a2 < -12288 else a2
        wd = 15360 - a2
        a1 = wd if a1 > wd else -wd if a1 < -wd else a1
        p2 = p1
        p1 = p

        up = 128 if d else 0
        b6 = (b6 * 255 >> 8) + (up if (d6 ^ d) >= 0 else -up)
        b5 = (b5 * 255 >> 8) + (up if (d5 ^ d) >= 0 else -up)
        b4 = (b4 * 255 >> 8) + (up if (d4 ^ d) >= 0 else -up)
        b3 = (b3 * 255 >> 8) + (up if (d3 ^ d) >= 0 else -up)
        b2 = (b2 * 255 >> 8) + (up if (d2 ^ d) >= 0 else -up)
        b1 = (b1 * 255 >> 8) + (up if (d1 ^ d) >= 0 else -up)
        d6 = d5
        d5 = d4
        d4 = d3
        d3 = d2
        d2 = d1
        d1 = d

        r2 = r1
        r1 = s + d << 1
        r1 = 32767 if r1 > 32767 else -32768 if r1 < -32768 else r1
        s = (a1 * r1 >> 15) + (a2 * r2 >> 15)
        s = 32767 if s > 32767 else -32768 if s < -32768 else s
        terms = (
            *(b6 * d6 >> 14, b5 * d5 >> 14, b4 * d4 >> 14),
            *(b3 * d3 >> 14, b2 * d2 >> 14, b1 * d1 >> 14),
        )
        sz = sum(terms) if nb < QUIET else _saturated_sum(terms)
        s += sz
        s = 32767 if s > 32767 else -32768 if s < -32768 else s
    state[:] = b6, b5, b4, b3, b2, b1, d6, d5, d4, d3, d2, d1, a1, a2, nb, p1, p2, r1, r2, s, sz


def _saturated_sum(terms: Iterable[int]) -> int:
    """Return a sum that is saturated after each addition."""
    total = 0
    for term in terms:
        total += term
        total = 32767 if total > 32767 else -32768 if total < -32768 else total
    return total
