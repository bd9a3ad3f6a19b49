"""``softswitch sounds``, from the command line to the disk and to a running office."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import wave
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from library_helpers import tone_file
from typer.testing import CliRunner

from softswitch.cli import app, sounds
from softswitch.cli.following import library_followed
from softswitch.prompts.library import PinGuard, PinVerdict, SoundLibrary
from softswitch.switch.sound_desk import LIBRARY_FOLDER, PIN_FILE

OFFICE = """
[office]
timezone = "Europe/Copenhagen"
recording_number = "1099"
[members.anna]
address = "sip:anna@127.0.0.1:5999"
[groups.main]
number = "1000"
members = ["anna"]
"""
NOW = datetime(2026, 3, 2, 13, 0, tzinfo=UTC)  # 14:00 in Copenhagen

Run = Callable[..., Any]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command on an office; its output, or what it refuses."""
    (tmp_path / "office.toml").write_text(OFFICE)
    monkeypatch.setattr(sounds, "NOW", lambda: NOW)
    monkeypatch.setenv("COLUMNS", "160")

    def call(command: str, *arguments: object, refused: bool = False) -> str:
        words = ["sounds", command, str(tmp_path / "office.toml"), *map(str, arguments)]
        result = CliRunner().invoke(app, words)
        assert result.exit_code == (1 if refused else 0), result.output
        return result.stderr if refused else result.stdout

    return call


@pytest.fixture
def listed(run: Run) -> Callable[[], Any]:
    return lambda: json.loads(run("list", "--json"))


@pytest.fixture
def tone(tmp_path: Path) -> Callable[[str, float], Path]:
    return lambda name, hz: tone_file(tmp_path / f"{name}.wav", hz)


def test_from_upload_to_removal(run, listed, tone):
    assert "no sounds yet" in run("list")
    assert "version 1, 0.5 s, greeting" in run("add", tone("Velkommen", 300))
    assert "version 2" in run("add", tone("other", 400), "--name", "Velkommen")
    assert "Velkommen" in run("activate", "Velkommen", "--slot", "closed-special")
    run("activate", "Velkommen", "--group", "main")
    assert listed()["shelves"] == {
        "office": {
            "greetings": {"closed-special": "Velkommen"},
            "playlists": {"default": []},
            "active_playlist": "default",
            "hotprompt": None,
            "hotprompt_since": None,
            "hotprompt_until": None,
        },
        "main": {
            "greetings": {"open": "Velkommen"},
            "playlists": {},
            "active_playlist": None,
            "hotprompt": None,
            "hotprompt_since": None,
            "hotprompt_until": None,
        },
    }
    assert "1 current" in run("rollback", "Velkommen")
    assert "2 current" in run("rollback", "Velkommen", "2")
    said = run("remove", "Velkommen", refused=True)
    assert "greeting while open of group main" in said.replace("\n", " ")
    run("deactivate", "--slot", "closed-special")
    run("deactivate", "--group", "main")
    assert "is removed" in run("remove", "Velkommen")
    assert listed()["sounds"] == []


def test_show_lets_a_version_be_heard_and_seen(run, tone, tmp_path):
    run("add", tone("Welcome", 300))
    run("add", tone("Other", 400), "--name", "Welcome")
    out, picture = tmp_path / "out.wav", tmp_path / "out.png"
    said = run("show", "Welcome", "--version", "1", "-o", out, "--plot", picture)
    assert "2 current" in said
    assert "Used: nowhere" in said
    assert "▆▆▆" in said
    with wave.open(str(out)) as file:
        assert file.getnframes() / file.getframerate() == pytest.approx(0.5, abs=0.01)
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert "ends in .png or .svg" in run("show", "Welcome", "--plot", "x.gif", refused=True)
    assert "There are" not in run("show", "Welcome")
    assert "no version 9" in run("show", "Welcome", "--version", "9", refused=True)


@pytest.mark.parametrize(
    ("until", "ends"),
    [
        ("18:00", "2026-03-02T18:00:00+01:00"),
        ("13:00", "2026-03-03T13:00:00+01:00"),  # past today, so tomorrow
        ("2026-07-01T08:30", "2026-07-01T08:30:00+02:00"),  # summer time by then
    ],
)
def test_a_hotprompt_with_an_end(run, listed, tone, until, ends):
    run("add", tone("Busy", 300), "--kind", "hotprompt")
    assert "Busy, until" in run("hotprompt", "Busy", "--until", until)
    assert listed()["shelves"]["office"]["hotprompt"] == "Busy"
    assert listed()["shelves"]["office"]["hotprompt_until"] == ends
    run("hotprompt")
    assert listed()["shelves"]["office"]["hotprompt"] is None


@pytest.mark.parametrize(
    ("until", "reason"), [("soon", "is no time"), ("2020-01-01", "is past"), ("25:00", "no time")]
)
def test_an_end_that_is_none(run, tone, until, reason):
    run("add", tone("Busy", 300), "--kind", "hotprompt")
    assert reason in run("hotprompt", "Busy", "--until", until, refused=True)


def test_playlists(run, listed, tone):
    for name, hz in (("one", 300), ("two", 400)):
        run("add", tone(name, hz), "--kind", "music")
    said = run("playlist", "Evening", "one", "two", "--activate")
    assert "Playlist Evening (active)" in said
    assert listed()["shelves"]["office"]["playlists"]["Evening"] == ["one", "two"]
    run("playlist", "Evening", "two")
    run("playlist", "default", "--activate")
    assert "one is removed" in run("remove", "one")
    run("playlist", "Evening", "--remove")
    assert listed()["shelves"]["office"]["playlists"] == {"default": []}
    refused = run("playlist", "Evening", "two", "--remove", refused=True)
    assert "removed, or it is changed" in refused


def test_what_cannot_be_done_is_said_plainly(run, tone, tmp_path):
    broken = tmp_path / "broken.mp3"
    broken.write_bytes(b"no sound")
    assert "broken.mp3" in run("add", broken, refused=True)
    assert "cannot be a name" in run("add", tone("a", 300), "--name", "../x", refused=True)
    assert "has no sound 'x'" in run("activate", "x", refused=True)
    run("add", tone("a", 300))
    assert "no group 'nope'; there are: main" in run(
        "activate", "a", "--group", "nope", refused=True
    )


def test_a_pin_is_shown_once_and_kept_as_a_hash(run, tmp_path):
    said = run("pin")
    pin = said.split("The PIN is ")[1][:6]
    assert "1099" in said
    guard = PinGuard(tmp_path / "var" / PIN_FILE, lambda: NOW)
    assert guard.try_pin(pin) is PinVerdict.RIGHT
    assert pin not in (tmp_path / "var" / PIN_FILE).read_text()


class Told:
    """Stands for a switch: somebody asks it to look at its library again."""

    def __init__(self) -> None:
        self.sounds = self
        self.refreshed = asyncio.Event()

    async def refresh(self) -> None:
        self.refreshed.set()


@pytest.mark.usefixtures("run")
def test_a_running_office_is_told_of_changes_by_another_process(tone, tmp_path):
    script = "import sys; from softswitch.cli import app; app(sys.argv[1:])"
    add = ["sounds", "add", tmp_path / "office.toml", tone("Welcome", 300)]

    async def follow() -> None:
        told = Told()
        async with library_followed(told, tmp_path / "var"):  # type: ignore[arg-type]
            assert not told.refreshed.is_set()
            worker = await asyncio.create_subprocess_exec(
                sys.executable, "-c", script, *map(str, add), stdout=subprocess.DEVNULL
            )
            async with asyncio.timeout(30):
                await told.refreshed.wait()
                assert await worker.wait() == 0

    asyncio.run(follow())
    library = SoundLibrary(tmp_path / "var" / LIBRARY_FOLDER, lambda: NOW)
    assert list(library.read().sounds) == ["Welcome"]


FLOW = """
[flow]
name = "Night"
start = "news"
[nodes.news]
kind = "play"
file = { sound = "news" }
"""


def test_a_sound_that_a_flow_names_stays(run: Run, listed: Callable[[], Any], tmp_path: Path):
    office = tmp_path / "office.toml"
    office.write_text(f'{OFFICE}[flows.night]\nfile = "night.toml"\nnumber = "2000"\n')
    (tmp_path / "night.toml").write_text(FLOW)
    check = ["flow", "check", str(tmp_path / "night.toml"), "--office", str(office)]
    missing = CliRunner().invoke(app, check)
    assert missing.exit_code == 2
    assert "nodes.news.file: The library has no sound of this name." in missing.stderr
    run("add", tone_file(tmp_path / "news.wav", 440), "--kind", "message")
    assert CliRunner().invoke(app, check).exit_code == 0
    assert "'news' is in use and stays: node 'news' of flow night." in run(
        "remove", "news", refused=True
    )
    assert listed()["sounds"][0]["used"] == ["node 'news' of flow night"]
    assert "Used: node 'news' of flow night." in run("show", "news")
    (tmp_path / "night.toml").write_text(FLOW.replace('{ sound = "news" }', '"news.wav"'))
    assert run("remove", "news") == "news is removed.\n"
