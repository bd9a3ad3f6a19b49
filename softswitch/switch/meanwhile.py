"""What a caller hears who waits for data: a message at once, music when it takes longer."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from softswitch.ivr import commands as cmd
from softswitch.switch.flow_sounds import FlowSounds
from softswitch.switch.waiting import WaitingSound

if TYPE_CHECKING:
    from softswitch.switch.call import Call
    from softswitch.switch.house import House

MUSIC_AFTER_S: Final = 1.0
"""How long data may take before music begins, where it is wanted."""


class MeanwhileSound:
    """The sound of one look-up; it is cut when the data is there."""

    def __init__(self, house: House, call: Call, sounds: FlowSounds, command: cmd.LookUp) -> None:
        self._house = house
        self._call = call
        self._sounds = sounds
        self._command = command
        self._sound: WaitingSound | None = None
        self._timer: asyncio.TimerHandle | None = None

    async def __aenter__(self) -> None:
        if not self._call.answered:
            return
        self._sound = sound = WaitingSound(self._call, self._house.playlist())
        if self._command.meanwhile is cmd.Meanwhile.MUSIC:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(MUSIC_AFTER_S, self._start_music)
        if self._command.pieces:
            files = await self._sounds.files(self._command.pieces)
            if files:
                sound.say(*files)

    async def __aexit__(self, *_: object) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._sound is not None:
            self._sound.stop()

    def _start_music(self) -> None:
        if self._sound is not None and self._call.ended is None:
            self._sound.start_music()
