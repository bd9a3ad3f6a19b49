"""Sound files from outside: anything libsndfile reads, with time and memory bounded."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path

import numpy as np
import soundfile
import soxr

from softswitch.prompts.faults import PromptError, PromptFault
from softswitch.prompts.shaping import Samples

LENGTH_MAX_S = 20 * 60
"""Longest sound: a header may promise anything, so what is counted is what is read."""

CHANNELS_MAX = 2
RATE_MIN_HZ = 4_000
RATE_MAX_HZ = 192_000
BYTES_MAX = 1_000_000_000
"""Largest file: twenty minutes of stereo at 96 kHz in 32 bits are 0.9 GB."""

_BLOCK = 1 << 16


@contextmanager
def open_sound(path: Path) -> Iterator[BufferedReader]:
    """Open a plain file to read.

    Raises:
        PromptError: there is no such file, it is something else (a folder, a pipe), may not be
            read, is empty or larger than `BYTES_MAX`.
    """
    try:
        _check_file(path)
        file = path.open("rb")
    except OSError as error:
        raise PromptError(
            f"{path} cannot be read: {error.strerror}.", reason=PromptFault.UNREADABLE
        ) from error
    with file:
        yield file


def _check_file(path: Path) -> None:
    if not path.is_file():
        raise PromptError(f"{path} is not a file.", reason=PromptFault.NOT_A_FILE)
    size = path.stat().st_size
    if not size:
        raise PromptError(f"{path} is empty.", reason=PromptFault.EMPTY)
    if size > BYTES_MAX:
        raise PromptError(
            f"{path} has {size / 1e6:.0f} MB; at most {BYTES_MAX / 1e6:.0f} MB are taken.",
            reason=PromptFault.TOO_LONG,
        )


def content_hash(file: BufferedReader) -> str:
    """Return a name for what the file holds; leaves it at its start."""
    digest = hashlib.file_digest(file, "sha256").hexdigest()
    file.seek(0)
    return digest


def decode(file: BufferedReader, name: str, rate_hz: int) -> Samples:
    """Return the sound in a file as one channel at ``rate_hz``, shape ``(samples,)``.

    Two channels are mixed half and half. Samples that are no numbers become silence.

    Args:
        file: open at its start.
        name: what to call it in messages.
        rate_hz: the rate wanted.

    Raises:
        PromptError: broken, of an unknown kind, without any sound, longer than
            `LENGTH_MAX_S`, or with more channels or another rate than can be used.
    """
    try:
        with soundfile.SoundFile(file.fileno(), closefd=False) as sound:
            _check_shape(sound, name)
            samples = _resampled(sound, name, rate_hz)
    except (soundfile.LibsndfileError, TypeError, ValueError) as error:
        raise PromptError(
            f"{name} is broken or not a kind of sound file that can be read.",
            reason=PromptFault.UNREADABLE,
        ) from error
    if not len(samples):
        raise PromptError(f"{name} holds no sound.", reason=PromptFault.EMPTY)
    return samples


def _check_shape(sound: soundfile.SoundFile, name: str) -> None:
    if sound.channels > CHANNELS_MAX:
        raise PromptError(
            f"{name} has {sound.channels} channels; it may have one (mono) or two (stereo).",
            reason=PromptFault.TOO_MANY_CHANNELS,
        )
    if not RATE_MIN_HZ <= sound.samplerate <= RATE_MAX_HZ:
        raise PromptError(
            f"{name} has {sound.samplerate} samples a second; "
            f"it may have {RATE_MIN_HZ} to {RATE_MAX_HZ}.",
            reason=PromptFault.BAD_RATE,
        )


def _resampled(sound: soundfile.SoundFile, name: str, rate_hz: int) -> Samples:
    stream = soxr.ResampleStream(sound.samplerate, rate_hz, 1, dtype="float32", quality="HQ")
    blocks = [stream.resample_chunk(block) for block in _mono_blocks(sound, name)]
    blocks.append(stream.resample_chunk(np.zeros(0, np.float32), last=True))
    return np.concatenate(blocks)


def _mono_blocks(sound: soundfile.SoundFile, name: str) -> Iterator[Samples]:
    left = LENGTH_MAX_S * sound.samplerate
    while len(block := sound.read(_BLOCK, "float32", always_2d=True)):
        left -= len(block)
        if left < 0:
            raise PromptError(
                f"{name} is longer than {LENGTH_MAX_S // 60} minutes.",
                reason=PromptFault.TOO_LONG,
            )
        mono = np.nan_to_num(block, nan=0.0, posinf=0.0, neginf=0.0).mean(axis=1)
        yield np.asarray(mono, dtype=np.float32)
