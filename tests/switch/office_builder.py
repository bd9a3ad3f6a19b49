"""Builds offices for tests."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from softswitch.acd.model import Group, Member, Target
from softswitch.prompts import SoundStore
from softswitch.switch import GroupConfig, OfficeConfig, Switch
from softswitch.testing import SimulatedPhone, SimulatedTelephony

MakeWav = Callable[[str, float], Path]
"""Makes a WAV file of so many seconds; each name gives another content."""

OPENED = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def address(member_id: str) -> str:
    return f"sip:{member_id}@phones.example"


class Office:
    """One switch with its network, and phones for its members."""

    def __init__(self, store: SoundStore, folder: Path) -> None:
        self.store = store
        self.folder = folder
        self.groups: list[GroupConfig] = []
        self.members: dict[str, Member] = {}
        self.timezone = ""

    def group(
        self,
        group_id: str,
        number: str,
        members: tuple[str, ...],
        *,
        language: str = "en",
        record: bool = False,
        music: tuple[Path, ...] = (),
        greeting: Path | None = None,
        leave_keys: Mapping[str, Target] | None = None,
        call_back_key: str = "",
        **rules: object,
    ) -> Office:
        """Add a group; ``rules`` are fields of `Group`."""
        for member_id in members:
            self.members.setdefault(member_id, Member(id=member_id, address=address(member_id)))
        self.groups.append(
            GroupConfig(
                engine=Group(id=group_id, members=members, **rules),
                numbers=(number,),
                language=language,
                record=record,
                music=music,
                greeting=greeting,
                leave_keys=leave_keys or {},
                call_back_key=call_back_key,
            )
        )
        return self

    def config(self) -> OfficeConfig:
        return OfficeConfig(
            name="Test office",
            data_dir=self.folder / "var",
            timezone=self.timezone,
            members=tuple(self.members.values()),
            groups=tuple(self.groups),
        )

    def open(self, *, capacity: int = 1000, seed: int = 7) -> tuple[SimulatedTelephony, Switch]:
        """Return a network and a switch on it that has not been entered."""
        config = self.config()
        network = SimulatedTelephony(capacity=capacity)
        rng = random.Random(seed)  # noqa: S311 - a run that repeats
        return network, Switch(config, network, rng=rng, sounds=self.store, opened=OPENED)

    def phone(
        self, network: SimulatedTelephony, member_id: str, **habits: object
    ) -> SimulatedPhone:
        return network.phone(address(member_id), **habits)
