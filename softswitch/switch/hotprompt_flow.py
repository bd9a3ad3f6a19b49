"""The number at which the message in front of everything is switched, recorded, and heard."""

from __future__ import annotations

import asyncio
import logging
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from softswitch.errors import SoftswitchError
from softswitch.prompts import SystemMessage
from softswitch.prompts.guidance import Guidance
from softswitch.prompts.library import OFFICE, Origin, SoundKind, SoundLibrary
from softswitch.prompts.library.model import Catalogue
from softswitch.prompts.library.spoken import tidy_recording
from softswitch.switch.guide import TRIES, Guide
from softswitch.switch.numbers import masked
from softswitch.switch.voicemail import forget_keys, record_speech, spoken_length

if TYPE_CHECKING:
    from softswitch.switch.call import Call
    from softswitch.switch.house import House

log = logging.getLogger(__name__)

NAME: Final = "recorded hotprompt"
"""Name in the library of what is recorded by phone."""

LONGEST_S: Final = 180.0
_HEAR, _RECORD, _ON, _OFF, _LEAVE = "1", "2", "3", "4", "*"


async def hotprompt_flow(house: House, call: Call) -> None:
    """Lead an administrator, who has the PIN for recording by phone, through the message.

    Raises:
        CallEndedError: the caller hung up; what was chosen until then holds.
    """
    await call.answer()
    guide = Guide(house, call)
    if await guide.let_in(house.desk.try_pin):
        await _Switchboard(house, call, guide).choose()


class _Switchboard:
    """One administrator at the menu."""

    def __init__(self, house: House, call: Call, guide: Guide) -> None:
        self._house = house
        self._call = call
        self._guide = guide

    async def choose(self) -> None:
        """Do what is chosen until there is nothing more."""
        actions = {_HEAR: self._hear, _RECORD: self._record, _ON: self._on, _OFF: self._off}
        choices = {key: key for key in (*actions, _LEAVE)}
        while (chosen := await self._guide.ask(choices, Guidance.HOTPROMPT_MENU)) in actions:
            try:
                await actions[chosen or ""]()
            except SoftswitchError:
                self._call.check_alive()
                log.exception("the hotprompt could not be changed by phone")
                await self._guide.say(SystemMessage.RECORDING_NOT_SAVED)
        await self._guide.say(SystemMessage.GOODBYE, barge_in=False)

    @property
    def _name(self) -> str | None:
        """The message that is meant: the one that is switched on, else the one that came last."""
        catalogue = self._house.desk.catalogue
        hot = catalogue.shelf(OFFICE).hotprompt
        if hot is not None:
            return hot.sound
        sounds = [one for one in catalogue.sounds.values() if one.kind is SoundKind.HOTPROMPT]
        return max(sounds, key=lambda one: one.version().added_at).name if sounds else None

    async def _hear(self) -> None:
        if self._name is None:
            await self._guide.say(Guidance.HOTPROMPT_NONE)
        else:
            await self._call.play_ready([await self._house.desk.sound(self._name)])

    async def _on(self) -> None:
        name = self._name
        if name is None:
            await self._guide.say(Guidance.HOTPROMPT_NONE)
            return
        await self._house.desk.change(lambda library: library.hotprompt_on(name))
        log.info("%s switched the hotprompt on", masked(self._call.caller.number))
        await self._guide.say(Guidance.HOTPROMPT_ON)

    async def _off(self) -> None:
        await self._house.desk.change(lambda library: library.hotprompt_off())
        log.info("%s switched the hotprompt off", masked(self._call.caller.number))
        await self._guide.say(Guidance.HOTPROMPT_OFF)

    async def _record(self) -> None:
        """Record; what is recorded takes the place of what was, and is on or off as that was."""
        with tempfile.TemporaryDirectory(prefix="softswitch-") as folder:
            spoken = await self._spoken(Path(folder))
            if spoken is not None:
                await self._house.desk.change(lambda library: _taken_in(library, spoken))
                await self._guide.say(SystemMessage.RECORDING_SAVED)

    async def _spoken(self, folder: Path) -> Path | None:
        raw, spoken = folder / "raw.wav", folder / "spoken.wav"
        for _ in range(TRIES):
            await self._guide.say(Guidance.HOTPROMPT_SPEAK)
            await forget_keys(self._call)
            await self._call.play_ready([self._house.sounds.beep], barge_in=False)
            await record_speech(self._call, raw, length_max_s=LONGEST_S, silence_s=0)
            if await spoken_length(raw):
                await asyncio.to_thread(tidy_recording, raw, spoken, self._house.sounds.rate_hz)
                return spoken
            await self._guide.say(SystemMessage.RECORDING_UNHEARD)
        return None


def _taken_in(library: SoundLibrary, spoken: Path) -> Catalogue:
    return library.add(NAME, spoken, SoundKind.HOTPROMPT, origin=Origin.PHONE)
