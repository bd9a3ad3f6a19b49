"""`scripts/setup` says what is missing instead of failing somewhere further on."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NEEDED = ("pyproject.toml", "scripts/setup", "softswitch/sip/server_build/recipe.toml")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """As much of a checkout as the script looks at before it installs anything."""
    for name in NEEDED:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    shutil.copy(ROOT / "softswitch/sip/server_build/config_site.h", tmp_path / "softswitch/sip")
    return tmp_path


def set_up(checkout: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(checkout / "scripts/setup")],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_python_that_does_not_fit_is_refused_with_advice(checkout: Path) -> None:
    old = checkout / "python3.13"
    old.write_text("#!/bin/sh\nexit 1\n")  # what any other version answers to the question
    old.chmod(0o755)
    done = set_up(checkout, PYTHON=str(old))
    assert done.returncode == 1
    assert f"PYTHON={old} is not a Python 3.11 or 3.12." in done.stderr
    assert not (checkout / ".venv").exists()
