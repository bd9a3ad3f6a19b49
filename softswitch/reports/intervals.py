"""Confidence intervals from independent replications, by Student's t distribution."""

from __future__ import annotations

import math
from collections.abc import Sequence

import attrs
import numpy as np
from numpy.typing import ArrayLike

from softswitch.errors import MisuseError


@attrs.frozen(kw_only=True)
class Interval:
    """A mean and how far it can be trusted.

    Attributes:
        mean: the estimate; NaN where there is nothing to estimate it from.
        half_width: the true value lies within mean ± this with probability `confidence`; inf
            for a single replication, of which nobody can tell.
    """

    mean: float
    half_width: float
    confidence: float

    @property
    def low(self) -> float:
        """The lower end."""
        return self.mean - self.half_width

    @property
    def high(self) -> float:
        """The upper end."""
        return self.mean + self.half_width

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high


def interval(values: Sequence[float], confidence: float = 0.95) -> Interval:
    """The mean of independent replications.

    Raises:
        MisuseError: `confidence` is not between 0 and 1.
    """
    return ratio_interval(values, [1.0] * len(values), confidence)


def ratio_interval(
    numerators: ArrayLike, denominators: ArrayLike, confidence: float = 0.95
) -> Interval:
    """A ratio of two means, such as calls answered in time per call offered.

    The ratio of the sums, so that a replication with more calls weighs more. Its variance is that
    of what the ratio leaves unexplained (W. Cochran, "Sampling techniques", 1977, section 6.4).

    Args:
        numerators: one for each replication.
        denominators: likewise.
        confidence: probability that the interval holds the true value.

    Raises:
        MisuseError: `confidence` is not between 0 and 1.
    """
    tops, bottoms = np.asarray(numerators, float), np.asarray(denominators, float)
    if tops.size == 0 or not np.any(bottoms):
        return Interval(mean=math.nan, half_width=math.nan, confidence=confidence)
    mean = float(tops.sum() / bottoms.sum())
    spread = math.inf
    if tops.size > 1:
        left = tops - mean * bottoms
        deviation = math.sqrt(float(left @ left) / (tops.size - 1) / tops.size)
        quantile = student_quantile(tops.size - 1, confidence)
        spread = quantile * deviation / abs(float(bottoms.mean()))
    return Interval(mean=mean, half_width=spread, confidence=confidence)


def student_quantile(degrees: int, confidence: float) -> float:
    """The t that a variable with Student's distribution stays within, on both sides.

    Args:
        degrees: of freedom, at least 1.
        confidence: with which probability.

    Raises:
        MisuseError: no degrees of freedom, or `confidence` is not between 0 and 1.
    """
    if degrees < 1 or not 0 < confidence < 1:
        raise MisuseError("degrees of freedom from 1 and a confidence between 0 and 1 are needed")
    low, high = 0.0, math.pi / 2.0
    for _ in range(60):
        middle = (low + high) / 2.0
        low, high = (middle, high) if _within(degrees, middle) < confidence else (low, middle)
    return math.sqrt(degrees) * math.tan(low)


def _within(degrees: int, angle: float) -> float:
    """P(-t <= T <= t) for tan(angle) = t/√degrees: Abramowitz and Stegun, 26.7.3 and 26.7.4."""
    odd = degrees % 2
    cosine = math.cos(angle)
    term, total = (cosine, 0.0) if odd else (1.0, 0.0)
    for k in range(2 + odd, degrees + 1, 2):
        total += term
        term *= cosine * cosine * (k - 1) / k
    total *= math.sin(angle)
    return (angle + total) * 2.0 / math.pi if odd else total
