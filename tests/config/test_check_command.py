"""``softswitch check``: what a person and a machine get to see."""

import json
from pathlib import Path

import pytest
import typer
from offices import GOOD, TRUNK
from typer.testing import CliRunner, Result

from softswitch.cli import office

EXAMPLE = Path(__file__).parents[2] / "examples" / "office.toml"


def _check(*arguments: str) -> Result:
    app = typer.Typer()
    app.command()(office.check)
    return CliRunner().invoke(app, arguments, env={"COLUMNS": "200"})


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "office.toml"


def test_a_person_reads_what_would_run():
    result = _check(str(EXAMPLE))
    assert result.exit_code == 0
    order = ["1. Anna Holm", "2. Bo Lund", "3. Clara Friis", "4. David Skov", "5. Eva Bech"]
    places = [result.stdout.index(name) for name in order]
    assert places == sorted(places)
    for words in (
        "1000",
        "2001",
        "simultaneous",
        "longest idle",
        "Danish",
        "(passive)",
        "up to 10 wait, told their place every 30 s",
        "then group repairs",
        "after 3 offers: voicemail of the group",
        "standard message, then hang up",
        "every answered call is recorded",
        "udp 127.0.0.1:5060",
        "PCMA, PCMU",
    ):
        assert words in result.stdout


def test_a_machine_reads_what_would_run():
    result = _check(str(EXAMPLE), "--json")
    said = json.loads(result.stdout)
    assert (result.exit_code, said["ok"], said["name"]) == (0, True, "Fjordby Bolig A/S")
    main, repairs = said["groups"]
    assert main["numbers"] == ["1000"]
    assert main["members"] == ["anna", "bo", "clara", "david", "eva"]
    assert main["overflow"] == {"kind": "group", "value": "repairs", "words": "group repairs"}
    assert (repairs["strategy"], repairs["max_offers"]) == ("longest_idle", 3)
    assert said["listen"] == ["udp 127.0.0.1:5060", "tcp 127.0.0.1:5060"]


def test_a_person_reads_every_fault(file: Path):
    file.write_text(GOOD + "ring_time_s = 41\nstrategy = 'x'\n")
    result = _check(str(file))
    assert result.exit_code == 2
    assert "2 faults" in result.stdout
    for words in ("office.toml:10", "groups.main.ring_time_s", "41", "a number from 15 to 40"):
        assert words in result.stdout
    assert "groups.main.strategy" in result.stdout


def test_a_machine_reads_every_fault(file: Path):
    file.write_text(GOOD + "ring_time_s = 41\n")
    result = _check("--json", str(file))
    assert result.exit_code == 2
    assert json.loads(result.stdout) == {
        "ok": False,
        "file": str(file),
        "faults": [
            {
                "path": "groups.main.ring_time_s",
                "line": 10,
                "value": "41",
                "allowed": "a number from 15 to 40",
                "message": "This is out of range.",
            }
        ],
    }


def test_a_file_that_is_not_there(file: Path):
    result = _check("--json", str(file))
    [fault] = json.loads(result.stdout)["faults"]
    assert (result.exit_code, fault["path"]) == (2, "")
    assert fault["message"] == "There is no such file."


def test_text_of_the_file_is_not_taken_for_markup(file: Path):
    file.write_text("[office]\nname = '[red]Office[/blue]'\n" + GOOD)
    assert "[red]Office[/blue]" in _check(str(file)).stdout
    file.write_text("[office]\nlanguage = '[/red]'\n" + GOOD)
    assert "'[/red]'" in _check(str(file)).stdout


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_passwords_are_not_shown(file: Path, options: tuple[str, ...]):
    file.write_text(GOOD + TRUNK + "password = 'hunter2'\n")
    result = _check(str(file), *options)
    assert result.exit_code == 0
    assert "provider" in result.stdout
    assert "hunter2" not in result.output
