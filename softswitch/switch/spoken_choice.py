"""Words instead of keys: while a menu is open, a phrase that is said presses the key it stands for.

What is said is recorded by PJSIP's recorder, read from the file while it grows, and made out in a
thread. The menu knows nothing of it: keys go their usual way, wait for nothing, and a key that was
said cuts the prompt like one that was pressed.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from softswitch.errors import CallEndedError, EnvironmentFaultError
from softswitch.speech import Recogniser, UtteranceReader

if TYPE_CHECKING:
    from softswitch.switch.party import Party

log = logging.getLogger(__name__)

LOOK_EVERY_S: Final = 0.25


@asynccontextmanager
async def spoken_keys(
    call: Party, phrases: Mapping[str, str], recogniser: Recogniser | None, language: str
) -> AsyncIterator[None]:
    """Let phrases stand for keys as long as the block lasts.

    Args:
        call: the caller, who is answered.
        phrases: what may be said, by key or keys.
        recogniser: makes out what is said; None: keys alone count.
        language: that it is said in; one that the recogniser does not know: the same.
    """
    if recogniser is None or not phrases or not recogniser.knows(language):
        yield
        return
    task = asyncio.create_task(
        _listen(call, phrases, recogniser, language), name=f"listening to {call.id}"
    )
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def _listen(
    call: Party, phrases: Mapping[str, str], recogniser: Recogniser, language: str
) -> None:
    with tempfile.TemporaryDirectory(prefix="softswitch-") as folder:
        path = Path(folder) / "said.wav"
        reader = UtteranceReader(path)
        try:
            recording = call.record(path)
        except CallEndedError:
            return
        try:
            while call.ended is None:
                await asyncio.sleep(LOOK_EVERY_S)
                recording.catch_up()
                said = await asyncio.to_thread(_made_out, reader, recogniser, phrases, language)
                if said is not None and call.ended is None:
                    call.press_for(said)
        finally:
            recording.stop()


def _made_out(
    reader: UtteranceReader, recogniser: Recogniser, phrases: Mapping[str, str], language: str
) -> str | None:
    utterance = reader.look()
    if utterance is None:
        return None
    try:
        return recogniser.choose(utterance.samples, utterance.rate_hz, phrases, language)
    except EnvironmentFaultError:
        log.exception("what a caller says cannot be made out; keys remain")
        return None
