"""Tones: made for a mouth, found again by an ear (running Goertzel sums)."""

from __future__ import annotations

import attrs
import numpy as np
from numpy.typing import NDArray

RATE_HZ = 8000
_BLOCK = 160
_FULL_SCALE = 32768.0


def sine(hz: float, duration_s: float, level_dbfs: float = -12.0) -> NDArray[np.int16]:
    """A sine of ``duration_s`` seconds at 8 kHz; 0 dBFS is a sine that fills the scale."""
    n = np.arange(round(duration_s * RATE_HZ))
    peak = 32767 * 10 ** (level_dbfs / 20)
    return np.round(peak * np.sin(2 * np.pi * hz * n / RATE_HZ)).astype(np.int16)


@attrs.frozen
class Span:
    """A stretch of samples: ``start`` is the first, ``end`` the one behind the last."""

    start: int
    end: int


def _window_sums(values: NDArray[np.complex128]) -> NDArray[np.complex128]:
    total: NDArray[np.complex128] = np.concatenate([np.zeros(1, values.dtype), np.cumsum(values)])
    return np.subtract(total[_BLOCK:], total[:-_BLOCK])


def tone_spans(
    samples: NDArray[np.int16],
    hz: float,
    *,
    share: float = 0.5,
    floor_dbfs: float = -45.0,
    least_s: float = 0.03,
) -> tuple[Span, ...]:
    """Where a tone is heard.

    Over each 20 ms the energy at ``hz`` is set against all the energy (1 for the pure tone). Where
    a tone begins after silence the share grows in proportion to how much of the 20 ms it fills, so
    the middle of the first 20 ms over one half is its beginning.

    Args:
        samples: at 8 kHz.
        hz: the tone looked for.
        share: least share of the energy; less for a tone under speech or music.
        floor_dbfs: least level of the tone.
        least_s: shorter stretches do not count.
    """
    x = np.pad(samples / _FULL_SCALE, _BLOCK)
    turn = np.exp(-2j * np.pi * hz / RATE_HZ * np.arange(len(x)))
    tone = np.abs(_window_sums(x * turn)) ** 2 * 2 / _BLOCK
    energy = _window_sums(np.asarray(x * x, np.complex128)).real
    floor = _BLOCK / 2 * 10 ** (floor_dbfs / 10)
    heard = (tone >= share * energy) & (tone >= floor)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], heard, [False]]).astype(np.int8)))
    middle = _BLOCK // 2 - _BLOCK  # of a block, counted from the first sample before padding
    bounds = np.clip(edges + middle, 0, len(samples)).reshape(-1, 2)
    spans = (Span(int(start), int(end)) for start, end in bounds)
    return tuple(span for span in spans if span.end - span.start >= least_s * RATE_HZ)


def level_dbfs(samples: NDArray[np.int16]) -> float:
    """Level of ``samples`` against a sine that fills the scale; -200 for none at all."""
    power = float(np.mean((samples / _FULL_SCALE) ** 2)) if len(samples) else 0.0
    return max(-200.0, 10 * float(np.log10(2 * power + 1e-30)))
