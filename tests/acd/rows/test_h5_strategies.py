"""H5: strategies of one's own, in plain Python."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from acd_office import Office, people

from softswitch.acd import (
    DEFAULT_STRATEGIES,
    Group,
    NotChosen,
    Situation,
    Strategy,
    StrategyFaultRecord,
)

SEEN: list[Situation] = []


def last_first(situation: Situation) -> Sequence[str]:
    return situation.member_ids[::-1]


def raises(situation: Situation) -> Sequence[str]:
    raise LookupError(situation.call_id)


def names_a_stranger(_situation: Situation) -> Sequence[str]:
    return ["nobody"]


def names_nobody(_situation: Situation) -> Sequence[str]:
    return []


def names_twice(situation: Situation) -> Sequence[str]:
    return [situation.member_ids[0]] * 2


def gives_no_list(_situation: Situation) -> Sequence[str]:
    return None  # type: ignore[return-value]


def remembers(situation: Situation) -> Sequence[str]:
    SEEN.append(situation)
    return situation.member_ids


def office(strategy: object, **settings: object) -> Office:
    group = Group(id="g", members=("1", "2", "3"), strategy="own", **settings)  # type: ignore[arg-type]
    strategies = {**DEFAULT_STRATEGIES, "own": strategy}
    return Office(group, members=people(3), strategies=strategies)  # type: ignore[arg-type]


def test_h5_a_plain_function_is_a_strategy():
    o = office(last_first)
    o.join("c")
    assert o.ringing == ["3"]
    o.answer("3")
    (record,) = o.offer_records("c")
    assert record.strategy == "own"
    assert dict(record.others) == dict.fromkeys(["1", "2"], NotChosen.RANKED_LOWER)


def test_h5_a_strategy_may_ring_many_in_its_own_order():
    o = office(Strategy(rank=last_first, many=True), simultaneous_limit=2)
    o.join("c")
    assert o.ringing == ["3", "2"]


@pytest.mark.parametrize(
    ("strategy", "fault"),
    [
        (raises, "raised LookupError: c"),
        (names_a_stranger, "chose 'nobody', who is not among the free members"),
        (names_nobody, "chose nobody although somebody is free"),
        (names_twice, "chose a member twice"),
        (gives_no_list, "raised TypeError: 'NoneType' object is not iterable"),
    ],
)
def test_h5_one_that_fails_loses_no_call_and_is_reported(strategy, fault):
    o = office(strategy)
    o.at(5).join("c")
    assert o.ringing == ["1"]
    (report,) = o.all(StrategyFaultRecord)
    assert (report.at, report.strategy, report.call_id, report.fault) == (5, "own", "c", fault)


def test_h5_a_strategy_sees_who_is_free_and_since_when():
    SEEN.clear()
    o = office(remembers)
    o.busy("2")
    o.talk("a", "1")
    o.at(10).hang_up("a")
    SEEN.clear()
    o.at(25).join("b", caller="ole", priority=3)
    (situation,) = SEEN
    assert [(who.member_id, who.place, who.idle_s) for who in situation.candidates] == [
        ("1", 1, 15),
        ("3", 3, 25),
    ]
    assert (situation.caller, situation.priority, situation.round) == ("ole", 3, 1)
    assert (situation.waited_s, situation.ringing) == (0, 0)
