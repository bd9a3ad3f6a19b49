"""SIGHUP, under virtual time: a good file comes into force, a faulty one is refused whole."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from pathlib import Path

import pytest

from softswitch.cli.reloading import reload, reloaded_on_signal
from softswitch.prompts import SoundStore
from softswitch.switch import Switch, load_office
from softswitch.testing import SimulatedTelephony, Talked

pytestmark = pytest.mark.virtual_time

OFFICE = """
[office]
name = "Reloaded"

[members.anna]
address = "sip:anna@192.0.2.1"

[members.bo]
address = "sip:bo@192.0.2.2"

[groups.main]
number = "1000"
members = ["anna"]
"""
MORE = '\n[groups.spare]\nnumber = "2000"\nmembers = ["bo"]\n'


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "office.toml"
    path.write_text(OFFICE)
    return path


def write(file: Path, text: str) -> None:
    file.write_text(text)


def opened(file: Path) -> tuple[SimulatedTelephony, Switch]:
    network = SimulatedTelephony()
    network.phone("sip:anna@192.0.2.1", answers_after_s=1)
    network.phone("sip:bo@192.0.2.2", answers_after_s=1)
    store = SoundStore(file.parent / "sounds", 8000)
    return network, Switch(load_office(file), network, sounds=store)


async def test_a_signal_brings_the_file_into_force(file: Path, caplog: pytest.LogCaptureFixture):
    network, switch = opened(file)
    with caplog.at_level(logging.INFO, "softswitch.cli"):
        async with switch, reloaded_on_signal(switch, file):
            assert (await network.call("2000").until_ended()).status == 404
            write(file, OFFICE + MORE)
            os.kill(os.getpid(), signal.SIGHUP)
            await asyncio.sleep(1)
            log = await network.call("2000", hangs_up_after_s=5).until_ended()
    assert [talk.other for talk in log.talked] == ["sip:bo@192.0.2.2"]
    (line,) = [record.getMessage() for record in caplog.records]
    assert line.endswith("was read again: Group spare is new. Number 2000 leads to group spare.")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (OFFICE.replace("[groups.main]", "[groups.main]\nring_time_s = 5") + MORE, "ring_time_s"),
        ("[office", "office.toml"),
        (OFFICE + MORE.replace("2000", "7000"), "7000"),
    ],
)
async def test_a_faulty_file_changes_nothing(
    file: Path, caplog: pytest.LogCaptureFixture, text: str, fault: str
):
    network, switch = opened(file)

    @switch.flow("7000")
    async def own(_call: object) -> None: ...

    async with switch:
        caller = network.call("1000", hangs_up_after_s=30)
        await asyncio.sleep(5)
        before = switch.snapshot().engine
        write(file, text)
        assert not await reload(switch, file)
        assert switch.snapshot().engine == before
        log = await caller.until_ended()
    assert log.talked == [Talked(other="sip:anna@192.0.2.1", from_s=1.0, to_s=30.0)]
    errors = [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR]
    assert errors[0].startswith(f"{file} is refused, the office stays as it is:")
    assert any(fault in line for line in errors)


async def test_a_file_that_was_left_as_it_is_changes_nothing(
    file: Path, caplog: pytest.LogCaptureFixture
):
    _, switch = opened(file)
    with caplog.at_level(logging.INFO, "softswitch.cli"):
        async with switch:
            assert await reload(switch, file)
    assert [r.getMessage() for r in caplog.records] == [f"{file} was read again: nothing changes."]
