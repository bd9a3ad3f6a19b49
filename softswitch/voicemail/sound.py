"""What is looked up in recordings: where the sound lies, whether anybody speaks.

A recording that is still being written has a header that tells no length, and one that was cut off
by the end of the process keeps such a header. The sound is there all the same: what counts is the
length of the file.
"""

from __future__ import annotations

import os
import struct
from io import BufferedReader
from pathlib import Path
from typing import Final

import attrs
import numpy as np
from numpy.typing import NDArray

from softswitch_codecs.levels import rms_dbfs

SILENCE_DBFS: Final = -50.0
"""What is quieter is silence: speech over telephones lies 15 to 30 dB above."""

LEAST_SPEECH_S: Final = 0.3
"""Less than this above silence is no message."""

_FRAME_S: Final = 0.02
_CHUNK: Final = struct.Struct("<4sI")
_FORMAT: Final = struct.Struct("<HHIIHH")
_CHUNKS_MAX: Final = 32


@attrs.frozen(kw_only=True)
class _Layout:
    """Where the samples lie: 16 bits, one channel."""

    rate_hz: int
    start: int
    told: int
    there: int


def _layout(file: BufferedReader) -> _Layout | None:
    """Read the header of a 16-bit mono WAV file, whatever length it tells; None: it is none."""
    head = file.read(12)
    if len(head) < 12 or head[:4] != b"RIFF" or head[8:] != b"WAVE":
        return None
    rate_hz = 0
    for _ in range(_CHUNKS_MAX):
        chunk = file.read(_CHUNK.size)
        if len(chunk) < _CHUNK.size:
            return None
        name, size = _CHUNK.unpack(chunk)
        if name == b"data":
            start = file.tell()
            there = (os.fstat(file.fileno()).st_size - start) // 2 * 2
            return (
                _Layout(rate_hz=rate_hz, start=start, told=size, there=there) if rate_hz else None
            )
        body = file.read(size + (size & 1))
        if name == b"fmt " and len(body) >= _FORMAT.size:
            kind, channels, rate, _, _, bits = _FORMAT.unpack_from(body)
            rate_hz = rate if (kind, channels, bits) == (1, 1, 16) else 0
    return None


def repair(path: Path) -> float:
    """Let the header of a recording tell the length that the file has.

    Returns:
        The length in seconds; 0 where there is no file, or nothing in it that is a recording.
    """
    try:
        with path.open("r+b") as file:
            layout = _layout(file)  # type: ignore[arg-type] # a BufferedRandom reads like one
            if layout is None:
                return 0.0
            if layout.told != layout.there:
                _write_lengths(file.fileno(), layout)
            return layout.there / 2 / layout.rate_hz
    except FileNotFoundError:
        return 0.0


def _write_lengths(handle: int, layout: _Layout) -> None:
    end = layout.start + layout.there
    os.truncate(handle, end)
    os.pwrite(handle, struct.pack("<I", end - 8), 4)
    os.pwrite(handle, struct.pack("<I", layout.there), layout.start - 4)
    os.fsync(handle)


def is_finished(path: Path) -> bool:
    """Whether whoever writes a recording has finished it: the header tells the whole length."""
    try:
        with path.open("rb") as file:
            layout = _layout(file)
    except FileNotFoundError:
        return True
    return layout is not None and layout.told == layout.there


class GrowingSound:
    """Reads a recording while it is written: a few thousand bytes at each look.

    No Python runs where the sound does.
    """

    def __init__(self, path: Path) -> None:
        """Begin before the first sample."""
        self._path = path
        self._read = 0
        self.rate_hz = 0

    def frames(self, frame_s: float) -> NDArray[np.int16]:
        """Return what has come since the last look, shape ``(frames, samples)``; whole frames."""
        try:
            with self._path.open("rb") as file:
                layout = _layout(file)
                if layout is None:
                    return np.empty((0, 1), np.int16)
                self.rate_hz = layout.rate_hz
                size = 2 * round(frame_s * layout.rate_hz)
                file.seek(layout.start + self._read)
                data = file.read((layout.there - self._read) // size * size)
        except FileNotFoundError:
            return np.empty((0, 1), np.int16)
        self._read += len(data)
        return np.frombuffer(data, "<i2").reshape(-1, size // 2)


class SpeechWatch:
    """Follows a recording while it is written, and knows how long nobody has spoken."""

    def __init__(self, path: Path) -> None:
        """Begin before the first sample."""
        self._sound = GrowingSound(path)
        self.spoken_s = 0.0
        self.silent_s = 0.0

    def look(self) -> None:
        """Read on. `spoken_s` and `silent_s` (since the last word) then count what was read."""
        frames = self._sound.frames(_FRAME_S)
        if not len(frames):
            return
        loud = np.flatnonzero(rms_dbfs(frames) > SILENCE_DBFS)
        self.spoken_s += len(loud) * _FRAME_S
        if len(loud):
            self.silent_s = (len(frames) - 1 - loud[-1]) * _FRAME_S
        else:
            self.silent_s += len(frames) * _FRAME_S

    @property
    def has_speech(self) -> bool:
        """Whether enough was said to be a message."""
        return self.spoken_s >= LEAST_SPEECH_S


def has_speech(path: Path) -> bool:
    """Whether anything is said in a recording."""
    watch = SpeechWatch(path)
    watch.look()
    return watch.has_speech
