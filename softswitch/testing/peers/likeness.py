"""Finding a sound again in what was heard: speech, music, anything with a course of its own.

Normalised correlation: a stretch of the original is moved along what was heard, and compared at
each place; 1 means that it is there, unchanged and alone, however loud. A second of speech that
went through G.711 and is mixed with another voice scores 0.7 or more, and one that is not there
0.45 or less, even from the same speaker.
"""

from __future__ import annotations

import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from softswitch.errors import MisuseError
from softswitch.testing.peers.tones import RATE_HZ

ALIKE: Final = 0.6
"""From here on a sound counts as found."""

_STRETCH: Final = RATE_HZ
_HOP: Final = RATE_HZ // 4
_QUIET: Final = 1e-4  # energy of a stretch, full scale being 1, that is as good as none

Sound = NDArray[np.int16]


def read_sound(path: Path) -> Sound:
    """Read a WAV file of one channel and 16 bits at 8 kHz.

    Raises:
        MisuseError: the file has another shape.
    """
    with wave.open(str(path), "rb") as file:
        shape = (file.getframerate(), file.getnchannels(), file.getsampwidth())
        if shape != (RATE_HZ, 1, 2):
            raise MisuseError(f"{path} is not 16-bit PCM, one channel, {RATE_HZ} Hz: {shape}")
        return np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.int16)


def is_heard(heard: Sound, said: Sound) -> bool:
    """Whether a second of ``said`` (all of it where it is shorter) is in ``heard``, at 8 kHz."""
    return likeness(heard, said) >= ALIKE


def likeness(heard: Sound, said: Sound) -> float:
    """How much the best second of ``said`` resembles some place of ``heard``, 0 to 1, at 8 kHz."""
    stretch = min(_STRETCH, len(said))
    if not stretch or len(heard) < stretch:
        return 0.0
    return max(_resemblances(heard / 2**15, said / 2**15, stretch))


def _resemblances(
    heard: NDArray[np.float64], said: NDArray[np.float64], stretch: int
) -> Iterator[float]:
    """The same for every stretch of ``said``, a quarter of a second apart."""
    size = 1 << (len(heard) + stretch).bit_length()
    spectrum = np.fft.rfft(heard, size)
    sums = np.cumsum(np.concatenate([[0.0], heard * heard]))
    energy = sums[stretch:] - sums[:-stretch] + _QUIET
    for start in range(0, len(said) - stretch + 1, _HOP):
        part = said[start : start + stretch]
        product = np.fft.irfft(spectrum * np.conj(np.fft.rfft(part, size)), size)
        same = np.abs(product[: len(energy)]) / np.sqrt(energy * (part @ part + _QUIET))
        yield float(same.max())
