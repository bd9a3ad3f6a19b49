"""Key presses in sound: DTMF detection to the tolerances of ITU-T Q.24, many calls at once.

Every 2.5 ms the eight frequencies are looked at through a window of 20 ms. A key is heard when one
low and one high frequency stand out for 32 ms without a break: loud enough, in the right
proportion, steady, with little else beside them, and on frequency, which is measured by how far
the phase turns. Speech and music meet all of these at once so rarely that they hardly ever count.

The state of every call is kept, so that sound may come in pieces of any length. What the pieces
are does not change what is heard.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from softswitch_codecs.levels import to_float
from softswitch_codecs.tones import DTMF_HZ

Floats = NDArray[np.float64]

HOPS_PER_S = 400
WINDOW_HOPS = 8
LEAST_FRAMES = 13
"""So many frames in a row make a key: 32.5 ms. Q.24 wants 40 ms heard, and 20 to 24 ms not."""

LEAST_PAUSE_FRAMES = 8
"""A key ends when it is gone for 20 ms: a break of 10 ms does not cut it in two, one of 30 does."""

_LAG = 2
"""Phases are compared over 5 ms: what is off by up to 100 Hz cannot be mistaken."""

_BEFORE = LEAST_FRAMES + _LAG - 1
"""Frames before the present one that are looked at."""

_STEADY = 0.2
"""No frame of a press is 7 dB below another."""

_KEYS = sorted(DTMF_HZ, key=lambda key: DTMF_HZ[key])
_FREQUENCIES = np.asarray(sorted({hz for pair in DTMF_HZ.values() for hz in pair}), np.float64)
_WINDOW = np.hanning(WINDOW_HOPS + 2)[1:-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class DtmfLimits:
    """What counts as a key. The defaults hear whatever an administration of Q.24 wants heard.

    Attributes:
        level_dbfs: least level of each of the two tones. -33 is -27 dBm0: AT&T wants -25 dBm heard,
            NTT -29 not.
        high_over_low_db: how much louder the high tone may be.
        low_over_high_db: how much louder the low tone may be.
        frequency_share: how far a tone may be off, as a part of its frequency. Q.24 wants 1.5 to
            1.8 % heard and 3 to 3.5 % not.
        power_share: least part of the sound's power that the two tones have. 15 dB over noise is
            0.97.
    """

    level_dbfs: float = -33.0
    high_over_low_db: float = 8.0
    low_over_high_db: float = 10.0
    frequency_share: float = 0.025
    power_share: float = 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyDown:
    """A key is heard, told about 45 ms after its tone began.

    Attributes:
        call: index of the call, 0 for a single one.
        key: one of ``0123456789*#ABCD``.
        start_s: when the tone began, in seconds from the first sample, right to about 5 ms.
        low_dbfs: RMS level of its low tone; ``high_dbfs`` of its high one.
    """

    call: int
    key: str
    start_s: float
    low_dbfs: float
    high_dbfs: float


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyUp:
    """A key that was heard has ended, told about 30 ms later.

    Attributes:
        call: index of the call, 0 for a single one.
        key: which.
        end_s: when the tone ended, in seconds from the first sample, right to about 5 ms.
    """

    call: int
    key: str
    end_s: float


class DtmfDetector:
    """Hears key presses in the sound of one call, or of many at once, piece by piece.

    Args:
        rate_hz: sample rate, a multiple of 400 from 8,000.
        calls: how many calls each piece has; None: a single call, pieces of one dimension.
        limits: what counts as a key.

    Raises:
        ValueError: another sample rate.
    """

    def __init__(
        self, rate_hz: int, calls: int | None = None, *, limits: DtmfLimits | None = None
    ) -> None:
        if rate_hz < 8000 or rate_hz % HOPS_PER_S:
            raise ValueError(f"{rate_hz} samples/s is not a multiple of 400 from 8,000")
        self._limits = limits or DtmfLimits()
        self._wanted = () if calls is None else (calls,)
        count = 1 if calls is None else calls
        self._hop = rate_hz // HOPS_PER_S
        self._probe = _probe(rate_hz, self._hop)
        self._rest = np.zeros((count, 0))
        self._state = _State.new(count)

    def hear(self, samples: NDArray[Any]) -> tuple[KeyDown | KeyUp, ...]:
        """Take in the next piece and return what was heard in it, in order.

        Args:
            samples: int16, or floating with a full scale of 1; shape ``(samples,)`` or
                ``(calls, samples)``, any number of samples.

        Raises:
            ValueError: another number of calls.
        """
        if not samples.ndim or samples.shape[:-1] != self._wanted:
            raise ValueError(f"an array of shape {samples.shape}, not {(*self._wanted, 'any')}")
        sound = np.concatenate([self._rest, np.atleast_2d(to_float(samples))], axis=1)
        count = sound.shape[1] // self._hop
        self._rest = sound[:, count * self._hop :]
        if not count:
            return ()
        return self._go_on(sound[:, : count * self._hop], self._state)

    def hear_some(self, samples: NDArray[Any], calls: Sequence[int]) -> tuple[KeyDown | KeyUp, ...]:
        """Take in the next piece of some calls; for the others no time goes by.

        So calls whose sound comes at different moments can share a detector. The seconds that are
        told count the samples of each call by itself.

        Args:
            samples: as `hear` takes them, shape ``(len(calls), samples)``, a multiple of
                ``rate_hz / 400`` of them.
            calls: index of the call of each row, none twice.

        Raises:
            ValueError: another shape, or samples are left over from `hear`.
        """
        if samples.shape[:-1] != (len(calls),) or samples.shape[-1] % self._hop:
            wanted = f"{(len(calls), f'a multiple of {self._hop}')}"
            raise ValueError(f"an array of shape {samples.shape}, not {wanted}")
        if self._rest.size:
            raise ValueError("samples of all calls are left over: they are not whole 2.5 ms")
        rows = np.asarray(calls, np.intp)
        part = self._state.of(rows)
        heard = self._go_on(to_float(samples), part)
        self._state.put(rows, part)
        return tuple(replace(event, call=int(rows[event.call])) for event in heard)

    def forget(self, call: int) -> None:
        """Begin anew with a call: what comes next under its index is another one."""
        self._state.put(np.asarray([call]), _State.new(1))

    def _go_on(self, sound: Floats, state: _State) -> tuple[KeyDown | KeyUp, ...]:
        """Take in whole hops of the calls that a state is of."""
        if not sound.size:
            return ()
        count = sound.shape[1] // self._hop
        hops = self._hop_sums(sound.reshape(len(sound), count, self._hop), state.hops_done)
        first = state.hops_done
        state.hops_done = first + count
        both, state.hops = _extended(state.hops, hops)
        frames, state.frames = _extended(state.frames, _windowed(both))
        return _Keys(state).follow(_Judged(frames, self._limits), first)

    def _hop_sums(self, hops: Floats, first: NDArray[np.int64]) -> NDArray[np.complex128]:
        """Return what each hop holds of the eight frequencies, and its power."""
        turn = (first[:, np.newaxis] + np.arange(hops.shape[1])) % HOPS_PER_S
        tones = (hops @ self._probe) * _TURNED[turn]
        power = np.einsum("chs,chs->ch", hops, hops)[..., np.newaxis]
        return np.asarray(np.concatenate([tones, power], axis=2) / self._hop, np.complex128)


def find_keys(
    samples: NDArray[Any], rate_hz: int, *, limits: DtmfLimits | None = None
) -> tuple[KeyDown, ...]:
    """Return the keys pressed in a whole sound, in order.

    Args:
        samples: one call, int16 or floating, shape ``(samples,)``.
        rate_hz: sample rate, a multiple of 400 from 8,000.
        limits: what counts as a key.
    """
    heard = DtmfDetector(rate_hz, limits=limits).hear(samples)
    return tuple(event for event in heard if isinstance(event, KeyDown))


@dataclass(slots=True)
class _State:
    """What is kept of each call from piece to piece; the first axis is the calls.

    Attributes:
        hops, frames: the last ones, as many as the next piece needs.
        hops_done: how many hops there have been.
        down: index of the key that is down, -1 for none.
        absent: for how many frames it has not been there.
        least: power below which each of its two tones is not there.
    """

    hops: NDArray[np.complex128]
    frames: NDArray[np.complex128]
    hops_done: NDArray[np.int64]
    down: NDArray[np.int64]
    absent: NDArray[np.int64]
    least: Floats

    @classmethod
    def new(cls, calls: int) -> Self:
        """Return that of calls of which nothing has been heard."""
        return cls(
            hops=np.zeros((calls, WINDOW_HOPS - 1, 9), np.complex128),
            frames=np.zeros((calls, _BEFORE, 9), np.complex128),
            hops_done=np.zeros(calls, np.int64),
            down=np.full(calls, -1, np.int64),
            absent=np.zeros(calls, np.int64),
            least=np.zeros((calls, 2)),
        )

    def of(self, rows: NDArray[np.intp]) -> _State:
        """Return a copy of some calls' part."""
        return _State(*(getattr(self, field.name)[rows] for field in fields(self)))

    def put(self, rows: NDArray[np.intp], part: _State) -> None:
        """Replace some calls' part."""
        for field in fields(self):
            getattr(self, field.name)[rows] = getattr(part, field.name)


def _extended(
    kept: NDArray[np.complex128], new: NDArray[np.complex128]
) -> tuple[NDArray[np.complex128], NDArray[np.complex128]]:
    """Return what was kept followed by the new items, and the last of them, to be kept."""
    both = np.concatenate([kept, new], axis=1)
    return both, both[:, both.shape[1] - kept.shape[1] :].copy()


class _Judged:
    """Whether a key is heard at the end of each frame, and which.

    Attributes:
        key: index of the strongest pair in each frame, shape ``(calls, frames)``.
        heard: whether that key was heard through all of the last 32 ms.
        powers: power of its low and its high tone in the middle of that time, shape
            ``(calls, frames, 2)``.
        strengths: power of all eight tones in each frame, shape ``(calls, frames, 8)``.
    """

    def __init__(self, frames: NDArray[np.complex128], limits: DtmfLimits) -> None:
        tones = frames[:, :, :8]
        strengths = tones.real**2 + tones.imag**2
        strengths += strengths
        low, high = strengths[:, :, :4].argmax(axis=2), strengths[:, :, 4:].argmax(axis=2)
        key = 4 * low + high
        self.key, self.strengths = key[:, _BEFORE:], strengths[:, _BEFORE:]
        self.heard = _same_throughout(key) & _stands_out(strengths, frames[:, :, 8].real)
        self.powers = np.zeros((*self.heard.shape, 2))
        self._look_closely(frames, limits)

    def _look_closely(self, frames: NDArray[np.complex128], limits: DtmfLimits) -> None:
        """Leave of what is heard what meets the limits."""
        at = np.nonzero(self.heard)
        if not len(at[0]):
            return
        near = np.lib.stride_tricks.sliding_window_view(frames, _BEFORE + 1, axis=1)[at]
        pair = np.stack([self.key[at] // 4, self.key[at] % 4 + 4], axis=1)
        tones = np.take_along_axis(near, pair[:, :, np.newaxis], axis=1)
        power = 2 * (tones.real**2 + tones.imag**2)[:, :, _LAG:]
        off_hz = _off_hz(tones)
        passed = _passed(off_hz)
        mean, total = power.mean(axis=2) / passed, near[:, 8, _LAG:].real.mean(axis=1)
        self.heard[at] = (
            (np.abs(off_hz) <= limits.frequency_share * _FREQUENCIES[pair]).all(axis=1)
            & (mean.sum(axis=1) >= limits.power_share * total)
            & _loud(mean, limits)
            & (power.min(axis=2) >= _STEADY * power.max(axis=2)).all(axis=1)
        )
        self.powers[at] = power[:, :, LEAST_FRAMES // 2] / passed


class _Keys:
    """Which key is down in each call."""

    def __init__(self, state: _State) -> None:
        self._state = state

    def follow(self, judged: _Judged, first: NDArray[np.int64]) -> tuple[KeyDown | KeyUp, ...]:
        """Return the presses and releases of frames that end after hop ``first`` and later."""
        events: list[KeyDown | KeyUp] = []
        anything: NDArray[np.bool_] = np.asarray(judged.heard.any(axis=0))
        if not anything.any() and (self._state.down < 0).all():
            return ()
        for n in range(len(anything)):
            if not anything[n] and (self._state.down < 0).all():
                continue
            middle_s = (first + n + 1 - WINDOW_HOPS / 2) / HOPS_PER_S
            events += self._released(judged, n, middle_s)
            events += self._pressed(judged, n, middle_s)
        return tuple(events)

    def _released(self, judged: _Judged, n: int, middle_s: Floats) -> list[KeyUp]:
        key = np.maximum(self._state.down, 0)
        pair = np.stack([key // 4, key % 4 + 4], axis=1)
        power = np.take_along_axis(judged.strengths[:, n], pair, axis=1)
        there = (power >= self._state.least).all(axis=1) & (judged.key[:, n] == key)
        self._state.absent = np.where(there, 0, self._state.absent + 1)
        other = judged.heard[:, n] & (judged.key[:, n] != key)
        ended = (self._state.down >= 0) & ((self._state.absent >= LEAST_PAUSE_FRAMES) | other)
        end_s = middle_s - (self._state.absent - 0.5) / HOPS_PER_S
        gone = [
            KeyUp(call=int(call), key=_KEYS[self._state.down[call]], end_s=float(end_s[call]))
            for call in np.flatnonzero(ended)
        ]
        self._state.down[ended] = -1
        return gone

    def _pressed(self, judged: _Judged, n: int, middle_s: Floats) -> list[KeyDown]:
        pressed = judged.heard[:, n] & (self._state.down < 0)
        self._state.down[pressed] = judged.key[pressed, n]
        self._state.least[pressed] = judged.powers[pressed, n] / 4
        self._state.absent[pressed] = 0
        levels = 10 * np.log10(np.maximum(judged.powers[:, n], 1e-12))
        return [
            KeyDown(
                call=int(call),
                key=_KEYS[self._state.down[call]],
                start_s=float(middle_s[call]) - (LEAST_FRAMES - 0.5) / HOPS_PER_S,
                low_dbfs=float(levels[call, 0]),
                high_dbfs=float(levels[call, 1]),
            )
            for call in np.flatnonzero(pressed)
        ]


def _same_throughout(key: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Say whether the strongest pair has been the same for 32 ms."""
    changes = np.cumsum(key[:, 1:] != key[:, :-1], axis=1)
    return np.asarray(changes[:, _BEFORE - 1 :] == changes[:, _LAG - 1 : 1 - LEAST_FRAMES])


def _stands_out(strengths: Floats, total: Floats) -> NDArray[np.bool_]:
    """Say whether the eight tones have a good part of the power in the middle of the 32 ms."""
    middle = slice(_BEFORE - LEAST_FRAMES // 2, -(LEAST_FRAMES // 2))
    return np.asarray(strengths[:, middle].sum(axis=2) > 0.3 * total[:, middle] + 1e-12)


def _loud(powers: Floats, limits: DtmfLimits) -> NDArray[np.bool_]:
    """Say whether both tones are loud enough, and in proportion."""
    low, high = powers[:, 0], powers[:, 1]
    enough = powers.min(axis=1) >= 10 ** (limits.level_dbfs / 10)
    proportion = (high <= low * 10 ** (limits.high_over_low_db / 10)) & (
        low <= high * 10 ** (limits.low_over_high_db / 10)
    )
    return np.asarray(enough & proportion)


def _off_hz(tones: NDArray[np.complex128]) -> Floats:
    """Return by how much tones are off their frequencies, by how far their phases turn."""
    turned = np.sum(tones[..., _LAG:] * tones[..., :-_LAG].conj(), axis=-1)
    return np.asarray(np.angle(turned) * HOPS_PER_S / (2 * np.pi * _LAG))


def _passed(off_hz: Floats) -> Floats:
    """Return which part of the power of a tone that is off its frequency the window lets by."""
    return np.asarray(np.interp(np.abs(off_hz), np.arange(len(_PASSED)), _PASSED))


def _passed_by_hz() -> Floats:
    """Return the same for 0, 1, 2, ... 100 Hz."""
    off_hz = np.arange(101.0)
    turns = np.outer(off_hz, np.arange(WINDOW_HOPS)) / HOPS_PER_S
    window = np.abs(np.exp(-2j * np.pi * turns) @ _WINDOW) / _WINDOW.sum()
    return np.asarray((window * np.sinc(off_hz / HOPS_PER_S)) ** 2)


_PASSED = _passed_by_hz()

_TURNED = np.exp(-2j * np.pi * np.outer(np.arange(HOPS_PER_S), _FREQUENCIES) / HOPS_PER_S)
"""How far each tone turns from a call's beginning to hop 0, 1, ... 399: after a second, whole."""


def _probe(rate_hz: int, hop: int) -> NDArray[np.complex128]:
    """Return what a hop is multiplied with, shape ``(samples, 8)``."""
    time_s = np.arange(hop) / rate_hz
    return np.asarray(np.exp(-2j * np.pi * np.outer(time_s, _FREQUENCIES)))


def _windowed(hops: NDArray[np.complex128]) -> NDArray[np.complex128]:
    """Return frames: each eight hops weighed by the window, shape ``(calls, frames, 9)``."""
    near = np.lib.stride_tricks.sliding_window_view(hops, WINDOW_HOPS, axis=1)
    return np.asarray(near @ (_WINDOW / _WINDOW.sum()))
