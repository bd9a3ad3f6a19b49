"""What the parts of a running switch share."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from softswitch.acd.model import Member
from softswitch.hours import OpeningStatus
from softswitch.ivr.commands import Perform
from softswitch.prompts import Playlist
from softswitch.prompts.library import OFFICE, Slot
from softswitch.switch.calendars import Calendars
from softswitch.switch.choices import MemberChoices
from softswitch.switch.config import OfficeConfig
from softswitch.switch.conversation import Conversation
from softswitch.switch.dialling import DialDetails, dial_for
from softswitch.switch.journal import Journal
from softswitch.switch.look_ups import LookUps
from softswitch.switch.numbers import NumberPlan
from softswitch.switch.sound_desk import SoundDesk
from softswitch.switch.sounds import OfficeSounds
from softswitch.switch.tasks import Tasks
from softswitch.telephony import Telephony

if TYPE_CHECKING:
    from softswitch.ivr.expressions import Value
    from softswitch.ivr.model import Node
    from softswitch.switch.call import Call
    from softswitch.switch.decisions import MemberDecisions
    from softswitch.switch.flow_book import FlowBook, FlowVersion
    from softswitch.switch.flow_performing import Performer
    from softswitch.switch.following import FlowResult, NodeResult
    from softswitch.switch.party import Party
    from softswitch.switch.queueing import Queueing
    from softswitch.switch.services import Services


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
        desk: the sound library at work; set when the switch opens.
        calendars: opening hours at work; set when the switch opens.
        flows: the office's call flows at work; set when the switch opens.
        services: voicemail, mail and the like; set when the switch opens.
        decisions: what members decide.
        choices: what they have decided.
        look_ups: outside data for flows.
        performers: what a program performs for flows, besides what the runtime does itself.
        draining: no new calls are taken.
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
    draining: bool = False
    closing: bool = False
    queueing: Queueing = attrs.field(init=False)
    desk: SoundDesk = attrs.field(init=False)
    calendars: Calendars = attrs.field(init=False)
    flows: FlowBook = attrs.field(init=False)
    services: Services = attrs.field(init=False)
    decisions: MemberDecisions = attrs.field(init=False)
    choices: MemberChoices = attrs.field(init=False)
    look_ups: LookUps = attrs.field(factory=LookUps)
    performers: dict[type[Perform], Performer] = attrs.field(factory=dict)

    @property
    def now(self) -> float:
        """The engine's time, which all records count in."""
        return self.queueing.driver.now

    def new_id(self) -> str:
        """Return an id for a call that no other call has, ever."""
        return f"{self.rng.getrandbits(64):016x}"

    def playlist(self, group_id: str | None = None) -> Iterator[Path]:
        """Return the endless music of one waiting caller, who begins it anew."""
        return Playlist(self._music(group_id or OFFICE), self.rng)

    def _music(self, group_id: str) -> tuple[Path, ...]:
        """The group's list in the library, or in its settings; the office's; or the default one."""
        chosen = self.desk.music(group_id) if group_id else None
        if chosen is None:
            chosen = self.sounds.music(group_id)
        if chosen is None:
            chosen = self.desk.music(OFFICE)
        return chosen or self.sounds.default_music

    def welcome(self, group_id: str, hours: str = "") -> tuple[Path, ...]:
        """Return what callers of a group hear first: hotprompts, then the greeting of the hour.

        Args:
            group_id: the group; empty: the office.
            hours: the calendar by which the greeting is chosen; empty: the group's.
        """
        return (*self.hotprompts(group_id), *self.greeting(group_id, hours))

    def hotprompts(self, group_id: str) -> tuple[Path, ...]:
        """Return the messages that are in front of everything now."""
        return self.desk.hotprompts(group_id, self.clock.at(self.now))

    def greeting(self, group_id: str, hours: str = "") -> tuple[Path, ...]:
        """Return the greeting of the hour: the library's, else while open that of the settings."""
        slot = self.slot(group_id, hours)
        configured = self.sounds.greeting(group_id)
        if configured is None or slot in (Slot.CLOSED, Slot.CLOSED_SPECIAL):
            return self.desk.greeting(group_id, slot)
        return self.desk.greeting(group_id, slot) or (configured,)

    def hours_of(self, group_id: str) -> OpeningStatus | None:
        """Whether a group is open now; None where it, or the whole office, has no opening hours."""
        hours = self.queueing.group(group_id).hours if group_id else ""
        return self.calendars.status(hours) if hours else None

    def slot(self, group_id: str, hours: str = "") -> Slot:
        """Return which greeting it is time for; a group without opening hours is always open."""
        status = self.calendars.status(hours) if hours else self.hours_of(group_id)
        if status is None:
            return Slot.OPEN
        return Slot.at(is_open=status.open, special=status.special)

    def phone_of(self, member: Member) -> str:
        """Return where a member is rung: at the own phone, or where the member has logged in."""
        return self.phone_at(member.id, member.address)

    def phone_at(self, member_id: str, address: str) -> str:
        """Return where a member with this address of its own is rung."""
        choice = self.choices.get(member_id)
        return choice.address if choice is not None and choice.address else address

    dialling = DialDetails

    async def dial_for(self, call: Call, target: str, how: DialDetails) -> Call:
        """Dial for a call; see `softswitch.switch.dialling`."""
        return await dial_for(call, self, target, how)

    async def converse(self, first: Party, second: Party, *, record_to: Path | None = None) -> None:
        """Let two calls hear each other until that is over."""
        await Conversation(self, first, second, record_to=record_to).run()

    async def follow(
        self,
        call: Call,
        version: FlowVersion,
        *,
        variables: Mapping[str, Value] | None = None,
        keep: bool = False,
    ) -> FlowResult:
        """Take a call through a flow; see `softswitch.switch.following`."""
        from softswitch.switch import following  # noqa: PLC0415 - it stands on what stands on this

        return await following.follow(self, call, version, variables=variables, keep=keep)

    async def do(
        self,
        call: Call,
        node: Node,
        *,
        language: str,
        variables: Mapping[str, Value] | None = None,
    ) -> NodeResult:
        """Let a call go through one node; see `softswitch.switch.following`."""
        from softswitch.switch import following  # noqa: PLC0415 - the same

        return await following.do(self, call, node, language=language, variables=variables)

    @property
    def recordings_dir(self) -> Path:
        """Where conversations are recorded."""
        return self.config.data_dir / "recordings"

    def voicemail_dir(self, group_id: str) -> Path:
        """Where callers of a group leave messages."""
        return self.config.data_dir / "voicemail" / group_id
