"""An office on real SIP: the switch, phones that are SIPp or baresip, and their ears."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

import attrs

from softswitch.acd.records import Record
from softswitch.prompts import SoundStore
from softswitch.switch import Switch
from softswitch.switch.loading import parse_office
from softswitch.testing.peers.ports import free_port

R = TypeVar("R", bound=Record)
WAIT_S = 15.0


@attrs.frozen
class Office:
    """A running switch, and every record it has written."""

    switch: Switch
    target: str
    data_dir: Path
    records: list[Record]
    news: asyncio.Event

    async def record(self, kind: type[R], *, nth: int = 1) -> R:
        """The nth record of a kind; waits for it."""
        async with asyncio.timeout(WAIT_S):
            while len(found := [r for r in self.records if isinstance(r, kind)]) < nth:
                self.news.clear()
                await self.news.wait()
        return found[nth - 1]


def office_text(port: int, members: Mapping[str, str], group: str, **settings: str) -> str:
    """An office file with one group, number 1000."""
    lines = ["[office]", 'language = "en"', 'data_dir = "data"']
    lines += ['recording_number = "1099"', "[sip]"]
    lines += [f'listen = [{{ transport = "udp", address = "127.0.0.1", port = {port} }}]']
    lines += [f"{key} = {value}" for key, value in settings.items()]
    for name, address in members.items():
        lines += [f"[members.{name}]", f'address = "{address}"']
    listed = ", ".join(f'"{name}"' for name in members)
    return "\n".join([*lines, "[groups.main]", 'number = "1000"', f"members = [{listed}]", group])


@asynccontextmanager
async def open_office(
    folder: Path,
    members: Mapping[str, str],
    group: str,
    *,
    sounds: SoundStore | None = None,
    **settings: str,
) -> AsyncIterator[Office]:
    """Run an office with these members; ``group`` is more lines of its group.

    Sounds are rendered into the office's own folder unless they are given.
    """
    port = free_port()
    text = office_text(port, members, group, **settings)
    async with open_text(folder, text, port, sounds=sounds) as office:
        yield office


@asynccontextmanager
async def open_text(
    folder: Path, text: str, port: int, *, sounds: SoundStore | None = None
) -> AsyncIterator[Office]:
    """Run the office that a text describes, which listens on this port."""
    async with Switch(parse_office(text, base=folder), sounds=sounds) as switch:
        news = asyncio.Event()
        office = Office(switch, f"127.0.0.1:{port}", folder / "data", [], news)

        def note(record: Record) -> None:
            office.records.append(record)
            news.set()

        switch.on_record(note)
        yield office
