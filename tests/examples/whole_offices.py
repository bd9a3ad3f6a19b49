"""The offices of the examples, opened in a test: their files as they stand, their own programs."""

from __future__ import annotations

import random
import re
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

import attrs
from running import EXAMPLES

from softswitch.acd.records import Record
from softswitch.prompts import SoundStore
from softswitch.switch import OfficeConfig, Switch, load_office
from softswitch.switch.flow_records import FlowRecord
from softswitch.testing import SimulatedPhone, SimulatedTelephony

Furnish = Callable[[Switch, OfficeConfig], None]


@attrs.frozen
class Office:
    """A running office with simulated phones, and every record that it has written."""

    config: OfficeConfig
    switch: Switch
    network: SimulatedTelephony
    sounds: SoundStore
    records: list[Record]

    def phone(self, member: str, **habits: object) -> SimulatedPhone:
        """Put a phone at a member's address."""
        [address] = [one.address for one in self.config.members if one.id == member]
        return self.network.phone(address, **habits)

    def of(self, kind: type[Record]) -> list[Record]:
        """Records of a kind."""
        return [record for record in self.records if isinstance(record, kind)]

    @property
    def ways(self) -> list[tuple[str, ...]]:
        """The nodes that callers came to, for each flow that is over."""
        return [record.nodes for record in self.records if isinstance(record, FlowRecord)]

    def say(self, *texts: str, lang: str = "da") -> list[Path]:
        """What is heard when these are spoken."""
        return [self.sounds.say(text, lang) for text in texts]


@asynccontextmanager
async def opened(
    file: str | Path,
    folder: Path,
    sounds: SoundStore,
    at: datetime,
    furnish: Furnish | None = None,
) -> AsyncIterator[Office]:
    """Open an office, by its example's name or its file, at a time of day."""
    file = EXAMPLES / file / "office.toml" if isinstance(file, str) else file
    config = attrs.evolve(load_office(file, flows=True), data_dir=folder)
    network = SimulatedTelephony()
    rng = random.Random(7)  # noqa: S311 - a run that repeats
    switch = Switch(config, network, rng=rng, sounds=sounds, opened=at)
    if furnish is not None:
        furnish(switch, config)
    records: list[Record] = []
    switch.on_record(records.append)
    async with switch:
        yield Office(config, switch, network, sounds, records)


def copied(name: str, folder: Path, port: int, sounds: Path | None = None, **texts: str) -> Path:
    """Copy an office so that it listens at a port, its phones being 10 ports higher and on.

    Args:
        name: of the example.
        folder: where to.
        port: instead of 5060.
        sounds: rendered sounds to use.
        texts: what to replace in every file, by what.

    Returns:
        The office file.
    """
    here = shutil.copytree(
        EXAMPLES / name, folder / name, ignore=shutil.ignore_patterns("var", "__pycache__")
    )
    for file in here.glob("*.toml"):
        text = re.sub(r"\b5060\b", str(port), file.read_text(encoding="utf-8"))
        text = re.sub(r":507(\d)\b", lambda found: f":{port + 9 + int(found[1])}", text)
        if file.name == "office.toml":
            text = _with_sip(text, port)
        for before, after in texts.items():
            text = text.replace(before, after)
        file.write_text(text, encoding="utf-8")
    if sounds is not None:
        (here / "var").mkdir()
        (here / "var" / "sounds").symlink_to(sounds)
    return here / "office.toml"


def _with_sip(text: str, port: int) -> str:
    """Let an office whose file says nothing of SIP listen at a port."""
    if "[sip]" in text:
        return text
    listen = f'listen = [{{ transport = "udp", address = "127.0.0.1", port = {port} }}]'
    return f"{text}\n[sip]\n{listen}\n"
