"""H4: an honest expected wait: a range with a stated probability, held against what happened."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from statistics import fmean

import pytest
from acd_traffic import simulate
from hypothesis import given
from hypothesis import strategies as st

from softswitch.acd import (
    CallJoined,
    Engine,
    EngineEvent,
    Group,
    Member,
    MemberActivated,
    MemberDeactivated,
    TellPosition,
    WaitScoreRecord,
)
from softswitch.acd.estimate import (
    ESTIMATORS,
    Expectation,
    QueueView,
    expect,
    gamma_quantile,
    head_of_line,
    last_to_enter,
    queue_length,
)


def told(
    estimator: str,
    seed: int,
    *,
    load: Callable[[float], float] = lambda _: 0.92,
    calls: int = 2500,
    staff: Iterable[tuple[float, EngineEvent]] = (),
) -> list[object]:
    group = Group(
        id="g",
        members=tuple(f"m{n}" for n in range(5)),
        queue_cap=10**6,
        position_every_s=10.0,
        expected_wait=estimator,
        expected_wait_probability=0.8,
    )
    return simulate(group, load=load, calls=calls, seed=seed, staff=staff)


def coverage(output: list[object]) -> float:
    """How often the wait fell into the range that was told first."""
    scores = [out for out in output if isinstance(out, WaitScoreRecord)]
    assert len(scores) > 1000
    for score in scores:
        assert score.inside == (score.low_s <= score.waited_s <= score.high_s)
    return fmean(score.inside for score in scores)


# Neighbours in a queue share their luck, so that some thousand scores are worth some hundred:
# the standard deviation of a coverage is then about 0.02. The bounds are two or three of them.


@pytest.mark.parametrize(
    ("estimator", "least", "most"),
    [("queue_length", 0.75, 0.87), ("last_to_enter", 0.73, 0.85), ("head_of_line", 0.76, 0.88)],
)
def test_h4_under_steady_traffic_the_range_holds_as_often_as_it_says(estimator, least, most):
    """Five members, traffic 0.92, 0.8 stated."""
    assert least <= coverage(told(estimator, 7, calls=4000)) <= most


def rush_hours(now: float) -> float:
    """One hour in four has 1.3 times what the members can do, the others 0.7 times."""
    return 1.3 if 3600 < now % 14_400 < 7200 else 0.7


@pytest.mark.parametrize(
    ("estimator", "least", "most"),
    [("queue_length", 0.72, 0.87), ("last_to_enter", 0.52, 0.72), ("head_of_line", 0.54, 0.74)],
)
def test_h4_rush_hours_are_foreseen_by_who_counts_the_queue_and_lag_in_history(
    estimator, least, most
):
    """What others waited tells too little in a rush and too much after it: 0.6 of 0.8 stated."""
    assert least <= coverage(told(estimator, 7, load=rush_hours, calls=4000)) <= most


def two_leave_every_other_half_hour() -> list[tuple[float, EngineEvent]]:
    return [
        (1800.0 * n, kind(member_id=member_id))
        for n in range(1, 60)
        for kind in [MemberActivated if n % 2 == 0 else MemberDeactivated]
        for member_id in ("m3", "m4")
    ]


@pytest.mark.parametrize(
    ("estimator", "least", "most"),
    [("queue_length", 0.66, 0.80), ("last_to_enter", 0.64, 0.78), ("head_of_line", 0.68, 0.82)],
)
def test_h4_staff_that_comes_and_goes_is_not_foreseen_but_soon_seen(estimator, least, most):
    """Two of five members are away half of the time: overload and relief by turns."""
    staff = two_leave_every_other_half_hour()
    output = told(estimator, 7, load=lambda _: 0.7, calls=3500, staff=staff)
    assert least <= coverage(output) <= most


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_h4_nobody_who_waits_hears_the_promise_rise(estimator):
    heard: dict[str, list[Expectation]] = {}
    for out in told(estimator, 11):
        if isinstance(out, TellPosition) and out.expected is not None:
            heard.setdefault(out.call_id, []).append(out.expected)
    assert max(len(row) for row in heard.values()) > 5
    for row in heard.values():
        assert all(later.high_s <= sooner.high_s for sooner, later in itertools.pairwise(row))
        assert all(one.low_s <= one.high_s for one in row)


# Chi-square quantiles halved, from the tables in Abramowitz and Stegun, table 26.8:
# 1 to 5, 10 and 100 degrees of freedom at 0.10 and 0.90.
TABLE = [
    (0.5, 0.1, 0.0157908 / 2),
    (0.5, 0.9, 2.70554 / 2),
    (1.5, 0.1, 0.584375 / 2),
    (1.5, 0.9, 6.25139 / 2),
    (2.5, 0.1, 1.61031 / 2),
    (2.5, 0.9, 9.23635 / 2),
    (1, 0.1, 0.210721 / 2),
    (1, 0.9, 4.60517 / 2),
    (2, 0.1, 1.063623 / 2),
    (2, 0.9, 7.77944 / 2),
    (5, 0.1, 4.86518 / 2),
    (5, 0.9, 15.9871 / 2),
    (50, 0.1, 82.3581 / 2),
    (50, 0.9, 118.498 / 2),
]


@pytest.mark.parametrize(("shape", "q", "value"), TABLE)
def test_h4_quantiles_are_those_of_the_tables(shape, q, value):
    assert gamma_quantile(shape, q) == pytest.approx(value, rel=2e-3)


@given(st.floats(0.5, 200.0), st.floats(0.05, 0.9))
def test_h4_quantiles_rise_with_their_probability(shape, q):
    assert gamma_quantile(shape, q) < gamma_quantile(shape, q + 0.05)


def view(**more: object) -> QueueView:
    usual = {
        "position": 4,
        "servers": 2,
        "holding_s": 60.0,
        "holding_doubt": 0.0,
        "last_wait_s": 90.0,
        "head_wait_s": 70.0,
        "waited_s": 10.0,
    }
    return QueueView(**{**usual, **more})  # type: ignore[arg-type]


def test_h4_the_means_are_those_of_the_formulas():
    """One service every 30 s: four of them; 90 less 10, or 70 less 10, and one more."""
    assert queue_length(view()) == (120.0, 3600.0)
    assert last_to_enter(view()) == (110.0, 6600.0)
    assert head_of_line(view()) == (90.0, 5400.0)


def test_h4_what_is_uncertain_about_the_mean_widens_the_range():
    """Ten conversations of exponential length: their mean has a variance of a tenth of its square.

    120 s give 30 * 120 for the four services and 0.1 * 120 * 120 for the doubt.
    """
    assert queue_length(view(holding_doubt=0.1)) == pytest.approx((120.0, 5040.0))


def test_h4_without_a_history_the_queue_decides():
    assert last_to_enter(view(last_wait_s=None)) == queue_length(view())
    assert head_of_line(view(position=1)) == queue_length(view(position=1))


def test_h4_the_range_of_the_first_in_line_is_exponential():
    """-30 ln(0.9) and -30 ln(0.1)."""
    found = expect("queue_length", view(position=1), 0.8)
    assert (found.low_s, found.high_s) == pytest.approx((3.1608, 69.0776), rel=1e-4)


def test_h4_nothing_is_told_before_there_were_conversations():
    group = Group(id="g", members=("1",), expected_wait="queue_length")
    engine = Engine([group], [Member(id="1", address="1")])
    engine.handle(CallJoined(call_id="a", group_id="g"), 0)
    engine.advance(65)
    assert [out.expected for out in engine.poll() if isinstance(out, TellPosition)] == [None] * 2
