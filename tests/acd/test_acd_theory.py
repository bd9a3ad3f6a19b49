"""The engine against queueing theory: M/M/c against Erlang C, and the expected wait it tells."""

from __future__ import annotations

import heapq
import itertools
import math
import random
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from softswitch.acd import (
    CallHungUp,
    CallJoined,
    CallRecord,
    Engine,
    Group,
    Member,
    OfferAnswered,
    RingMember,
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

TALK_S = 100.0


def simulate(group: Group, *, load: float, calls: int, seed: int) -> list[object]:
    """Poisson arrivals and exponential conversations; every phone is answered at once."""
    draw = random.Random(seed)  # noqa: S311 -- traffic, not secrets
    engine = Engine([group], [Member(id=who, address=who) for who in group.members])
    rate = load * len(group.members) / TALK_S
    agenda: list[tuple[float, int, object]] = []
    order, output, now = itertools.count(), [], 0.0
    for number in range(calls):
        now += draw.expovariate(rate)
        heapq.heappush(agenda, (now, next(order), CallJoined(call_id=str(number), group_id="g")))
    while agenda:
        now, _, event = heapq.heappop(agenda)
        engine.handle(event, now)
        todo = engine.poll()
        while todo:
            output += todo
            rings = [out for out in todo if isinstance(out, RingMember)]
            for ring in rings:
                engine.handle(OfferAnswered(offer_id=ring.offer_id), now)
                over = now + draw.expovariate(1 / TALK_S)
                heapq.heappush(agenda, (over, next(order), CallHungUp(call_id=ring.call_id)))
            todo = engine.poll()
    return output


def erlang_c(servers: int, offered: float) -> float:
    """Probability of having to wait, from Erlang B's recursion."""
    blocked = 1.0
    for n in range(1, servers + 1):
        blocked = offered * blocked / (n + offered * blocked)
    return blocked / (1 - offered / servers * (1 - blocked))


def records(output: list[object]) -> list[CallRecord]:
    found = [out for out in output if isinstance(out, CallRecord)]
    return sorted(found, key=lambda record: int(record.call_id))


@pytest.mark.parametrize(("servers", "load"), [(3, 0.5), (5, 0.8)])
def test_waiting_follows_erlang_c(servers, load):
    """Means over 20 batches lie within a 99.9 % interval (t with 19 degrees: 3.88) of theory."""
    members = tuple(f"m{n}" for n in range(servers))
    group = Group(id="g", members=members, queue_cap=10**6, strategy="longest_idle")
    done = records(simulate(group, load=load, calls=8000, seed=servers))[400:]
    waits = [(record.answered_at or 0.0) - record.joined_at for record in done]
    size = len(waits) // 20
    batches = [waits[n * size : (n + 1) * size] for n in range(20)]
    probability = erlang_c(servers, load * servers)
    mean = probability * TALK_S / (servers * (1 - load))
    assert_near([fmean(batch) for batch in batches], mean)
    assert_near([fmean(wait > 0 for wait in batch) for batch in batches], probability)
    assert [record.queued for record in done] == [wait > 0 for wait in waits]


def assert_near(batches: list[float], theory: float) -> None:
    centre = fmean(batches)
    spread = math.sqrt(fmean((batch - centre) ** 2 for batch in batches) / (len(batches) - 1))
    assert abs(centre - theory) <= 3.88 * spread


def told(estimator: str, seed: int) -> list[object]:
    members = tuple(f"m{n}" for n in range(5))
    group = Group(
        id="g",
        members=members,
        queue_cap=10**6,
        position_every_s=10.0,
        expected_wait=estimator,
        expected_wait_probability=0.8,
    )
    return simulate(group, load=0.92, calls=2500, seed=seed)


@pytest.mark.parametrize(
    ("estimator", "least", "most"),
    [("queue_length", 0.74, 0.86), ("last_to_enter", 0.55, 0.95), ("head_of_line", 0.55, 0.95)],
)
def test_h4_the_range_holds_about_as_often_as_it_says(estimator, least, most):
    """The mean holding time is itself learned from few conversations, hence the margin."""
    scores = [out for out in told(estimator, 7) if isinstance(out, WaitScoreRecord)]
    assert len(scores) > 500
    assert least <= fmean(score.inside for score in scores) <= most
    for score in scores:
        assert score.inside == (score.low_s <= score.waited_s <= score.high_s)


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
# 2, 4 and 10 degrees of freedom at 0.10 and 0.90; 100 at the same.
TABLE = [
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


@given(st.floats(1.0, 200.0), st.floats(0.05, 0.9))
def test_h4_quantiles_rise_with_their_probability(shape, q):
    assert gamma_quantile(shape, q) < gamma_quantile(shape, q + 0.05)


def view(**more: object) -> QueueView:
    usual = {
        "position": 4,
        "servers": 2,
        "holding_s": 60.0,
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
