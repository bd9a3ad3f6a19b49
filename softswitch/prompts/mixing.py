"""From a description to samples: a pure function of the description and its sources.

Everything is computed in float32, full scale -1 to 1, and may go beyond on the way; at the end
the whole is made quieter where its highest peak would be above -1 dBFS, so nothing ever clips.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, Protocol

import attrs
import numpy as np
from numpy.typing import NDArray

from softswitch.prompts.description import (
    LENGTH_MAX_S,
    Clip,
    Ducked,
    Mix,
    Say,
    Sequence,
    Silence,
    Sound,
    Tone,
    check_size,
)
from softswitch.prompts.faults import PromptError, PromptFault
from softswitch.prompts.shaping import (
    Samples,
    crossfade,
    decibels,
    fade,
    limit_peak,
    ramp,
    to_int16,
    to_loudness,
    to_speech_level,
    trim,
)


class Sources(Protocol):
    """Where the sounds come from that are not made here."""

    def clip(self, file: Path, rate_hz: int, count: int | None) -> Samples:
        """Return a file as one channel, shape ``(samples,)``: all of it, or its first ``count``.

        Raises:
            PromptError: it cannot be used.
        """

    def spoken(self, text: str, language: str, rate_hz: int) -> Samples:
        """Return a spoken text, shape ``(samples,)``.

        Raises:
            PromptError: it cannot be spoken.
        """


def render(sound: Sound, rate_hz: int, sources: Sources) -> NDArray[np.int16]:
    """Return what a description describes, shape ``(samples,)``, its peak at most -1 dBFS.

    Args:
        sound: the description.
        rate_hz: sample rate wanted.
        sources: gives files and speech.

    Raises:
        PromptError: a source cannot be used, the whole is longer than `LENGTH_MAX_S`, or
            there is nothing to be heard in it, not even silence.
        MisuseError: a description too large to be meant.
    """
    check_size(sound)
    samples = _Mixer(rate_hz, sources).shaped(sound)
    if not len(samples):
        raise PromptError("The prompt holds no sound.", reason=PromptFault.EMPTY)
    return to_int16(limit_peak(samples))


@attrs.frozen
class _Mixer:
    """Renders one description. ``count``: that many samples will do; None: all of them."""

    rate_hz: int
    sources: Sources

    def shaped(self, sound: Sound, count: int | None = None) -> Samples:
        """Return a sound as its settings shape it."""
        samples = _KINDS[type(sound)](self, sound, self._needed(sound, count))
        if sound.trim:
            samples = trim(samples, self.rate_hz)
        samples = samples[self.count(sound.start_s) :]
        if sound.length_s is not None:
            samples = samples[: self.count(sound.length_s)]
        if sound.loop_s is not None:
            overlap = self.count(sound.loop_crossfade_s)
            samples = looped(samples, self.checked(self.count(sound.loop_s)), overlap)
        return self._levelled(self._faded(samples, sound), sound)[:count]

    def _needed(self, sound: Sound, count: int | None) -> int | None:
        """Tell how many samples must be there before shaping: what is not heard is not read."""
        if sound.trim or sound.loop_s is not None:
            return None
        levelled = sound.level_dbfs is not None or sound.loudness_lufs is not None
        lengths = [] if count is None or levelled or sound.fade_out_s else [count]
        if sound.length_s is not None:
            lengths.append(self.count(sound.length_s))
        return self.count(sound.start_s) + min(lengths) if lengths else None

    def _levelled(self, samples: Samples, sound: Sound) -> Samples:
        if sound.level_dbfs is not None:
            return to_speech_level(samples, self.rate_hz, sound.level_dbfs)
        if sound.loudness_lufs is not None:
            return to_loudness(samples, self.rate_hz, sound.loudness_lufs)
        return samples * decibels(sound.gain_db) if sound.gain_db else samples

    def _faded(self, samples: Samples, sound: Sound) -> Samples:
        if sound.fade_in_s or sound.fade_out_s:
            return fade(samples, self.rate_hz, in_s=sound.fade_in_s, out_s=sound.fade_out_s)
        return samples

    def count(self, seconds: float) -> int:
        """Return how many samples a time has."""
        return round(seconds * self.rate_hz)

    def checked(self, count: int) -> int:
        """Return a number of samples that is not beyond what a prompt may have.

        Raises:
            PromptError: it is.
        """
        if count > LENGTH_MAX_S * self.rate_hz:
            raise PromptError(
                f"The prompt is longer than {LENGTH_MAX_S / 60:g} minutes.",
                reason=PromptFault.TOO_LONG,
            )
        return count

    def clip(self, sound: Clip, count: int | None) -> Samples:
        samples = self.sources.clip(sound.file, self.rate_hz, count)
        self.checked(len(samples))
        return samples

    def say(self, sound: Say, _: int | None) -> Samples:
        return self.sources.spoken(sound.say, sound.language, self.rate_hz)

    def silence(self, sound: Silence, _: int | None) -> Samples:
        return np.zeros(self.count(sound.silence_s), np.float32)

    def tone(self, sound: Tone, _: int | None) -> Samples:
        if sound.tone_hz >= self.rate_hz / 2:
            return np.zeros(self.count(sound.lasts_s), np.float32)
        turns = np.arange(self.count(sound.lasts_s)) * (sound.tone_hz / self.rate_hz)
        peak = np.sqrt(2) * 10 ** (sound.tone_dbfs / 20)
        return np.asarray(peak * np.sin(2 * np.pi * turns), np.float32)

    def sequence(self, sound: Sequence, _: int | None) -> Samples:
        parts, total = [], 0
        for part in sound.sequence:
            parts.append(self.shaped(part))
            total = self.checked(total + len(parts[-1]))
        if sound.crossfade_s:
            return crossfade(parts, self.count(sound.crossfade_s))
        gap = np.zeros(self.count(sound.gap_s), np.float32)
        self.checked(total + len(gap) * (len(parts) - 1))
        return np.concatenate([piece for part in parts for piece in (gap, part)][1:])

    def mix(self, sound: Mix, count: int | None) -> Samples:
        whole = np.zeros(0, np.float32)
        for part in sound.mix:
            samples = self.shaped(part, count)
            longer, shorter = (whole, samples) if len(whole) >= len(samples) else (samples, whole)
            whole = longer.copy()
            whole[: len(shorter)] += shorter
        return whole

    def ducked(self, sound: Ducked, _: int | None) -> Samples:
        speech = self.shaped(sound.speech)
        before, after = self.count(sound.before_s), self.count(sound.after_s)
        total = self.checked(before + len(speech) + after)
        music = looped(self.shaped(sound.music, total), total, 0)
        whole = _ducked(music, before, before + len(speech), self._depths(sound))
        whole[before : before + len(speech)] += speech
        return whole

    def _depths(self, sound: Ducked) -> tuple[float, int, int]:
        attack = min(self.count(sound.attack_s), self.count(sound.before_s))
        release = min(self.count(sound.release_s), self.count(sound.after_s))
        return sound.duck_db, attack, release


def _ducked(music: Samples, start: int, end: int, depths: tuple[float, int, int]) -> Samples:
    """Return music that is quieter from ``start`` to ``end``, with ramps in dB outside of them."""
    duck_db, attack, release = depths
    result, nepers = np.empty_like(music), np.float32(-duck_db / 20 * np.log(10))
    down, up = start - attack, end + release
    result[:down], result[up:] = music[:down], music[up:]
    np.multiply(music[down:start], np.exp(nepers * ramp(attack)), out=result[down:start])
    np.multiply(music[start:end], decibels(-duck_db), out=result[start:end])
    np.multiply(music[end:up], np.exp(nepers * ramp(release)[::-1]), out=result[end:up])
    return result


def looped(samples: Samples, count: int, overlap: int) -> Samples:
    """Return a sound repeated until it has ``count`` samples; nothing repeated is silence.

    Args:
        samples: shape ``(samples,)``.
        count: length wanted; a longer sound is cut.
        overlap: how far each repetition overlaps the one before it; at most half of the sound.
    """
    if len(samples) >= count:
        return samples[:count]
    if not len(samples):
        return np.zeros(count, np.float32)
    overlap = min(overlap, len(samples) // 2)
    step = len(samples) - overlap
    more = -(-(count - len(samples)) // step)
    seam = crossfade([samples[step:], samples[:overlap]], overlap, most=1.0)
    again = np.tile(np.concatenate([seam, samples[overlap:step]]), more)
    return np.concatenate([samples[:step], again, samples[step:]])[:count]


_KINDS: Final[Mapping[type[Sound], Callable[[_Mixer, Any, int | None], Samples]]] = {
    Clip: _Mixer.clip,
    Say: _Mixer.say,
    Silence: _Mixer.silence,
    Tone: _Mixer.tone,
    Sequence: _Mixer.sequence,
    Mix: _Mixer.mix,
    Ducked: _Mixer.ducked,
}
