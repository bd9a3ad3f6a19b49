"""A running office follows its flow files, in real time."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import pytest
from test_ivr_conversations import call

from softswitch.cli.flow_watching import flows_followed
from softswitch.prompts import SoundStore
from softswitch.switch import OfficeConfig, Switch
from softswitch.switch.config import FlowConfig
from softswitch.switch.flow_records import FlowChanged
from softswitch.testing import SimulatedTelephony

FLOW = '[flow]\nname = "x"\nstart = "a"\n[nodes.a]\nkind = "hang_up"\nstatus = {}\n'


def save(file: Path, text: str) -> None:
    file.write_text(text)


class Refusals(logging.Handler):
    """Sets an event when a flow is refused."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.seen = asyncio.Event()

    def emit(self, record: logging.LogRecord) -> None:
        if "is refused" in record.getMessage():
            self.seen.set()


@pytest.fixture
def refusals():
    handler = Refusals()
    logger = logging.getLogger("softswitch.cli.flow_watching")
    logger.addHandler(handler)
    yield handler
    logger.removeHandler(handler)


@pytest.mark.asyncio
async def test_a_saved_file_counts_at_once_and_a_faulty_one_not(tmp_path: Path, refusals: Refusals):
    file = tmp_path / "main.toml"
    save(file, FLOW.format(486))
    changes: asyncio.Queue[FlowChanged] = asyncio.Queue()
    config = OfficeConfig(
        data_dir=tmp_path / "var", flows=(FlowConfig(id="main", file=file, numbers=("1",)),)
    )
    switch = Switch(config, SimulatedTelephony(), sounds=SoundStore(tmp_path / "sounds", 8000))
    switch.on_record(lambda r: changes.put_nowait(r) if isinstance(r, FlowChanged) else None)
    async with asyncio.timeout(40), switch, flows_followed(switch, config.flows):
        first = await changes.get()
        for status in (480, 481, 482, 483, 484, 485):  # until the watcher is at work
            save(file, FLOW.format(status))
            try:
                second = await asyncio.wait_for(changes.get(), 5)
                break
            except TimeoutError:
                continue
        assert (first.by, second.by) == ("start", "save")
        assert second.changes == ("Node a changes: status.",)
        save(file, FLOW.format('"x"'))
        await refusals.seen.wait()
        assert switch.flows.current("main").flow.version == second.version
        save(file, FLOW.format(600))
        third = await changes.get()
        assert third.before == second.version


def test_history_and_restore(tmp_path: Path):
    office, file = tmp_path / "office.toml", tmp_path / "main.toml"
    save(office, '[office]\ndata_dir = "data"\n[flows.main]\nfile = "main.toml"\nnumber = "1"\n')
    kept = tmp_path / "data" / "flows" / "main"
    kept.mkdir(parents=True)
    old = '{"version": "abc", "since": "2026-03-02T08:00:00+00:00", "texts": {"main.toml": "old"}}'
    save(kept / "000001-abc.json", old)
    save(file, "faulty [")
    status, output = call("history", str(office), "main")
    assert status == 0
    assert "abc" in output
    assert "2026-03-02 08:00:00" in output
    assert call("restore", str(office), "main", "abc") == (0, "main.toml: as in version abc.\n")
    assert file.read_text() == "old"
    assert call("restore", str(office), "main", "xyz")[0] == 1
    assert call("history", str(office), "second")[0] == 1
