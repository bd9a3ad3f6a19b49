"""The examples' own modules can be imported; what they say is rendered once."""

import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"

sys.path.extend(str(EXAMPLES / example) for example in ("municipality", "bot"))


@pytest.fixture(scope="session")
def sounds_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Rendered sounds of all whole offices."""
    return tmp_path_factory.mktemp("sounds of offices")
