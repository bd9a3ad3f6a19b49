"""``softswitch messages`` and ``softswitch pin``."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from softswitch.cli import app
from softswitch.prompts.library import PinGuard, PinVerdict
from softswitch.voicemail import Message, MessageBox, MessageState

OFFICE = """
[members.anna]
address = "sip:anna@127.0.0.1:5999"
[groups.main]
number = "1000"
members = ["anna"]
"""


@pytest.fixture
def office(tmp_path: Path) -> Path:
    path = tmp_path / "office.toml"
    path.write_text(OFFICE, encoding="utf-8")
    return path


def leave(office: Path, box: str, name: str, *, urgent: bool = False) -> None:
    MessageBox(office.parent / "var" / "voicemail" / box).store(
        Message(
            id=name,
            box=box,
            state=MessageState.NEW,
            received_at=datetime(2026, 3, 2, 8, 5, tzinfo=UTC),
            file=f"{name}.wav",
            caller="+4533111111",
            length_s=12.4,
            urgent=urgent,
        )
    )


def test_messages_are_listed_urgent_first(office: Path) -> None:
    leave(office, "main", "one")
    leave(office, "main", "two", urgent=True)
    leave(office, "anna", "three")
    result = CliRunner().invoke(app, ["messages", str(office), "main", "--json"])
    listed = json.loads(result.stdout)
    assert [(one["id"], one["urgent"]) for one in listed] == [("two", True), ("one", False)]
    assert listed[0]["file"] == str(office.parent / "var" / "voicemail" / "main" / "two.wav")
    everything = CliRunner().invoke(app, ["messages", str(office)], env={"COLUMNS": "200"})
    assert everything.stdout.count("+4533111111") == 3
    assert "new, urgent" in everything.stdout


@pytest.mark.parametrize(("box", "file"), [("anna", "member-anna"), ("main", "group-main")])
def test_a_pin_is_made_and_told_once(office: Path, box: str, file: str) -> None:
    result = CliRunner().invoke(app, ["pin", str(office), box])
    assert result.exit_code == 0, result.output
    told = result.stdout.split("The PIN is ")[1][:6]
    path = office.parent / "var" / "pins" / f"{file}.json"
    guard = PinGuard(path, lambda: datetime.now(UTC))
    assert guard.try_pin(told) is PinVerdict.RIGHT
    assert told not in path.read_text(encoding="utf-8")


def test_a_pin_may_be_chosen(office: Path) -> None:
    result = CliRunner().invoke(app, ["pin", str(office), "anna", "--ask"], input="2718\n2718\n")
    assert result.exit_code == 0, result.output
    path = office.parent / "var" / "pins" / "member-anna.json"
    assert PinGuard(path, lambda: datetime.now(UTC)).try_pin("2718") is PinVerdict.RIGHT


def test_an_unknown_box_is_refused(office: Path) -> None:
    result = CliRunner().invoke(app, ["pin", str(office), "bo"])
    assert result.exit_code == 1
    assert "anna, main" in result.stderr
