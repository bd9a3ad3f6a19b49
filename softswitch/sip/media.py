"""Sound for legs: files, tones, recordings. It runs inside PJSIP; Python only connects."""

from __future__ import annotations

import itertools
from asyncio import TimerHandle
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from softswitch.errors import MisuseError
from softswitch.sip.native import misuse_on_error, pj

if TYPE_CHECKING:
    from softswitch.sip.leg import SipLeg
    from softswitch.sip.studio import Studio

_numbers = itertools.count(1)

MIN_GAIN_DB: Final = -60.0
MAX_GAIN_DB: Final = 12.0
_TONE_VOLUME: Final = 8192
"""Peak of one frequency of a tone: a quarter of full scale, -12 dBFS."""
_MAX_TONES_AT_ONCE: Final = 32


class _Player(pj.AudioMediaPlayer):
    """A file player that tells when the file is over, on a thread of PJSIP's own."""

    def __init__(self, on_end: Callable[[], None]) -> None:
        super().__init__()
        self._on_end = on_end

    def onEof2(self) -> None:  # noqa: N802 - PJSIP's name
        self._on_end()


def gain_factor(gain_db: float) -> float:
    """Return the factor of an amplitude for a gain in dB; raises `MisuseError` out of range."""
    if not MIN_GAIN_DB <= gain_db <= MAX_GAIN_DB:
        raise MisuseError(f"gain {gain_db} dB is not within {MIN_GAIN_DB} to {MAX_GAIN_DB} dB")
    return float(10.0 ** (gain_db / 20.0))


class FilePlayback:
    """Files played to a leg one after the other (`softswitch.telephony.Playback`)."""

    def __init__(
        self, studio: Studio, leg: SipLeg, files: Sequence[Path], *, loop: bool, gain_db: float
    ) -> None:
        if not files:
            raise MisuseError("nothing to play: the list of files is empty")
        self.id = f"playback-{next(_numbers)}"
        self._studio = studio
        self._leg = leg
        self._files = tuple(files)
        self._loop = loop
        self._gain = gain_factor(gain_db)
        self._index = 0
        self._player: _Player | None = None
        self._paused = False
        self._open()

    def port(self) -> pj.AudioMedia | None:
        """Return the port of the file that plays now."""
        return self._player

    def pause(self) -> None:
        """Fall silent; a player that nobody hears stands still."""
        self._paused = True
        self._studio.wiring.disconnect(self, self._leg)

    def resume(self) -> None:
        """Go on where it stopped."""
        if self._player is not None and self._paused:
            self._paused = False
            self._studio.wiring.connect(self, self._leg)

    def stop(self) -> None:
        """End for good."""
        self._close()
        self._studio.forget(self._leg, self)

    def seek(self, position_s: float) -> None:
        """Go to a place in the file that is playing now."""
        if self._player is None:
            raise MisuseError("the playback is over")
        with misuse_on_error(f"seek to {position_s} s"):
            self._player.setPos(max(0, round(position_s * self._rate_hz)))

    @property
    def position_s(self) -> float:
        """Place in the file that is playing now."""
        if self._player is None:
            return 0.0
        return float(self._player.getPos() / self._rate_hz)

    def level(self, gain_db: float) -> None:
        """Set loudness relative to the file as it is."""
        self._gain = gain_factor(gain_db)
        if self._player is not None:
            self._player.adjustTxLevel(self._gain)

    def _open(self) -> None:
        path = self._files[self._index]
        forever = self._loop and len(self._files) == 1
        player = _Player(self._studio.from_thread(self._ended_at(self._index)))
        with misuse_on_error(f"play {path}"):
            player.createPlayer(str(path), 0 if forever else pj.PJMEDIA_FILE_NO_LOOP)
        self._rate_hz = self._studio.file_rate_hz(path)
        if self._gain != 1.0:
            player.adjustTxLevel(self._gain)
        self._player = player
        if not self._paused:
            self._studio.wiring.connect(self, self._leg)

    def _close(self) -> None:
        if self._player is not None:
            self._studio.wiring.drop(self)
            self._studio.bury(self._player)
            self._player = None

    def _ended_at(self, index: int) -> Callable[[], None]:
        """Return what happens when the file of that index is over, once."""

        def ended() -> None:
            if self._player is not None and self._index == index:
                self._next()

        return ended if not (self._loop and len(self._files) == 1) else lambda: None

    def _next(self) -> None:
        self._close()
        self._index += 1
        if self._index == len(self._files) and self._loop:
            self._index = 0
        if self._index < len(self._files):
            self._open()
        else:
            self._studio.finished(self._leg, self)


class TonePlayback:
    """A tone played to a leg (`softswitch.telephony.Playback`)."""

    def __init__(
        self,
        studio: Studio,
        leg: SipLeg,
        frequencies_hz: Sequence[float],
        *,
        on_ms: int,
        off_ms: int,
        repeat: int | None,
    ) -> None:
        _check_tone(frequencies_hz, on_ms, off_ms, repeat)
        self.id = f"playback-{next(_numbers)}"
        self._studio = studio
        self._leg = leg
        self._generator: pj.ToneGenerator | None = pj.ToneGenerator()
        self._generator.createToneGenerator(studio.clock_rate_hz, 1)
        tone = pj.ToneDesc()
        tone.freq1 = round(frequencies_hz[0])
        tone.freq2 = round(frequencies_hz[1]) if len(frequencies_hz) == 2 else 0
        tone.on_msec, tone.off_msec, tone.volume = on_ms, off_ms, _TONE_VOLUME
        tones = pj.ToneDescVector()
        for _ in range(1 if repeat is None else repeat):
            tones.append(tone)
        self._generator.play(tones, repeat is None)
        self._left_s = None if repeat is None else (on_ms + off_ms) * repeat / 1000.0
        self._timer: TimerHandle | None = None
        self._resumed_at = 0.0
        self._played_s = 0.0
        self._paused = True
        self.resume()

    def port(self) -> pj.AudioMedia | None:
        """Return the port of the generator."""
        return self._generator

    def pause(self) -> None:
        """Fall silent; the place is kept."""
        if self._paused:
            return
        self._paused = True
        self._played_s += self._studio.now() - self._resumed_at
        if self._timer is not None:
            self._timer.cancel()
        self._studio.wiring.disconnect(self, self._leg)

    def resume(self) -> None:
        """Go on where it stopped."""
        if self._generator is None or not self._paused:
            return
        self._paused = False
        self._resumed_at = self._studio.now()
        self._studio.wiring.connect(self, self._leg)
        if self._left_s is not None:
            left = max(0.0, self._left_s - self._played_s)
            self._timer = self._studio.call_later(left, self._over)

    def stop(self) -> None:
        """End for good."""
        if self._timer is not None:
            self._timer.cancel()
        if self._generator is not None:
            self._studio.wiring.drop(self)
            self._studio.bury(self._generator)
            self._generator = None
        self._studio.forget(self._leg, self)

    def seek(self, position_s: float) -> None:
        """Refuse: a tone has no places."""
        raise MisuseError(f"a tone cannot be moved to {position_s} s")

    @property
    def position_s(self) -> float:
        """How long the tone has been heard."""
        running = 0.0 if self._paused else self._studio.now() - self._resumed_at
        return self._played_s + running

    def level(self, gain_db: float) -> None:
        """Set loudness relative to -12 dBFS."""
        if self._generator is not None:
            self._generator.adjustTxLevel(gain_factor(gain_db))

    def _over(self) -> None:
        self.stop()
        self._studio.finished(self._leg, self)


def _check_tone(
    frequencies_hz: Sequence[float], on_ms: int, off_ms: int, repeat: int | None
) -> None:
    if len(frequencies_hz) not in (1, 2) or not all(0 < f < 24_000 for f in frequencies_hz):
        raise MisuseError(f"a tone has one or two frequencies in Hz, not {frequencies_hz!r}")
    if not 0 < on_ms <= 32_000 or not 0 <= off_ms <= 32_000:
        raise MisuseError(f"a tone lasts 1 to 32000 ms, not {on_ms} on and {off_ms} off")
    if repeat is not None and not 1 <= repeat <= _MAX_TONES_AT_ONCE:
        raise MisuseError(f"a tone is repeated 1 to {_MAX_TONES_AT_ONCE} times or for ever")


class FileRecording:
    """A WAV file that one or two legs are written to (`softswitch.telephony.Recording`)."""

    def __init__(self, studio: Studio, legs: Sequence[SipLeg], path: Path) -> None:
        self.path = path
        self._studio = studio
        self._legs = tuple(legs)
        self._recorder: pj.AudioMediaRecorder | None = pj.AudioMediaRecorder()
        with misuse_on_error(f"record to {path}"):
            self._recorder.createRecorder(str(path))
        for leg in self._legs:
            studio.wiring.connect(leg, self)

    def port(self) -> pj.AudioMedia | None:
        """Return the port of the recorder."""
        return self._recorder

    def catch_up(self) -> None:
        """Leave it to PJSIP, which writes every quarter of a second."""

    def stop(self) -> None:
        """Finish the file: PJSIP writes its header within a frame or two."""
        if self._recorder is not None:
            self._studio.wiring.drop(self)
            self._recorder = None
            for leg in self._legs:
                self._studio.forget(leg, self)
