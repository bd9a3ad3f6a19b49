"""Whole switches under test: flows, and hunt groups with a queue. Runs in the child process."""

from __future__ import annotations

import contextlib
import itertools
import logging
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

from sip_load.duties import pjsip_version, sip_config
from softswitch.acd.model import Group, Member
from softswitch.acd.records import CallRecord, Record
from softswitch.sip import SipTelephony
from softswitch.switch import GroupConfig, OfficeConfig, Switch
from softswitch.switch.call import Call

_QUEUE_CAP = 60
_FULL_HALL = 25
_FIRST_NUMBER = 1000


class OfficeAtWork:
    """A whole switch."""

    def __init__(self, config: OfficeConfig) -> None:
        logging.basicConfig(level=logging.WARNING)
        self._telephony = SipTelephony(config.sip)
        self.switch = Switch(config, self._telephony)
        self.switch.on_record(self._note)
        self.address = self.pjsip = ""
        self.answered = self.ended = 0

    def _note(self, record: Record) -> None:
        self.ended += isinstance(record, CallRecord)

    def opened(self) -> None:
        """Note what is known only when the switch is open."""
        self.address = self._telephony.addresses[0]
        self.pjsip = pjsip_version()

    def counts(self) -> dict[str, int]:
        """What has happened so far."""
        engine = self.switch.snapshot().engine
        return {
            "answered": self.answered,
            "ended": self.ended,
            "live": self._telephony.in_use,
            "waiting": sum(len(group.waiting) for group in engine.groups),
        }


@contextlib.asynccontextmanager
async def flow(options: Mapping[str, Any]) -> AsyncIterator[OfficeAtWork]:
    """Every number leads to a flow that answers and waits for the caller to hang up."""
    office = OfficeAtWork(OfficeConfig(data_dir=Path(options["folder"]), sip=sip_config()))

    @office.switch.flow("*")
    async def answer(call: Call) -> None:
        await call.answer()
        office.answered += 1
        await call.collect(count=1, timeout_s=3600.0)

    async with office.switch:
        office.opened()
        yield office


@contextlib.asynccontextmanager
async def queue(options: Mapping[str, Any]) -> AsyncIterator[OfficeAtWork]:
    """Hunt groups 1000, 1001, ...; all their members' phones are at one port."""
    office = OfficeAtWork(_hunt_groups(options))
    async with office.switch:
        office.opened()
        yield office


@contextlib.asynccontextmanager
async def waiting(options: Mapping[str, Any]) -> AsyncIterator[OfficeAtWork]:
    """Callers wait in the queues of groups whose only member is paused, shared out evenly."""
    office = OfficeAtWork(_hunt_groups({**options, "groups": _FULL_HALL, "members": 1, "port": 9}))
    turn = itertools.cycle(range(_FULL_HALL))

    @office.switch.flow("wait")
    async def wait(call: Call) -> None:
        await call.queue(f"g{next(turn)}")

    async with office.switch:
        for number in range(_FULL_HALL):
            office.switch.pause_member(f"m{number}-0", "so that callers wait")
        office.opened()
        yield office


def _hunt_groups(options: Mapping[str, Any]) -> OfficeConfig:
    members: list[Member] = []
    groups: list[GroupConfig] = []
    for number in range(options["groups"]):
        ids = tuple(f"m{number}-{index}" for index in range(options["members"]))
        members += [
            Member(id=name, address=f"sip:{name}@127.0.0.1:{options['port']}") for name in ids
        ]
        engine = Group(id=f"g{number}", members=ids, strategy="longest_idle", queue_cap=_QUEUE_CAP)
        groups.append(GroupConfig(engine=engine, numbers=(str(_FIRST_NUMBER + number),)))
    return OfficeConfig(
        data_dir=Path(options["folder"]),
        sip=sip_config(),
        members=tuple(members),
        groups=tuple(groups),
    )
