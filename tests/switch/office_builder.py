"""Builds offices for tests."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from softswitch.acd.model import Group, Member, Target, TargetKind
from softswitch.prompts import SoundStore
from softswitch.switch import GroupConfig, OfficeConfig, Switch
from softswitch.switch.config import FlowConfig
from softswitch.switch.hours_tables import HoursTable
from softswitch.testing import SimulatedPhone, SimulatedTelephony

MakeWav = Callable[[str, float], Path]
"""Makes a WAV file of so many seconds; each name gives another content."""

MESSAGE = Target(TargetKind.MESSAGE)

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
        self.recording_number = ""
        self.services: dict[str, object] = {}
        self.hours: dict[str, HoursTable] = {}
        self.flows: list[FlowConfig] = []

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
        hours: str = "",
        closed: Target = MESSAGE,
        voicemail_greeting: Path | None = None,
        voicemail_to: tuple[str, ...] = (),
        survey: str = "",
        call_back_confirm: bool = False,
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
                hours=hours,
                closed=closed,
                voicemail_greeting=voicemail_greeting,
                voicemail_to=voicemail_to,
                survey=survey,
                call_back_confirm=call_back_confirm,
            )
        )
        return self

    def config(self) -> OfficeConfig:
        return OfficeConfig(
            name="Test office",
            data_dir=self.folder / "var",
            timezone=self.timezone,
            recording_number=self.recording_number,
            members=tuple(self.members.values()),
            groups=tuple(self.groups),
            hours=self.hours,
            **self.services,
            flows=tuple(self.flows),
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
