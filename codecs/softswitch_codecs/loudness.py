"""Loudness as people hear it: ITU-R BS.1770-5, EBU R 128 and EBU Tech 3342, for one channel.

Sound is weighed as head and ear weigh it (K-weighting), and its power is averaged over blocks that
overlap. Levels are in LUFS: a sine of 997 Hz at full scale has -3.01. Telephone sound is mono; the
same signal in both ears of a stereo file is 3 dB louder by this measure.

Any sample rate will do. BS.1770 gives its filters for 48 kHz only; for other rates they are made
from the same analogue prototype. What is above half the rate is not there and not heard.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
from numpy.typing import NDArray

from softswitch_codecs.levels import to_float

MOMENTARY_S = 0.4
"""Length of the blocks of momentary and integrated loudness."""

SHORT_TERM_S = 3.0
"""Length of the blocks of short-term loudness and of the loudness range."""

HOP_S = 0.1

_OFFSET = -0.691
_ABSOLUTE_GATE = -70.0
_RELATIVE_GATE = -10.0
_RANGE_GATE = -20.0
_RESPONSE_S = 0.1

Floats = NDArray[np.float64]


def momentary_lufs(samples: NDArray[Any], rate_hz: int) -> Floats:
    """Return the loudness of every 400 ms, ten times a second (EBU Tech 3341).

    Args:
        samples: int16, or floating with a full scale of 1; shape ``(samples,)`` or
            ``(calls, samples)``.
        rate_hz: sample rate, a multiple of 10.

    Returns:
        LUFS, shape ``(blocks,)`` or ``(calls, blocks)``; minus infinity for silence. The first
        block begins with the sound; less than 400 ms of it have none.
    """
    return _lufs(_block_powers(samples, rate_hz, MOMENTARY_S))


def short_term_lufs(samples: NDArray[Any], rate_hz: int) -> Floats:
    """Return the loudness of every 3 s, ten times a second (EBU Tech 3341).

    Args and result are those of `momentary_lufs`, with blocks of 3 s: shape ``(blocks,)`` or
    ``(calls, blocks)``.
    """
    return _lufs(_block_powers(samples, rate_hz, SHORT_TERM_S))


def integrated_lufs(samples: NDArray[Any], rate_hz: int) -> Floats:
    """Return the loudness of the whole sound, pauses left out (BS.1770-5, annex 1).

    Blocks of 400 ms count that are louder than -70 LUFS and than 10 below the mean of those.

    Args:
        samples: int16, or floating with a full scale of 1; shape ``(samples,)`` or
            ``(calls, samples)``.
        rate_hz: sample rate, a multiple of 10.

    Returns:
        LUFS, shape ``()`` or ``(calls,)``; minus infinity where no block counts.
    """
    powers = _block_powers(samples, rate_hz, MOMENTARY_S)
    return _lufs(_mean(powers, _gated(powers, _RELATIVE_GATE)))


def loudness_range_lu(samples: NDArray[Any], rate_hz: int) -> Floats:
    """Return how far loud and quiet parts are apart (EBU Tech 3342), in LU.

    It is the distance from the 10th to the 95th percentile of the blocks of 3 s that are louder
    than -70 LUFS and than 20 below the mean of those.

    Args:
        samples: int16, or floating with a full scale of 1; shape ``(samples,)`` or
            ``(calls, samples)``.
        rate_hz: sample rate, a multiple of 10.

    Returns:
        LU, shape ``()`` or ``(calls,)``; 0 where no block counts.
    """
    powers = _block_powers(samples, rate_hz, SHORT_TERM_S)
    counted = _gated(powers, _RANGE_GATE)
    ranges = [_range(power[one]) for power, one in zip(_rows(powers), _rows(counted), strict=True)]
    return np.asarray(ranges).reshape(powers.shape[:-1])


def k_weighted(samples: NDArray[Any], rate_hz: int) -> NDArray[np.float32]:
    """Return sound as it is weighed before its power counts (BS.1770-5, annex 1, figure 2).

    Single precision: what the arithmetic adds is 130 dB below the sound.

    Args:
        samples: int16, or floating with a full scale of 1; shape ``(samples,)`` or
            ``(calls, samples)``.
        rate_hz: sample rate.
    """
    sound = samples if samples.dtype == np.float32 else to_float(samples).astype(np.float32)
    spectrum, size, step = _spectrum(rate_hz)
    out = np.zeros((*sound.shape[:-1], sound.shape[-1] + size), np.float32)
    for start in range(0, sound.shape[-1], step):
        piece = np.fft.rfft(sound[..., start : start + step], size)
        out[..., start : start + size] += np.fft.irfft(piece * spectrum, size)
    return out[..., : sound.shape[-1]]


def _block_powers(samples: NDArray[Any], rate_hz: int, length_s: float) -> Floats:
    """Return the mean square of each block, shape ``(..., blocks)``."""
    if rate_hz % 10:
        raise ValueError(f"{rate_hz} samples/s cannot be cut into tenths of a second")
    hop, length = rate_hz // 10, round(length_s / HOP_S)
    weighted = k_weighted(samples, rate_hz)
    count = weighted.shape[-1] // hop
    hops = weighted[..., : count * hop].reshape(*weighted.shape[:-1], count, hop)
    powers: Floats = np.vecdot(hops, hops).astype(np.float64) / hop
    if count < length:
        return powers[..., :0]
    windows = np.lib.stride_tricks.sliding_window_view(powers, length, axis=-1)
    return np.asarray(windows.mean(axis=-1))


def _gated(powers: Floats, relative: float) -> NDArray[np.bool_]:
    """Say which blocks count, by the absolute gate and one relative to what passes it."""
    loud = _lufs(powers) > _ABSOLUTE_GATE
    gate = _lufs(_mean(powers, loud)) + relative
    return np.asarray(loud & (_lufs(powers) > gate[..., np.newaxis]))


def _mean(powers: Floats, counted: NDArray[np.bool_]) -> Floats:
    total, count = np.sum(powers * counted, axis=-1), np.sum(counted, axis=-1)
    return np.asarray(total / np.maximum(count, 1))


def _lufs(powers: Floats) -> Floats:
    with np.errstate(divide="ignore"):
        return np.asarray(_OFFSET + 10 * np.log10(powers))


def _rows(values: NDArray[Any]) -> NDArray[Any]:
    return np.atleast_2d(values)


def _range(powers: Floats) -> float:
    if not len(powers):
        return 0.0
    low, high = np.percentile(_lufs(powers), [10, 95])
    return float(high - low)


@functools.cache
def _spectrum(rate_hz: int) -> tuple[NDArray[np.complex64], int, int]:
    """Return the K filter's spectrum, its size, and how much sound goes through it at a time."""
    response = _impulse_response(rate_hz).astype(np.float32)
    size = 1 << (8 * len(response)).bit_length()
    spectrum = np.fft.rfft(response, size).astype(np.complex64)
    return spectrum, size, size - len(response) + 1


def _impulse_response(rate_hz: int) -> Floats:
    """Return the K filter's answer to a pulse; after 0.1 s it is 200 dB down."""
    pulse = np.zeros(round(_RESPONSE_S * rate_hz))
    pulse[0] = 1.0
    for numerator, denominator in (_shelf(rate_hz), _high_pass(rate_hz)):
        pulse = _filtered(pulse, numerator, denominator)
    return pulse


def _shelf(rate_hz: int) -> tuple[Floats, Floats]:
    """Return the first stage: what the head does to high sounds, +4 dB."""
    k = np.tan(np.pi * 1681.974450955533 / rate_hz)
    q, high = 0.7071752369554196, 10 ** (3.999843853973347 / 20)
    band = high**0.4996667741545416
    numerator = [high + band * k / q + k * k, 2 * (k * k - high), high - band * k / q + k * k]
    return _normalised(numerator, k, q)


def _high_pass(rate_hz: int) -> tuple[Floats, Floats]:
    """Return the second stage: what the ear does to low sounds."""
    k = np.tan(np.pi * 38.13547087602444 / rate_hz)
    q = 0.5003270373238773
    numerator, denominator = _normalised([1.0, -2.0, 1.0], k, q)
    return numerator * (1 + k / q + k * k), denominator


def _normalised(numerator: list[float], k: float, q: float) -> tuple[Floats, Floats]:
    first = 1 + k / q + k * k
    denominator = [first, 2 * (k * k - 1), 1 - k / q + k * k]
    return np.asarray(numerator) / first, np.asarray(denominator) / first


def _filtered(sound: Floats, b: Floats, a: Floats) -> Floats:
    """Return a short sound after a filter of second order."""
    out = np.convolve(sound, b)[: len(sound)].tolist()
    for n in range(1, len(out)):
        out[n] -= a[1] * out[n - 1] + (a[2] * out[n - 2] if n > 1 else 0.0)
    return np.asarray(out)
