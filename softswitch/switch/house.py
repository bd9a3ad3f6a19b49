"""What the parts of a running switch share."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from softswitch.prompts import Playlist
from softswitch.switch.config import OfficeConfig
from softswitch.switch.conversation import Conversation
from softswitch.switch.dialling import DialDetails, dial_for
from softswitch.switch.journal import Journal
from softswitch.switch.numbers import NumberPlan
from softswitch.switch.sounds import OfficeSounds
from softswitch.switch.tasks import Tasks
from softswitch.telephony import Telephony

if TYPE_CHECKING:
    from softswitch.switch.call import Call
    from softswitch.switch.party import Party
    from softswitch.switch.queueing import Queueing


@attrs.frozen(kw_only=True)
class WallClock:
    """Turns the engine's time into the time of day: both are read once, when a switch opens.

    Attributes:
        opened: the time of day then.
        opened_s: the engine's time then, in seconds.
        zone: whose time of day is told, summer and winter; None: that of the machine.
    """

    opened: datetime
    opened_s: float
    zone: tzinfo | None = None

    def at(self, now_s: float) -> datetime:
        """Return the time of day at an engine's time, with the offset that holds then."""
        instant = self.opened.astimezone(UTC) + timedelta(seconds=now_s - self.opened_s)
        return instant.astimezone(self.zone)


@attrs.define(eq=False, kw_only=True)
class House:
    """The rooms that calls walk through.

    Attributes:
        calls: every leg that is not over, by its id.
        queueing: set when the switch opens.
        closing: no phone is asked to ring any more.
    """

    config: OfficeConfig
    telephony: Telephony
    sounds: OfficeSounds
    numbers: NumberPlan
    journal: Journal
    tasks: Tasks
    clock: WallClock
    rng: random.Random
    calls: dict[str, Party] = attrs.field(factory=dict)
    closing: bool = False
    queueing: Queueing = attrs.field(init=False)

    @property
    def now(self) -> float:
        """The engine's time, which all records count in."""
        return self.queueing.driver.now

    def new_id(self) -> str:
        """Return an id for a call that no other call has, ever."""
        return f"{self.rng.getrandbits(64):016x}"

    def playlist(self, group_id: str | None = None) -> Iterator[Path]:
        """Return the endless music of one waiting caller."""
        return Playlist(self.sounds.music(group_id), self.rng)

    dialling = DialDetails

    async def dial_for(self, call: Call, target: str, how: DialDetails) -> Call:
        """Dial for a call; see `softswitch.switch.dialling`."""
        return await dial_for(call, self, target, how)

    async def converse(self, first: Party, second: Party, *, record_to: Path | None = None) -> None:
        """Let two calls hear each other until that is over."""
        await Conversation(self, first, second, record_to=record_to).run()

    @property
    def recordings_dir(self) -> Path:
        """Where conversations are recorded."""
        return self.config.data_dir / "recordings"

    def voicemail_dir(self, group_id: str) -> Path:
        """Where callers of a group leave messages."""
        return self.config.data_dir / "voicemail" / group_id
