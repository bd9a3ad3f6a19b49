"""What every playback and recording shares: the wiring, the clock, the way back from threads."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import soundfile

from softswitch.errors import MisuseError
from softswitch.sip.graveyard import Graveyard
from softswitch.sip.native import guarded
from softswitch.sip.wiring import Wiring
from softswitch.telephony import PlaybackEnded

if TYPE_CHECKING:
    from softswitch.sip.digit_tones import DigitTones
    from softswitch.sip.inband import Phone
    from softswitch.sip.leg import SipLeg
    from softswitch.sip.media import FilePlayback, FileRecording, TonePlayback

    Sound: TypeAlias = FilePlayback | TonePlayback | FileRecording | DigitTones | Phone


class Studio:
    """Owns the sounds of all legs and ends them with their leg."""

    def __init__(self, *, clock_rate_hz: int, graveyard: Graveyard) -> None:
        self.wiring = Wiring()
        self.clock_rate_hz = clock_rate_hz
        self._graveyard = graveyard
        self._sounds: defaultdict[SipLeg, list[Sound]] = defaultdict(list)
        self._loop = asyncio.get_running_loop()

    def now(self) -> float:
        """Return the loop's time in seconds."""
        return self._loop.time()

    def call_later(self, delay_s: float, callback: Callable[[], None]) -> asyncio.TimerHandle:
        """Arm a timer."""
        return self._loop.call_later(delay_s, callback)

    def from_thread(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Wrap a callback so that a thread of PJSIP's may call it: it runs on the loop."""
        safe = guarded(callback)

        def call() -> None:
            if not self._loop.is_closed():
                self._loop.call_soon_threadsafe(safe)

        return call

    def keep(self, leg: SipLeg, sound: Sound) -> None:
        """Remember a sound until it is stopped or the leg is over."""
        self._sounds[leg].append(sound)

    def forget(self, leg: SipLeg, sound: Sound) -> None:
        """No longer end this sound with the leg."""
        sounds = self._sounds.get(leg, [])
        if sound in sounds:
            sounds.remove(sound)
        if not sounds:
            self._sounds.pop(leg, None)

    def finished(self, leg: SipLeg, playback: FilePlayback | TonePlayback) -> None:
        """Tell the leg that a playback came to its end by itself."""
        self.forget(leg, playback)
        leg.post(PlaybackEnded(playback_id=playback.id))

    def end_all(self, leg: SipLeg) -> None:
        """Stop everything of a leg that is over."""
        for sound in list(self._sounds.get(leg, ())):
            sound.stop()
        self.wiring.drop(leg)

    def bury(self, native: object) -> None:
        """Drop a player once no callback of it can be under way."""
        self._graveyard.bury_player(native, self.now())

    @staticmethod
    def file_rate_hz(path: Path) -> int:
        """Return the sample rate of a file; raises `MisuseError` on one that is not sound."""
        return _rate_hz(str(path))


@lru_cache(maxsize=1024)
def _rate_hz(path: str) -> int:
    """Look into a file, by its name alone: a `Path` here would keep its file in use."""
    try:
        with (
            Path(path).open("rb") as stream,
            soundfile.SoundFile(stream.fileno(), closefd=False) as sound,
        ):
            return sound.samplerate
    except (OSError, soundfile.LibsndfileError) as error:
        raise MisuseError(f"cannot play {path}: {error}") from None
