"""Packet loss concealment for G.711: what is played where a packet did not come.

ITU-T G.711 Appendix I (09/1999). The pitch of the last 48.75 ms is found, and its last period is
repeated: one period for the first 10 ms, two for the next, then three, so that it does not buzz.
From 10 ms on it gets quieter by 20 % every 10 ms, and after 60 ms there is silence. Everything is
joined by overlapping a quarter of a period; for this the sound comes out 3.75 ms late, whether
packets are lost or not.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

RATE_HZ = 8000
FRAME = 80
"""Samples that are lost or not: 10 ms. A packet of 20 ms is two frames."""

DELAY = 30
"""Samples by which the sound comes out later: 3.75 ms."""

PITCH_MIN, PITCH_MAX = 40, 120
"""Shortest and longest period that is looked for: 200 and 66 2/3 Hz."""

_HISTORY = 3 * PITCH_MAX + DELAY
_CORRELATED = 160
_POWER_MIN = 250.0
_FADE = 0.2
_LONGER_OVERLAP = 32
_SILENT_AFTER = 6

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]


class Concealer:
    """Fills gaps in the sound of one call, or of many at once, piece by piece.

    Args:
        calls: how many calls each piece has; None: a single call, pieces of one dimension.
    """

    def __init__(self, calls: int | None = None) -> None:
        self._wanted = () if calls is None else (calls,)
        count = 1 if calls is None else calls
        self._history = np.zeros((count, _HISTORY))
        self._erased = np.zeros(count, np.int64)
        self._voice = _Voice(count)

    def conceal(self, samples: NDArray[np.int16], lost: NDArray[np.bool_]) -> NDArray[np.int16]:
        """Return the next piece of sound with its gaps filled, 3.75 ms late.

        Args:
            samples: decoded sound, 8 kHz, int16, shape ``(n * 80,)`` or ``(calls, n * 80)``.
                What stands in a lost frame does not matter.
            lost: which frames of 80 samples are missing: of shape ``(n,)`` or ``(calls, n)``, or
                one that broadcasts to it.

        Returns:
            int16, the shape of ``samples``.

        Raises:
            ValueError: another number of calls, or not a multiple of 80 samples.
        """
        if not samples.ndim or samples.shape[:-1] != self._wanted or samples.shape[-1] % FRAME:
            wanted = (*self._wanted, "n * 80")
            raise ValueError(f"an array of shape {samples.shape}, not {wanted}")
        rows = np.atleast_2d(samples)
        count = rows.shape[1] // FRAME
        missing = np.broadcast_to(lost, (len(rows), count))
        frames = rows.reshape(len(rows), count, FRAME)
        heard = [self._frame(frames[:, n], missing[:, n]) for n in range(count)]
        given = np.concatenate([rows[:, :0], *heard], axis=1)
        return given.astype(np.int16).reshape(samples.shape)

    def _frame(self, given: NDArray[np.int16], lost: NDArray[np.bool_]) -> Floats:
        """Return the frame that is heard now."""
        frame = given.astype(np.float64)
        first = np.flatnonzero(lost & (self._erased == 0))
        if len(first):
            self._history[first] = self._voice.catch(first, self._history[first])
        missing = np.flatnonzero(lost)
        if len(missing):
            frame[missing] = self._voice.synthesise(missing, self._erased[missing])
        back = np.flatnonzero(~lost & (self._erased > 0))
        if len(back):
            frame[back] = self._voice.join(back, self._erased[back], frame[back])
        self._erased = np.where(lost, self._erased + 1, 0)
        self._history = np.concatenate([self._history[:, FRAME:], frame], axis=1)
        return self._history[:, _HISTORY - FRAME - DELAY : _HISTORY - DELAY]


class _Voice:
    """The last periods of each call, out of which lost sound is made."""

    def __init__(self, calls: int) -> None:
        self._sound = np.zeros((calls, _HISTORY))
        self._last = np.zeros((calls, DELAY))
        self._pitch = np.full(calls, PITCH_MAX)
        self._length = np.full(calls, PITCH_MAX)
        self._offset = np.zeros(calls, np.int64)

    def catch(self, calls: Rows, history: Floats) -> Floats:
        """Find the pitch of calls that lose their first frame.

        Returns:
            the history with its end bent so that it runs over into the period before.
        """
        self._sound[calls] = history
        self._last[calls] = history[:, -DELAY:]
        self._pitch[calls] = find_pitch(history)
        self._length[calls] = 0
        self._offset[calls] = 0
        self._lengthen(calls)
        return np.asarray(np.trunc(self._sound[calls]))

    def synthesise(self, calls: Rows, erased: NDArray[np.int64]) -> Floats:
        """Return the next frame of calls of which ``erased`` frames were lost before."""
        frame = np.empty((len(calls), FRAME))
        longer = (erased == 1) | (erased == 2)
        frame[longer] = self._with_a_period_more(calls[longer])
        frame[~longer] = self._repeat(calls[~longer], FRAME)
        gain = 1 - _FADE * (erased[:, np.newaxis] - 1) - _FADE / FRAME * np.arange(FRAME)
        gain[erased == 0] = 1
        gain[erased >= _SILENT_AFTER] = 0
        return np.asarray(np.trunc(frame * gain))

    def join(self, calls: Rows, erased: NDArray[np.int64], frame: Floats) -> Floats:
        """Return the first frame that came again, its beginning run over from the synthesis.

        The longer the gap was, the longer is the overlap, up to the whole frame.
        """
        length = np.minimum(self._pitch[calls] // 4 + (erased - 1) * _LONGER_OVERLAP, FRAME)
        fading = self._repeat(calls, FRAME) * np.maximum(1 - _FADE * (erased - 1), 0)[:, np.newaxis]
        return np.asarray(np.trunc(_overlap(fading, frame, length)))

    def _with_a_period_more(self, calls: Rows) -> Floats:
        """Go over from the periods repeated so far to one more of them."""
        offset, pitch = self._offset[calls], self._pitch[calls]
        tail = self._repeat(calls, FRAME)
        self._offset[calls] = np.where(offset > 0, (offset - 1) % pitch + 1, 0)
        self._lengthen(calls)
        return np.trunc(_overlap(tail, self._repeat(calls, FRAME), pitch // 4))

    def _lengthen(self, calls: Rows) -> None:
        """Take in the period before, and bend the end of the sound so that it runs into it."""
        pitch = self._pitch[calls]
        self._length[calls] += pitch
        quarter = (pitch // 4)[:, np.newaxis]
        at = np.arange(DELAY) - quarter  # seen from the end; the last 30 samples, at most
        at = np.where(np.arange(DELAY) < quarter, at, -1)
        column = calls[:, np.newaxis]
        last = np.take_along_axis(self._last[calls], DELAY + at, axis=1)
        before = self._sound[column, _HISTORY - self._length[calls][:, np.newaxis] + at]
        bent = _overlap(last, before, pitch // 4)
        rows, columns = np.nonzero(np.arange(DELAY) < quarter)
        self._sound[calls[rows], _HISTORY + at[rows, columns]] = bent[rows, columns]

    def _repeat(self, calls: Rows, count: int) -> Floats:
        """Return the next samples of the repeated periods."""
        length = self._length[calls][:, np.newaxis]
        turn = self._offset[calls][:, np.newaxis] + np.arange(count)
        self._offset[calls] = (self._offset[calls] + count) % self._length[calls]
        sound = self._sound[calls[:, np.newaxis], _HISTORY - length + turn % length]
        return np.asarray(np.trunc(sound))


def find_pitch(history: Floats) -> NDArray[np.int64]:
    """Return the period of the end of each row, 40 to 120 samples.

    The last 20 ms are laid over the sound before them, first every second sample at every second
    place, then all samples at the places beside the best.

    Args:
        history: sound at 8 kHz, full scale 32,768, shape ``(calls, samples)``, at least 280.
    """
    last = history[:, -_CORRELATED:]
    near = history[:, history.shape[1] - _CORRELATED - PITCH_MAX :]
    shifted = np.lib.stride_tricks.sliding_window_view(near, _CORRELATED, axis=1)
    shifted = shifted[:, : PITCH_MAX - PITCH_MIN + 1]
    coarse = _likeness(shifted[:, ::2, ::2], last[:, ::2])
    best = 2 * (coarse.shape[1] - 1 - np.argmax(coarse[:, ::-1], axis=1))
    fine = _likeness(shifted, last)
    beside = np.abs(np.arange(fine.shape[1]) - best[:, np.newaxis]) <= 1
    return np.asarray(PITCH_MAX - np.argmax(np.where(beside, fine, -np.inf), axis=1))


def _likeness(shifted: Floats, last: Floats) -> Floats:
    """Return how like each shifted stretch the last one is, by its own power."""
    power = np.einsum("csi,csi->cs", shifted, shifted)
    product = np.einsum("csi,ci->cs", shifted, last)
    return np.asarray(product / np.sqrt(np.maximum(power, _POWER_MIN)))


def _overlap(left: Floats, right: Floats, length: NDArray[np.int64]) -> Floats:
    """Return the right sound, its first ``length`` samples run over from the left one."""
    weight = np.minimum((np.arange(left.shape[1]) + 1) / length[:, np.newaxis], 1)
    return np.asarray((1 - weight) * left + weight * right)
