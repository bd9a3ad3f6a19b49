"""Stores and voices for the tests of prompts."""

from collections.abc import Iterator

import pytest
from prompt_sounds import JOE, RATE_HZ, CountingSpeech

from softswitch.prompts import SoundStore
from softswitch.prompts.piper import PiperSpeech


@pytest.fixture
def speech() -> CountingSpeech:
    return CountingSpeech()


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> SoundStore:
    """A store with the real voices, kept for all tests."""
    return SoundStore(tmp_path_factory.mktemp("sounds"), RATE_HZ)


@pytest.fixture(scope="session")
def joe() -> Iterator[PiperSpeech]:
    """A real voice of Piper; it takes seconds to load, and is kept for all tests."""
    speech = PiperSpeech({"en": JOE})
    yield speech
    speech.close()
