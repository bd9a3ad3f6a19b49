"""Where the switch gets every sound from: words, beeps, music and the office's own files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import copy
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from softswitch.errors import MisuseError
from softswitch.prompts import files, messages, music
from softswitch.prompts.cache import SoundCache
from softswitch.prompts.description import Say, Sound
from softswitch.prompts.digests import Digests, signature
from softswitch.prompts.faults import PromptError, PromptFault
from softswitch.prompts.guidance import Guidance
from softswitch.prompts.limits import FileLimits
from softswitch.prompts.messages import Language, SystemMessage
from softswitch.prompts.prompting import Making, Prompts
from softswitch.prompts.shaping import (
    Samples,
    amplify,
    fade,
    resample,
    to_full_scale,
    to_int16,
    to_level,
    to_speech_level,
    trim,
)
from softswitch.prompts.speech import EspeakSpeech, Speech, clean_text
from softswitch_codecs.tones import tone

RENDERING = 1
"""Raised whenever the same description would sound different: old files are then left alone."""

SPEECH_DBFS = -20.0
"""Level of speech while it is spoken."""

MUSIC_DBFS = -26.0
"""Level of music while waiting: well under the announcements that interrupt it."""

BEEP_DBFS = -20.0
BEEP_HZ = 1_000.0
BEEP_S = 0.4

GAIN_MAX_DB = 40.0
CACHE_BYTES = 512_000_000
RATES_HZ = (8_000, 16_000, 32_000, 48_000)


class SoundStore:
    """Makes sounds as WAV files (mono, 16 bits, one rate) and remembers them.

    Every method returns the path of a finished file and takes milliseconds where it has been
    made before. Where it has not, the method blocks until it is, up to a few seconds for
    music: call it from a thread, of which there may be several.

    When the cache is full, files are removed, the least recently asked for first. A file stays
    while the path that was returned is held: hold it until the file has been played, and ask
    again the next time. What is pinned, and messages, beeps and music, stay for the life of the
    store.
    """

    def __init__(
        self,
        cache_dir: Path,
        rate_hz: int,
        *,
        speech: Speech | None = None,
        max_bytes: int = CACHE_BYTES,
        limits: FileLimits = files.DEFAULT_LIMITS,
    ) -> None:
        """Set up; nothing is read, written or rendered yet.

        Args:
            cache_dir: a folder for the files, made when needed.
            rate_hz: sample rate of all files: 8,000, 16,000, 32,000 or 48,000.
            speech: speaks; espeak-ng when None.
            max_bytes: size of the folder beyond which files are removed.
            limits: how much of a sound file from outside is taken.

        Raises:
            MisuseError: another rate.
        """
        if rate_hz not in RATES_HZ:
            raise MisuseError(f"Sounds can have {RATES_HZ} samples a second, not {rate_hz}.")
        self._rate_hz = rate_hz
        self._speech = speech if speech is not None else EspeakSpeech()
        self._limits = limits
        self._digests = Digests(limits)
        self._cache = SoundCache(cache_dir, rate_hz, max_bytes=max_bytes)
        self._speak_with(self._speech)

    @property
    def rate_hz(self) -> int:
        """Sample rate of all files."""
        return self._rate_hz

    @property
    def speech(self) -> Speech:
        """What speaks."""
        return self._speech

    def speaking_with(self, speech: Speech) -> SoundStore:
        """Return a store on the same files whose words are spoken by another voice."""
        other = copy(self)
        other._speak_with(speech)  # noqa: SLF001 - one of our own kind
        return other

    def _speak_with(self, speech: Speech) -> None:
        self._speech = speech
        self._prompts = self._new_prompts()

    def system(self, message: SystemMessage | Guidance, language: str) -> Path:
        """Return a message of the system.

        Raises:
            PromptError: no such language, or the text cannot be spoken.
        """
        chosen = messages.language(language)
        return self._spoken(chosen.messages[message], chosen, pinned=True)

    def position(self, number: int, language: str, *, pinned: bool = False) -> Path:
        """Return the sentence that tells a caller the place in the queue, 1 being next.

        Args:
            number: the place.
            language: which language.
            pinned: keep the file for the life of this store.

        Raises:
            PromptError: no such language or place.
        """
        chosen = messages.language(language)
        return self._spoken(chosen.position(number), chosen, pinned=pinned)

    def say(self, text: str, language: str, *, pinned: bool = False) -> Path:
        """Return any text, spoken.

        Args:
            text: what is said.
            language: which language.
            pinned: keep the file for the life of this store.

        Raises:
            PromptError: no such language, or a text that is empty, too long or unspeakable.
        """
        return self._spoken(text, messages.language(language), pinned=pinned)

    def prompt(self, sound: Sound, *, pinned: bool = False) -> Path:
        """Return a prompt, made of what its description says.

        Args:
            sound: the description; see `softswitch.prompts.description`.
            pinned: keep the file for the life of this store.

        Raises:
            PromptError: a file or text in it cannot be used, or the whole is too long.
            MisuseError: a description too large to be meant.
        """
        return self._prompts.get(sound, pinned=pinned)

    def beep(self) -> Path:
        """Return the tone after which a caller speaks: 1,000 Hz for 0.4 s."""
        description = {"tone_hz": BEEP_HZ, "length_s": BEEP_S, "dbfs": BEEP_DBFS}

        def render() -> NDArray[np.int16]:
            return tone([BEEP_HZ], BEEP_S, self._rate_hz, level_dbfs=BEEP_DBFS, ramp_s=0.01)

        return self._get("beep", description, render, pinned=True)

    def prepare_file(
        self,
        path: Path,
        gain_db: float = 0.0,
        *,
        level_dbfs: float | None = None,
        pinned: bool = True,
    ) -> Path:
        """Return a sound file from outside as the switch can play it.

        Args:
            path: anything libsndfile reads (WAV, AIFF, FLAC, Ogg, MP3, ...), mono or stereo; with
                ``softswitch[av]`` what FFmpeg reads too (WMA, M4A, AMR, ...).
            gain_db: how much louder to make it, -40 to 40. No sound gets louder than its
                highest peak lets it be.
            level_dbfs: bring it to this RMS level first, such as `MUSIC_DBFS`; None keeps its
                own.
            pinned: keep the file for the life of this store.

        Raises:
            PromptError: broken, empty, too long, or with too many channels; see the reason.
        """
        if not -GAIN_MAX_DB <= gain_db <= GAIN_MAX_DB:
            raise PromptError(
                f"A gain of {gain_db} dB is not possible; it goes from -40 to 40.",
                reason=PromptFault.BAD_GAIN,
            )

        def shaped(samples: Samples) -> Samples:
            levelled = samples if level_dbfs is None else to_level(samples, level_dbfs)
            return amplify(levelled, gain_db)

        settings = {"gain_db": gain_db, "level_dbfs": level_dbfs}
        return self._from_file("file", path, settings, shaped, pinned=pinned)

    def _new_prompts(self) -> Prompts:
        making = Making(
            prepare=self._clip,
            speak=self.say,
            voice=self._voice,
            limits=self._limits,
            digests=self._digests,
        )
        return Prompts(self._cache, self._rate_hz, making)

    def _clip(self, path: Path) -> Path:
        """Return a file as it is, for the mixer, which sees to the levels."""
        return self._from_file("clip", path, {}, to_full_scale, pinned=False)

    def _from_file(
        self,
        kind: str,
        path: Path,
        settings: Mapping[str, object],
        shaped: Callable[[Samples], Samples],
        *,
        pinned: bool,
    ) -> Path:
        with files.open_sound(path, self._limits) as file:
            content, seen, _ = self._digests.of_open(path, file)

            def render() -> NDArray[np.int16]:
                samples = files.decode(file, str(path), self._rate_hz, self._limits)
                if signature(path) != seen:
                    raise files.being_written(path)
                return to_int16(shaped(samples))

            return self._get(kind, {"content": content, **settings}, render, pinned=pinned)

    def default_music(self) -> tuple[Path, ...]:
        """Return the pieces of music that come with the project, in a fixed order."""
        return tuple(self._piece(score) for score in music.scores())

    def _piece(self, score: music.Score) -> Path:
        description = {"score": score.content, "dbfs": MUSIC_DBFS}

        def render() -> NDArray[np.int16]:
            return to_int16(to_level(music.perform(score, self._rate_hz), MUSIC_DBFS))

        return self._get("music", description, render, pinned=True)

    def _voice(self, words: Say) -> object:
        voice = messages.language(words.language).voice
        return [self._speech.id, voice.name, voice.words_per_minute, voice.pitch, SPEECH_DBFS]

    def _spoken(self, text: str, spoken_in: Language, *, pinned: bool = False) -> Path:
        clean, voice = clean_text(text), spoken_in.voice
        description = {
            "text": clean,
            "speech": self._speech.id,
            "voice": [voice.name, voice.words_per_minute, voice.pitch],
            "dbfs": SPEECH_DBFS,
        }

        def render() -> NDArray[np.int16]:
            return to_int16(self._shaped_speech(*self._speech.speak(clean, voice)))

        return self._get("speech", description, render, pinned=pinned)

    def _shaped_speech(self, samples: Samples, rate_hz: int) -> Samples:
        spoken = trim(resample(samples, rate_hz, self._rate_hz), self._rate_hz)
        if not len(spoken):
            raise PromptError("The text has no sound.", reason=PromptFault.NOTHING_TO_SAY)
        faded = fade(spoken, self._rate_hz, in_s=0.005, out_s=0.02)
        return to_speech_level(faded, self._rate_hz, SPEECH_DBFS)

    def _get(
        self,
        kind: str,
        description: Mapping[str, object],
        render: Callable[[], NDArray[np.int16]],
        *,
        pinned: bool,
    ) -> Path:
        whole = {"kind": kind, "rendering": RENDERING, **description}
        return self._cache.get(whole, render, pinned=pinned)
