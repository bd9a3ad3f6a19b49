"""What a caller says between two silences, read from a recording while it is written."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import attrs
import numpy as np
from numpy.typing import NDArray

from softswitch.voicemail.sound import GrowingSound
from softswitch_codecs.levels import rms_dbfs

SPEECH_DBFS: Final = -42.0
"""What is louder is speech."""

BEGINS_S: Final = 0.08
ENDS_S: Final = 0.5
"""So long it must be loud to begin, and so long quiet to have ended."""

LONGEST_S: Final = 6.0
_MARGIN_S: Final = 0.2
_FRAME_S: Final = 0.02


@attrs.frozen(kw_only=True)
class Utterance:
    """Something that was said.

    Attributes:
        samples: shape ``(samples,)``.
        rate_hz: samples a second.
    """

    samples: NDArray[np.int16]
    rate_hz: int


class UtteranceReader:
    """Follows one recording. Each look reads what has come since the last one."""

    def __init__(self, path: Path) -> None:
        """Begin before the first sample."""
        self._sound = GrowingSound(path)
        self._frames: list[NDArray[np.int16]] = []
        self._loud: list[bool] = []

    @property
    def is_speaking(self) -> bool:
        """Whether something has begun to be said and has not ended."""
        return self._begin() is not None

    def look(self) -> Utterance | None:
        """Read on; return what was said if that has just ended."""
        for frame in self._sound.frames(_FRAME_S):
            self._frames.append(frame)
            self._loud.append(bool(rms_dbfs(frame) > SPEECH_DBFS))
        begin = self._begin()
        if begin is None:
            self._forget_all_but_the_last()
            return None
        last = max(n for n, loud in enumerate(self._loud) if loud)
        quiet_s = (len(self._loud) - 1 - last) * _FRAME_S
        if quiet_s < ENDS_S and (len(self._loud) - begin) * _FRAME_S < LONGEST_S:
            return None
        return self._take(begin, last)

    def _begin(self) -> int | None:
        """Return the first frame of enough loud ones in a row."""
        wanted, row = round(BEGINS_S / _FRAME_S), 0
        for n, loud in enumerate(self._loud):
            row = row + 1 if loud else 0
            if row == wanted:
                return n - wanted + 1
        return None

    def _forget_all_but_the_last(self) -> None:
        kept = round((_MARGIN_S + BEGINS_S) / _FRAME_S)
        del self._frames[:-kept], self._loud[:-kept]

    def _take(self, begin: int, last: int) -> Utterance:
        margin = round(_MARGIN_S / _FRAME_S)
        samples = np.concatenate(self._frames[max(0, begin - margin) : last + 1 + margin])
        self._frames.clear()
        self._loud.clear()
        return Utterance(samples=samples, rate_hz=self._sound.rate_hz)
