"""Adaptive prediction of G.722's two bands: all bands of all calls in one array, step by step.

Names follow the recommendation (clause 3.6, "block 4"), arithmetic is its 16-bit fixed point with
saturation. Left out are those saturations that can never happen, because a table or a limit
before them keeps the value small.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int32]

TAPS = 6

QUIET = 13_000
"""With a logarithm below this the sum of the six products cannot leave 16 bits. It falls by at
most 390 a step, so that the last six differences were below 2,731, and a product is at most twice
its difference."""


class Predictor:
    """What one step of every band leaves for the next.

    Attributes:
        nb: logarithms of the scale factors, 0 to 22,528, shape ``(rows,)``; likewise below.
        s: what is predicted for the next sample.
        sz: the part of it that comes from the zeros.
        a1: first coefficient of the poles, by 2**14; ``a2`` the second.
        r1: last reconstructed sample, doubled; ``r2`` the one before.
        p1: last partially reconstructed sample, of which the sign counts; ``p2`` the one before.
        b: coefficients of the zeros, by 2**14, oldest first, shape ``(6, rows)``.
        d: last six quantised differences, oldest first, the same shape.
    """

    __slots__ = ("a1", "a2", "b", "d", "nb", "p1", "p2", "r1", "r2", "s", "sz")

    def __init__(self, rows: int) -> None:
        for name in self.__slots__:
            shape = (TAPS, rows) if name in "bd" else (rows,)
            setattr(self, name, np.zeros(shape, np.int32))

    nb: Ints
    s: Ints
    sz: Ints
    a1: Ints
    a2: Ints
    r1: Ints
    r2: Ints
    p1: Ints
    p2: Ints
    b: Ints
    d: Ints

    def column(self, row: int) -> list[int]:
        """Return the state of one row as plain numbers: b, d, then the others by name."""
        single = [int(getattr(self, name)[row]) for name in self.__slots__ if name not in "bd"]
        return [*map(int, self.b[:, row]), *map(int, self.d[:, row]), *single]

    def set_column(self, row: int, state: Sequence[int]) -> Self:
        """Take over the state of one row, as `column` gives it."""
        self.b[:, row], self.d[:, row] = state[:TAPS], state[TAPS : 2 * TAPS]
        names = [name for name in self.__slots__ if name not in "bd"]
        for name, value in zip(names, state[2 * TAPS :], strict=True):
            getattr(self, name)[row] = value
        return self

    def adapt(self, steps: Ints, highest: Ints) -> None:
        """LOGSCL, LOGSCH: the logarithms of the scale factors move on."""
        nb = self.nb
        nb *= 127
        nb >>= 7
        nb += steps
        np.maximum(nb, 0, out=nb)
        np.minimum(nb, highest, out=nb)

    def step(self, before: Ints, d: Ints) -> None:
        """Learn from quantised differences and predict the next sample.

        Args:
            before: the six differences before, oldest first, shape ``(6, rows)``. The next five
                of them and ``d`` follow each other in memory: the caller keeps one long array.
            d: the new differences, shape ``(rows,)``.
        """
        self._poles(d)
        self._zeros(before, d)
        r = self.s + d
        r += r
        _saturate(r)
        self.r2, self.r1 = self.r1, r

    def predict(self, after: Ints) -> None:
        """FILTEP, FILTEZ, PREDIC.

        Args:
            after: the six newest differences, oldest first, shape ``(6, rows)``.
        """
        s = self.a1 * self.r1
        s >>= 15
        wd2 = self.a2 * self.r2
        wd2 >>= 15
        s += wd2
        _saturate(s)
        terms = self.b * after
        terms >>= 14
        self.sz = np.add.reduce(terms, axis=0) if self.nb.max() < QUIET else _saturated_sum(terms)
        s += self.sz
        _saturate(s)
        self.s = s

    def _poles(self, d: Ints) -> None:
        """UPPOL2, UPPOL1; of the partial reconstruction only the sign is used."""
        p = d + self.sz
        same = ~(p ^ self.p1) >> 31
        wd2 = self.a1 << 2
        _saturate(wd2)
        wd2 ^= same
        wd2 -= same
        np.minimum(wd2, 32767, out=wd2)
        wd2 >>= 7
        wd3 = (p ^ self.p2) >> 31
        wd3 <<= 8
        wd2 += wd3
        a2 = self.a2
        a2 *= 127
        a2 >>= 7
        a2 += wd2
        a2 += 128
        np.minimum(a2, 12288, out=a2)
        np.maximum(a2, -12288, out=a2)
        a1 = self.a1
        a1 *= 255
        a1 >>= 8
        a1 -= 192
        same &= 384
        a1 += same
        limit = 15360 - a2
        np.minimum(a1, limit, out=a1)
        np.maximum(a1, -limit, out=a1)
        self.p2, self.p1 = self.p1, p

    def _zeros(self, before: Ints, d: Ints) -> None:
        """UPZERO: each coefficient moves up where the signs agree, down where not."""
        wd2 = before ^ d
        wd2 >>= 31
        wd2 <<= 8
        wd2 += 128
        wd2 *= d != 0
        b = self.b
        b *= 255
        b >>= 8
        b += wd2


def _saturate(values: Ints) -> None:
    np.minimum(values, 32767, out=values)
    np.maximum(values, -32768, out=values)


def _saturated_sum(terms: Ints) -> Ints:
    """Return the sum over the first axis, saturated after each addition."""
    total: Ints = terms[0]
    for term in terms[1:]:
        total = total + term
        _saturate(total)
    return total
