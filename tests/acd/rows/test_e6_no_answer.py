"""E6: no answer although ready, and refusals."""

from __future__ import annotations

import pytest
from acd_office import office, state_of

from softswitch.acd import (
    MemberState,
    MemberStateRecord,
    NoAnswerAction,
    OfferFailure,
)


@pytest.mark.parametrize(
    "failure", [OfferFailure.REJECTED, OfferFailure.BUSY, OfferFailure.UNREACHABLE]
)
def test_e6_a_single_member_who_refuses_is_not_hammered(failure):
    o = office(1)
    o.join("c")
    o.at(1).fail("1", failure)
    o.at(5.9)
    assert o.ringing == []
    o.at(6)
    assert o.ringing == ["1"]
    assert o.offer_records("c")[0].outcome.value == failure.value


@pytest.mark.parametrize(
    ("action", "states"),
    [
        (NoAnswerAction.NOTHING, [MemberState.READY, MemberState.RINGING]),
        (NoAnswerAction.PAUSE, [MemberState.PAUSED, MemberState.RINGING]),
        (NoAnswerAction.LOG_OUT, [MemberState.PASSIVE, MemberState.RINGING]),
        (NoAnswerAction.LOG_OUT_UNLESS_LAST, [MemberState.PASSIVE, MemberState.RINGING]),
    ],
)
def test_e6_a_member_who_does_not_answer(action, states):
    o = office(2, no_answer_action=action)
    o.join("c")
    o.at(20)
    assert [state_of(o, "1"), state_of(o, "2")] == states
    new = [record.state for record in o.latest(MemberStateRecord) if record.member_id == "1"]
    assert new == [states[0]]


def test_e6_the_last_active_member_stays_logged_in():
    o = office(2, no_answer_action=NoAnswerAction.LOG_OUT_UNLESS_LAST)
    o.join("c")
    o.at(60)
    assert state_of(o, "1") is MemberState.PASSIVE
    assert o.ringing == ["2"]


def test_e6_of_ten_who_do_not_answer_one_stays_logged_in():
    o = office(10, strategy="simultaneous", no_answer_action=NoAnswerAction.LOG_OUT_UNLESS_LAST)
    o.join("c")
    o.at(20)
    assert o.ringing == ["10"]


def test_e6_a_refusal_is_not_an_unanswered_call():
    o = office(1, no_answer_action=NoAnswerAction.LOG_OUT)
    o.join("c")
    o.fail("1", OfferFailure.REJECTED)
    assert state_of(o, "1") is MemberState.READY
