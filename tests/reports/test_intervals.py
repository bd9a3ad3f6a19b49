"""Confidence intervals against tables, hand-worked samples and what they promise."""

import math

import numpy as np
import pytest

from softswitch.errors import MisuseError
from softswitch.reports.intervals import interval, ratio_interval, student_quantile

# NIST/SEMATECH e-Handbook of Statistical Methods, table 1.3.6.7.2: two-sided 90, 95 and 99 %.
T_TABLE = [
    (1, 6.314, 12.706, 63.657),
    (2, 2.920, 4.303, 9.925),
    (3, 2.353, 3.182, 5.841),
    (4, 2.132, 2.776, 4.604),
    (5, 2.015, 2.571, 4.032),
    (9, 1.833, 2.262, 3.250),
    (10, 1.812, 2.228, 3.169),
    (19, 1.729, 2.093, 2.861),
    (30, 1.697, 2.042, 2.750),
    (60, 1.671, 2.000, 2.660),
    (100, 1.660, 1.984, 2.626),
]


@pytest.mark.parametrize(("degrees", "ninety", "ninety_five", "ninety_nine"), T_TABLE)
def test_quantiles_are_those_of_the_table(
    degrees: int, ninety: float, ninety_five: float, ninety_nine: float
):
    found = [student_quantile(degrees, share) for share in (0.90, 0.95, 0.99)]
    assert found == pytest.approx([ninety, ninety_five, ninety_nine], abs=5.1e-4)


def test_a_sample_worked_by_hand():
    # 8, 10, 12: mean 10, deviation 2, so 4.303 · 2 / √3 on both sides.
    found = interval([8, 10, 12])
    assert found.mean == 10
    assert found.half_width == pytest.approx(4.3027 * 2 / math.sqrt(3), abs=1e-3)
    assert 14.9 in found
    assert 15.0 not in found


def test_a_ratio_worked_by_hand():
    # 3 of 4 and 5 of 12: 8/16. Left over: 3 - 2 = 1 and 5 - 6 = -1, deviation √2/√2 = 1.
    found = ratio_interval([3, 5], [4, 12])
    assert found.mean == 0.5
    assert found.half_width == pytest.approx(12.706 * 1 / 8, abs=1e-3)


def test_an_interval_keeps_its_promise():
    rng = np.random.default_rng(7)
    held = sum(3.0 in interval(rng.normal(3.0, 2.0, 4)) for _ in range(4000))
    assert held == pytest.approx(4000 * 0.95, abs=3 * math.sqrt(4000 * 0.95 * 0.05))


def test_what_nobody_can_tell():
    assert math.isinf(interval([5.0]).half_width)
    assert math.isnan(interval([]).mean)
    assert math.isnan(ratio_interval([0, 0], [0, 0]).mean)


@pytest.mark.parametrize(("degrees", "confidence"), [(0, 0.9), (3, 0.0), (3, 1.0)])
def test_nonsense_is_refused(degrees: int, confidence: float):
    with pytest.raises(MisuseError):
        student_quantile(degrees, confidence)
