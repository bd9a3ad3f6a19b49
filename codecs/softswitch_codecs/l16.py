"""L16: 16-bit samples as they are, in network byte order (RFC 3551 section 4.5.11)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def encode_l16(samples: NDArray[np.int16]) -> NDArray[np.uint8]:
    """Return the bytes of samples, the more significant one first.

    Args:
        samples: int16, -32,768 to 32,767, any rate; shape ``(samples,)`` or ``(calls, samples)``.

    Returns:
        uint8, two for each sample: shape ``(2 * samples,)`` or ``(calls, 2 * samples)``.

    Raises:
        TypeError: samples of another type than int16.
    """
    if samples.dtype != np.int16:
        raise TypeError(f"L16 takes int16 here, not {samples.dtype}")
    return np.ascontiguousarray(samples, ">i2").view(np.uint8)


def decode_l16(codes: NDArray[np.uint8]) -> NDArray[np.int16]:
    """Return the samples of bytes.

    Args:
        codes: uint8, an even number for each call; shape ``(bytes,)`` or ``(calls, bytes)``.

    Returns:
        int16 in the machine's own byte order, shape ``(bytes / 2,)`` or ``(calls, bytes / 2)``.

    Raises:
        TypeError: bytes of another type than uint8.
        ValueError: half a sample at the end.
    """
    if codes.dtype != np.uint8:
        raise TypeError(f"L16 takes uint8 here, not {codes.dtype}")
    if codes.shape[-1] % 2:
        raise ValueError(f"{codes.shape[-1]} bytes end in half a sample")
    return np.ascontiguousarray(codes).view(">i2").astype(np.int16)
