"""The tests that docs/testing.md shows pass, in a pytest of their own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from documents import ROOT, blocks

PAGE = ROOT / "docs" / "testing.md"
PLUGIN = "softswitch.testing.pytest_plugin"
SETTINGS = """
[pytest]
asyncio_default_fixture_loop_scope = function
filterwarnings = error
"""


@pytest.mark.timeout(120)
def test_the_examples_pass(tmp_path: Path) -> None:
    code = "\n\n".join(block.text for block in blocks(PAGE, "python"))
    (tmp_path / "test_page.py").write_text(code)
    (tmp_path / "pytest.ini").write_text(SETTINGS)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", PLUGIN, "--strict-markers", str(tmp_path)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'codecs'}"},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert f"{code.count('async def test_')} passed" in done.stdout, done.stdout + done.stderr
    assert done.returncode == 0
