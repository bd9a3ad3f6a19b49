"""What is done to sounds: trim, fade, level, rate. Pure functions of arrays.

Samples are float32 of shape ``(samples,)``, full scale -1 to 1. Levels are relative to full
scale as in ITU-T G.100.1 (dBov): a full-scale sine has -3.01.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
import soxr
from numpy.typing import NDArray

from softswitch_codecs.levels import active_dbfs, rms_dbfs
from softswitch_codecs.loudness import MOMENTARY_S, integrated_lufs

Samples: TypeAlias = NDArray[np.float32]

PEAK_MAX_DBFS = -1.0
"""No sound is made louder than lets its highest peak through: G.711 codecs then never clip."""

SILENCE_DBFS = -50.0
"""What is quieter than this at the ends of speech is silence."""

_FRAME_S = 0.01
_PEAK_MAX = 10 ** (PEAK_MAX_DBFS / 20)


def resample(samples: Samples, from_hz: int, to_hz: int) -> Samples:
    """Return the sound at another sample rate, band-limited to the lower one.

    Args:
        samples: shape ``(samples,)``, -1 to 1.
        from_hz: its rate.
        to_hz: the rate wanted.

    Returns:
        shape ``(samples * to_hz / from_hz,)``, rounded.
    """
    if from_hz == to_hz:
        return samples
    return np.asarray(soxr.resample(samples, from_hz, to_hz, quality="HQ"), dtype=np.float32)


def trim(samples: Samples, rate_hz: int, *, margin_s: float = 0.03) -> Samples:
    """Return the sound without the silence at both ends; empty when there is nothing else.

    Args:
        samples: shape ``(samples,)``, -1 to 1.
        rate_hz: sample rate.
        margin_s: so many seconds of what stands before and after are kept: speech begins and
            ends softly.
    """
    frame = round(_FRAME_S * rate_hz)
    whole = np.pad(samples, (0, -len(samples) % frame)).reshape(-1, frame)
    heard = np.flatnonzero(rms_dbfs(whole) > SILENCE_DBFS)
    if not len(heard):
        return samples[:0]
    margin = round(margin_s * rate_hz)
    return samples[max(0, heard[0] * frame - margin) : (heard[-1] + 1) * frame + margin]


def fade(samples: Samples, rate_hz: int, *, in_s: float, out_s: float) -> Samples:
    """Return the sound with raised-cosine ramps at its ends, so that neither clicks.

    Args:
        samples: shape ``(samples,)``, -1 to 1.
        rate_hz: sample rate.
        in_s: length of the first ramp in seconds; at most the whole sound.
        out_s: length of the last ramp, likewise.
    """
    result = samples.copy()
    into = ramp(min(round(in_s * rate_hz), len(samples)))
    out = ramp(min(round(out_s * rate_hz), len(samples)))
    result[: len(into)] *= into
    result[len(result) - len(out) :] *= out[::-1]
    return result


def ramp(count: int) -> Samples:
    """Return a rise from 0 to 1, shape ``(count,)``: half a period of a cosine."""
    half = np.float32(0.5)
    return np.asarray(half - half * np.cos(np.float32(2) * _quarter_turn(count)), np.float32)


def crossfade(parts: Sequence[Samples], overlap: int, *, most: float = 0.5) -> Samples:
    """Return sounds one after another, each overlapping the one before it.

    One falls as a cosine while the other rises as a sine, so that the power of two sounds that
    have nothing to do with each other stays the same.

    Args:
        parts: at least one, each of shape ``(samples,)``.
        overlap: by how many samples; less where a part would overlap by more than its share.
        most: the largest share of a part that one overlap may take.
    """
    lengths = [len(part) for part in parts]
    overlaps = [
        min(overlap, int(most * before), int(most * after)) for before, after in pairwise(lengths)
    ]
    result = np.zeros(sum(lengths) - sum(overlaps), np.float32)
    start = 0
    for part, into, out in zip(parts, [0, *overlaps], [*overlaps, 0], strict=True):
        start -= into
        place = result[start : start + len(part)]
        if into or out:
            part = part.copy()  # noqa: PLW2901 - about to be changed
            part[:into] *= _sine_ramp(into)
            part[len(part) - out :] *= _sine_ramp(out)[::-1]
        place += part
        start += len(part)
    return result


def _sine_ramp(count: int) -> Samples:
    return np.sin(_quarter_turn(count))


def _quarter_turn(count: int) -> Samples:
    """Return angles from 0 to a right one, at the middle of each of so many steps."""
    step = np.float32(np.pi / 2 / max(count, 1))
    return (np.arange(count, dtype=np.float32) + np.float32(0.5)) * step


def decibels(gain_db: float) -> np.float32:
    """Return the factor that makes a sound ``gain_db`` louder."""
    return np.float32(10 ** (gain_db / 20))


def amplify(samples: Samples, gain_db: float) -> Samples:
    """Return the sound louder, or as loud as its highest peak lets it be.

    Args:
        samples: any shape, -1 to 1.
        gain_db: by how many decibels; less than 0: quieter.
    """
    if not samples.size:
        return samples
    highest = peak(samples)
    room = _PEAK_MAX / highest if highest else np.inf
    return samples * np.float32(min(10 ** (gain_db / 20), room))


def limit_peak(samples: Samples, most: float = _PEAK_MAX) -> Samples:
    """Return the sound, the whole of it quieter where its peak would be too high.

    Args:
        samples: any shape, any magnitude.
        most: the highest magnitude that is let through.
    """
    highest = peak(samples)
    return samples if highest <= most else samples * np.float32(most / highest)


def to_full_scale(samples: Samples) -> Samples:
    """Return the sound, of any shape, as it is, but quieter where 16 bits could not hold it."""
    return limit_peak(samples, 1.0)


def peak(samples: Samples) -> float:
    """Return the highest magnitude of all samples, of any shape; 0 where there are none."""
    return float(max(np.max(samples, initial=0.0), -np.min(samples, initial=0.0)))


def to_speech_level(samples: Samples, rate_hz: int, level_dbfs: float) -> Samples:
    """Return speech at a level that is measured while it is active; silence stays silence.

    Args:
        samples: shape ``(samples,)``, -1 to 1.
        rate_hz: sample rate.
        level_dbfs: the level (ITU-T G.100.1), reached as far as the highest peak allows.
    """
    return _to_level(samples, float(active_dbfs(samples, rate_hz)), level_dbfs)


def to_level(samples: Samples, level_dbfs: float) -> Samples:
    """Return the sound at an RMS level over its whole length; silence stays silence.

    Args:
        samples: shape ``(samples,)``, -1 to 1.
        level_dbfs: the level (ITU-T G.100.1), reached as far as the highest peak allows.
    """
    return _to_level(samples, float(rms_dbfs(samples)), level_dbfs)


def to_loudness(samples: Samples, rate_hz: int, loudness_lufs: float) -> Samples:
    """Return the sound at a loudness (ITU-R BS.1770-5); silence stays silence.

    Args:
        samples: shape ``(samples,)``, -1 to 1.
        rate_hz: sample rate, a multiple of 10.
        loudness_lufs: the loudness, reached as far as the highest peak allows.
    """
    return _to_level(samples, loudness(samples, rate_hz), loudness_lufs)


def loudness(samples: NDArray[np.int16] | Samples, rate_hz: int) -> float:
    """Return the loudness of a sound in LUFS, minus infinity for silence.

    What is shorter than a block of BS.1770 (0.4 s) is measured as if it were repeated.

    Args:
        samples: shape ``(samples,)``, int16, or -1 to 1.
        rate_hz: sample rate, a multiple of 10.
    """
    block = round(MOMENTARY_S * rate_hz)
    if 0 < len(samples) < block:
        repeated: NDArray[Any] = np.resize(samples, block)
        return float(integrated_lufs(repeated, rate_hz))
    return float(integrated_lufs(samples, rate_hz))


def _to_level(samples: Samples, now_dbfs: float, level_dbfs: float) -> Samples:
    return amplify(samples, level_dbfs - now_dbfs) if np.isfinite(now_dbfs) else samples


def to_int16(samples: Samples) -> NDArray[np.int16]:
    """Return the sound, of any shape, as 16-bit integers, clipped beyond full scale."""
    whole = samples * np.float32(32768)
    np.rint(whole, out=whole)
    np.clip(whole, -32768, 32767, out=whole)
    return whole.astype(np.int16)


def from_int16(samples: NDArray[np.int16]) -> Samples:
    """Return 16-bit integers of any shape as a sound from -1 to 1, exactly."""
    return np.multiply(samples, np.float32(1 / 32768), dtype=np.float32)
