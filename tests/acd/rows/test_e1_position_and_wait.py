"""E1: who waits is told the place in the queue, and the wait where it is known."""

from __future__ import annotations

import pytest
from acd_office import Office, office

from softswitch.acd import TellPosition


def after_conversations_of_60_s(**settings: object) -> Office:
    o = office(1, **settings)
    for n in range(200):
        o.talk(f"past {n}", "1")
        o.at(o.now + 60).hang_up(f"past {n}")
    o.busy("1")
    return o


def test_e1_the_place_counts_everybody_who_is_served_before():
    o = office(1)
    o.busy("1")
    for call_id in "abc":
        o.join(call_id)
    o.at(10).join("urgent", priority=1)
    o.at(30)
    told = {tell.call_id: tell.position for tell in o.latest(TellPosition)}
    assert told == {"a": 2, "b": 3, "c": 4}


def test_e1_the_place_improves_as_others_are_served():
    o = office(1)
    o.talk("first", "1")
    o.join("second")
    o.join("third")
    o.at(40).hang_up("first")
    o.answer("1")
    o.at(65)
    told = [(tell.call_id, tell.position) for tell in o.all(TellPosition)]
    assert told == [("second", 1), ("third", 2), ("third", 1)]


def test_e1_no_wait_is_told_unless_the_group_says_how_to_estimate_it():
    o = after_conversations_of_60_s()
    o.join("c")
    o.at(o.now + 30)
    assert [tell.expected for tell in o.latest(TellPosition)] == [None]


def test_e1_the_expected_wait_goes_along_as_a_range():
    """One member, conversations of 60 s: the first waits exponentially, 60 s in the mean.

    The ends of the range are -60 ln(0.9) and -60 ln(0.1).
    """
    o = after_conversations_of_60_s(expected_wait="queue_length")
    o.join("c")
    o.at(o.now + 30)
    (told,) = o.latest(TellPosition)
    assert told.expected is not None
    assert told.expected.low_s == pytest.approx(6.32, rel=0.02)
    assert told.expected.high_s == pytest.approx(138.2, rel=0.02)
    assert told.expected.probability == 0.8
