"""Words instead of keys: what a caller says while a menu is open is made out and told to the flow.

What is said is recorded by PJSIP's recorder, read from the file while it grows, and made out in a
thread. Keys go their usual way and wait for nothing.
"""

from __future__ import annotations

import asyncio
import logging
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from softswitch.errors import CallEndedError
from softswitch.ivr import commands as cmd
from softswitch.ivr import events as ev
from softswitch.speech import Recogniser, UtteranceReader
from softswitch.speech.utterance import Utterance
from softswitch.telephony import Recording

if TYPE_CHECKING:
    from softswitch.switch.party import Party

log = logging.getLogger(__name__)

LOOK_EVERY_S: Final = 0.25


class Listening:
    """Listens to one caller until it is stopped or the call ends."""

    def __init__(
        self,
        call: Party,
        recogniser: Recogniser,
        command: cmd.ListenFor,
        tell: Callable[[ev.SessionEvent], None],
    ) -> None:
        """Begin.

        Args:
            call: the caller, who is answered.
            recogniser: makes out what is said; knows the language.
            command: what is listened for.
            tell: is told what is said.
        """
        self._call = call
        self._recogniser = recogniser
        self._command = command
        self._tell = tell
        self._recording: Recording | None = None
        self._began = False
        self._task = asyncio.create_task(self._listen(), name=f"listening to {call.id}")

    def stop(self) -> None:
        """Listen no more; nothing is told from now on."""
        self._stop_recording()
        self._task.cancel()

    async def over(self) -> None:
        """Return when nothing is left of what was recorded."""
        await asyncio.wait([self._task])

    def _stop_recording(self) -> None:
        recording, self._recording = self._recording, None
        if recording is not None:
            recording.stop()

    async def _listen(self) -> None:
        with tempfile.TemporaryDirectory(prefix="softswitch-") as folder:
            path = Path(folder) / "said.wav"
            try:
                self._recording = self._call.record(path)
                await self._follow(UtteranceReader(path), self._recording)
            except CallEndedError:
                return
            except Exception as error:
                log.exception("what a caller says cannot be made out; keys remain")
                self._tell(ev.Failed(id=self._command.id, why=str(error)))
            finally:
                self._stop_recording()

    async def _follow(self, reader: UtteranceReader, recording: Recording) -> None:
        while self._call.ended is None:
            await asyncio.sleep(LOOK_EVERY_S)
            recording.catch_up()
            utterance = await asyncio.to_thread(reader.look)
            if not self._began and (utterance is not None or reader.is_speaking):
                self._began = True
                self._tell(ev.SpeechBegan(id=self._command.id))
            if utterance is not None:
                words = await asyncio.to_thread(self._made_out, utterance)
                self._began = False
                self._tell(ev.Spoken(id=self._command.id, words=words))

    def _made_out(self, said: Utterance) -> str:
        phrases = {words: words for words in self._command.words}
        language = self._command.language
        return self._recogniser.choose(said.samples, said.rate_hz, phrases, language) or ""
