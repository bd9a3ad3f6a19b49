"""Libraries for tests: a clock that is set by hand, and sound files of chosen content."""

from __future__ import annotations

import wave
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from softswitch.prompts.library import SoundLibrary

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


class Clock:
    """Tells the time that it is given."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now

    def later(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


def tone_file(path: Path, hz: float, length_s: float = 0.5) -> Path:
    """Write a WAV file; each frequency gives another content."""
    time_s = np.arange(round(8000 * length_s)) / 8000
    samples = np.round(9000 * np.sin(2 * np.pi * hz * time_s)).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(samples.tobytes())
    return path


def contents(library: SoundLibrary) -> dict[str, bytes]:
    """Everything that a library has on the disk, by file name, but for its lock."""
    files = library.folder.iterdir() if library.folder.is_dir() else ()
    return {path.name: path.read_bytes() for path in files if path.name != ".lock"}
