"""The mixer once more, in plain loops over Python's own floats: slow, and plain to see."""

import math
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

import attrs

from softswitch.prompts.description import (
    Clip,
    Ducked,
    Mix,
    Say,
    Sequence,
    Silence,
    Sound,
    Tone,
)

Wave = list[float]
LOUDEST = 10 ** (-1 / 20)


def slow_render(sound: Sound, rate_hz: int, clips: Mapping[Path, Wave]) -> list[int]:
    """What `softswitch.prompts.mixing.render` should give; clips have full scale 1."""
    wave = SlowMixer(rate_hz, clips).shaped(sound)
    highest = max((abs(x) for x in wave), default=0.0)
    gain = min(1.0, LOUDEST / highest) if highest else 1.0
    return [round(x * gain * 32768) for x in wave]


@attrs.frozen
class SlowMixer:
    rate_hz: int
    clips: Mapping[Path, Wave]

    def count(self, seconds: float) -> int:
        return round(seconds * self.rate_hz)

    def shaped(self, sound: Sound) -> Wave:
        wave = self.made(sound)
        if sound.trim:
            wave = self.trimmed(wave)
        wave = wave[self.count(sound.start_s) :]
        if sound.length_s is not None:
            wave = wave[: self.count(sound.length_s)]
        if sound.loop_s is not None:
            wave = self.looped(wave, self.count(sound.loop_s), self.count(sound.loop_crossfade_s))
        wave = self.faded(wave, self.count(sound.fade_in_s), self.count(sound.fade_out_s))
        if sound.level_dbfs is not None:
            wave = self.at_level(wave, sound.level_dbfs)
        return [x * 10 ** (sound.gain_db / 20) for x in wave]

    def made(self, sound: Sound) -> Wave:  # noqa: PLR0911 - one for each kind
        match sound:
            case Clip():
                return list(self.clips[sound.file])
            case Say():
                return list(self.clips[Path(sound.say)])
            case Silence():
                return [0.0] * self.count(sound.silence_s)
            case Tone():
                peak = math.sqrt(2) * 10 ** (sound.tone_dbfs / 20)
                if sound.tone_hz >= self.rate_hz / 2:
                    peak = 0.0
                step = 2 * math.pi * sound.tone_hz / self.rate_hz
                return [peak * math.sin(step * n) for n in range(self.count(sound.lasts_s))]
            case Sequence():
                return self.joined(sound)
            case Mix():
                waves = [self.shaped(part) for part in sound.mix]
                return self.added(waves)
            case Ducked():
                return self.ducked(sound)
        raise AssertionError(sound)

    def added(self, waves: list[Wave]) -> Wave:
        longest = max(len(wave) for wave in waves)
        return [sum(w[n] for w in waves if n < len(w)) for n in range(longest)]

    def joined(self, sound: Sequence) -> Wave:
        waves = [self.shaped(part) for part in sound.sequence]
        if not sound.crossfade_s:
            gap = [0.0] * self.count(sound.gap_s)
            whole = waves[0]
            for wave in waves[1:]:
                whole = whole + gap + wave
            return whole
        return self.crossfaded(waves, self.count(sound.crossfade_s))

    def crossfaded(self, waves: list[Wave], overlap: int) -> Wave:
        whole = list(waves[0])
        for before, wave in pairwise(waves):
            both = min(overlap, len(before) // 2, len(wave) // 2)
            start = len(whole) - both
            for n in range(both):
                angle = math.pi / 2 * (n + 0.5) / both
                whole[start + n] = whole[start + n] * math.cos(angle) + wave[n] * math.sin(angle)
            whole += wave[both:]
        return whole

    def looped(self, wave: Wave, count: int, overlap: int) -> Wave:
        if not wave:
            return [0.0] * count
        whole, once = list(wave), list(wave)
        overlap = min(overlap, len(once) // 2)
        while len(whole) < count:
            start = len(whole) - overlap
            for n in range(overlap):
                angle = math.pi / 2 * (n + 0.5) / overlap
                whole[start + n] = whole[start + n] * math.cos(angle) + once[n] * math.sin(angle)
            whole += once[overlap:]
        return whole[:count]

    def ducked(self, sound: Ducked) -> Wave:
        speech = self.shaped(sound.speech)
        before, after = self.count(sound.before_s), self.count(sound.after_s)
        end = before + len(speech)
        attack = min(self.count(sound.attack_s), before)
        release = min(self.count(sound.release_s), after)
        whole = self.looped(self.shaped(sound.music), end + after, 0)
        for n in range(len(whole)):
            if before <= n < end:
                share = 1.0
            elif before - attack <= n < before:
                share = rise(n - (before - attack), attack)
            elif end <= n < end + release:
                share = rise(end + release - 1 - n, release)
            else:
                share = 0.0
            whole[n] *= 10 ** (-sound.duck_db * share / 20)
            if before <= n < end:
                whole[n] += speech[n - before]
        return whole

    def faded(self, wave: Wave, into: int, out: int) -> Wave:
        into, out = min(into, len(wave)), min(out, len(wave))
        result = []
        for n, x in enumerate(wave):
            y = x * rise(n, into) if n < into else x
            from_end = len(wave) - 1 - n
            result.append(y * rise(from_end, out) if from_end < out else y)
        return result

    def trimmed(self, wave: Wave) -> Wave:
        frame, margin = self.rate_hz // 100, round(0.03 * self.rate_hz)
        loud = []
        for start in range(0, len(wave), frame):
            power = sum(x * x for x in wave[start : start + frame]) / frame
            if power and 10 * math.log10(power) > -50:
                loud.append(start)
        if not loud:
            return []
        return wave[max(0, loud[0] - margin) : loud[-1] + frame + margin]

    def at_level(self, wave: Wave, level_dbfs: float) -> Wave:
        power = self.active_power(wave)
        if not power:
            return wave
        gain = 10 ** (level_dbfs / 20) / math.sqrt(power)
        highest = max(abs(x) for x in wave)
        return [x * min(gain, LOUDEST / highest) for x in wave]

    def active_power(self, wave: Wave) -> float:
        """Mean power of those 20 ms that are less than 25 dB below the loudest 20 ms."""
        frame = self.rate_hz // 50
        whole = len(wave) // frame * frame
        if not whole:
            return sum(x * x for x in wave) / len(wave) if wave else 0.0
        powers = [sum(x * x for x in wave[n : n + frame]) / frame for n in range(0, whole, frame)]
        active = [p for p in powers if p >= max(powers) * 10**-2.5]
        return sum(active) / len(active)


def rise(n: int, count: int) -> float:
    """Half a period of a cosine, from 0 up to 1, in ``count`` steps."""
    return 0.5 - 0.5 * math.cos(math.pi * (n + 0.5) / count)
