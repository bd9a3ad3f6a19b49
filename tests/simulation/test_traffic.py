"""Drawn traffic has the rates, lengths and independence that were asked for."""

from __future__ import annotations

import math

import attrs
import numpy as np
import pytest

from softswitch.errors import ConfigurationError
from softswitch.simulation import (
    FOR_EVER,
    Constant,
    Distribution,
    DrawnTraffic,
    Exponential,
    Lognormal,
    Observed,
)
from softswitch.simulation.distributions import parse

DAY = DrawnTraffic(
    group_id="main", calls_per_hour=120, hours=100, talk=Exponential(180), patience=Exponential(90)
)


def seed(number: int = 1) -> np.random.SeedSequence:
    return np.random.SeedSequence(number)


@pytest.mark.parametrize(
    ("distribution", "mean", "deviation"),
    [
        (Exponential(180), 180, 180),
        (Lognormal(180, 0.5), 180, 90),
        (Lognormal(60, 1.5), 60, 90),
        (Constant(7), 7, 0),
        (Observed((10.0, 20.0, 60.0)), 30, math.sqrt((400 + 100 + 900) / 3)),
    ],
)
def test_lengths_have_mean_and_deviation(distribution: Distribution, mean: float, deviation: float):
    drawn = distribution.draw(np.random.default_rng(3), 200_000)
    assert distribution.mean_s == pytest.approx(mean)
    assert drawn.mean() == pytest.approx(mean, rel=0.02)
    assert drawn.std() == pytest.approx(deviation, rel=0.05)


def test_calls_are_a_poisson_process():
    times = np.array([caller.at for caller in DAY.draw(seed())])
    gaps = np.diff(times)
    assert times.size == pytest.approx(12_000, abs=3 * math.sqrt(12_000))
    assert np.all(gaps >= 0)
    # Gaps are exponential: mean 30 s, and each part of them as long as the law says.
    for quantile in (0.1, 0.5, 0.9, 0.99):
        expected = -30 * math.log(1 - quantile)
        assert np.quantile(gaps, quantile) == pytest.approx(expected, rel=0.1)
    assert np.corrcoef(gaps[:-1], gaps[1:])[0, 1] == pytest.approx(0, abs=0.03)


def test_a_profile_shapes_the_day():
    rates = (60.0, 0.0, 240.0, 120.0)
    day = attrs.evolve(DAY, calls_per_hour=rates, hours=2)
    days = [day.draw(own) for own in seed().spawn(200)]
    counts = np.bincount(
        np.concatenate([[c.at // 1800 for c in calls] for calls in days]).astype(int)
    )
    for count, rate in zip(counts, rates, strict=True):
        assert count == pytest.approx(rate / 2 * 200, abs=4 * math.sqrt(rate * 100) + 1e-9)


def test_the_same_seed_brings_the_same_callers():
    assert DAY.draw(seed()) == DAY.draw(seed())
    assert DAY.draw(seed()) != DAY.draw(seed(2))


def test_other_talks_leave_callers_and_patience_as_they_were():
    longer = attrs.evolve(DAY, talk=Lognormal(600))
    both = zip(DAY.draw(seed()), longer.draw(seed()), strict=True)
    assert all((a.at, a.patience_s) == (b.at, b.patience_s) and a != b for a, b in both)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("180", Exponential(180)),
        (" 7.5 ", Exponential(7.5)),
        ("exponential:60", Exponential(60)),
        ("lognormal:180", Lognormal(180)),
        ("lognormal:180:0.7", Lognormal(180, 0.7)),
        ("constant:0", Constant(0)),
    ],
)
def test_lengths_are_read_as_they_are_written(text: str, expected: Distribution):
    assert parse(text) == expected


def test_a_number_alone_may_mean_a_constant():
    assert parse("5", plain="constant") == Constant(5)


@pytest.mark.parametrize(
    "text",
    ["", "x", "0", "-3", "nan", "inf", "5:", "gamma:5", "constant:5:6", "lognormal:5:0", ":5"],
)
def test_what_is_no_length_is_refused(text: str):
    with pytest.raises(ConfigurationError, match="--talk: This is no length of time"):
        parse(text, path="--talk")


def test_for_ever_is_long():
    assert FOR_EVER.draw(np.random.default_rng(1), 2).tolist() == [math.inf, math.inf]
