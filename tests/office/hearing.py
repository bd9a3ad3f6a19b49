"""What a caller heard, found again in the sounds that the switch was to play.

The sound received is cut into short windows, and each is looked for in every sound that there is,
by normalised correlation at every place. A window that is found says: at this moment the caller
heard this sound at this place. Moments less places give one number for every stretch, its *origin*:
the moment at which the sound would have begun, had it never been interrupted.
"""

from __future__ import annotations

import itertools
import wave
from collections.abc import Mapping, Sequence
from pathlib import Path

import attrs
import numpy as np
import soxr
from numpy.typing import NDArray

RATE_HZ = 8000
WINDOW_S = 0.5
SAME_ORIGIN_S = 0.03
_GOES_ON = 0.9
_NEAR = RATE_HZ // 200

Sound = NDArray[np.float64]


def read(path: Path, rate_hz: int = RATE_HZ) -> Sound:
    """A WAV file of one channel and 16 bits, at another rate, full scale 1."""
    with wave.open(str(path), "rb") as file:
        assert (file.getnchannels(), file.getsampwidth()) == (1, 2)
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2") / 32768
        return at_rate(samples, file.getframerate(), rate_hz)


def at_rate(samples: Sound, from_hz: int, to_hz: int) -> Sound:
    return samples if from_hz == to_hz else np.asarray(soxr.resample(samples, from_hz, to_hz))


def melody(seed: int, length_s: float, rate_hz: int) -> NDArray[np.int16]:
    """Notes of a tenth of a second, no two tenths alike: every place tells where it is.

    Each note has its octave beside it, so that wideband codecs have something above 4 kHz.
    """
    rng = np.random.default_rng(seed)
    note = rate_hz // 10
    time_s = np.arange(note) / rate_hz
    envelope = np.minimum(1, np.minimum(time_s, time_s[::-1]) / 0.008)
    pitches = 300 * 2 ** (rng.integers(0, 80, round(length_s * 10)) / 24)
    notes = [
        envelope * (np.sin(2 * np.pi * hz * time_s) + 0.5 * np.sin(4 * np.pi * hz * time_s + 1))
        for hz in pitches
    ]
    return np.round(7000 * np.concatenate(notes)).astype(np.int16)


@attrs.frozen(kw_only=True)
class Found:
    """One window: heard at a moment, of which sound, at which place, how much alike (0 to 1)."""

    at_s: float
    name: str
    place_s: float
    alike: float


@attrs.frozen(kw_only=True)
class Stretch:
    """Windows in a row that are of one sound and one origin.

    Attributes:
        name: the sound.
        origin_s: when it would have begun, had it never been interrupted.
        first_s, last_s: the first and the last window.
        alike: of the window that is the least alike, and of the median one.
    """

    name: str
    origin_s: float
    first_s: float
    last_s: float
    alike: tuple[float, float]


def find(heard: Sound, sounds: Mapping[str, Sound], step_s: float) -> list[Found]:
    """Look for each window of what was heard, at 8 kHz, in every sound; the best find of each.

    First where the window before it leads to, since most sounds just go on; where it is not quite
    there, at every place of every sound.
    """
    size, step = round(WINDOW_S * RATE_HZ), round(step_s * RATE_HZ)
    searches = {name: _Search(sound, size) for name, sound in sounds.items()}
    found: list[Found] = []
    name, place = next(iter(sounds)), 0
    for start in range(0, len(heard) - size, step):
        window = heard[start : start + size]
        alike, near = searches[name].near(window, place + step)
        if alike >= _GOES_ON:
            place = near
        else:
            alike, place, name = max((*search.best(window), n) for n, search in searches.items())
        found.append(Found(at_s=start / RATE_HZ, name=name, place_s=place / RATE_HZ, alike=alike))
    return found


class _Search:
    """One sound, ready to be searched for windows of one size."""

    def __init__(self, sound: Sound, size: int) -> None:
        self._sound = sound
        self._places = max(0, len(sound) - size) + 1
        self._length = 1 << (len(sound) + size).bit_length()
        self._spectrum = np.fft.rfft(sound, self._length)
        sums = np.cumsum(np.concatenate([[0.0], sound**2, np.zeros(size)]))
        self._energy = sums[size : size + self._places] - sums[: self._places] + 1e-4

    def near(self, window: Sound, place: int) -> tuple[float, int]:
        """The best place within 5 ms of one; 0 where the sound is over by then."""
        first = max(0, place - _NEAR)
        around = self._sound[first : place + _NEAR + len(window)]
        if len(around) < len(window):
            return 0.0, place
        product = np.correlate(around, window, "valid")
        energy = self._energy[first : first + len(product)]
        alike = np.abs(product) / np.sqrt(energy * (window @ window + 1e-4))
        return float(alike.max()), first + int(alike.argmax())

    def best(self, window: Sound) -> tuple[float, int]:
        spectrum = np.conj(np.fft.rfft(window, self._length))
        product = np.fft.irfft(self._spectrum * spectrum, self._length)[: self._places]
        alike = np.abs(product) / np.sqrt(self._energy * (window @ window + 1e-4))
        place = int(alike.argmax())
        return float(alike[place]), place


def stretches(found: Sequence[Found], least: float) -> list[Stretch]:
    """Put windows that were found together; those in which two sounds meet are found in none."""
    rows: list[list[Found]] = []
    for one in (window for window in found if window.alike >= least):
        last = rows[-1][-1] if rows else None
        if (
            last is not None
            and last.name == one.name
            and abs(_origin(last) - _origin(one)) < SAME_ORIGIN_S
        ):
            rows[-1].append(one)
        else:
            rows.append([one])
    return [_stretch(row) for row in rows if len(row) > 1]


def _origin(found: Found) -> float:
    return found.at_s - found.place_s


def _stretch(row: list[Found]) -> Stretch:
    # At either end a window or two may hold a little of the neighbour.
    alike = sorted(one.alike for one in (row[2:-2] or row))
    return Stretch(
        name=row[0].name,
        origin_s=float(np.median([_origin(one) for one in row])),
        first_s=row[0].at_s,
        last_s=row[-1].at_s,
        alike=(alike[0], alike[len(alike) // 2]),
    )


@attrs.frozen(kw_only=True)
class Interruption:
    """A message in the midst of music.

    Attributes:
        message: which one.
        stopped_at_s: the place in the music at which it was interrupted.
        over_s: the moment at which the message ended.
        place_again_s: the moment at which the same place of the music was come to again: after the
            end of the message, and nothing of the music in between, it went on where it stopped;
            before, a part of it was left out.
    """

    message: str
    stopped_at_s: float
    over_s: float
    place_again_s: float


def interruptions(
    heard: Sequence[Stretch], lengths_s: Mapping[str, float], music: str = "music"
) -> list[Interruption]:
    """Every message that stands between two stretches of a piece of music."""
    found = []
    for before, message, after in zip(heard, heard[1:], heard[2:], strict=False):
        if before.name == after.name == music != message.name:
            place_s = message.origin_s - before.origin_s
            found.append(
                Interruption(
                    message=message.name,
                    stopped_at_s=place_s,
                    over_s=message.origin_s + lengths_s[message.name],
                    place_again_s=after.origin_s + place_s,
                )
            )
    return found


def share_above(sound: Sound, rate_hz: int, hz: float) -> float:
    """Share of the energy above a frequency, in dB."""
    power = np.abs(np.fft.rfft(sound)) ** 2
    above = power[np.fft.rfftfreq(len(sound), 1 / rate_hz) > hz].sum()
    return float(10 * np.log10(above / power.sum() + 1e-12))


def in_turn(heard: Sequence[Stretch]) -> list[str]:
    """Names of what was heard, one after the other."""
    return [name for name, _ in itertools.groupby(stretch.name for stretch in heard)]
