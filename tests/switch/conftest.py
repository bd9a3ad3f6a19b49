"""An office for tests: sounds rendered once, phones simulated, everything under virtual time."""

from __future__ import annotations

import wave
from pathlib import Path

import pytest
from office_builder import MakeWav, Office

from softswitch.prompts import SoundStore


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> SoundStore:
    return SoundStore(tmp_path_factory.mktemp("sounds"), 8000)


@pytest.fixture
def wav(tmp_path: Path) -> MakeWav:
    """Make a WAV file of so many seconds; each name gives another content."""

    def make(name: str, length_s: float) -> Path:
        path = tmp_path / f"{name}.wav"
        sample = sum(place * ord(letter) for place, letter in enumerate(name, start=1)) % 30_000
        with path.open("wb") as file, wave.open(file) as writer:
            writer.setnchannels(1)
            writer.setsampwidth(2)
            writer.setframerate(8000)
            writer.writeframes(sample.to_bytes(2, "little") * round(length_s * 8000))
        return path

    return make


@pytest.fixture
def office(store: SoundStore, tmp_path: Path) -> Office:
    return Office(store, tmp_path)
