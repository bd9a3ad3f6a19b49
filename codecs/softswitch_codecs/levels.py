"""How loud a sound is.

Levels are in dB relative to full scale as ITU-T G.100.1 defines dBov: a square wave of full
scale has 0, a sine of full scale -3.01, silence minus infinity. Integer samples have a full
scale of 32,768 (int16), floating ones of 1. Every function works along the last axis, so that
``(samples,)`` gives one level and ``(calls, samples)`` one for each call.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

PAUSE_DB = 25.0
"""Frames this far below the loudest one are pauses between words."""

_FRAME_S = 0.02


def to_float(samples: NDArray[Any]) -> NDArray[np.float64]:
    """Return samples of any shape as float64 with a full scale of 1."""
    if np.issubdtype(samples.dtype, np.integer):
        return samples / (np.iinfo(samples.dtype).max + 1.0)
    return samples.astype(np.float64)


def to_dbfs(power: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return mean squares as dBFS (dBov of ITU-T G.100.1), in the same shape.

    Args:
        power: of any shape, 1 for a square wave of full scale; 0 gives minus infinity.
    """
    with np.errstate(divide="ignore"):
        return np.asarray(10.0 * np.log10(power))


def rms_dbfs(samples: NDArray[Any]) -> NDArray[np.float64]:
    """Return the root-mean-square level of each row (dBov of ITU-T G.100.1).

    Args:
        samples: int16, or floating with a full scale of 1; shape ``(samples,)`` or
            ``(calls, samples)``.

    Returns:
        dBFS, shape ``()`` or ``(calls,)``: 0 for a square wave of full scale, minus infinity for
        silence and for no samples at all.
    """
    if not samples.shape[-1]:
        return np.full(samples.shape[:-1], -np.inf)
    return to_dbfs(np.asarray(np.mean(to_float(samples) ** 2, axis=-1)))


def peak_dbfs(samples: NDArray[Any]) -> NDArray[np.float64]:
    """Return the level of the highest sample of each row.

    Args:
        samples: int16, or floating with a full scale of 1; shape ``(samples,)`` or
            ``(calls, samples)``.

    Returns:
        dBFS, shape ``()`` or ``(calls,)``: 0 for full scale, minus infinity for silence and for
        no samples at all.
    """
    highest = np.max(np.abs(to_float(samples)), axis=-1, initial=0.0)
    return to_dbfs(np.asarray(highest) ** 2)


def active_dbfs(samples: NDArray[Any], rate_hz: int) -> NDArray[np.float64]:
    """Return the level of speech while it is spoken, pauses left out.

    The idea is that of ITU-T P.56, in its simplest form: the RMS level of those 20 ms frames
    that are less than 25 dB below the loudest.

    Args:
        samples: int16, or floating with a full scale of 1; shape ``(samples,)`` or
            ``(calls, samples)``.
        rate_hz: sample rate.

    Returns:
        dBFS, shape ``()`` or ``(calls,)``; minus infinity for silence.
    """
    frame = round(_FRAME_S * rate_hz)
    count = samples.shape[-1] // frame
    if not count:
        return rms_dbfs(samples)
    frames = to_float(samples[..., : count * frame]).reshape(*samples.shape[:-1], count, frame)
    power = np.mean(frames**2, axis=-1)
    active = power >= np.max(power, axis=-1, keepdims=True) * 10 ** (-PAUSE_DB / 10)
    return to_dbfs(np.asarray(np.mean(power, axis=-1, where=active)))
