"""Instruments made of sines: soft, without noise, at home between 200 and 3,400 Hz.

Telephones lose the lowest notes and everything bright, and G.711 makes loud peaks rough; hence
few partials, all of them quieter than the fundamental, and slow attacks.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import attrs
import numpy as np

from softswitch.prompts.shaping import Samples, fade

BAND_MAX_HZ = 3_400.0
"""Highest partial that is sounded: the upper edge of the telephone band (ITU-T G.712)."""


@attrs.frozen(kw_only=True)
class Instrument:
    """How one note sounds.

    Attributes:
        partials: for each sine its frequency against the note's, its strength, and the seconds
            in which it falls by 60 dB (infinite where it is held).
        attack_s: time to full strength.
        release_s: time that it sounds on after its length, fading.
        tremolo: depth 0-1 of a slow wave in loudness.
    """

    partials: tuple[tuple[float, float, float], ...]
    attack_s: float
    release_s: float
    tremolo: float = 0.0

    def note(self, pitch: int, length_s: float, rate_hz: int) -> Samples:
        """Return one note, shape ``(samples,)``; about 1 at its loudest.

        Args:
            pitch: MIDI note number: 69 is the A of 440 Hz, 12 make an octave.
            length_s: how long it is held; the release comes on top.
            rate_hz: sample rate.
        """
        frequency_hz = 440.0 * 2 ** ((pitch - 69) / 12)
        time_s = np.arange(round((length_s + self.release_s) * rate_hz)) / rate_hz
        sound = np.zeros(len(time_s))
        for ratio, strength, decay_s in self.partials:
            if frequency_hz * ratio < min(BAND_MAX_HZ, 0.45 * rate_hz):
                wave = np.sin(2 * np.pi * frequency_hz * ratio * time_s)
                sound += strength * wave * 10 ** (-3 * time_s / decay_s)
        sound *= 1 + self.tremolo * np.sin(2 * np.pi * TREMOLO_HZ * time_s)
        loudest = sum(strength for _, strength, _ in self.partials)
        return fade(
            (sound / loudest).astype(np.float32),
            rate_hz,
            in_s=self.attack_s,
            out_s=self.release_s,
        )


TREMOLO_HZ = 4.5
_HELD = np.inf

INSTRUMENTS: Mapping[str, Instrument] = MappingProxyType(
    {
        "piano": Instrument(
            partials=((1, 1.0, 3.5), (2, 0.32, 2.2), (3, 0.10, 1.4), (4, 0.05, 0.8)),
            attack_s=0.018,
            release_s=0.35,
        ),
        "harp": Instrument(
            partials=((1, 1.0, 2.0), (2, 0.40, 1.3), (3, 0.16, 0.9), (4, 0.07, 0.6)),
            attack_s=0.010,
            release_s=0.45,
        ),
        "bell": Instrument(
            partials=((1, 1.0, 4.5), (4, 0.10, 1.0), (2, 0.12, 2.5)),
            attack_s=0.015,
            release_s=0.60,
            tremolo=0.15,
        ),
        "pad": Instrument(
            partials=(
                (0.9985, 0.5, _HELD),
                (1.0015, 0.5, _HELD),
                (2.0, 0.22, _HELD),
                (3.0, 0.08, _HELD),
            ),
            attack_s=0.60,
            release_s=0.90,
        ),
    }
)
