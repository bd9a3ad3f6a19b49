"""What docs/prompts.md shows runs, and its tables are those of the code."""

import re
import shutil
from pathlib import Path

import attrs
import pytest
from documents import ROOT, blocks, compiled
from typer.testing import CliRunner

from softswitch.cli import app
from softswitch.prompts import FileLimits, Sound, SoundStore
from softswitch.prompts.description import KINDS

PAGE = ROOT / "docs" / "prompts.md"
TEXT = PAGE.read_text(encoding="utf-8")
CLIPS = {"you-are-number.wav": "You are number", "three.wav": "three"}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    store = SoundStore(tmp_path / "made", 8_000)
    for name, words in CLIPS.items():
        shutil.copy(store.say(words, "en"), tmp_path / name)
    shutil.copy(store.beep(), tmp_path / "music.wav")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_prompt_of_the_page_is_rendered(folder: Path) -> None:
    (folder / "prompt.toml").write_text(blocks(PAGE, "toml")[0].text)
    [command, *told] = blocks(PAGE, "console")[0].text.splitlines()
    result = CliRunner().invoke(app, command.removeprefix("$ softswitch ").split())
    assert result.exit_code == 0, result.output
    number = r"-?[\d.,]+"
    shape = re.sub(number, lambda _: number, re.escape(told[0]).replace("\\-", "-"))
    assert re.fullmatch(shape.replace("\\,", ","), result.stdout.strip()), result.stdout
    assert (folder / "prompt.png").exists()


def test_the_faults_of_the_page_are_told_so(folder: Path) -> None:
    text = (
        'before_s = 1\ngain_db = 99\nspeech = { silence_s = 1 }\nmusic = { file = "nosuch.wav" }\n'
    )
    (folder / "prompt.toml").write_text(text)
    result = CliRunner().invoke(app, ["render", "prompt.toml"])
    assert result.stderr == blocks(PAGE, "text")[0].text


def test_the_python_runs(folder: Path) -> None:
    scope: dict[str, object] = {"__name__": "page"}
    exec(compiled(blocks(PAGE, "python")[0], PAGE), scope)  # noqa: S102 - our own page
    path = scope["path"]
    assert isinstance(path, Path)
    assert path.is_file()
    assert folder in path.absolute().parents


def _names(cls: type[attrs.AttrsInstance]) -> list[str]:
    return [field.name for field in attrs.fields(cls)]


def test_every_kind_has_its_row_with_its_settings_and_defaults() -> None:
    common = set(_names(Sound))
    for key, kind in KINDS.items():
        [row] = re.findall(rf"^\| `{key}`.*$", TEXT, re.MULTILINE)
        for field in attrs.fields(kind):
            if field.name in common or field.name == key:
                continue
            default = field.default
            expected = f"`{field.name}`"
            if isinstance(default, float):
                expected += f" {default:g}"
            assert expected in row, key


def test_the_order_of_shaping_is_that_of_the_fields() -> None:
    rows = TEXT.partition("| Setting | Meaning |")[2].partition("\n\n")[0]
    first_cells = " ".join(line.split("|")[1] for line in rows.splitlines()[2:])
    assert re.findall(r"`(\w+)`", first_cells) == _names(Sound)


def test_the_limits_are_those_of_the_code() -> None:
    rows = TEXT.partition("| `FileLimits` | Default | |")[2].partition("\n\n")[0]
    found: dict[str, str] = {}
    for line in rows.splitlines()[2:]:
        names, values = (cell.strip() for cell in line.split("|")[1:3])
        found |= zip(re.findall(r"\w+", names), values.split(", "), strict=True)
    assert {name: float(value) for name, value in found.items()} == attrs.asdict(FileLimits())
