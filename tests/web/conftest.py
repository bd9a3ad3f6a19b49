"""Sounds of an office, rendered once."""

from __future__ import annotations

import pytest

from softswitch.prompts import SoundStore


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> SoundStore:
    return SoundStore(tmp_path_factory.mktemp("sounds"), 8000)
