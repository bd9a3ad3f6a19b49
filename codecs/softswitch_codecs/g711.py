"""G.711: 16-bit samples to 8-bit codewords and back, by table (ITU-T G.711, 11/1988).

The tables hold every sample and every codeword, so encoding and decoding are one look-up each,
for arrays of any shape and many calls at once.

Sign and magnitude are coded apart, as the tables of the recommendation have them, so that a
sound and its negative are coded alike; a magnitude exactly on a decision value belongs to the
outer step. libsndfile does the same. (``audioop`` and its ancestor, Sun's ``g711.c``, round
negative samples down before coding; that is the only difference, and is tested.)
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_ULAW_BIAS = 33
_ULAW_MAX = 8158
_ALAW_MAX = 4095
_ALAW_EVEN_BITS = 0x55


def encode_ulaw(samples: NDArray[np.int16]) -> NDArray[np.uint8]:
    """Return the µ-law codewords of samples (ITU-T G.711, tables 2a and 2b).

    Args:
        samples: int16, -32,768 to 32,767, 8 kHz; of any shape.

    Returns:
        uint8 of the same shape, 0xFF for 0, bits as they are sent.

    Raises:
        TypeError: samples of another type than int16.
    """
    return np.take(_ULAW_CODES, _bits(samples))


def decode_ulaw(codes: NDArray[np.uint8]) -> NDArray[np.int16]:
    """Return the samples of µ-law codewords (ITU-T G.711, tables 2a and 2b).

    Args:
        codes: uint8, of any shape.

    Returns:
        int16 of the same shape, -32,124 to 32,124, 8 kHz.
    """
    return np.take(_ULAW_SAMPLES, codes)


def encode_alaw(samples: NDArray[np.int16]) -> NDArray[np.uint8]:
    """Return the A-law codewords of samples (ITU-T G.711, tables 1a and 1b).

    Args:
        samples: int16, -32,768 to 32,767, 8 kHz; of any shape.

    Returns:
        uint8 of the same shape, 0xD5 for 0, even bits inverted as they are sent.

    Raises:
        TypeError: samples of another type than int16.
    """
    return np.take(_ALAW_CODES, _bits(samples))


def decode_alaw(codes: NDArray[np.uint8]) -> NDArray[np.int16]:
    """Return the samples of A-law codewords (ITU-T G.711, tables 1a and 1b).

    Args:
        codes: uint8, of any shape.

    Returns:
        int16 of the same shape, -32,256 to 32,256, 8 kHz.
    """
    return np.take(_ALAW_SAMPLES, codes)


def _bits(samples: NDArray[np.int16]) -> NDArray[np.uint16]:
    """Return samples as the indices of the tables."""
    if samples.dtype != np.int16:
        raise TypeError(f"G.711 takes int16 here, not {samples.dtype}")
    return samples.view(np.uint16)


def _every_sample() -> NDArray[np.int64]:
    """Return all samples in the order of their bits: 0 to 32,767, then -32,768 to -1."""
    return np.arange(1 << 16, dtype=np.uint16).view(np.int16).astype(np.int64)


def _segment(magnitude: NDArray[np.int64], first_bit: int) -> NDArray[np.int64]:
    """Return the segment 0-7 of each magnitude; segment 1 begins at ``1 << first_bit``."""
    edges = 1 << np.arange(first_bit, first_bit + 7)
    return np.searchsorted(edges, magnitude, side="right")


def _ulaw_codes() -> NDArray[np.uint8]:
    """Return the codeword of every sample, by its bits as an unsigned number."""
    value = _every_sample()
    magnitude = np.minimum(np.abs(value) >> 2, _ULAW_MAX) + _ULAW_BIAS
    segment = _segment(magnitude, 6)
    code = segment << 4 | (magnitude >> (segment + 1)) & 0xF
    return np.asarray(~(code | (value < 0) * 0x80), np.int16).astype(np.uint8)


def _ulaw_samples() -> NDArray[np.int16]:
    """Return the sample of every codeword."""
    code = ~np.arange(256, dtype=np.int64) & 0xFF
    segment, step = code >> 4 & 7, code & 0xF
    magnitude = ((2 * step + _ULAW_BIAS) << segment) - _ULAW_BIAS
    return np.asarray(4 * np.where(code & 0x80, -magnitude, magnitude), np.int16)


def _alaw_codes() -> NDArray[np.uint8]:
    """Return the codeword of every sample, by its bits as an unsigned number."""
    value = _every_sample()
    magnitude = np.minimum(np.abs(value) >> 3, _ALAW_MAX)
    segment = _segment(magnitude, 5)
    code = segment << 4 | (magnitude >> np.maximum(segment, 1)) & 0xF
    return np.asarray((code | (value >= 0) * 0x80) ^ _ALAW_EVEN_BITS, np.uint8)


def _alaw_samples() -> NDArray[np.int16]:
    """Return the sample of every codeword: the middle of its step."""
    code = np.arange(256, dtype=np.int64) ^ _ALAW_EVEN_BITS
    segment, step = code >> 4 & 7, code & 0xF
    middle = 2 * step + 1 + np.where(segment > 0, 32, 0)
    magnitude = middle << np.maximum(segment, 1) - 1
    return np.asarray(8 * np.where(code & 0x80, magnitude, -magnitude), np.int16)


_ULAW_CODES = _ulaw_codes()
_ULAW_SAMPLES = _ulaw_samples()
_ALAW_CODES = _alaw_codes()
_ALAW_SAMPLES = _alaw_samples()
