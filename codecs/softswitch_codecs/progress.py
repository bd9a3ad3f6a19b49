"""Call-progress tones by country: what a caller hears while no one speaks.

Levels and the general form are those of ITU-T E.180. National tones are those that members report
to the ITU ("Various tones used in national networks", E.180 Supplement 2; for the United Kingdom BT
SIN 350), as Asterisk's indications.conf.sample gives them. Spandsp's global-tones.xml is a second
transcription of the same supplement and has other rhythms for three of them: Denmark busy and
congestion 0.25 s on and off, Norway congestion 0.25 s on and off. The supplement itself was not at
hand, so these three are not verified.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from softswitch_codecs.tones import LEVEL_DBFS, silence, tone


class Country(enum.Enum):
    """Countries by their ISO 3166 code."""

    DENMARK = "DK"
    NORWAY = "NO"
    SWEDEN = "SE"
    UNITED_KINGDOM = "GB"
    UNITED_STATES = "US"


class ProgressTone(enum.Enum):
    """The four tones that every network has."""

    DIAL = "dial"
    RING = "ring"
    BUSY = "busy"
    CONGESTION = "congestion"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cadence:
    """A tone and its rhythm.

    Attributes:
        frequencies_hz: the sines that sound together.
        steps_s: pairs of sound and silence, in seconds, repeated for ever; none: continuous.
    """

    frequencies_hz: tuple[float, ...]
    steps_s: tuple[tuple[float, float], ...] = ()

    @property
    def period_s(self) -> float:
        """Time after which the rhythm begins again; 0 where it is continuous."""
        return sum(on + off for on, off in self.steps_s)

    def render(
        self, duration_s: float, rate_hz: int, *, level_dbfs: float = LEVEL_DBFS
    ) -> NDArray[np.int16]:
        """Return the first ``duration_s`` seconds of it, int16 of shape ``(samples,)``.

        Args:
            duration_s: length in seconds.
            rate_hz: sample rate.
            level_dbfs: RMS level of the tone; E.180 wants -10 dBm0 ± 5 dB, which is about -16.
        """
        if not self.steps_s:
            return tone(self.frequencies_hz, duration_s, rate_hz, level_dbfs=level_dbfs)
        parts = []
        for on_s, off_s in self.steps_s:
            parts.append(tone(self.frequencies_hz, on_s, rate_hz, level_dbfs=level_dbfs))
            parts.append(silence(off_s, rate_hz))
        return np.resize(np.concatenate(parts), round(duration_s * rate_hz))


def _nordic(
    *, ring_off_s: float, busy_s: float, congestion_s: tuple[float, float]
) -> Mapping[ProgressTone, Cadence]:
    def cadence(*steps_s: tuple[float, float]) -> Cadence:
        return Cadence(frequencies_hz=(425,), steps_s=steps_s)

    return {
        ProgressTone.DIAL: cadence(),
        ProgressTone.RING: cadence((1.0, ring_off_s)),
        ProgressTone.BUSY: cadence((busy_s, busy_s)),
        ProgressTone.CONGESTION: cadence(congestion_s),
    }


PROGRESS: Mapping[Country, Mapping[ProgressTone, Cadence]] = MappingProxyType(
    {
        Country.DENMARK: _nordic(ring_off_s=4.0, busy_s=0.5, congestion_s=(0.2, 0.2)),
        Country.NORWAY: _nordic(ring_off_s=4.0, busy_s=0.5, congestion_s=(0.2, 0.2)),
        Country.SWEDEN: _nordic(ring_off_s=5.0, busy_s=0.25, congestion_s=(0.25, 0.75)),
        Country.UNITED_KINGDOM: {
            ProgressTone.DIAL: Cadence(frequencies_hz=(350, 440)),
            ProgressTone.RING: Cadence(frequencies_hz=(400, 450), steps_s=((0.4, 0.2), (0.4, 2.0))),
            ProgressTone.BUSY: Cadence(frequencies_hz=(400,), steps_s=((0.375, 0.375),)),
            ProgressTone.CONGESTION: Cadence(
                frequencies_hz=(400,), steps_s=((0.4, 0.35), (0.225, 0.525))
            ),
        },
        Country.UNITED_STATES: {
            ProgressTone.DIAL: Cadence(frequencies_hz=(350, 440)),
            ProgressTone.RING: Cadence(frequencies_hz=(440, 480), steps_s=((2.0, 4.0),)),
            ProgressTone.BUSY: Cadence(frequencies_hz=(480, 620), steps_s=((0.5, 0.5),)),
            ProgressTone.CONGESTION: Cadence(frequencies_hz=(480, 620), steps_s=((0.25, 0.25),)),
        },
    }
)
"""Every tone of every country."""
