"""A3: who is offered the next call."""

from __future__ import annotations

from acd_office import office

from softswitch.acd import (
    NotChosen,
    OfferFailure,
)


def test_a3_priority_takes_the_first_free_active_member_of_the_list():
    o = office(4)
    o.deactivate("1")
    o.busy("2")
    o.join("c")
    assert o.ringing == ["3"]
    o.answer("3")
    assert dict(o.offer_records("c")[0].others) == {
        "1": NotChosen.PASSIVE,
        "2": NotChosen.IN_CALL,
        "4": NotChosen.LOWER_IN_LIST,
    }


def test_a3_longest_idle_counts_from_the_end_of_the_last_answered_call():
    o = office(3, strategy="longest_idle")
    o.talk("c1", "1")
    o.at(10).talk("c2", "2")
    o.at(20).talk("c3", "3")
    o.at(30).hang_up("c2")
    o.at(40).hang_up("c1")
    o.at(50).hang_up("c3")
    o.at(60).join("c4")
    assert o.ringing == ["2"]
    o.answer("2")
    assert dict(o.offer_records("c4")[0].others) == {
        "1": NotChosen.LESS_IDLE,
        "3": NotChosen.LESS_IDLE,
    }


def test_a3_longest_idle_counts_from_becoming_active():
    o = office(2, strategy="longest_idle")
    o.deactivate("1")
    o.at(10).activate("1")
    o.join("c")
    assert o.ringing == ["2"]


def test_a3_idle_time_is_not_touched_by_unanswered_offers_pauses_or_own_calls():
    o = office(2, strategy="longest_idle")
    o.talk("c1", "1")
    o.at(5).hang_up("c1")
    o.at(10).busy("2")
    o.at(20).member_hangs_up("2")
    o.pause("2")
    o.at(30).ready("2")
    o.join("c2")
    o.fail("2", OfferFailure.NO_ANSWER)
    o.hang_up("c2")
    o.at(40).join("c3")
    assert o.ringing == ["2"]
    assert o.engine.snapshot(40).member("2").idle_s == 40
