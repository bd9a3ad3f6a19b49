"""Keys sent as tones in the sound, for phones that do not take RFC 4733."""

from __future__ import annotations

from asyncio import TimerHandle
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from softswitch.sip.native import pj

if TYPE_CHECKING:
    from softswitch.sip.leg import SipLeg
    from softswitch.sip.studio import Studio

ON_MS: Final = 100
OFF_MS: Final = 100
"""ITU-T Q.24 wants 40 ms of each heard by every administration; some want more."""

_VOLUME: Final = 16_384
"""Peak of both tones together: half of full scale. Each has -12 to -10 dBFS, -9 to -7 dBm0; PJSIP
makes high ones a little louder, as telephones do."""

_AT_ONCE: Final = 16
"""PJSIP's generator holds 32; those of the batch before may not all be forgotten yet."""


class DigitTones:
    """Keys played to a leg one after the other (ITU-T Q.23); more can follow.

    Args:
        studio: wiring and clock.
        leg: who hears them.
        on_end: called once, after the last key or when it is stopped.
    """

    def __init__(self, studio: Studio, leg: SipLeg, on_end: Callable[[], None]) -> None:
        self._studio = studio
        self._leg = leg
        self._on_end = on_end
        self._waiting = ""
        self._timer: TimerHandle | None = None
        self._until = studio.now()
        self._generator: pj.ToneGenerator | None = pj.ToneGenerator()
        self._generator.createToneGenerator(studio.clock_rate_hz, 1)
        studio.wiring.connect(self, leg)
        studio.keep(leg, self)

    def port(self) -> pj.AudioMedia | None:
        """Return the port of the generator."""
        return self._generator

    @property
    def left_s(self) -> float:
        """How long what was asked for will still last."""
        length_s = len(self._waiting) * (ON_MS + OFF_MS) / 1000
        return max(0.0, self._until - self._studio.now()) + length_s

    def add(self, digits: str) -> None:
        """Play these after those that are being played."""
        self._waiting += digits
        if self._timer is None:
            self._next()

    def stop(self) -> None:
        """Fall silent for good."""
        if self._generator is None:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._studio.wiring.drop(self)
        self._studio.bury(self._generator)
        self._generator = None
        self._studio.forget(self._leg, self)
        self._on_end()

    def _next(self) -> None:
        batch, self._waiting = self._waiting[:_AT_ONCE], self._waiting[_AT_ONCE:]
        if not batch or self._generator is None:
            self.stop()
            return
        self._generator.playDigits(_tones(batch))
        length_s = len(batch) * (ON_MS + OFF_MS) / 1000
        self._until = self._studio.now() + length_s
        self._timer = self._studio.call_later(length_s, self._next)


def _tones(digits: str) -> pj.ToneDigitVector:
    tones = pj.ToneDigitVector()
    for digit in digits:
        tone = pj.ToneDigit()
        tone.digit, tone.volume = digit, _VOLUME
        tone.on_msec, tone.off_msec = ON_MS, OFF_MS
        tones.append(tone)
    return tones
