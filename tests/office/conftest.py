"""Sounds of real offices, rendered once."""

from __future__ import annotations

import pytest

from softswitch.prompts import SoundStore


@pytest.fixture(scope="session")
def sounds_8k(tmp_path_factory: pytest.TempPathFactory) -> SoundStore:
    """Sounds at the rate of telephone sound."""
    return SoundStore(tmp_path_factory.mktemp("sounds"), 8000)
