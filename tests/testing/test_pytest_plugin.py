"""The pytest plugin, run in a pytest of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

FILE = """
import asyncio
import pytest

@pytest.fixture
def seven():
    return 7

@pytest.mark.virtual_time
async def test_passes(seven):
    await asyncio.sleep(3600)
    assert asyncio.get_running_loop().time() == 3600.0
    assert seven == 7

@pytest.mark.virtual_time
async def test_fails():
    assert 1 == 2

@pytest.mark.virtual_time
async def test_leaks():
    asyncio.get_running_loop().leaked = asyncio.create_task(asyncio.sleep(1), name="leaked one")

@pytest.mark.virtual_time
def test_is_not_async():
    pass
"""


def test_marked_tests_run_on_the_jumping_clock_and_leaks_fail(tmp_path: Path):
    path = tmp_path / "test_inner.py"
    path.write_text(FILE)
    plugin = "softswitch.testing.pytest_plugin"
    # Named by -p unless it is installed as an entry point; in both cases it loads once.
    command = [sys.executable, "-m", "pytest", "-q", "-p", plugin, "--strict-markers", str(path)]
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [*command, "-c", "/dev/null", "--rootdir", str(tmp_path)],
        cwd=root,
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert "1 passed" in done.stdout
    assert "3 failed" in done.stdout
    assert "LeftBehindError: tasks still run: leaked one" in done.stdout
    assert "this one is not async" in done.stdout
