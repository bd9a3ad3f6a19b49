"""WAV files as the switch writes and plays them: 16-bit PCM, and nothing else.

Written by us and read by us: no library of codecs is involved, so that nothing in such a file
can do more than be wrong. Whatever is not plain is left to `softswitch.prompts.decoding`.
"""

from __future__ import annotations

import os
import secrets
import struct
from collections.abc import Iterator
from io import BufferedReader
from pathlib import Path
from typing import Final

import attrs
import numpy as np
from numpy.typing import NDArray

TEMPORARY_PREFIX: Final = ".writing-"

_BLOCK: Final = 1 << 16
_PCM: Final = 1
_CHUNKS_MAX: Final = 32
_HEAD: Final = 44
_FORMAT: Final = struct.Struct("<HHIIHH")
_CHUNK: Final = struct.Struct("<4sI")


@attrs.frozen(kw_only=True)
class PlainWav:
    """Where the samples of a WAV file lie, 16 bits each, the channels side by side.

    Attributes:
        channels: how many.
        rate_hz: samples a second of each.
        start: of the samples, in bytes from the beginning of the file.
        frames: samples of each channel that are really there, whatever the header says.
    """

    channels: int
    rate_hz: int
    start: int
    frames: int

    def read(self, file: BufferedReader, frames: int | None = None) -> NDArray[np.int16]:
        """Return the first ``frames`` samples, or all; shape ``(samples, channels)``."""
        file.seek(self.start)
        return self._read_on(file, self.frames if frames is None else min(frames, self.frames))

    def blocks(self, file: BufferedReader) -> Iterator[NDArray[np.float32]]:
        """Yield all samples, full scale -1 to 1, in blocks of shape ``(samples, channels)``."""
        file.seek(self.start)
        for first in range(0, self.frames, _BLOCK):
            block = self._read_on(file, min(_BLOCK, self.frames - first))
            yield block.astype(np.float32) / np.float32(32768)

    def _read_on(self, file: BufferedReader, frames: int) -> NDArray[np.int16]:
        data = file.read(2 * self.channels * frames)
        whole = len(data) // (2 * self.channels) * self.channels
        return np.frombuffer(data, "<i2", count=whole).reshape(-1, self.channels)


def read_header(file: BufferedReader) -> PlainWav | None:
    """Return the shape of a plain WAV file; None where it is anything else or is broken."""
    file.seek(0)
    head = file.read(12)
    if len(head) < 12 or head[:4] != b"RIFF" or head[8:] != b"WAVE":
        return None
    layout: tuple[int, int] | None = None
    for _ in range(_CHUNKS_MAX):
        chunk = file.read(8)
        if len(chunk) < 8:
            return None
        name, size = _CHUNK.unpack(chunk)
        if name == b"data":
            return None if layout is None else _plain(file, *layout, size)
        if name == b"fmt ":
            layout = _layout(file.read(size) if size <= 64 else b"")
            if layout is None:
                return None
            file.seek(size & 1, os.SEEK_CUR)
        else:
            file.seek(size + (size & 1), os.SEEK_CUR)
    return None


def _layout(data: bytes) -> tuple[int, int] | None:
    """Return channels and rate of 16-bit PCM; None for anything else."""
    if len(data) < _FORMAT.size:
        return None
    kind, channels, rate_hz, _, block, bits = _FORMAT.unpack_from(data)
    is_plain = (kind, bits) == (_PCM, 16) and block == 2 * channels and channels and rate_hz
    return (channels, rate_hz) if is_plain else None


def _plain(file: BufferedReader, channels: int, rate_hz: int, size: int) -> PlainWav:
    start = file.tell()
    there = min(size, os.fstat(file.fileno()).st_size - start)
    frames = max(0, there) // (2 * channels)
    return PlainWav(channels=channels, rate_hz=rate_hz, start=start, frames=frames)


def is_whole(file: BufferedReader) -> bool:
    """Tell whether a file that `write_wav` wrote is as it was written, by its length."""
    head = file.read(_HEAD)
    if len(head) < _HEAD or head[36:40] != b"data":
        return False
    size: int = _CHUNK.unpack_from(head, 36)[1]
    return os.fstat(file.fileno()).st_size == _HEAD + size


def wav_bytes(samples: NDArray[np.int16], rate_hz: int) -> bytes:
    """Return a WAV file of one channel; ``samples`` have shape ``(samples,)``."""
    data = samples.astype("<i2", copy=False).tobytes()
    layout = _FORMAT.pack(_PCM, 1, rate_hz, 2 * rate_hz, 2, 16)
    body = b"WAVE" + _CHUNK.pack(b"fmt ", len(layout)) + layout + _CHUNK.pack(b"data", len(data))
    return _CHUNK.pack(b"RIFF", len(body) + len(data)) + body + data


def write_wav(path: Path, samples: NDArray[np.int16], rate_hz: int) -> None:
    """Write a WAV file of one channel, whole or not at all.

    It is written under a temporary name in the same folder and then renamed, so that a reader
    sees a whole file or none, also when the process is killed in between. When the machine
    itself falls over, the file may be there and short, as `is_whole` tells.

    Raises:
        OSError: it cannot be written; what stood there before stands there still.
    """
    temporary = path.with_name(TEMPORARY_PREFIX + secrets.token_hex(8))
    try:
        with temporary.open("xb") as file:
            file.write(wav_bytes(samples, rate_hz))
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
