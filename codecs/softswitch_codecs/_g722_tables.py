"""The tables of ITU-T G.722 (09/2012), worked out for every scale factor there can be.

The scale factor of a band follows from its logarithm, of which only the upper nine bits count
(`LOW_SCALES` values in the lower band, `HIGH_SCALES` in the upper one). So what is a product with
the scale factor in the recommendation is a look-up here: decision levels, and what each codeword
stands for. The rows of the upper band come after those of the lower.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

LOW_SCALES = 18432 // 64 + 1
HIGH_SCALES = 22528 // 64 + 1
LEVELS = 30
"""Steps of the lower band's quantiser for each sign; the upper band has 2 of them."""

_LOW_DECISIONS = (
    *(35, 72, 110, 150, 190, 233, 276, 323, 370, 422, 473, 530, 587, 650, 714),
    *(786, 858, 940, 1023, 1121, 1219, 1339, 1458, 1612, 1765, 1980, 2195, 2557, 2919),
)
"""Table 4 of the recommendation: Q6, decision levels of the 6-bit quantiser."""

_HIGH_DECISION = 564
"""Table 4: Q2."""

_NEVER = 1 << 28

_OUT_6 = (
    *(17, 54, 91, 130, 170, 211, 254, 300, 347, 396, 447, 501, 558, 618, 682),
    *(750, 822, 899, 982, 1072, 1170, 1279, 1399, 1535, 1689, 1873, 2088, 2376, 2738, 3101),
)
"""Table 11: OQ6, what the 30 steps of the 6-bit quantiser stand for."""

_OUT_4 = (0, 150, 323, 530, 786, 1121, 1612, 2557)
"""Table 10: OQ4, by two bits less."""

_OUT_2 = (202, 926)
"""Table 14: OQ2, the upper band."""

_LOW_STEPS = (-60, -30, 58, 172, 334, 538, 1198, 3042)
"""Table 12: WL, what each of the eight magnitudes adds to the logarithm of the scale factor."""

_HIGH_STEPS = (-214, 798)
"""Table 15: WH."""


def _scales() -> NDArray[np.int64]:
    """Return the scale factors of the lower band, then those of the upper one."""
    mantissa = np.rint(2048 * 2 ** (np.arange(32) / 32)).astype(np.int64)

    def scale(logarithm: NDArray[np.int64], shift: int) -> NDArray[np.int64]:
        down = shift - logarithm // 32
        value = mantissa[logarithm % 32]
        return 4 * np.where(down > 0, value >> np.maximum(down, 0), value << np.maximum(-down, 0))

    low, high = scale(np.arange(LOW_SCALES), 8), scale(np.arange(HIGH_SCALES), 10)
    return np.concatenate([low, high])


def _low_codes() -> NDArray[np.int64]:
    """Return the 6-bit codewords by sign and step: 30 of positive, then 30 of negative."""
    positive = np.concatenate([[61, 60], np.arange(59, 31, -1)])
    negative = np.concatenate([[63, 62], np.arange(31, 3, -1)])
    return np.concatenate([positive, negative])


def _low_out_6() -> NDArray[np.int64]:
    """Return what each 6-bit codeword stands for; the four that are never sent: the least."""
    out = np.full(64, -_OUT_6[0], np.int64)
    out[_low_codes()] = np.concatenate([_OUT_6, np.negative(_OUT_6)])
    return out


def _low_magnitudes() -> NDArray[np.int64]:
    """Return RL42, the magnitude 0 to 7 of each 4-bit codeword."""
    down = np.arange(7, 0, -1)
    return np.concatenate([[0], down, down, [0]])


def _low_out_4() -> NDArray[np.int64]:
    """Return what each 4-bit codeword stands for."""
    magnitude = np.asarray(_OUT_4)[_low_magnitudes()]
    return np.where(np.arange(16) < 8, -magnitude, magnitude)


def _spread(values: NDArray[np.int64]) -> NDArray[np.int64]:
    """Put two steps of two signs where the lower band has 30 of each."""
    wide = np.zeros(2 * LEVELS, values.dtype)
    wide[[0, 1, LEVELS, LEVELS + 1]] = values
    return wide


def _by_scale(low: NDArray[np.int64], high: NDArray[np.int64], shift: int) -> NDArray[np.int32]:
    """Return products with every scale factor, shifted right."""
    bands = (low, high)
    scales = np.split(_scales(), [LOW_SCALES])
    rows = [np.outer(scale, band) >> shift for scale, band in zip(scales, bands, strict=True)]
    return np.concatenate(rows).astype(np.int32)


_HIGH_VALUES = np.asarray([-_OUT_2[1], -_OUT_2[0], _OUT_2[1], _OUT_2[0]])
_HIGH_CODES = np.asarray([3, 2, 1, 0])

DECISIONS = _by_scale(
    np.asarray(_LOW_DECISIONS), np.asarray([_HIGH_DECISION] + [_NEVER] * (LEVELS - 2)), 12
)
"""Decision levels of each scale factor, shape ``(scales, 29)``."""

CODES = np.concatenate([_low_codes(), _spread(_HIGH_CODES)]).astype(np.int32)
"""Codeword by sign and step: 60 of the lower band, then 60 of the upper one."""

ADAPT = np.concatenate(
    [
        np.asarray(_LOW_STEPS)[_low_magnitudes()[_low_codes() >> 2]],
        _spread(np.asarray([*_HIGH_STEPS, *_HIGH_STEPS])),
    ]
).astype(np.int32)
"""What is added to the logarithm of the scale factor, by the same."""

VALUES = _by_scale(8 * _low_out_4()[_low_codes() >> 2], 8 * _spread(_HIGH_VALUES[_HIGH_CODES]), 15)
"""Quantised difference of each scale factor by sign and step, shape ``(scales, 60)``."""

RECEIVED = _by_scale(8 * np.repeat(_low_out_4(), 4), 8 * np.tile(_HIGH_VALUES, 16), 15)
"""Quantised difference of each scale factor by codeword, shape ``(scales, 64)``. A codeword of
the upper band counts by its two bits."""

RECEIVED_FINE = _by_scale(8 * _low_out_6(), 8 * np.tile(_HIGH_VALUES, 16), 15)
"""The same with all six bits of the lower band, which only the decoder's output sees."""

RECEIVED_ADAPT = np.concatenate(
    [
        np.repeat(np.asarray(_LOW_STEPS)[_low_magnitudes()], 4),
        np.tile(np.asarray(_HIGH_STEPS)[[1, 0, 1, 0]], 16),
    ]
).astype(np.int32)
"""What is added to the logarithm by codeword: 64 of the lower band, then 64 of the upper one."""

QMF = np.asarray([3, -11, -11, 53, 12, -156, 32, 362, -210, -805, 951, 3876])
"""Table 9: the first half of the 24 coefficients of the quadrature mirror filters."""
