"""What docs/sounds.md shows runs."""

from __future__ import annotations

import random
import re
from pathlib import Path

import numpy as np
import pytest
import soundfile
from documents import ROOT, blocks, compiled
from typer.testing import CliRunner

from softswitch.cli import app
from softswitch.prompts import SoundStore
from softswitch.switch import Switch, load_office
from softswitch.testing import SimulatedTelephony, run_virtual

PAGE = ROOT / "docs" / "sounds.md"
OFFICE = """
[members.anna]
address = "sip:anna@192.0.2.10"
[groups.main]
number = "1000"
members = ["anna"]
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An office, and every sound file that the page names: 4.2 s of a tone each."""
    with_number = blocks(PAGE, "toml")[0].text + OFFICE
    (tmp_path / "office.toml").write_text(with_number)
    names = set(re.findall(r"\w+\.(?:wav|mp3|flac)", PAGE.read_text(encoding="utf-8")))
    for number, name in enumerate(sorted(names)):
        time_s = np.arange(round(8000 * 4.2)) / 8000
        tone = 0.3 * np.sin(2 * np.pi * (300 + 50 * number) * time_s)
        soundfile.write(tmp_path / name, tone, 8000, format="WAV")  # the content counts
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "120")
    return tmp_path


def run(command: str) -> str:
    words = command.partition("#")[0].removeprefix("softswitch ").split()
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.mark.usefixtures("folder")
def test_the_commands_of_the_page_run_one_after_the_other():
    for block in blocks(PAGE, "console"):
        lines = block.text.splitlines()
        for line, following in zip(lines, [*lines[1:], "$"], strict=True):
            if line.startswith("$ "):
                said = run(line.removeprefix("$ "))
                assert following.startswith("$") or following in said
    listed = run("softswitch sounds list office.toml")
    assert "Playlist default (active)" in listed
    assert "Playlist Summer" in listed


def test_the_python_runs_on_a_switch(folder: Path):
    scope: dict[str, object] = {"__name__": "page"}
    exec(compiled(blocks(PAGE, "python")[0], PAGE), scope)  # noqa: S102 - our own page
    store = SoundStore(folder / "made", 8000)

    async def greet() -> Path:
        rng = random.Random(1)  # noqa: S311 - a run that repeats
        office = load_office(folder / "office.toml")
        async with Switch(office, SimulatedTelephony(), rng=rng, sounds=store) as switch:
            return await scope["greet"](switch)  # type: ignore[operator]

    assert run_virtual(greet()).is_file()
