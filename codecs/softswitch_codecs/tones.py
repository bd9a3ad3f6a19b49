"""Tones and key presses as samples.

Levels are RMS, in dBFS as in `softswitch_codecs.levels`; samples are int16 of shape
``(samples,)``. Every tone begins and ends with a raised-cosine ramp, so that it does not click.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

LEVEL_DBFS = -16.0
"""About -10 dBm0, as ITU-T E.180 wants it: in G.711 a full-scale sine, -3.01 dBFS, is +3.14 dBm0
(A-law)."""

RAMP_S = 0.005

_LOW_HZ = (697, 770, 852, 941)
_HIGH_HZ = (1209, 1336, 1477, 1633)
_KEYS = ("123A", "456B", "789C", "*0#D")

DTMF_HZ: Mapping[str, tuple[int, int]] = MappingProxyType(
    {key: (_LOW_HZ[r], _HIGH_HZ[c]) for r, row in enumerate(_KEYS) for c, key in enumerate(row)}
)
"""Low and high frequency of each key, in Hz (ITU-T Q.23)."""


def tone(
    frequencies_hz: Sequence[float],
    duration_s: float,
    rate_hz: int,
    *,
    level_dbfs: float = LEVEL_DBFS,
    ramp_s: float = RAMP_S,
) -> NDArray[np.int16]:
    """Return a mix of equally loud sines, int16 of shape ``(samples,)``.

    Args:
        frequencies_hz: at least one, each above 0 and below half the sample rate.
        duration_s: length in seconds, ramps included.
        rate_hz: sample rate.
        level_dbfs: level (RMS, dBov of ITU-T G.100.1) of the whole mix between its ramps.
        ramp_s: length of each ramp, at most half the tone.

    Raises:
        ValueError: a frequency that the rate cannot carry, or a level that would clip.
    """
    if not frequencies_hz or not all(0 < f < rate_hz / 2 for f in frequencies_hz):
        raise ValueError(f"tones at {rate_hz} samples/s lie between 0 and {rate_hz / 2:g} Hz")
    amplitude = np.sqrt(2 / len(frequencies_hz)) * 10 ** (level_dbfs / 20)
    if amplitude * len(frequencies_hz) > 1:
        raise ValueError(f"{len(frequencies_hz)} sines at {level_dbfs} dBFS together would clip")
    time_s = np.arange(round(duration_s * rate_hz)) / rate_hz
    mix = np.sin(2 * np.pi * np.outer(frequencies_hz, time_s)).sum(axis=0)
    shaped = amplitude * mix * _envelope(len(time_s), round(ramp_s * rate_hz))
    return np.asarray(np.rint(shaped * 32767), np.int16)


def _envelope(count: int, ramp: int) -> NDArray[np.float64]:
    ramp = min(ramp, count // 2)
    rise = 0.5 - 0.5 * np.cos(np.pi * (np.arange(ramp) + 0.5) / ramp) if ramp else np.ones(0)
    return np.concatenate([rise, np.ones(count - 2 * ramp), rise[::-1]])


def silence(duration_s: float, rate_hz: int) -> NDArray[np.int16]:
    """Return nothing for a while, int16 of shape ``(samples,)``.

    Args:
        duration_s: for so many seconds.
        rate_hz: sample rate.
    """
    return np.zeros(round(duration_s * rate_hz), np.int16)


def dtmf(
    keys: str,
    rate_hz: int,
    *,
    on_s: float = 0.08,
    off_s: float = 0.08,
    level_dbfs: float = LEVEL_DBFS,
    twist_db: float = 0.0,
) -> NDArray[np.int16]:
    """Return key presses one after the other, each followed by a gap.

    Frequencies are those of ITU-T Q.23. Q.24 lets a receiver need 40 ms of tone and 40 ms of gap;
    twice that is safe.

    Args:
        keys: any of ``0123456789*#ABCD``.
        rate_hz: sample rate.
        on_s: length of each tone, in seconds.
        off_s: length of the gap after each, in seconds.
        level_dbfs: level of each pair of sines together.
        twist_db: how much louder the high tone is than the low one; lines take more of high
            sounds than of low ones, so telephones send up to 2 dB.

    Returns:
        int16, shape ``(samples,)``.

    Raises:
        ValueError: another key, or levels that would clip.
    """
    unknown = sorted(set(keys) - set(DTMF_HZ))
    if unknown:
        raise ValueError(f"no such keys: {''.join(unknown)}; there are {''.join(DTMF_HZ)}")
    gap = silence(off_s, rate_hz)
    parts = [gap[:0]]
    for key in keys:
        parts += [_pair(DTMF_HZ[key], on_s, rate_hz, level_dbfs, twist_db), gap]
    return np.concatenate(parts)


def _pair(
    pair_hz: tuple[int, int], on_s: float, rate_hz: int, level_dbfs: float, twist_db: float
) -> NDArray[np.int16]:
    """Return two sines of which the second is ``twist_db`` louder."""
    if not twist_db:
        return tone(pair_hz, on_s, rate_hz, level_dbfs=level_dbfs)
    low_dbfs = level_dbfs - 10 * np.log10(1 + 10 ** (twist_db / 10))
    levels = (low_dbfs, low_dbfs + twist_db)
    if sum(np.sqrt(2) * 10 ** (one / 20) for one in levels) > 1:
        raise ValueError(f"two sines at {level_dbfs} dBFS, {twist_db} dB apart, would clip")
    low, high = (
        tone([hz], on_s, rate_hz, level_dbfs=float(level))
        for hz, level in zip(pair_hz, levels, strict=True)
    )
    return low + high
