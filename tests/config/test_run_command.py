"""``softswitch run``: signals, against a switch that carries no calls."""

import asyncio
import logging
import os
import signal
import sys
import types
from pathlib import Path
from typing import Any, Self

import pytest
import typer
from offices import GOOD
from typer.testing import CliRunner, Result

from softswitch.cli import office
from softswitch.switch.config import OfficeConfig


class IdleSwitch:
    """Opens, gets a signal at once, and notes what is asked of it."""

    drain_ends = True
    story: list[Any]

    def __init__(self, config: OfficeConfig) -> None:
        type(self).story = [config.groups[0].id]

    async def __aenter__(self) -> Self:
        asyncio.get_running_loop().call_soon(os.kill, os.getpid(), signal.SIGTERM)
        logging.getLogger("softswitch.switch.switch").info("the office is open")
        logging.getLogger("softswitch.sip").warning("a phone vanished")
        logging.getLogger("softswitch.pjsip").debug("a message of PJSIP")
        logging.getLogger("asyncio").info("of no interest")
        self.story.append("open")
        return self

    async def __aexit__(self, *_: object) -> None:
        self.story.append("closed")

    def snapshot(self) -> None:
        raise AssertionError("nobody watches: standard output is no terminal")

    async def drain(self, timeout_s: float) -> None:
        self.story.append(timeout_s)
        if not self.drain_ends:
            os.kill(os.getpid(), signal.SIGINT)
            await asyncio.Event().wait()
        self.story.append("drained")


@pytest.fixture
def switch(monkeypatch: pytest.MonkeyPatch) -> type[IdleSwitch]:
    module = types.ModuleType("softswitch.switch.switch")
    kind = type("Switch", (IdleSwitch,), {})
    vars(module)["Switch"] = kind
    monkeypatch.setitem(sys.modules, "softswitch.switch.switch", module)
    return kind


def _run(tmp_path: Path, text: str, *options: str) -> Result:
    file = tmp_path / "office.toml"
    file.write_text(text)
    app = typer.Typer()
    app.command()(office.run)
    return CliRunner().invoke(app, [str(file), *options])


def test_a_signal_drains(switch: type[IdleSwitch], tmp_path: Path):
    result = _run(tmp_path, GOOD, "--drain", "7")
    assert switch.story == ["main", "open", 7.0, "drained", "closed"]
    assert result.exit_code == 0
    assert "no new calls; those in progress have 7 s" in result.stdout


def test_a_second_signal_stops_at_once(switch: type[IdleSwitch], tmp_path: Path):
    switch.drain_ends = False
    result = _run(tmp_path, GOOD)
    assert switch.story == ["main", "open", 30.0, "closed"]
    assert result.exit_code == 1


@pytest.mark.parametrize(
    ("options", "logged"),
    [
        ((), ["INFO softswitch.switch.switch: the office is open", "WARNING", "DEBUG"]),
        (("--log-level", "warning"), ["WARNING softswitch.sip: a phone vanished", "DEBUG"]),
        (("--log-level", "error"), ["DEBUG softswitch.pjsip: a message of PJSIP"]),
    ],
)
def test_logs_go_to_standard_error(
    switch: type[IdleSwitch], tmp_path: Path, options: tuple[str, ...], logged: list[str]
):
    """What PJSIP says is chosen in the office file and always shown."""
    result = _run(tmp_path, GOOD, *options)
    lines = result.stderr.splitlines()
    assert len(lines) == len(logged)
    assert all(words in line for line, words in zip(lines, logged, strict=True))
    assert switch.story[-1] == "closed"


def test_an_unknown_log_level_is_refused(switch: type[IdleSwitch], tmp_path: Path):
    result = _run(tmp_path, GOOD, "--log-level", "loud")
    assert result.exit_code == 2
    assert not hasattr(switch, "story")


def test_a_missing_file_is_told(tmp_path: Path):
    app = typer.Typer()
    app.command()(office.run)
    result = CliRunner().invoke(app, [str(tmp_path / "none.toml")])
    assert result.exit_code == 2
    assert result.stderr == "none.toml: There is no such file.\n"


def test_a_faulty_file_is_not_run(switch: type[IdleSwitch], tmp_path: Path):
    result = _run(tmp_path, GOOD + "ring_time_s = 41")
    assert result.exit_code == 2
    assert result.stderr == (
        "office.toml:10: groups.main.ring_time_s: This is out of range. (found 41)"
        "; allowed: a number from 15 to 40\n"
    )
    assert not hasattr(switch, "story")
