"""E7: a returning caller meets the member met last."""

from __future__ import annotations

import pytest
from acd_office import Office, office

from softswitch.acd import (
    NotChosen,
)


def returning_caller(**settings: object) -> Office:
    """Ole talked to member 2 until second 60, and others are free too."""
    o = office(3, last_agent_within_s=3600, last_agent_wait_s=45, **settings)
    o.busy("1")
    o.join("first", caller="ole")
    o.answer("2")
    o.at(60).hang_up("first")
    o.member_hangs_up("1")
    return o


def test_e7_a_returning_caller_is_offered_to_the_member_met_last():
    o = returning_caller()
    o.at(100).join("again", caller="ole")
    assert o.ringing_for("again") == ["2"]
    o.answer("2")
    others = dict(o.offer_records("again")[0].others)
    assert others == dict.fromkeys(["1", "3"], NotChosen.KEPT_FOR_LAST_AGENT)


def test_e7_the_caller_waits_for_that_member_at_most_the_set_time():
    o = returning_caller()
    o.at(100).busy("2")
    o.join("again", caller="ole")
    o.at(144)
    assert o.ringing == []
    o.at(145)
    assert o.ringing_for("again") == ["1"]


def test_e7_the_member_met_last_becoming_free_in_time_gets_the_call():
    o = returning_caller()
    o.at(100).busy("2")
    o.join("again", caller="ole")
    o.at(120).member_hangs_up("2")
    assert o.ringing_for("again") == ["2"]


@pytest.mark.parametrize("leave", ["deactivate", "pause"])
def test_e7_anybody_answers_when_the_member_met_last_leaves(leave):
    o = returning_caller()
    o.at(100).busy("2")
    o.join("again", caller="ole")
    getattr(o, leave)("2")
    o.member_hangs_up("2")
    assert o.ringing_for("again") == ["1"]


def test_e7_anybody_answers_when_the_member_met_last_refuses():
    o = returning_caller()
    o.at(100).join("again", caller="ole")
    o.fail("2")
    assert o.ringing_for("again") == ["1"]


def test_e7_anybody_answers_when_the_member_met_last_is_called_elsewhere():
    o = returning_caller()
    o.at(100).join("again", caller="ole")
    o.busy("2")
    assert o.ringing_for("again") == ["1"]


def test_e7_only_so_many_meetings_are_remembered(monkeypatch):
    monkeypatch.setattr("softswitch.acd.core.MEMORY", 1)
    o = returning_caller()
    for other in ("eva", "ib"):
        o.join(other, caller=other)
        o.answer("1")
        o.hang_up(other)
    o.join("again", caller="ole")
    assert o.ringing_for("again") == ["1"]


def test_e7_the_meeting_is_forgotten_after_the_set_time():
    o = returning_caller()
    o.at(60 + 3601).join("again", caller="ole")
    assert o.ringing_for("again") == ["1"]


def test_e7_nobody_is_kept_waiting_where_there_is_no_queue():
    o = returning_caller(queue=False)
    o.at(100).busy("2")
    o.join("again", caller="ole")
    assert o.ringing_for("again") == ["1"]
