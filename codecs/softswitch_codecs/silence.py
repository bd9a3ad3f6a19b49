"""Where a sound is silent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from softswitch_codecs.levels import to_float


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """A stretch of silence, in samples.

    Attributes:
        start: its first sample.
        end: the first sample after it.
    """

    start: int
    end: int


def silences(
    samples: NDArray[Any], rate_hz: int, *, level_dbfs: float = -50.0, length_min_s: float = 0.2
) -> tuple[Silence, ...]:
    """Return every stretch in which no sample reaches a level, in order.

    Args:
        samples: one call, int16 or floating with a full scale of 1, shape ``(samples,)``.
        rate_hz: sample rate.
        level_dbfs: the level (ITU-T G.100.1) of single samples: 0 is full scale.
        length_min_s: shorter stretches do not count.
    """
    loud = np.flatnonzero(np.abs(to_float(samples)) >= 10 ** (level_dbfs / 20))
    starts = np.concatenate([[0], loud + 1])
    ends = np.concatenate([loud, [len(samples)]])
    long = ends - starts >= max(1, length_min_s * rate_hz)
    pairs = zip(starts[long].tolist(), ends[long].tolist(), strict=True)
    return tuple(Silence(start=start, end=end) for start, end in pairs)
