"""What docs/simulation.md shows runs, and says what the code does."""

import re
import shlex
import shutil
import xml.etree.ElementTree as ET
from datetime import UTC, datetime
from pathlib import Path

import pytest
from documents import ROOT, blocks, compiled
from typer.testing import CliRunner

from softswitch.acd import CallOutcome, CallRecord
from softswitch.cli import app, simulate
from softswitch.switch.journal import as_json

PAGE = ROOT / "docs" / "simulation.md"


def test_the_python_runs() -> None:
    scope: dict[str, object] = {"__name__": "page"}
    found = blocks(PAGE, "python")
    for block in found:
        exec(compiled(block, PAGE), scope)  # noqa: S102 - our own page
    assert len(found) == 2


@pytest.mark.parametrize("block", blocks(PAGE, "console"), ids=lambda block: block.text.split()[2])
def test_the_commands_run(block, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copy(ROOT / "examples" / "office.toml", tmp_path)
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "journal.jsonl").write_text(one_call())
    monkeypatch.chdir(tmp_path)
    [command] = block.text.splitlines()
    arguments = shlex.split(command.removeprefix("$ softswitch "))
    quick = ["--replications", "2", "--workers", "1"] if arguments[0] == "simulate" else []
    result = CliRunner().invoke(app, [*arguments, *quick])
    assert result.exit_code == 0, result.output


def one_call() -> str:
    record = CallRecord(
        at=60.0,
        call_id="c1",
        group_id="main",
        caller="",
        joined_at=0.0,
        answered_at=5.0,
        ended_at=60.0,
        outcome=CallOutcome.ANSWERED,
    )
    return as_json(record, datetime(2024, 3, 4, 8, 1, tzinfo=UTC)) + "\n"


def test_every_option_is_in_the_table() -> None:
    documented = set(re.findall(r"^\| `(--[\w-]+)", PAGE.read_text(encoding="utf-8"), re.MULTILINE))
    names = set(simulate.simulate.__annotations__) - {"office", "return"}
    named = {"as_json": "--json", "modules": "--import"}
    options = {named.get(name, f"--{name.replace('_', '-')}") for name in names}
    assert documented == options


def test_the_picture_shows_what_the_page_says() -> None:
    drawing = ET.parse(ROOT / "docs" / "simulation.svg")  # noqa: S314 - our own file
    texts = " | ".join(element.text or "" for element in drawing.iter())
    for words in ("How long callers waited", "by half hours", "more and fewer agents"):
        assert words in texts
