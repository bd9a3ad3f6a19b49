"""Recordings that flows make of their callers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from softswitch.ivr import commands as cmd
from softswitch.ivr import events as ev
from softswitch.telephony import Recording as LegRecording
from softswitch.voicemail.sound import SpeechWatch, has_speech, is_finished

if TYPE_CHECKING:
    from softswitch.switch.call import Call
    from softswitch.switch.house import House

LOOK_EVERY_S: Final = 0.5
"""How often it is looked whether somebody speaks, where silence ends a recording."""

_FINISHING_LOOKS: Final = 50
_FINISHING_STEP_S: Final = 0.02
"""A file is whole within a second of being stopped."""


class Recorder:
    """One recording of what a caller says."""

    def __init__(
        self,
        house: House,
        call: Call,
        command: cmd.Record,
        tell: Callable[[ev.SessionEvent], None],
    ) -> None:
        self._house = house
        self._call = call
        self._command = command
        self._tell = tell
        self._recording: LegRecording | None = None
        self._began_s = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._listening: asyncio.Task[None] | None = None
        self._done = False

    def begin(self) -> None:
        """Record from now on."""
        if self._done or self._call.ended is not None:
            return
        name = f"{self._call.id}-flow-{self._command.id}.wav"
        self._recording = self._call.record(self._house.recordings_dir / name)
        loop = asyncio.get_running_loop()
        self._began_s = loop.time()
        self._timer = loop.call_later(self._command.length_max_s, self.stop)
        if self._command.silence_s:
            self._listening = loop.create_task(self._until_silent(self._recording))

    async def _until_silent(self, recording: LegRecording) -> None:
        """Stop when nobody has spoken for as long as may be."""
        watch = SpeechWatch(recording.path)
        while watch.silent_s < self._command.silence_s:
            await asyncio.sleep(LOOK_EVERY_S)
            recording.catch_up()
            await asyncio.to_thread(watch.look)
        self._listening = None
        self.stop()

    def stop(self) -> None:
        """Finish the file and say so."""
        if self._done:
            return
        self._done = True
        if self._timer is not None:
            self._timer.cancel()
        if self._listening is not None:
            self._listening.cancel()
        if self._recording is None:
            self._tell(ev.Recorded(id=self._command.id, path="", length_s=0.0))
            return
        self._recording.stop()
        length_s = asyncio.get_running_loop().time() - self._began_s
        report = self._report(self._recording.path, length_s)
        self._house.tasks.spawn(report, name=f"recording of {self._call.id}")

    async def _report(self, path: Path, length_s: float) -> None:
        """Tell of a recording as soon as its file is whole."""
        for _ in range(_FINISHING_LOOKS):
            if await asyncio.to_thread(is_finished, path):
                break
            await asyncio.sleep(_FINISHING_STEP_S)
        if await asyncio.to_thread(_is_empty, path):
            length_s = 0.0
        self._tell(ev.Recorded(id=self._command.id, path=str(path), length_s=length_s))


def _is_empty(path: Path) -> bool:
    """Tell whether nothing is said in a recording; one without a file is taken as it is told."""
    return path.exists() and not has_speech(path)
