"""Erlang's formulas against published figures, and against the chains that they solve."""

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from softswitch.errors import MisuseError
from softswitch.reports.erlang import (
    Demand,
    ErlangA,
    ErlangC,
    agents_needed,
    erlang_b,
    lines_needed,
)
from softswitch.reports.service_level import Goal

# Traffic that so many lines carry with 1 % and 2 % blocked: the usual table of Erlang B, such as
# R. L. Freeman, "Telecommunication System Engineering", table 1.2.
B_TABLE = [
    (1, 0.01, 0.0101),
    (2, 0.01, 0.153),
    (5, 0.01, 1.36),
    (10, 0.01, 4.46),
    (15, 0.01, 8.11),
    (20, 0.01, 12.0),
    (30, 0.01, 20.3),
    (100, 0.01, 84.1),
    (7, 0.02, 2.94),
    (10, 0.02, 5.08),
    (20, 0.02, 13.2),
    (30, 0.02, 21.9),
]


@pytest.mark.parametrize(("lines", "blocked", "load"), B_TABLE)
def test_erlang_b_is_that_of_the_table(lines: int, blocked: float, load: float):
    digit = 10.0 ** (math.floor(math.log10(load)) - 2)
    low, high = load - digit / 2, load + digit / 2
    assert erlang_b(low, lines) <= blocked <= erlang_b(high, lines)
    assert lines_needed(low, blocked) == lines


def test_1200_calls_of_100_s_need_45_lines():
    # A worked example of a maker of Erlang calculators, Westbay Engineers.
    assert lines_needed(1200 * 100 / 3600, 0.01) == 45


@pytest.mark.parametrize(
    ("calls", "handling", "agents", "within", "published"),
    [
        # The worked example of Call Centre Helper's article on Erlang C: 100 calls in 30 minutes.
        (200, 180, 14, 20, (0.174, 0.888, 7.8, 0.714)),
        # The worked example of Mitan's page on Erlang C: 360 calls in 30 minutes.
        (720, 240, 55, 15, (0.239, 0.846, 8.2, 0.873)),
    ],
)
def test_erlang_c_is_that_of_published_examples(
    calls: float, handling: float, agents: int, within: float, published: tuple[float, ...]
):
    found = ErlangC(Demand(calls_per_hour=calls, handling_s=handling), agents)
    level, wait = round(found.answered_within(within), 3), round(found.mean_wait_s, 1)
    assert (round(found.waiting, 3), level, wait, round(found.occupancy, 3)) == published


def test_erlang_a_is_that_of_garnett_mandelbaum_and_reiman():
    # The example of their introduction: 48 calls a minute of 1 minute, 50 agents, and patience of
    # 2 minutes against endless patience.
    demand = Demand(calls_per_hour=48 * 60, handling_s=60, patience_s=120)
    with_patience, without = ErlangA(demand, 50), ErlangC(demand, 50)
    assert round(with_patience.abandoning, 3) == 0.031
    assert round(with_patience.mean_wait_s, 1) == 3.7
    assert round(with_patience.occupancy, 2) == 0.93
    assert round(without.mean_wait_s, 1) == 20.8
    assert round(without.occupancy, 2) == 0.96


def test_erlang_a_is_that_of_pyworkforce():
    # The example of its documentation: 100 calls in 30 minutes of 3 minutes, patience 5 minutes.
    found = ErlangA(Demand(calls_per_hour=200, handling_s=180, patience_s=300), 13)
    assert found.answered_within(20) == pytest.approx(0.858, abs=6e-4)
    assert found.occupancy == pytest.approx(0.750, abs=6e-4)
    assert found.abandoning == pytest.approx(0.025, abs=6e-4)
    assert found.waiting == pytest.approx(0.226, abs=6e-4)
    assert found.mean_wait_s / 60 == pytest.approx(0.125, abs=6e-4)


def chain(load: Fraction, agents: int, patience: Fraction | None, room: int) -> list[Fraction]:
    """The stationary distribution of the number of calls, by the balance of each cut, exactly.

    Time is counted in lengths of a talk; ``patience`` too.
    """
    weights = [Fraction(1)]
    for calls in range(1, agents + room + 1):
        leaving = Fraction(min(calls, agents))
        if patience is not None:
            leaving += Fraction(max(0, calls - agents)) / patience
        weights.append(weights[-1] * load / leaving)
    total = sum(weights)
    return [weight / total for weight in weights]


LOADS = st.fractions(Fraction(1, 20), 12, max_denominator=20)


@given(load=LOADS, lines=st.integers(0, 20))
def test_erlang_b_solves_its_chain(load: Fraction, lines: int):
    exact = chain(load, lines, None, 0)[-1]
    assert erlang_b(float(load), lines) == pytest.approx(float(exact), rel=1e-12)


@given(agents=st.integers(1, 15), spare=st.fractions(Fraction(1, 20), Fraction(19, 20)))
def test_erlang_c_solves_its_chain(agents: int, spare: Fraction):
    load = agents * (1 - spare)
    states = chain(load, agents, None, 0)
    # Beyond the last agent the chain is geometric, and its endless sum a fraction.
    below, full = sum(states[:-1]), states[-1] / (1 - load / agents)
    found = ErlangC(Demand(calls_per_hour=float(load) * 36, handling_s=100), agents)
    assert found.waiting == pytest.approx(float(full / (below + full)), rel=1e-9)


@given(
    load=LOADS,
    agents=st.integers(1, 12),
    patience=st.fractions(Fraction(1, 10), 3, max_denominator=10),
)
def test_erlang_a_solves_its_chain(load: Fraction, agents: int, patience: Fraction):
    states = chain(load, agents, patience, 150)
    queue = sum(max(0, calls - agents) * share for calls, share in enumerate(states))
    busy = sum(min(calls, agents) * share for calls, share in enumerate(states))
    demand = Demand(
        calls_per_hour=float(load) * 36, handling_s=100, patience_s=float(patience) * 100
    )
    found = ErlangA(demand, agents)
    assert found.waiting == pytest.approx(float(sum(states[agents:])), rel=1e-7)
    assert found.abandoning == pytest.approx(float(queue / patience / load), rel=1e-7)
    assert found.mean_wait_s == pytest.approx(float(queue / load) * 100, rel=1e-7)
    assert found.occupancy == pytest.approx(float(busy / agents), rel=1e-7)


def served_by(time: float, ahead: int, agents: int, patience: float) -> float:
    """How likely a caller with so many ahead is served in time: the chain of the places ahead.

    By randomisation (A. Jensen, 1953): jumps at the times of a Poisson process, at each of which
    somebody ahead leaves, the caller gives up, an agent takes the caller, or nothing happens.
    Time is counted in lengths of a talk.
    """
    pace = agents + (ahead + 1) / patience
    place = [0.0] * ahead + [1.0]  # by how many are ahead
    served, total, weight = 0.0, 0.0, math.exp(-pace * time)
    for jump in range(1, 1000):
        total += weight * served
        served += place[0] * agents / pace
        for i in range(ahead + 1):
            stays = place[i] * (1 - (agents + (i + 1) / patience) / pace)
            comes = place[i + 1] * (agents + (i + 1) / patience) / pace if i < ahead else 0.0
            place[i] = stays + comes
        weight *= pace * time / jump
        if weight < 1e-18 and jump > pace * time:
            break
    return total


@pytest.mark.parametrize(
    ("load", "agents", "patience"), [(3.0, 4, 0.7), (8.0, 8, 0.5), (12.0, 8, 1.5), (0.5, 1, 2.0)]
)
@pytest.mark.parametrize("time", [0.0, 0.05, 0.2, 1.0])
def test_erlang_a_knows_how_long_answered_callers_waited(
    load: float, agents: int, patience: float, time: float
):
    states = chain(Fraction(load), agents, Fraction(patience), 60)
    expected = float(sum(states[:agents])) + sum(
        float(share) * served_by(time, ahead, agents, patience)
        for ahead, share in enumerate(states[agents:])
        if share > 1e-15
    )
    demand = Demand(calls_per_hour=load * 36, handling_s=100, patience_s=patience * 100)
    assert ErlangA(demand, agents).answered_within(time * 100) == pytest.approx(expected, rel=1e-8)


@given(agents=st.integers(1, 300), use=st.floats(0.05, 0.95), time=st.floats(0, 100))
def test_endless_patience_makes_erlang_a_erlang_c(agents: int, use: float, time: float):
    demand = Demand(calls_per_hour=agents * use * 20, handling_s=180, patience_s=1e12)
    patient, known = ErlangA(demand, agents), ErlangC(demand, agents)
    assert patient.waiting == pytest.approx(known.waiting, rel=1e-4, abs=1e-12)
    assert patient.mean_wait_s == pytest.approx(known.mean_wait_s, rel=1e-4, abs=1e-6)
    within = known.answered_within(time)
    assert patient.answered_within(time) == pytest.approx(within, rel=1e-4)


@given(
    agents=st.integers(1, 5000),
    calls=st.floats(1e-3, 1e6),
    patience=st.floats(1, 1e5),
    time=st.floats(0, 1e4),
)
def test_erlang_a_is_a_probability_at_any_size(
    agents: int, calls: float, patience: float, time: float
):
    found = ErlangA(Demand(calls_per_hour=calls, handling_s=180, patience_s=patience), agents)
    slack = 1e-9
    assert 0 <= found.abandoning <= found.waiting <= 1 + slack
    assert -slack <= found.answered_within(time) <= 1 - found.abandoning + slack
    assert found.answered_within(time) <= found.answered_within(2 * time) + slack
    assert found.answered_within(1e9) == pytest.approx(1 - found.abandoning, abs=1e-9)
    assert found.occupancy <= 1 + 1e-6


def test_overload_is_fluid():
    # Twice as many calls as can be served, ten thousand agents: half give up (Whitt, 2004).
    found = ErlangA(Demand(calls_per_hour=400_000, handling_s=180, patience_s=600), 10_000)
    assert found.abandoning == pytest.approx(0.5, abs=1e-6)
    assert found.occupancy == pytest.approx(1.0, abs=1e-6)
    assert found.mean_wait_s == pytest.approx(300, abs=1e-3)


@pytest.mark.parametrize("model", [ErlangC, ErlangA])
@given(calls=st.floats(1, 5000), share=st.floats(0.01, 0.99), within=st.floats(0, 120))
def test_one_agent_fewer_misses_the_goal(model, calls: float, share: float, within: float):
    demand = Demand(calls_per_hour=calls, handling_s=180, patience_s=120)
    found = agents_needed(model, demand, Goal(share, within))
    assert found.answered_within(within) >= share
    if found.agents > 1:
        assert model(demand, found.agents - 1).answered_within(within) < share


def test_a_queue_that_only_grows():
    found = ErlangC(Demand(calls_per_hour=240, handling_s=180), 12)
    assert (found.waiting, found.occupancy, found.abandoning) == (1.0, 1.0, 0.0)
    assert found.answered_within(1e9) == 0.0
    assert found.mean_wait_s == math.inf


@pytest.mark.parametrize(
    "nonsense",
    [
        lambda: erlang_b(-1, 1),
        lambda: erlang_b(1, -1),
        lambda: lines_needed(1, 0),
        lambda: lines_needed(-1, 0.5),
        lambda: ErlangC(Demand(calls_per_hour=1, handling_s=1), 0),
        lambda: ErlangA(Demand(calls_per_hour=1, handling_s=1, patience_s=1), 0),
        lambda: ErlangA(Demand(calls_per_hour=1, handling_s=1), 1),
    ],
)
def test_nonsense_is_refused(nonsense):
    with pytest.raises(MisuseError):
        nonsense()


def test_no_traffic_needs_no_lines():
    assert (erlang_b(0, 0), erlang_b(0, 3), lines_needed(0, 0.01)) == (1.0, 0.0, 0)
