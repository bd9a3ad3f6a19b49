"""H4: an honest expected wait: a range with a stated probability, held against what happened."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable
from statistics import fmean, quantiles

import attrs
import pytest
from acd_office import Office, office
from acd_traffic import simulate
from hypothesis import given
from hypothesis import strategies as st

from softswitch.acd import (
    CallHungUp,
    CallJoined,
    Engine,
    EngineEvent,
    FurtherGroup,
    Group,
    Member,
    MemberActivated,
    MemberDeactivated,
    OfferAnswered,
    RingMember,
    TellPosition,
    UnknownGroupError,
    WaitScoreRecord,
)
from softswitch.acd.estimate import (
    ESTIMATORS,
    Expectation,
    Leeway,
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
    load: Callable[[float], float],
    staff: Iterable[tuple[float, EngineEvent]] = (),
) -> list[object]:
    group = Group(
        id="g",
        members=tuple(f"m{n}" for n in range(5)),
        queue_cap=10**6,
        position_every_s=15.0,
        expected_wait=estimator,
        expected_wait_probability=0.8,
    )
    return simulate(group, load=load, calls=3000, seed=seed, staff=staff)


def scores_of(output: list[object]) -> list[WaitScoreRecord]:
    scores = [out for out in output if isinstance(out, WaitScoreRecord)]
    for score in scores:
        assert score.inside == (score.low_s <= score.waited_s <= score.high_s)
    return scores


def steady(load: float) -> Callable[[float], float]:
    return lambda _: load


def is_rush(now: float) -> bool:
    """One hour in four."""
    return 3600 < now % 14_400 < 7200


def rush_hours(now: float) -> float:
    """In a rush 1.3 times what the members can do, else 0.7 times."""
    return 1.3 if is_rush(now) else 0.7


def two_leave_every_other_half_hour() -> list[tuple[float, EngineEvent]]:
    return [
        (1800.0 * n, kind(member_id=member_id))
        for n in range(1, 60)
        for kind in [MemberActivated if n % 2 == 0 else MemberDeactivated]
        for member_id in ("m3", "m4")
    ]


SITUATIONS = {
    "light load": (steady(0.6), []),
    "normal load": (steady(0.8), []),
    "heavy load": (steady(0.95), []),
    "rush hours": (rush_hours, []),
    "staff that comes and goes": (steady(0.7), two_leave_every_other_half_hour()),
}


# Neighbours in a queue share their luck: some hundred scores say less than as many throws of dice.
# Light load has the fewest, about 500 of whom 0.8 are inside with a standard deviation of 0.02.


@pytest.mark.parametrize("estimator", ESTIMATORS)
@pytest.mark.parametrize("situation", SITUATIONS)
def test_h4_a_range_holds_as_often_as_it_says(situation, estimator):
    """Five members, 0.8 stated; and the range tells more than one that knows nothing of the queue.

    Who knows nothing would tell everybody the same: what nine in ten and one in ten waited.
    """
    load, staff = SITUATIONS[situation]
    scores = scores_of(told(estimator, 1, load=load, staff=staff))
    assert len(scores) > 500
    assert 0.75 <= fmean(score.inside for score in scores) <= 0.87
    tenths = quantiles([score.waited_s for score in scores], n=10)
    ignorant_s = tenths[-1] - tenths[0]
    assert fmean(score.high_s - score.low_s for score in scores) < 0.9 * ignorant_s


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_h4_also_in_the_rush_itself_the_range_holds_as_often_as_it_says(estimator):
    """Not wide ranges in quiet hours to make up for narrow ones when it matters."""
    scores = scores_of(told(estimator, 1, load=rush_hours))
    in_rush = [score.inside for score in scores if is_rush(score.told_at)]
    assert len(in_rush) > 900
    assert 0.75 <= fmean(in_rush) <= 0.87


def test_h4_nothing_is_learned_from_waits_told_by_other_settings():
    """Told by one estimator, answered after the group was given another one."""
    group = Group(id="g", members=("1",), expected_wait="queue_length", position_every_s=10.0)
    members = [Member(id="1", address="1")]
    engine = Engine([group], members)
    for n in range(4):
        engine.handle(CallJoined(call_id=f"past {n}", group_id="g"), 100.0 * n)
        ring(engine, 100.0 * n)
        if n < 3:
            engine.handle(CallHungUp(call_id=f"past {n}"), 100.0 * n + 60.0)
    engine.handle(CallJoined(call_id="a", group_id="g"), 310.0)
    engine.advance(321.0)
    other = attrs.evolve(group, expected_wait="head_of_line")
    engine.apply(engine.plan([other], members), 322.0)
    engine.poll()
    engine.handle(CallHungUp(call_id="past 3"), 1000.0)
    ring(engine, 1000.0)
    engine.handle(CallHungUp(call_id="a"), 1060.0)
    engine.handle(CallJoined(call_id="talks", group_id="g"), 1060.0)
    ring(engine, 1060.0)
    for call_id in ("b", "c"):
        engine.handle(CallJoined(call_id=call_id, group_id="g"), 1070.0)
    before = engine.snapshot(1080.0).group("g").waiting[0].expected
    seen = view(position=1, servers=1, holding_s=MEAN_S, holding_doubt=1 / 5)
    assert before == expect(seen, Leeway(estimator="head_of_line", probability=0.8))


MEAN_S = (60.0 + 60.0 + 60.0 + 700.0 + 60.0) / 5
"""Of the conversations in the test above."""


def ring(engine: Engine, now: float) -> None:
    """Whoever's phone rings answers."""
    for out in engine.poll():
        if isinstance(out, RingMember):
            engine.handle(OfferAnswered(offer_id=out.offer_id), now)


@given(st.lists(st.floats(0.0, 400.0), min_size=1, max_size=300), st.sampled_from(["low", "high"]))
def test_h4_the_share_beyond_an_end_differs_by_how_far_that_end_was_moved(waits, end):
    """Whatever the waits: share beyond - stated share = distance moved / (step * waits)."""
    leeway = Leeway(estimator="queue_length", probability=0.8)
    beyond = 0
    for waited_s in waits:
        said = expect(view(), leeway)
        beyond += waited_s < said.low_s if end == "low" else waited_s > said.high_s
        leeway = leeway.after(said, waited_s)
    moved = leeway.low if end == "low" else leeway.high
    assert beyond / len(waits) - 0.1 == pytest.approx(moved / (0.03 * len(waits)))


def test_h4_where_conversations_are_much_alike_ranges_become_narrow():
    """The formula expects chance where there is none: every wait is just what its mean says."""
    leeway = Leeway(estimator="queue_length", probability=0.8)
    first = said = expect(view(), leeway)
    for _ in range(2000):
        said = expect(view(), leeway)
        leeway = leeway.after(said, 120.0)
    assert said.high_s - said.low_s < 0.2 * (first.high_s - first.low_s)
    assert said.low_s <= 121.0
    assert said.high_s >= 119.0


@given(
    st.floats(0.0, 3000.0),
    st.floats(0.0, 3000.0),
    st.floats(-30.0, 30.0),
    st.floats(-30.0, 30.0),
    st.integers(1, 200),
)
def test_h4_whatever_was_learned_a_range_is_a_range(last_s, head_s, low, high, position):
    for estimator in ESTIMATORS:
        leeway = Leeway(estimator=estimator, probability=0.8, low=low, high=high)
        said = expect(view(last_wait_s=last_s, head_wait_s=head_s, position=position), leeway)
        assert 0.0 <= said.low_s <= said.high_s < math.inf


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_h4_nobody_who_waits_hears_the_promise_rise(estimator):
    heard: dict[str, list[Expectation]] = {}
    for out in told(estimator, 11, load=steady(0.92)):
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
    found = expect(view(position=1), Leeway(estimator="queue_length", probability=0.8))
    assert (found.low_s, found.high_s) == pytest.approx((3.1608, 69.0776), rel=1e-4)


def test_h4_nothing_is_told_before_there_were_conversations():
    group = Group(id="g", members=("1",), expected_wait="queue_length")
    engine = Engine([group], [Member(id="1", address="1")])
    engine.handle(CallJoined(call_id="a", group_id="g"), 0)
    engine.advance(65)
    assert [out.expected for out in engine.poll() if isinstance(out, TellPosition)] == [None] * 2


# A caller who has not joined yet.


def after_three_conversations(seconds: float, *others: Group, **settings: object) -> Office:
    """One member, who has talked three times for so long, talks for the fourth time."""
    o = office(1, *others, **settings)
    for n in range(3):
        o.talk(f"past {n}", "1")
        o.at(o.now + seconds).hang_up(f"past {n}")
    o.talk("talks", "1")
    return o


def range_for_new(o: Office) -> tuple[float, float]:
    said = o.engine.expected_for_new("g", o.now)
    assert said is not None
    return (said.low_s, said.high_s)


@pytest.mark.parametrize("told", ["queue_length", None])
def test_h4_a_new_caller_would_be_the_third(told):
    """Two wait; a service takes 60 s, as three conversations say: a mean of 3 * 60 s.

    The variance is 3 * 60 * 60 + 180 * 180 / 3, by which the wait is gamma distributed with shape
    1.5 and scale 120 s. Groups that tell their callers no wait are asked by the queue's length.
    """
    o = after_three_conversations(60.0, expected_wait=told)
    o.join("first")
    o.join("second")
    expected = (120 * 0.584375 / 2, 120 * 6.25139 / 2)
    assert range_for_new(o) == pytest.approx(expected, rel=2e-3)


def test_h4_a_new_caller_stands_before_those_of_less_priority():
    o = after_three_conversations(60.0)
    alone = range_for_new(o)
    o.join("can wait", priority=-1)
    assert range_for_new(o) == alone
    o.join("usual")
    assert range_for_new(o) > alone


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_h4_who_then_joins_is_told_the_same(estimator):
    o = after_three_conversations(60.0, expected_wait=estimator)
    for n in range(3):
        o.at(o.now + 10)
        before = o.engine.expected_for_new("g", o.now)
        o.join(f"c{n}")
        assert o.engine.snapshot(o.now).group("g").waiting[-1].expected == before
    assert before is not None
    assert before.estimator == estimator


def test_h4_a_new_caller_has_nothing_to_wait_for_while_a_member_is_free():
    o = office(1)
    assert range_for_new(o) == (0.0, 0.0)
    o.join("rings")
    assert o.engine.expected_for_new("g", o.now) is None


def test_h4_a_member_of_a_further_group_counts_where_calls_may_go_there_at_once():
    """Two phones of the further group, which is open at once, or from the tenth second on."""
    for after_s, nothing_to_wait_for in ((0.0, True), (10.0, False)):
        further = (FurtherGroup(group_id="h", after_s=after_s),)
        o = after_three_conversations(60.0, Group(id="h", members=("2",)), further=further)
        assert (range_for_new(o) == (0.0, 0.0)) is nothing_to_wait_for


def test_h4_to_ask_changes_nothing():
    o = after_three_conversations(60.0, expected_wait="head_of_line")
    o.join("first")
    before = o.engine.freeze()
    assert o.engine.expected_for_new("g", o.now + 5) is not None
    assert o.engine.freeze() == before
    with pytest.raises(UnknownGroupError):
        o.engine.expected_for_new("nowhere", o.now)


def test_h4_conversations_that_are_over_at_once_make_nobody_wait():
    o = after_three_conversations(0.0, expected_wait="queue_length")
    assert range_for_new(o) == (0.0, 0.0)
