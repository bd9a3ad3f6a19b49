import wave
from pathlib import Path

import pytest


@pytest.fixture
def sound(tmp_path: Path):
    """Make sound files: a tenth of a second of silence, 8 kHz, 16 bit, mono."""

    def make(name: str) -> Path:
        path = tmp_path / name
        with wave.open(str(path), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(8000)
            file.writeframes(bytes(2 * 800))
        return path

    return make
