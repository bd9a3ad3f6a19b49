"""What a switch is made of when it opens: its past, its rooms, its folders."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import attrs

from softswitch.errors import EnvironmentFaultError
from softswitch.prompts import SoundStore
from softswitch.prompts.library import PinGuard, SoundLibrary
from softswitch.switch.calendars import Calendars
from softswitch.switch.choices import MemberChoices
from softswitch.switch.config import OfficeConfig
from softswitch.switch.driver import EngineDriver
from softswitch.switch.engine_log import EngineLog
from softswitch.switch.folder_lock import FolderLock
from softswitch.switch.house import House, WallClock
from softswitch.switch.journal import Journal
from softswitch.switch.numbers import NumberPlan
from softswitch.switch.queueing import Queueing
from softswitch.switch.restoring import Restored, restore
from softswitch.switch.services import Services
from softswitch.switch.sound_desk import LIBRARY_FOLDER, PIN_FILE, SoundDesk
from softswitch.switch.sounds import OfficeSounds
from softswitch.switch.tasks import Tasks
from softswitch.telephony import Telephony


@attrs.frozen(kw_only=True)
class Parts:
    """What a house is built of besides its office.

    Attributes:
        telephony: what carries calls; real SIP when None.
        opened: the time of day at which the switch opens; the machine's when None.
    """

    telephony: Telephony | None
    store: SoundStore
    numbers: NumberPlan
    rng: random.Random
    restored: Restored
    opened: datetime | None


def begin_again(
    config: OfficeConfig,
    engine_log: EngineLog,
    choices: MemberChoices,
    loop_s: float,
    lock: FolderLock,
) -> Restored:
    """Begin where the last run ended. Reads and writes files: call it in a thread.

    Raises:
        EnvironmentFaultError: the data folder cannot be used, or another switch uses it.
    """
    try:
        make_folders(config)
        lock.take()
        choices.load()
        groups = choices.staffed(group.engine for group in config.groups)
        return restore(groups, config.members, engine_log=engine_log, choices=choices, now=loop_s)
    except OSError as error:
        raise EnvironmentFaultError(
            f"The data folder {config.data_dir} cannot be used: {error}.",
            remedy="See that it can be read and written, and that the disk has room.",
        ) from error


def build(config: OfficeConfig, parts: Parts) -> House:
    """Put the rooms of a switch together; nothing is started."""
    opened = parts.opened or datetime.now(UTC)
    zone = None if parts.opened is None else parts.opened.tzinfo
    if config.timezone:
        zone = ZoneInfo(config.timezone)
    clock = WallClock(opened=opened, opened_s=parts.restored.now, zone=zone)
    house = House(
        config=config,
        telephony=parts.telephony or _real_telephony(config),
        sounds=OfficeSounds(parts.store, config),
        numbers=parts.numbers,
        journal=Journal(clock.at, config.data_dir / "journal.jsonl"),
        tasks=Tasks(),
        clock=clock,
        rng=parts.rng,
    )
    house.queueing = _queueing(house, parts.restored)
    house.desk = _desk(house, parts.store)
    house.calendars = calendars(house, config)
    house.services = Services(house)
    return house


def _queueing(house: House, restored: Restored) -> Queueing:
    queueing = Queueing(house, house.config.groups)
    queueing.driver = EngineDriver(
        restored.engine,
        carry_out=queueing.carry_out,
        note=queueing.note,
        ahead_s=restored.now - asyncio.get_running_loop().time(),
    )
    return queueing


def _desk(house: House, store: SoundStore) -> SoundDesk:
    def clock() -> datetime:
        return house.clock.at(house.now)

    folder = house.config.data_dir
    library = SoundLibrary(folder / LIBRARY_FOLDER, clock)
    return SoundDesk(library, store, PinGuard(folder / PIN_FILE, clock))


def calendars(house: House, config: OfficeConfig) -> Calendars:
    """Return the opening hours of an office; no calendar file is read yet."""
    return Calendars(
        config.hours,
        keep_in=config.data_dir / "calendars",
        clock=lambda: house.clock.at(house.now),
        tasks=house.tasks,
    )


def _real_telephony(config: OfficeConfig) -> Telephony:
    from softswitch.sip import SipTelephony  # noqa: PLC0415 - loads PJSIP only when needed

    return SipTelephony(config.sip)


def make_folders(config: OfficeConfig) -> None:
    """Make the folders that an office writes to."""
    folders: Iterable[Path] = (
        config.data_dir,
        config.data_dir / "recordings",
        *(config.data_dir / "voicemail" / group.id for group in config.groups),
    )
    for folder in folders:
        folder.mkdir(parents=True, exist_ok=True)
