"""The office's sounds, made ready before the first call.

Rendering speech takes time, so everything that an office is known to say is rendered before it
opens; whatever depends on a call is rendered in a thread when asked for.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path

from softswitch.acd.estimate import Expectation
from softswitch.errors import MisuseError
from softswitch.prompts import MUSIC_DBFS, Sound, SoundStore, SystemMessage
from softswitch.prompts import messages as languages
from softswitch.switch.config import GroupConfig, OfficeConfig
from softswitch.switch.sharing import InFlight
from softswitch.switch.speaking import Speaker
from softswitch.switch.speech_tables import SpeechTable

RING_TONE_HZ = (425.0,)
RING_TONE_ON_MS = 1000
RING_TONE_OFF_MS = 4000
"""Ringing tone of most of Europe (ITU-T E.180 supplement 2)."""

PLACES_AT_START = 25
"""Places in a queue that are spoken before the first call; those beyond are spoken on demand."""


class OfficeSounds:
    """Sounds of one office, each as a file that can be played at once.

    A file stays as long as the path that was returned is held; see `SoundStore`.
    """

    def __init__(
        self, store: SoundStore, config: OfficeConfig, *, before: OfficeSounds | None = None
    ) -> None:
        """Set up; nothing is rendered before `prepare`.

        Args:
            store: where sounds come from.
            config: the office.
            before: those of the office that this one replaces: calls may still need them.
        """
        self._store = store
        self._config = config
        self._speaker = Speaker(store, SpeechTable())
        self._before = self._speaker
        self._messages: dict[tuple[SystemMessage, str], Path] = {}
        if before is not None:
            self._before = before._speaker  # noqa: SLF001 - one of our own kind
            self._messages |= before._messages  # noqa: SLF001 - the same
        self._positions: dict[tuple[int, str], Path] = {}
        self._speaking = InFlight[Path]()
        self._music: dict[str, tuple[Path, ...]] = {}
        self._greetings: dict[str, Path] = {}
        self._default_music: tuple[Path, ...] = ()
        self._beep = Path()

    async def prepare(self) -> None:
        """Render everything that the office is known to need.

        Raises:
            PromptError: a sound file of the office cannot be used.
            ConfigurationError: a recording of the office has a name that cannot be meant.
            EnvironmentFaultError: the folder for sounds cannot be written, or a voice is missing.
        """
        await asyncio.to_thread(self._prepare)

    def close(self) -> None:
        """End what speaks."""
        self._speaker.close()

    def message(self, message: SystemMessage, language: str) -> Path:
        """Return a system message in a language of the office.

        Raises:
            MisuseError: neither the office nor a group speaks this language.
        """
        found = self._messages.get((message, language))
        if found is None:
            spoken = ", ".join(self._languages())
            raise MisuseError(f"this office speaks {spoken}, not {language!r}")
        return found

    def music(self, group_id: str) -> tuple[Path, ...] | None:
        """Return the music that the office's settings give to a group, or None."""
        return self._music.get(group_id)

    @property
    def default_music(self) -> tuple[Path, ...]:
        """The music that comes with the project."""
        return self._default_music

    def greeting(self, group_id: str) -> Path | None:
        """Return the greeting that the office's settings give to a group, or None."""
        return self._greetings.get(group_id)

    @property
    def rate_hz(self) -> int:
        """Sample rate of every sound."""
        return self._store.rate_hz

    @property
    def beep(self) -> Path:
        """The tone after which a caller speaks."""
        return self._beep

    async def position(self, number: int, language: str) -> Path:
        """Return the message that tells a place in the queue."""
        ready = self._positions.get((number, language))
        if ready is None:
            ready = await self._speaking.get(
                (number, language), lambda: self._speaker.position(number, language)
            )
            self._positions[number, language] = ready
        return ready

    async def expected_wait(self, expected: Expectation, language: str) -> Path:
        """Return the message that tells how long a caller still has to wait, as a range."""
        text = languages.language(language).expected_wait(expected.low_s, expected.high_s)
        return await self.spoken(text, language)

    async def spoken(self, text: str, language: str) -> Path:
        """Return any text, from recordings of the office or spoken."""
        return await self._speaking.get((text, language), lambda: self._speaker.say(text, language))

    async def files(self, given: Iterable[Path | str | Sound]) -> list[Path]:
        """Return sound files, and prompts by their descriptions, as the bridge plays them.

        Raises:
            PromptError: a file or text cannot be used.
            MisuseError: a description too large to be meant.
        """
        return [await self._file(one) for one in given]

    async def _file(self, given: Path | str | Sound) -> Path:
        if isinstance(given, Sound):
            return await self._speaking.get(given, lambda: self._speaker.prompt(given))
        path = Path(given)
        return await self._speaking.get(path, lambda: self._store.prepare_file(path, pinned=False))

    def _prepare(self) -> None:
        self._speaker = Speaker(self._store, self._config.speech, before=self._before)
        self._beep = self._store.beep()
        self._default_music = self._store.default_music()
        for language in self._languages():
            for message in SystemMessage:
                text = languages.language(language).messages[message]
                self._messages[message, language] = self._speaker.say(text, language, pinned=True)
        for group in self._config.groups:
            self._prepare_group(group)

    def _languages(self) -> tuple[str, ...]:
        spoken = (self._config.language, *(group.language for group in self._config.groups))
        return tuple(dict.fromkeys(spoken))

    def _prepare_group(self, group: GroupConfig) -> None:
        if group.music:
            self._music[group.id] = tuple(
                self._store.prepare_file(path, level_dbfs=MUSIC_DBFS) for path in group.music
            )
        if group.greeting is not None:
            self._greetings[group.id] = self._store.prepare_file(group.greeting)
        if group.engine.queue:
            for place in range(1, min(group.engine.queue_cap, PLACES_AT_START) + 1):
                spoken = self._speaker.position(place, group.language)
                self._positions[place, group.language] = spoken
