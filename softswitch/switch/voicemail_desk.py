"""The voicemail of a running switch: every box in memory as it is on the disk.

A message begun is on the disk before the first word, and what happens to it later is on the disk
before it counts. What a killed switch left behind is finished, mailed and shown by the next one.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

import attrs

from softswitch.errors import EnvironmentFaultError, MisuseError, SoftswitchError
from softswitch.mail import MailServer, voicemail_letter
from softswitch.switch.boxes import Box, boxes_of
from softswitch.switch.journal import MessageLeft
from softswitch.switch.message_waiting import MessageWaiting
from softswitch.switch.pins import Pins
from softswitch.switch.post_office import PostOffice
from softswitch.voicemail import BoxCounts, Message, MessageBox, MessageState, counts
from softswitch.voicemail.message import in_order

if TYPE_CHECKING:
    from softswitch.switch.call import Call
    from softswitch.switch.house import House

log = logging.getLogger(__name__)

FOLDER: Final = "voicemail"


class VoicemailDesk:
    """Messages, for flows, screens and programs. `Switch.voicemail`."""

    def __init__(self, house: House, post: PostOffice[MailServer], pins: Pins) -> None:
        """Set up; nothing is read before `open`."""
        self._house = house
        self._post = post
        self._pins = pins
        self._boxes: Mapping[str, Box] = boxes_of(house.config)
        self._messages: dict[str, dict[str, Message]] = {}
        self._cut_short: list[Message] = []
        self._turn = asyncio.Lock()
        self._waiting = MessageWaiting(house, self._shown_to)

    # What there is.

    @property
    def boxes(self) -> tuple[Box, ...]:
        """Every box."""
        return tuple(self._boxes.values())

    def box(self, box_id: str) -> Box:
        """Return a box.

        Raises:
            MisuseError: there is none.
        """
        if box_id not in self._boxes:
            raise MisuseError(f"there is no voicemail box {box_id!r}")
        return self._boxes[box_id]

    def messages(self, box_id: str) -> tuple[Message, ...]:
        """Return the messages of a box that are finished: urgent ones first, then the oldest."""
        self.box(box_id)
        done = (m for m in self._of(box_id).values() if m.state is not MessageState.SPEAKING)
        return in_order(done)

    def sound(self, message: Message) -> Path:
        """Return the recording of a message."""
        return self._folder(message.box).sound(message)

    def counts(self, box_id: str) -> BoxCounts:
        """Say how many messages there are."""
        return counts(self.messages(box_id))

    def is_full(self, box_id: str) -> bool:
        """Whether a box takes no more messages."""
        return len(self._of(box_id)) >= self._house.config.voicemail.messages_max

    # What is done.

    async def mark(self, message: Message, state: MessageState) -> Message:
        """Let a message be new, or heard.

        Raises:
            MisuseError: it is gone.
            EnvironmentFaultError: it cannot be written, and then nothing has changed.
        """
        async with self._turn:
            current = self._of(message.box).get(message.id)
            if current is None:
                raise MisuseError(f"message {message.id} is gone")
            if current.state is state:
                return current
            changed = attrs.evolve(current, state=state)
            await self._store(changed)
        self._show(message.box)
        return changed

    async def remove(self, message: Message) -> None:
        """Remove a message and its sound; one that is gone is left so.

        Raises:
            EnvironmentFaultError: it cannot be removed.
        """
        async with self._turn:
            with _disk(self._folder(message.box).folder):
                await asyncio.to_thread(self._folder(message.box).remove, message)
            self._of(message.box).pop(message.id, None)
        self._show(message.box)

    async def new_pin(self, box_id: str, pin: str | None = None) -> str:
        """Set the PIN by which a box is heard by phone, a random one when None; told only here.

        A member's PIN is also that for logging in by phone.

        Raises:
            MisuseError: there is no such box.
            LibraryError: it is not 4 to 12 digits.
            EnvironmentFaultError: it cannot be stored.
        """
        return await self._pins.new(self.box(box_id).pin_owner, pin)

    # What the runtime does.

    async def open(self) -> None:
        """Read every box, and finish what was cut short. No fault of a disk keeps an office closed.

        Call `begin` when phones can be reached.
        """
        for box_id in self._boxes:
            await self._read(box_id)

    async def _read(self, box_id: str) -> None:
        folder = self._folder(box_id)
        try:
            before = await asyncio.to_thread(folder.read)
            after = await asyncio.to_thread(folder.recover)
        except OSError:
            log.exception("the voicemail of %s cannot be read", box_id)
            return
        self._messages[box_id] = {message.id: message for message in after}
        speaking = {one.id for one in before if one.state is MessageState.SPEAKING}
        self._cut_short += [message for message in after if message.id in speaking]

    async def begin(self) -> None:
        """Note what was cut short, send what is still to be sent, let phones show what waits."""
        for message in self._cut_short:
            self._note(message)
        self._cut_short.clear()
        for box_id in self._boxes:
            for message in self.messages(box_id):
                if message.mail_to:
                    await self._send(message)
            self._show(box_id)

    def follow(self) -> None:
        """Another office is in force: read the boxes that it has and the one before had not."""
        self._boxes = boxes_of(self._house.config)
        new = [box_id for box_id in self._boxes if box_id not in self._messages]
        if new:
            self._house.tasks.spawn(self._take_up(new), name="boxes of another office")

    async def _take_up(self, box_ids: list[str]) -> None:
        for box_id in box_ids:
            await self._read(box_id)
        await self.begin()

    async def start(
        self, call: Call, box: Box, language: str, mail_to: tuple[str, ...] | None = None
    ) -> Message:
        """Keep that a caller begins to speak; record to `sound` then.

        Args:
            call: the caller.
            box: whose voicemail.
            language: that the caller is spoken to in.
            mail_to: where the message is sent; None: as the box says.

        Raises:
            EnvironmentFaultError: it cannot be kept.
        """
        at = self._house.clock.at(self._house.now)
        name = f"{at:%Y%m%dT%H%M%S}-{call.id}"
        nth = sum(known.startswith(name) for known in self._of(box.id))
        message = Message(
            id=f"{name}-{nth + 1}" if nth else name,
            box=box.id,
            state=MessageState.SPEAKING,
            received_at=at,
            file=f"{name}-{nth + 1}.wav" if nth else f"{name}.wav",
            call_id=call.id,
            caller="" if call.caller.withheld else call.caller.number,
            caller_name=call.caller.name,
            language=language,
            mail_to=box.mail_to if mail_to is None else mail_to,
        )
        await self._store(message)
        return message

    async def keep(self, message: Message) -> None:
        """A message is finished: note it, send it, let phones show it.

        Raises:
            EnvironmentFaultError: it cannot be written.
        """
        done = attrs.evolve(message, state=MessageState.NEW)
        await self._store(done)
        self._note(done)
        if done.mail_to:
            await self._send(done)
        self._show(done.box)

    def _note(self, message: Message) -> None:
        self._house.journal.note(
            MessageLeft(
                at=self._house.now,
                call_id=message.call_id,
                group_id=message.box,
                caller=message.caller,
                path=self.sound(message),
                length_s=message.length_s,
                urgent=message.urgent,
            )
        )

    async def _send(self, message: Message) -> None:
        """Hand a message to the post office, and note that it has it."""
        if not self._post.can_send:
            log.error("message %s waits to be sent: there is no [mail]", message.id)
            return
        box = self._boxes.get(message.box)
        letter = voicemail_letter(
            message, self.sound(message), box_name=box.name if box else message.box
        )
        try:
            await self._post.post(letter)
            await self._note_posted(message)
        except SoftswitchError:
            log.exception("message %s could not be posted; the next start tries again", message.id)

    async def _note_posted(self, message: Message) -> None:
        """Nobody needs to be sent it any more; its owner may have heard or removed it meanwhile."""
        async with self._turn:
            current = self._of(message.box).get(message.id)
            if current is not None:
                await self._store(attrs.evolve(current, mail_to=()))

    # How it works.

    def _of(self, box_id: str) -> dict[str, Message]:
        return self._messages.setdefault(box_id, {})

    def _folder(self, box_id: str) -> MessageBox:
        return MessageBox(self._house.config.data_dir / FOLDER / box_id)

    async def _store(self, message: Message) -> None:
        folder = self._folder(message.box)
        with _disk(folder.folder):
            await asyncio.to_thread(folder.store, message)
        self._of(message.box)[message.id] = message

    def _show(self, box_id: str) -> None:
        box = self._boxes.get(box_id)
        members = {member.id: member for member in self._house.config.members}
        for member_id in box.watchers if box is not None else ():
            if member_id in members:
                self._waiting.tell(member_id, self._house.phone_of(members[member_id]))

    def _shown_to(self, member_id: str) -> BoxCounts:
        watched: Iterable[Box] = (b for b in self._boxes.values() if member_id in b.watchers)
        return sum((self.counts(box.id) for box in watched), start=BoxCounts())


class _disk:  # noqa: N801 - reads like a function
    """Turn what the disk refuses into an error with a remedy."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        """Translate."""
        if isinstance(error, OSError):
            raise EnvironmentFaultError(
                f"The voicemail in {self._folder} cannot be used: {error.strerror or error}.",
                remedy="See that the folder can be written and the disk has room.",
            ) from error
