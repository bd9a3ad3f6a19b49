"""A caller speaks after the tone.

The message is ended by a key, by silence, by its length, or by hanging up. Whoever is still there
may listen, record again, mark it as urgent or delete it; whoever hangs up has left it.
"""

from __future__ import annotations

import asyncio
import enum
import logging
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Final

import attrs

from softswitch.prompts import SystemMessage
from softswitch.prompts.guidance import Guidance
from softswitch.switch.boxes import Box
from softswitch.switch.guide import TRIES, Guide
from softswitch.telephony import Recording
from softswitch.voicemail import Message
from softswitch.voicemail.sound import SpeechWatch, has_speech, is_finished, repair

if TYPE_CHECKING:
    from softswitch.switch.call import Call
    from softswitch.switch.config import GroupConfig
    from softswitch.switch.house import House

log = logging.getLogger(__name__)

LOOK_EVERY_S: Final = 0.5
"""How often a recording is looked at while somebody speaks: as often as PJSIP writes it, about."""

_FINISHING_LOOKS: Final = 40
_FINISHING_STEP_S: Final = 0.05


class End(enum.Enum):
    """What ended a recording."""

    KEY = "key"
    SILENCE = "silence"
    LENGTH = "length"


async def take_message(house: House, call: Call, group: GroupConfig) -> None:
    """Let a caller leave a message for a group, and hang up.

    Raises:
        CallEndedError: the caller hung up.
    """
    await leave_message(house, call, group.id, language=group.language)
    call.hang_up()


async def leave_message(
    house: House,
    call: Call,
    box_id: str,
    *,
    language: str = "",
    greeting: Iterable[Path] = (),
    mail_to: tuple[str, ...] | None = None,
) -> Message | None:
    """Let a caller leave a message; the call goes on afterwards.

    Args:
        house: what the switch's parts share.
        call: the caller.
        box_id: whose voicemail: a group's id or a member's.
        language: that the caller is spoken to in; empty: the box's.
        greeting: what is heard before the tone, ready to be played; none: the box's.
        mail_to: where the message is sent; None: as the box says.

    Returns:
        The message; None where none was left.

    Raises:
        CallEndedError: the caller hung up; what was said until then is kept.
        MisuseError: there is no such box.
        EnvironmentFaultError: the message cannot be kept.
    """
    box = house.services.voicemail.box(box_id)
    guide = Guide(house, call, language or box.language)
    await call.answer()
    if house.services.voicemail.is_full(box.id):
        log.warning("the voicemail of %s is full", box.id)
        await guide.say(Guidance.VOICEMAIL_FULL, barge_in=False)
        return None
    await _greet(call, guide, box, [*greeting])
    return await _Visit(house, call, box, guide, mail_to).run()


async def _greet(call: Call, guide: Guide, box: Box, greeting: list[Path]) -> None:
    if greeting:
        await call.play_ready(greeting)
    elif box.greeting is not None:
        await call.play(box.greeting)
    else:
        await guide.say(SystemMessage.LEAVE_MESSAGE)


@attrs.define(eq=False)
class _Visit:
    """One caller at one box.

    Attributes:
        left: the message as it will be kept, whatever happens next.
    """

    _house: House
    _call: Call
    _box: Box
    _guide: Guide
    _mail_to: tuple[str, ...] | None
    left: Message | None = None

    async def run(self) -> Message | None:
        """Record, review, keep."""
        try:
            if await self._speak() and self._house.config.voicemail.review:
                await self._review()
        finally:
            if self.left is not None:
                await self._house.services.voicemail.keep(self.left)
        if self.left is not None:
            await self._guide.say(Guidance.VOICEMAIL_SENT, barge_in=False)
        return self.left

    async def _speak(self) -> bool:
        """Record until something was said; say whether it was."""
        for _ in range(TRIES):
            await forget_keys(self._call)
            await self._call.play_ready([self._house.sounds.beep], barge_in=False)
            if await self._take():
                return True
            await self._guide.say(SystemMessage.RECORDING_UNHEARD)
        return False

    async def _take(self) -> bool:
        """Record once. What was said replaces what was said before."""
        desk = self._house.services.voicemail
        message = await desk.start(self._call, self._box, self._guide.language, self._mail_to)
        settings = self._house.config.voicemail
        try:
            await record_speech(
                self._call,
                desk.sound(message),
                length_max_s=settings.length_max_s,
                silence_s=settings.silence_s,
            )
        finally:
            said = await self._replace(message)
        return said

    async def _replace(self, message: Message) -> bool:
        desk = self._house.services.voicemail
        length_s = await spoken_length(desk.sound(message))
        unwanted = message if not length_s else self.left
        if length_s:
            self.left = attrs.evolve(message, length_s=length_s)
        if unwanted is not None:
            await desk.remove(unwanted)
        return bool(length_s)

    async def _review(self) -> None:
        choices = {key: key for key in "1234*"}
        while self.left is not None:
            choice = await self._guide.ask(choices, Guidance.VOICEMAIL_REVIEW)
            if choice == "2":
                await self._call.play_ready([self._house.services.voicemail.sound(self.left)])
            elif choice == "3":
                await self._speak()
            elif choice == "4":
                self.left = attrs.evolve(self.left, urgent=True)
                await self._guide.say(Guidance.VOICEMAIL_URGENT)
            elif choice == "*":
                await self._delete(self.left)
            else:
                return

    async def _delete(self, message: Message) -> None:
        self.left = None
        await self._house.services.voicemail.remove(message)
        await self._guide.say(Guidance.VOICEMAIL_DELETED)


async def record_speech(call: Call, path: Path, *, length_max_s: float, silence_s: float) -> End:
    """Record what a caller says until a key, silence, or the longest length.

    Args:
        call: the caller.
        path: WAV file to be written; see `spoken_length` for when it is finished.
        length_max_s: in seconds.
        silence_s: how long nobody may speak; 0: for ever.

    Raises:
        CallEndedError: the caller hung up; the file holds what was said.
    """
    loop = asyncio.get_running_loop()
    ends_s = loop.time() + length_max_s
    recording = call.record(path)
    silence = _Silence(recording)
    try:
        while (left_s := ends_s - loop.time()) > 0:
            if await call.next_key(min(LOOK_EVERY_S, left_s)) is not None:
                return End.KEY
            if silence_s and await silence.look() >= silence_s:
                return End.SILENCE
    finally:
        recording.stop()
    return End.LENGTH


class _Silence:
    """How long nobody has spoken: by what is in the file, or by the clock where nothing comes."""

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self._watch = SpeechWatch(recording.path)
        self._spoken_s = 0.0
        self._heard_at_s = asyncio.get_running_loop().time()

    async def look(self) -> float:
        """Return it, in seconds."""
        self._recording.catch_up()
        await asyncio.to_thread(self._watch.look)
        now_s = asyncio.get_running_loop().time()
        if self._watch.spoken_s > self._spoken_s:
            self._spoken_s, self._heard_at_s = self._watch.spoken_s, now_s
        return max(self._watch.silent_s, now_s - self._heard_at_s - LOOK_EVERY_S)


async def spoken_length(path: Path) -> float:
    """Wait until a recording is finished, and return its length in seconds.

    0 where nothing is said in it.
    """
    for _ in range(_FINISHING_LOOKS):
        if await asyncio.to_thread(is_finished, path):
            break
        await asyncio.sleep(_FINISHING_STEP_S)
    length_s = await asyncio.to_thread(repair, path)
    return length_s if length_s and await asyncio.to_thread(has_speech, path) else 0.0


async def forget_keys(call: Call) -> None:
    """Let keys that cut the instructions short not end a recording too."""
    while await call.next_key(0.0) is not None:
        pass
