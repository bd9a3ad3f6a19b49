"""What callers of flows hear, as files that can be played at once.

What a flow always says alike is rendered when it is loaded, so that nothing stands between a key
and the next prompt. What depends on the call is rendered in a thread when it is needed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from softswitch.errors import ConfigurationError, Fault
from softswitch.ivr.check_prompts import prompts
from softswitch.ivr.commands import Audible, SpokenMessage, SpokenText, SpokenWords
from softswitch.ivr.model import Flow
from softswitch.ivr.prompts import ANY_LANGUAGE, Message, Piece, Sound, Words
from softswitch.ivr.spoken import words_of
from softswitch.prompts import PromptError, SystemMessage
from softswitch.prompts.messages import language as language_of
from softswitch.settings.faults import ConfigPath, fault

if TYPE_CHECKING:
    from softswitch.switch.sounds import OfficeSounds


class FlowSounds:
    """The sounds of one version of a flow."""

    def __init__(self, sounds: OfficeSounds) -> None:
        self._sounds = sounds
        self._ready: dict[Audible, Path] = {}

    async def prepare(self, flow: Flow) -> None:
        """Render everything that does not depend on a call.

        Raises:
            ConfigurationError: a sound file cannot be used, or a text cannot be spoken; it holds
                every fault.
        """
        faults: list[Fault] = []
        for path, piece in _fixed(flow):
            try:
                if piece not in self._ready:
                    self._ready[piece] = await self._render(piece)
            except PromptError as error:
                faults.append(fault(path, str(error)))
        if faults:
            raise ConfigurationError(dict.fromkeys(faults))

    def at_hand(self, pieces: Iterable[Audible]) -> list[Path] | None:
        """Return the files of pieces that are all rendered, or None."""
        files = [self._ready.get(piece) for piece in pieces]
        found = [file for file in files if file is not None]
        return found if len(found) == len(files) else None

    async def files(self, pieces: Iterable[Audible]) -> list[Path]:
        """Return the files of pieces.

        Raises:
            PromptError: a sound file cannot be used, or a text cannot be spoken.
        """
        return [self._ready.get(piece) or await self._render(piece) for piece in pieces]

    async def _render(self, piece: Audible) -> Path:
        match piece:
            case Path():
                [file] = await self._sounds.files([piece])
                return file
            case SpokenMessage():
                text = language_of(piece.language).messages[piece.message]
            case SpokenWords():
                text = await asyncio.to_thread(words_of, piece)
        return await self._sounds.spoken(text, piece.language)


def _fixed(flow: Flow) -> Iterator[tuple[ConfigPath, Audible]]:
    """Give everything that a flow, and the plans in it, always says alike, with its path."""
    for language in flow.spoken:
        yield ("flow",), SpokenMessage(SystemMessage.INVALID_CHOICE, language)
    for path, prompt in prompts(flow):
        for code, piece in prompt.everything():
            for language in flow.spoken if code == ANY_LANGUAGE else (code,):
                yield from ((path, one) for one in _audible(piece, language))
    for name, plan in flow.sub_flows.items():
        yield from (((name, *path), one) for path, one in _fixed(plan))


def _audible(piece: Piece, language: str) -> Iterator[Audible]:
    match piece:
        case Sound():
            yield piece.file
        case Message():
            yield SpokenMessage(piece.message, language)
        case Words() if piece.text.fixed:
            parts = tuple(SpokenText(str(text)) for text in piece.text.pieces)
            yield SpokenWords(parts, piece.language or language)
