"""Both bands of all calls of G.722, in whichever way is quicker for their number."""

from __future__ import annotations

import numpy as np

from softswitch_codecs import _g722_tables as tables
from softswitch_codecs._g722_bands import TAPS, Ints, Predictor
from softswitch_codecs._g722_scalar import BANDS, run

FEW_CALLS = 16
"""Up to so many calls go one by one in plain integers; more go together in arrays."""

_SIGNS = 2 * tables.LEVELS
_CODEWORDS = 64


class Engine:
    """Encodes or decodes steps of 125 µs. A row is a band: first all lower ones, then the upper.

    Args:
        calls: how many there are.
    """

    def __init__(self, calls: int) -> None:
        self._state = Predictor(2 * calls)
        self._band = np.repeat(np.arange(2, dtype=np.int32), calls)
        self._scale = self._band * np.int32(tables.LOW_SCALES)
        tops = np.asarray([tables.LOW_SCALES - 1, tables.HIGH_SCALES - 1], np.int32)
        self._highest = 64 * tops[self._band]
        self._few = calls <= FEW_CALLS

    def encode(self, sound: Ints) -> Ints:
        """Return the codewords of samples of both bands; both of shape ``(steps, rows)``."""
        levels = self._each(sound, encode=True) if self._few else self._encode(sound)
        return np.asarray(tables.CODES[levels + self._band * _SIGNS])

    def decode(self, codes: Ints) -> Ints:
        """Return samples of codewords of both bands; both of shape ``(steps, rows)``."""
        sound = self._each(codes, encode=False) if self._few else self._decode(codes)
        return np.clip(sound, -16384, 16383)

    def _each(self, taken: Ints, *, encode: bool) -> Ints:
        """Go through the rows one by one."""
        given = np.empty_like(taken)
        for row, band in enumerate(self._band):
            state = self._state.column(row)
            run_row = run(BANDS[band], state, taken[:, row].tolist(), encode=encode)
            given[:, row] = list(run_row)
            self._state.set_column(row, state)
        return given

    def _encode(self, sound: Ints) -> Ints:
        """Return sign and step, 0 to 59, of each sample."""
        state, levels = self._state, np.empty_like(sound)
        differences = self._differences(len(sound))
        for t, x in enumerate(sound):
            e = x - state.s
            negative = e >> 31
            scale = (state.nb >> 6) + self._scale
            beyond = tables.DECISIONS.take(scale, axis=0) <= (e ^ negative)[:, np.newaxis]
            level = np.add.reduce(beyond, axis=1, dtype=np.int32)
            level -= tables.LEVELS * negative
            levels[t] = level
            d = tables.VALUES.take(scale * _SIGNS + level)
            state.adapt(tables.ADAPT.take(level + self._band * _SIGNS), self._highest)
            self._move(differences, t, d)
        state.d = differences[len(sound) :].copy()
        return levels

    def _decode(self, codes: Ints) -> Ints:
        """Return what was predicted plus what was received, neither limited yet."""
        state, sound = self._state, np.empty_like(codes)
        differences = self._differences(len(codes))
        for t, code in enumerate(codes):
            row = ((state.nb >> 6) + self._scale) * _CODEWORDS + code
            sound[t] = tables.RECEIVED_FINE.take(row) + state.s
            state.adapt(tables.RECEIVED_ADAPT.take(code + self._band * _CODEWORDS), self._highest)
            self._move(differences, t, tables.RECEIVED.take(row))
        state.d = differences[len(codes) :].copy()
        return sound

    def _differences(self, steps: int) -> Ints:
        """Return room for the last differences and those to come."""
        return np.concatenate([self._state.d, np.empty((steps, len(self._band)), np.int32)])

    def _move(self, differences: Ints, t: int, d: Ints) -> None:
        differences[t + TAPS] = d
        self._state.step(differences[t : t + TAPS], d)
        self._state.predict(differences[t + 1 : t + 1 + TAPS])
