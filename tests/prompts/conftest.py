"""Stores and voices for the tests of prompts."""

import pytest
from prompt_sounds import RATE_HZ, CountingSpeech

from softswitch.prompts import SoundStore


@pytest.fixture
def speech() -> CountingSpeech:
    return CountingSpeech()


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> SoundStore:
    """A store with the real voices, kept for all tests."""
    return SoundStore(tmp_path_factory.mktemp("sounds"), RATE_HZ)
