"""Finding a known tone in sound: how loud it is, and from when until when it is heard.

All of it is the Goertzel filter in its plain form: the sound is multiplied by a complex sine of
the frequency looked for and summed over a window. Samples are int16 or floating, of shape
``(samples,)`` or ``(calls, samples)``; levels are dBov of ITU-T G.100.1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from softswitch_codecs.levels import to_dbfs, to_float

WINDOW_S = 0.02
"""Two tones are told apart when they are at least 1 / WINDOW_S = 50 Hz apart."""

HOP_S = 0.001

SHARE_MIN = 0.15
"""Least part of the sound's power that a tone has: a mix of two has a half for each, and half
of that where the window only half covers it. Speech and music rarely hold so much at one
frequency for long."""

EDGE_DB = 6.0
"""A window half filled by the tone is 6 dB down: that is where the tone begins or ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToneSpan:
    """A stretch of time in which a tone is heard, in seconds from the first sample."""

    start_s: float
    end_s: float

    @property
    def length_s(self) -> float:
        """How long it is heard."""
        return self.end_s - self.start_s


def tone_level(samples: NDArray[Any], rate_hz: int, frequency_hz: float) -> NDArray[np.float64]:
    """Return the RMS level of one frequency over the whole of each row, in dBFS.

    A sine of that frequency gives its own level; other tones weigh less the farther they are,
    and nothing where they are a multiple of ``rate_hz / samples`` away.

    Args:
        samples: int16, or floating with a full scale of 1; shape ``(samples,)`` or
            ``(calls, samples)``.
        rate_hz: sample rate.
        frequency_hz: the frequency, above 0 and below half the sample rate.

    Returns:
        dBFS (dBov of ITU-T G.100.1), shape ``()`` for ``(samples,)`` and ``(calls,)`` for
        ``(calls, samples)``.
    """
    count = samples.shape[-1]
    if not count:
        return np.full(samples.shape[:-1], -np.inf)
    amplitude = 2 / count * np.abs(to_float(samples) @ _probe(count, rate_hz, frequency_hz))
    return to_dbfs(np.asarray(amplitude) ** 2 / 2)


def tone_spans(
    samples: NDArray[Any],
    rate_hz: int,
    frequency_hz: float,
    *,
    level_dbfs: float = -45.0,
    gap_s: float = 0.0,
) -> tuple[ToneSpan, ...]:
    """Return every stretch in which a tone is heard, in order.

    A tone is heard where, within 20 ms, it has at least ``level_dbfs``, is at most 6 dB below
    where it is loudest, and holds a good part of the sound's power. Edges are right to about
    2 ms where the tone begins and ends sharply.

    Args:
        samples: one call, int16 or floating with a full scale of 1, shape ``(samples,)``.
        rate_hz: sample rate.
        frequency_hz: the tone, at least 50 Hz.
        level_dbfs: the quietest that counts.
        gap_s: stretches no farther apart than this are joined.
    """
    hop = max(1, round(HOP_S * rate_hz))
    heard = np.flatnonzero(_heard(to_float(samples), rate_hz, frequency_hz, level_dbfs))
    if not len(heard):
        return ()
    breaks = np.flatnonzero(np.diff(heard) * hop > max(hop, gap_s * rate_hz)) + 1
    return tuple(
        ToneSpan(start_s=float(run[0] * hop / rate_hz), end_s=float(run[-1] * hop / rate_hz))
        for run in np.split(heard, breaks)
    )


def find_tone(
    samples: NDArray[Any],
    rate_hz: int,
    frequency_hz: float,
    *,
    level_dbfs: float = -45.0,
    length_min_s: float = 0.02,
) -> ToneSpan | None:
    """Return from when until when a tone is heard, pauses included; None where it never is.

    Args:
        samples: one call, int16 or floating with a full scale of 1, shape ``(samples,)``.
        rate_hz: sample rate.
        frequency_hz: the tone, at least 50 Hz.
        level_dbfs: the quietest that counts.
        length_min_s: shorter stretches, in seconds, do not count.
    """
    spans = tone_spans(samples, rate_hz, frequency_hz, level_dbfs=level_dbfs)
    long = [span for span in spans if span.length_s >= length_min_s]
    return ToneSpan(start_s=long[0].start_s, end_s=long[-1].end_s) if long else None


def _heard(
    samples: NDArray[np.float64], rate_hz: int, frequency_hz: float, level_dbfs: float
) -> NDArray[np.bool_]:
    """Say for a window around every hop whether the tone is heard in it."""
    window, hop = round(WINDOW_S * rate_hz), max(1, round(HOP_S * rate_hz))
    padded = np.pad(samples, window // 2)
    turned = padded * _probe(len(padded), rate_hz, frequency_hz)
    tone_power = 2 * np.abs(_sliding_mean(turned, window, hop)) ** 2
    power = _sliding_mean(padded**2, window, hop)
    least = max(10 ** (level_dbfs / 10), float(tone_power.max()) * 10 ** (-EDGE_DB / 10))
    return np.asarray((tone_power >= least) & (tone_power >= SHARE_MIN * power))


def _sliding_mean(values: NDArray[Any], window: int, hop: int) -> NDArray[Any]:
    sums = np.concatenate([np.zeros(1, values.dtype), np.cumsum(values)])
    return np.asarray((sums[window:] - sums[:-window])[::hop] / window)


def _probe(count: int, rate_hz: int, frequency_hz: float) -> NDArray[np.complex128]:
    return np.asarray(np.exp(-2j * np.pi * frequency_hz / rate_hz * np.arange(count)))
