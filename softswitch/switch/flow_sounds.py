"""What callers of flows hear, as files that can be played at once.

What a flow always says alike is rendered when it is loaded, so that nothing stands between a key
and the next prompt. What depends on the call is rendered in a thread when it is needed. Sounds of
the library are those of the moment: a new version is heard by the next caller, in the same flow.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from softswitch.errors import ConfigurationError, Fault, SoftswitchError
from softswitch.ivr.check_prompts import prompts
from softswitch.ivr.commands import Audible, SpokenMessage, SpokenText, SpokenWords
from softswitch.ivr.model import Flow
from softswitch.ivr.prompts import (
    ANY_LANGUAGE,
    LibrarySound,
    Message,
    Piece,
    Sound,
    Welcome,
    WelcomePart,
    Words,
)
from softswitch.ivr.spoken import words_of
from softswitch.prompts import PromptError, SystemMessage
from softswitch.prompts.messages import language as language_of
from softswitch.settings.faults import ConfigPath, fault

if TYPE_CHECKING:
    from softswitch.switch.house import House
    from softswitch.switch.sounds import OfficeSounds

log = logging.getLogger(__name__)


class FlowSounds:
    """The sounds of one version of a flow."""

    def __init__(self, house: House, sounds: OfficeSounds) -> None:
        """Set up.

        Args:
            house: whose library there is, and whose hours count.
            sounds: of the office that the flow belongs to, which may not be in force yet.
        """
        self._house = house
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
                if isinstance(piece, LibrarySound):
                    await self._of_the_library(piece.name)
                elif not isinstance(piece, Welcome) and piece not in self._ready:
                    self._ready[piece] = await self._render(piece)
            except PromptError as error:
                faults.append(fault(path, str(error)))
        if faults:
            raise ConfigurationError(dict.fromkeys(faults))

    def at_hand(self, pieces: Iterable[Audible]) -> list[Path] | None:
        """Return the files of pieces that are all rendered, or None."""
        found: list[Path] = []
        for piece in pieces:
            files = self._at_hand(piece)
            if files is None:
                return None
            found += files
        return found

    def _at_hand(self, piece: Audible) -> Sequence[Path] | None:
        if isinstance(piece, Welcome):
            return self._welcome(piece)
        if isinstance(piece, LibrarySound):
            file = self._house.desk.at_hand(piece.name)
        else:
            file = self._ready.get(piece)
        return None if file is None else (file,)

    async def files(self, pieces: Iterable[Audible]) -> list[Path]:
        """Return the files of pieces.

        Raises:
            PromptError: a sound file cannot be used, or a text cannot be spoken.
        """
        found: list[Path] = []
        for piece in pieces:
            files = self._at_hand(piece)
            if files is not None:
                found += files
            elif isinstance(piece, LibrarySound):
                found += await self._of_the_library(piece.name)
            elif not isinstance(piece, Welcome):
                found.append(await self._render(piece))
        return found

    async def _of_the_library(self, name: str) -> Sequence[Path]:
        """Make a sound of the library ready; one that cannot be heard is passed over."""
        try:
            return (await self._house.desk.sound(name),)
        except SoftswitchError as error:
            log.error("a flow cannot play the sound %r: %s", name, error)  # noqa: TRY400 - said
            return ()

    def _welcome(self, piece: Welcome) -> Sequence[Path]:
        """Return what greets callers now; nothing where that cannot be told any more."""
        house = self._house
        try:
            match piece.part:
                case WelcomePart.WELCOME:
                    return house.welcome(piece.group, piece.hours)
                case WelcomePart.HOTPROMPT:
                    return house.hotprompts(piece.group)
                case WelcomePart.GREETING:
                    return house.greeting(piece.group, piece.hours)
        except (SoftswitchError, KeyError):  # a call that is older than the office in force
            log.exception("a flow cannot play the %s of %r", piece.part.value, piece.group)
            return ()

    async def _render(self, piece: Path | SpokenMessage | SpokenWords) -> Path:
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
        case LibrarySound():
            yield piece
        case Message():
            yield SpokenMessage(piece.message, language)
        case Words() if piece.text.fixed:
            parts = tuple(SpokenText(str(text)) for text in piece.text.pieces)
            yield SpokenWords(parts, piece.language or language)
