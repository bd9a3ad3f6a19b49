"""With whose voice an office speaks: recordings of its own, else a synthesiser."""

from __future__ import annotations

import logging
from functools import lru_cache
from pathlib import Path
from typing import Final

import attrs

from softswitch.errors import MisuseError
from softswitch.prompts import Ducked, Mix, PromptError, Say, Sequence, Sound, SoundStore
from softswitch.prompts import messages as languages
from softswitch.prompts.clips import Clips
from softswitch.prompts.piper import PiperSpeech
from softswitch.switch.speech_tables import SpeechTable

log = logging.getLogger(__name__)

_NO_RECORDING: Final = (PromptError, MisuseError)
"""A recording that cannot be played, or more pieces than a prompt can be made of."""

_SHAPE: Final = tuple(attrs.fields_dict(Sound))
"""The settings that every kind of sound has."""


class Speaker:
    """Makes words into files that can be played. Blocks; safe for threads."""

    def __init__(
        self, store: SoundStore, table: SpeechTable, *, before: Speaker | None = None
    ) -> None:
        """Read which recordings there are; no voice is started yet.

        Args:
            store: where sounds come from; speaks what has no voice of its own.
            table: recordings and voices.
            before: that of the office which this one replaces; voices that stay go on.

        Raises:
            ConfigurationError: a recording whose name cannot be meant.
            EnvironmentFaultError: a voice is not there, or Piper is not installed.
        """
        self._table = table
        self._as_recorded = lru_cache(maxsize=1_000)(Clips(table.clips).sound)
        self._piper = _piper(store, table, before)
        self._store = store if self._piper is None else store.speaking_with(self._piper)

    def say(self, text: str, language: str, *, pinned: bool = False) -> Path:
        """Return a text as callers hear it: recorded as far as it is, and the rest spoken.

        A recording that cannot be played keeps nobody from hearing the words: all of them are
        spoken, and the log says why.

        Raises:
            PromptError: no such language, or a text that cannot be spoken.
        """
        sound = self._as_recorded(text, language)
        if not isinstance(sound, Say):
            try:
                return self._store.prompt(sound, pinned=pinned)
            except _NO_RECORDING as error:
                log.warning("words are spoken, not played from recordings: %s", error)
        return self._store.say(text, language, pinned=pinned)

    def prompt(self, sound: Sound) -> Path:
        """Return a prompt, in which words are recorded as far as they are.

        Raises:
            PromptError: a file or text in it cannot be used, or the whole is too long.
            MisuseError: a description too large to be meant.
        """
        recorded = self._recorded(sound)
        if recorded != sound:
            try:
                return self._store.prompt(recorded)
            except _NO_RECORDING as error:
                log.warning("words are spoken, not played from recordings: %s", error)
        return self._store.prompt(sound)

    def _recorded(self, sound: Sound) -> Sound:
        """Return a description with recordings in place of the words that there are any of."""
        match sound:
            case Say():
                found = self._as_recorded(sound.say, sound.language)
                shape = {name: getattr(sound, name) for name in _SHAPE}
                return sound if isinstance(found, Say) else Sequence((found,), **shape)
            case Sequence():
                return attrs.evolve(sound, sequence=tuple(map(self._recorded, sound.sequence)))
            case Mix():
                return attrs.evolve(sound, mix=tuple(map(self._recorded, sound.mix)))
            case Ducked():
                speech, music = self._recorded(sound.speech), self._recorded(sound.music)
                return attrs.evolve(sound, speech=speech, music=music)
            case _:
                return sound

    def position(self, number: int, language: str) -> Path:
        """Return the sentence that tells a place in the queue, for good.

        Raises:
            PromptError: no such language or place.
        """
        return self.say(languages.language(language).position(number), language, pinned=True)

    def close(self) -> None:
        """End the voices' processes."""
        if self._piper is not None:
            self._piper.close()


def _piper(store: SoundStore, table: SpeechTable, before: Speaker | None) -> PiperSpeech | None:
    """Return the voices of an office: those at work where they stay the same."""
    if not table.piper:
        return None
    if before is not None and before._table.piper == table.piper:  # noqa: SLF001 - our own kind
        return before._piper  # noqa: SLF001 - the same
    voices = {languages.language(code).voice.name: file for code, file in table.piper.items()}
    return PiperSpeech(voices, otherwise=store.speech)
