"""The number of one's own messages: who calls it keys a PIN, and hears what was left.

A member who calls from the own phone is known by it; others key the number of the box first: that
of the group, or the member's code. New messages come first, urgent ones before the others; each is
told with its time and number, and counts as heard when the owner has listened to it.
"""

from __future__ import annotations

import enum
import functools
import logging
from typing import TYPE_CHECKING, Final

from softswitch.errors import CapacityError, MisuseError, PeerError
from softswitch.prompts import PromptError, SystemMessage
from softswitch.prompts.guidance import Guidance
from softswitch.switch.boxes import Box
from softswitch.switch.dialled import member_at
from softswitch.switch.guide import TRIES, Guide
from softswitch.voicemail import Message, MessageState

if TYPE_CHECKING:
    from softswitch.switch.call import Call
    from softswitch.switch.house import House

log = logging.getLogger(__name__)


class _Key(enum.Enum):
    AGAIN = "1"
    SAVE = "2"
    DELETE = "3"
    NEXT = "4"
    CALL = "5"
    LEAVE = "*"


_KEYS: Final = {key.value: key for key in _Key}


async def mailbox_flow(house: House, call: Call) -> None:
    """Lead an owner through the messages.

    Raises:
        CallEndedError: the caller hung up.
    """
    await call.answer()
    guide = Guide(house, call)
    box = _own_box(house, call) or await _keyed_box(house, guide)
    if box is None:
        return
    guide = Guide(house, call, box.language)
    if await guide.let_in(functools.partial(house.services.pins.check, box.pin_owner)):
        await _Owner(house, call, guide, box).hear()


def _own_box(house: House, call: Call) -> Box | None:
    """Return the box of the member whose phone this is; one that can be keyed from elsewhere."""
    member = member_at(call.caller, house.config.members)
    if member is None:
        return None
    box = house.services.voicemail.box(member.id)
    return None if box.of_group else box


async def _keyed_box(house: House, guide: Guide) -> Box | None:
    for _ in range(TRIES):
        number = await guide.number(Guidance.VOICEMAIL_NUMBER)
        for box in house.services.voicemail.boxes:
            if number and number in box.keyed_as:
                return box
        await guide.say(Guidance.NUMBER_WRONG)
    return None


class _Owner:
    """One owner at the own box."""

    def __init__(self, house: House, call: Call, guide: Guide, box: Box) -> None:
        self._house = house
        self._call = call
        self._guide = guide
        self._box = box
        self._desk = house.services.voicemail

    async def hear(self) -> None:
        """Go through new messages, then through old ones."""
        messages = self._desk.messages(self._box.id)
        new = [message for message in messages if message.state is MessageState.NEW]
        old = [message for message in messages if message.state is MessageState.HEARD]
        await self._guide.say(self._guide.phrases.new_messages(len(new)))
        if await self._each(new) and old:
            await self._guide.say(Guidance.VOICEMAIL_OLD)
            await self._each(old)
        await self._guide.say(Guidance.VOICEMAIL_LAST, SystemMessage.GOODBYE, barge_in=False)

    async def _each(self, messages: list[Message]) -> bool:
        """Play messages; False when the owner has had enough."""
        for message in messages:
            if await self._one(message) is _Key.LEAVE:
                return False
        return True

    async def _one(self, message: Message) -> _Key:
        """Play one message until the owner goes on."""
        heard = await self._play(message)
        while True:
            key = await self._guide.ask(_KEYS, Guidance.VOICEMAIL_MENU) or _Key.LEAVE
            if key is _Key.AGAIN:
                heard = await self._play(message) or heard
            elif key is _Key.CALL:
                await self._call_back(message)
            else:
                if heard or key is not _Key.LEAVE:
                    await self._put_away(message, key)
                return key

    async def _play(self, message: Message) -> bool:
        """Tell when and from whom, then play; a key cuts either short and counts.

        Returns:
            Whether the message itself was begun.
        """
        if not self._call.key_waits:
            await self._guide.say(*self._introduction(message))
        if self._call.key_waits:
            return False
        await self._call.play_ready([self._desk.sound(message)])
        return True

    def _introduction(self, message: Message) -> list[Guidance | SystemMessage | str]:
        now = self._house.clock.at(self._house.now)
        at = message.received_at.astimezone(now.tzinfo)
        phrases = self._guide.phrases
        try:
            told = phrases.message_received(at, now, message.caller or None)
        except PromptError:  # the caller's phone has a name, not a number
            told = phrases.message_received(at, now, None)
        return [Guidance.VOICEMAIL_IS_URGENT, told] if message.urgent else [told]

    async def _put_away(self, message: Message, key: _Key) -> None:
        if key is _Key.DELETE:
            await self._desk.remove(message)
            await self._guide.say(Guidance.VOICEMAIL_DELETED)
        elif key is not _Key.NEXT:
            await self._desk.mark(message, MessageState.HEARD)
            if key is _Key.SAVE:
                await self._guide.say(Guidance.VOICEMAIL_SAVED)

    async def _call_back(self, message: Message) -> None:
        """Call who left the message, and come back here afterwards."""
        await self._desk.mark(message, MessageState.HEARD)
        try:
            await self._guide.say(Guidance.TRANSFERRING)
            other = await self._call.dial(message.caller)
        except (PeerError, CapacityError, MisuseError) as error:
            self._call.check_alive()
            log.warning("who left message %s cannot be called: %s", message.id, error)
            await self._guide.say(Guidance.NUMBER_WRONG)
            return
        await self._call.bridge(other)
