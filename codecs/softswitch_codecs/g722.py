"""G.722 at 64 kbit/s: wideband speech, 16 kHz (ITU-T G.722, 09/2012, mode 1).

A mirror filter parts the sound into two bands of 8,000 samples a second. Each is coded as the
difference from what was predicted of it: six bits for 0 to 4 kHz, two for 4 to 8 kHz, one byte
for two samples. Encoder and decoder are bit exact to the recommendation's fixed-point arithmetic.

RTP calls the rate 8,000 although it is 16,000 (RFC 3551 section 4.5.2); packets of 20 ms hold 160
bytes and 320 samples.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from softswitch_codecs._g722_bands import Ints
from softswitch_codecs._g722_engine import Engine
from softswitch_codecs._g722_tables import QMF

T = TypeVar("T", np.int16, np.uint8)

RATE_HZ = 16000
"""Sample rate of the sound."""

_HISTORY = 22
_EVEN, _ODD = (np.concatenate([QMF, QMF[::-1]])[half::2] for half in (0, 1))


class G722Encoder:
    """Turns the sound of one call, or of many, into bytes, piece by piece.

    Args:
        calls: how many calls there are in each array, at least 1; None: a single call, whose
            arrays have one dimension.
    """

    def __init__(self, calls: int | None = None) -> None:
        self._shape = _Shape(calls)
        self._engine = Engine(self._shape.calls)
        self._heard = np.zeros((self._shape.calls, _HISTORY))

    def encode(self, samples: NDArray[np.int16]) -> NDArray[np.uint8]:
        """Return the bytes of the next samples.

        Args:
            samples: 16 kHz, int16, shape ``(samples,)`` or ``(calls, samples)``; an even number.

        Returns:
            one byte for two samples, shape ``(samples / 2,)`` or ``(calls, samples / 2)``.

        Raises:
            TypeError: samples of another type than int16.
            ValueError: another number of calls, or an odd number of samples.
        """
        rows = self._shape.rows(samples, np.int16)
        if rows.shape[1] % 2:
            raise ValueError(f"G.722 codes samples in pairs, not {rows.shape[1]} of them")
        if not rows.size:
            return np.zeros(samples.shape, np.uint8)
        low, high = np.split(self._engine.encode(self._analyse(rows)), 2, axis=1)
        return self._shape.shaped((high << 6 | low).astype(np.uint8).T)

    def _analyse(self, rows: NDArray[np.int16]) -> Ints:
        """QMF: part the sound in two bands, shape ``(steps, 2 * calls)``, lower bands first."""
        heard = np.concatenate([self._heard, rows], axis=1)
        self._heard = heard[:, heard.shape[1] - _HISTORY :]
        pairs = _windows(heard[:, 1::2]) @ _EVEN[::-1], _windows(heard[:, ::2]) @ _ODD[::-1]
        bands = np.concatenate([pairs[0] + pairs[1], pairs[0] - pairs[1]]).T
        return np.asarray(np.clip(bands.astype(np.int32) >> 14, -16384, 16383), np.int32)


class G722Decoder:
    """Turns bytes back into the sound of one call, or of many, piece by piece.

    Args:
        calls: as in `G722Encoder`.
    """

    def __init__(self, calls: int | None = None) -> None:
        self._shape = _Shape(calls)
        self._engine = Engine(self._shape.calls)
        self._heard = np.zeros((2, self._shape.calls, _HISTORY // 2))

    def decode(self, codes: NDArray[np.uint8]) -> NDArray[np.int16]:
        """Return the samples of the next bytes.

        Args:
            codes: uint8, shape ``(bytes,)`` or ``(calls, bytes)``.

        Returns:
            16 kHz, int16, shape ``(2 * bytes,)`` or ``(calls, 2 * bytes)``. A full-scale sine
            comes back at full scale, 22 samples late.

        Raises:
            TypeError: bytes of another type than uint8.
            ValueError: another number of calls.
        """
        steps = self._shape.rows(codes, np.uint8).astype(np.int32).T
        if not steps.size:
            return np.zeros(codes.shape, np.int16)
        low, high = np.split(self._engine.decode(np.hstack([steps & 0x3F, steps >> 6])), 2, axis=1)
        return self._shape.shaped(self._synthesise(low.T, high.T))

    def _synthesise(self, low: Ints, high: Ints) -> NDArray[np.int16]:
        """QMF: put the sound of two bands, shape ``(calls, steps)``, together again."""
        heard = np.concatenate([self._heard, np.stack([low - high, low + high])], axis=2)
        self._heard = heard[:, :, heard.shape[2] - _HISTORY // 2 :]
        pairs = np.stack([_windows(heard[0]) @ _EVEN[::-1], _windows(heard[1]) @ _ODD[::-1]], -1)
        sound = pairs.astype(np.int64) >> 11
        return np.asarray(np.clip(sound, -32768, 32767), np.int16).reshape(low.shape[0], -1)


def encode_g722(samples: NDArray[np.int16]) -> NDArray[np.uint8]:
    """Return the bytes of a whole sound: `G722Encoder.encode` from a fresh start.

    Args:
        samples: 16 kHz, int16, shape ``(samples,)`` or ``(calls, samples)``; an even number.
    """
    return G722Encoder(_calls(samples)).encode(samples)


def decode_g722(codes: NDArray[np.uint8]) -> NDArray[np.int16]:
    """Return the sound of bytes: `G722Decoder.decode` from a fresh start.

    Args:
        codes: uint8, shape ``(bytes,)`` or ``(calls, bytes)``.
    """
    return G722Decoder(_calls(codes)).decode(codes)


class _Shape:
    """The shape in which a user gives and gets the arrays of one call, or of many."""

    def __init__(self, calls: int | None) -> None:
        if calls is not None and calls < 1:
            raise ValueError(f"the number of calls is {calls}, not at least 1")
        self._single = calls is None
        self._leading = () if calls is None else (calls,)
        self.calls = calls or 1

    def rows(self, given: NDArray[T], dtype: type[T]) -> NDArray[T]:
        """Return what was given with a row for each call, or refuse it."""
        if given.dtype != dtype:
            raise TypeError(f"G.722 takes {np.dtype(dtype)} here, not {given.dtype}")
        if given.shape[:-1] != self._leading or not given.ndim:
            raise ValueError(f"an array of shape {given.shape}, not {(*self._leading, 'any')}")
        return np.atleast_2d(given)

    def shaped(self, rows: NDArray[T]) -> NDArray[T]:
        """Return rows in the shape in which they are given."""
        return rows[0] if self._single else rows


def _calls(given: NDArray[T]) -> int | None:
    return None if given.ndim == 1 else given.shape[0]


def _windows(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return each twelve values that follow each other, shape ``(calls, windows, 12)``."""
    return np.lib.stride_tricks.sliding_window_view(values, 12, axis=1)
