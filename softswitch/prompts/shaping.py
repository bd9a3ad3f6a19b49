"""What is done to sounds: trim, fade, level, rate. Pure functions of arrays.

Samples are float32 of shape ``(samples,)``, full scale -1 to 1. Levels are relative to full
scale as in ITU-T G.100.1 (dBov): a full-scale sine has -3.01.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import soxr
from numpy.typing import NDArray

from softswitch_codecs.levels import active_dbfs, peak_dbfs, rms_dbfs

Samples: TypeAlias = NDArray[np.float32]

PEAK_MAX_DBFS = -1.0
"""No sound is made louder than lets its highest peak through: G.711 codecs then never clip."""

SILENCE_DBFS = -50.0
"""What is quieter than this at the ends of speech is silence."""

_FRAME_S = 0.01


def resample(samples: Samples, from_hz: int, to_hz: int) -> Samples:
    """Return the sound at another sample rate, band-limited to the lower one."""
    if from_hz == to_hz:
        return samples
    return np.asarray(soxr.resample(samples, from_hz, to_hz, quality="HQ"), dtype=np.float32)


def trim(samples: Samples, rate_hz: int, *, margin_s: float = 0.03) -> Samples:
    """Return the sound without the silence at both ends; empty when there is nothing else.

    ``margin_s`` of what stands before and after is kept: speech begins and ends softly.
    """
    frame = round(_FRAME_S * rate_hz)
    whole = np.pad(samples, (0, -len(samples) % frame)).reshape(-1, frame)
    heard = np.flatnonzero(rms_dbfs(whole) > SILENCE_DBFS)
    if not len(heard):
        return samples[:0]
    margin = round(margin_s * rate_hz)
    return samples[max(0, heard[0] * frame - margin) : (heard[-1] + 1) * frame + margin]


def fade(samples: Samples, rate_hz: int, *, in_s: float, out_s: float) -> Samples:
    """Return the sound with raised-cosine ramps at its ends, so that neither clicks."""
    result = samples.copy()
    into = _ramp(min(round(in_s * rate_hz), len(samples)))
    out = _ramp(min(round(out_s * rate_hz), len(samples)))
    result[: len(into)] *= into
    result[len(result) - len(out) :] *= out[::-1]
    return result


def _ramp(count: int) -> Samples:
    return np.asarray(0.5 - 0.5 * np.cos(np.pi * (np.arange(count) + 0.5) / count), np.float32)


def amplify(samples: Samples, gain_db: float) -> Samples:
    """Return the sound ``gain_db`` louder, or as loud as its highest peak lets it be."""
    if not samples.size:
        return samples
    room_db = PEAK_MAX_DBFS - float(peak_dbfs(samples))
    return samples * np.float32(10 ** (min(gain_db, room_db) / 20))


def to_speech_level(samples: Samples, rate_hz: int, level_dbfs: float) -> Samples:
    """Return speech at ``level_dbfs``, measured while it is active; silence stays silence."""
    return _to_level(samples, float(active_dbfs(samples, rate_hz)), level_dbfs)


def to_level(samples: Samples, level_dbfs: float) -> Samples:
    """Return the sound at ``level_dbfs`` RMS over its whole length; silence stays silence."""
    return _to_level(samples, float(rms_dbfs(samples)), level_dbfs)


def _to_level(samples: Samples, now_dbfs: float, level_dbfs: float) -> Samples:
    return amplify(samples, level_dbfs - now_dbfs) if np.isfinite(now_dbfs) else samples


def to_int16(samples: Samples) -> NDArray[np.int16]:
    """Return the sound as 16-bit integers, clipped where it is beyond full scale."""
    return np.clip(np.rint(samples * 32768), -32768, 32767).astype(np.int16)
