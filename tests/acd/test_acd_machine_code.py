"""The engine as machine code: the same decisions, and only ever from the sources that are there."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from softswitch import machine_code

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
A_WEEK = """
from test_acd_shortcuts import PLAIN, a_day
from softswitch import machine_code
print(machine_code.in_use())
for strategy in PLAIN:
    for seed in range(3):
        print(*a_day(strategy, seed), sep="\\n")
"""


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """A copy of what is compiled."""
    for one in ("acd", "simulation"):
        shutil.copytree(ROOT / "softswitch" / one, tmp_path / one)
    shutil.copy(ROOT / "softswitch" / "errors.py", tmp_path)
    return tmp_path


def test_every_source_has_its_say_in_the_mark(sources):
    marks = {machine_code.mark(sources)}
    files = machine_code.source_files(sources)
    for file in files:
        file.write_text(file.read_text() + "\n")
        marks.add(machine_code.mark(sources))
    assert len(marks) == len(files) + 1
    (sources / "acd" / "new.py").write_text("")
    assert machine_code.mark(sources) not in marks


def test_equal_sources_have_equal_marks_wherever_they_are(sources):
    assert machine_code.mark(sources) == machine_code.mark()


def test_what_is_to_be_compiled_is_there():
    for package, names in machine_code.MODULES.items():
        folder = ROOT.joinpath(*package.split("."))
        assert {f"{name}.py" for name in names} <= {file.name for file in folder.glob("*.py")}


def test_the_finder_finds_what_was_compiled_and_nothing_else(tmp_path):
    folder = tmp_path / "softswitch" / "acd"
    folder.mkdir(parents=True)
    (folder / "core.py").write_text("")
    finder = machine_code.Finder(tmp_path)
    found = finder.find_spec("softswitch.acd.core")
    assert found is not None
    assert found.origin == str(folder / "core.py")
    assert finder.find_spec("softswitch.acd.events") is None
    assert finder.find_spec("softswitch.switch.core") is None
    assert finder.find_spec("softswitch.acd") is None


def a_week(**environment: str) -> list[str]:
    """What an engine is told and says on nine days; first, whether it is machine code."""
    done = subprocess.run(
        [sys.executable, "-c", A_WEEK],
        env={**os.environ, "PYTHONPATH": str(HERE), **environment},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()


@pytest.mark.skipif(machine_code.found() is None, reason="it is not compiled")
def test_machine_code_decides_as_plain_python_does():
    in_use, *plain = a_week(**{machine_code.PLAIN: "1"})
    assert in_use == "False"
    in_use, *compiled = a_week(**{machine_code.PLAIN: ""})
    assert in_use == "True"
    assert compiled == plain


def test_plain_python_is_run_where_it_is_asked_for():
    if os.environ.get(machine_code.PLAIN):
        assert not machine_code.in_use()
    found = importlib.util.find_spec("softswitch.acd.core")
    assert found is not None
    assert found.origin is not None
    assert found.origin.endswith(".py") is not machine_code.in_use()
