"""E8: put back with the place kept, and cut off."""

from __future__ import annotations

import pytest
from acd_office import office, state_of

from softswitch.acd import (
    CallOutcome,
    CallPutBack,
    ConversationRecord,
    ForwardReason,
    ImpossibleInputError,
    MemberState,
    StartWaiting,
)


def test_e8_a_call_put_back_keeps_its_place_and_goes_to_another_member():
    o = office(2, wrap_up_s=5)
    o.talk("c1", "1")
    o.busy("2")
    o.at(10).join("c2")
    o.at(20).tell(CallPutBack(call_id="c1"))
    assert o.waiting() == ["c1", "c2"]
    assert [start.call_id for start in o.latest(StartWaiting)] == ["c1"]
    assert state_of(o, "1") is MemberState.WRAP_UP
    o.at(30)
    assert o.ringing_for("c1") == ["1"]
    o.at(31).member_hangs_up("2")
    assert o.ringing_for("c2") == ["2"]


def test_e8_records_of_a_call_put_back_tell_of_both_conversations():
    o = office(2)
    o.talk("c", "1")
    o.at(30).tell(CallPutBack(call_id="c"))
    assert o.ringing_for("c") == ["2"]
    o.at(40).answer("2")
    o.at(100).hang_up("c")
    talks = [(r.member_id, r.started_at, r.at) for r in o.all(ConversationRecord)]
    assert talks == [("1", 0, 30), ("2", 40, 100)]
    record = o.call_record("c")
    assert (record.outcome, record.member_id) == (CallOutcome.ANSWERED, "2")
    assert (record.answered_at, record.ended_at, record.offers) == (0, 100, 2)


def test_e8_only_a_conversation_can_be_put_back():
    o = office(1)
    o.join("c")
    with pytest.raises(ImpossibleInputError):
        o.tell(CallPutBack(call_id="c"))


def test_e8_a_caller_who_is_cut_off_and_redials_keeps_the_place():
    o = office(1, redial_within_s=60, queue_cap=2)
    o.busy("1")
    o.join("a", caller="ole")
    o.at(5).join("b", caller="eva")
    o.at(10).hang_up("a")
    o.at(12).join("c", caller="per")
    assert o.forwarded("c").reason is ForwardReason.QUEUE_FULL
    o.at(69).join("a2", caller="ole")
    assert o.waiting() == ["a2", "b"]
    assert o.call_record("a").outcome is CallOutcome.ABANDONED


def test_e8_the_place_is_free_when_the_caller_does_not_redial_in_time():
    o = office(1, redial_within_s=60, queue_cap=1)
    o.busy("1")
    o.join("a", caller="ole")
    o.at(10).hang_up("a")
    o.at(70).join("b", caller="per")
    o.at(71).join("a2", caller="ole")
    assert o.waiting() == ["b"]
    assert o.forwarded("a2").reason is ForwardReason.QUEUE_FULL


def test_e8_a_withheld_number_has_no_place_kept():
    o = office(1, redial_within_s=60)
    o.busy("1")
    o.join("a")
    o.at(5).join("b", caller="eva")
    o.hang_up("a")
    o.join("a2")
    assert o.waiting() == ["b", "a2"]
