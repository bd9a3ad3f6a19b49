"""E9: the caller hangs up, keeps the place and is called back."""

from __future__ import annotations

import pytest
from acd_office import Office, office, state_of

from softswitch.acd import (
    CallBackAnswered,
    CallBackAsked,
    CallBackFailed,
    CallMoved,
    CallOutcome,
    CallWithdrawn,
    Connect,
    DialCaller,
    DialCallerFirst,
    Group,
    MemberState,
    ReleaseCaller,
    RingMember,
    StartWaiting,
    StopDialling,
    StopReason,
    Target,
    TargetKind,
    TellPosition,
)


def called_back(**settings: object) -> Office:
    """Caller "a" asked to be called back and hung up; "b" waits behind; member 1 is busy."""
    o = office(1, **settings)
    o.busy("1")
    o.join("a", caller="ole")
    o.at(5).join("b")
    o.at(10).tell(CallBackAsked(call_id="a", number="+4512345678"))
    o.hang_up("a")
    return o


def test_e9_a_caller_who_asked_for_a_call_back_hangs_up_and_keeps_the_place():
    o = called_back()
    assert o.waiting() == ["a", "b"]
    o.at(100)
    assert {tell.call_id for tell in o.all(TellPosition)} == {"b"}
    o.member_hangs_up("1")
    assert o.ringing_for("a") == ["1"]


def test_e9_the_member_answers_first_and_then_the_caller_is_dialled():
    o = called_back()
    o.at(100).member_hangs_up("1")
    o.answer("1")
    (dial,) = o.latest(DialCaller)
    assert (dial.member_id, dial.number) == ("1", "+4512345678")
    assert o.latest(Connect) == []
    o.at(110).tell(CallBackAnswered(call_id="a"))
    assert [connect.offer_id for connect in o.latest(Connect)] == [dial.offer_id]
    o.at(200).hang_up("a")
    record = o.call_record("a")
    assert (record.outcome, record.answered_at, record.member_id) == (
        CallOutcome.CALLED_BACK,
        110,
        "1",
    )


def test_e9_a_caller_not_reached_is_tried_again_later_in_the_old_place():
    o = called_back(call_back_retry_s=300, wrap_up_s=30)
    o.at(100).member_hangs_up("1")
    o.answer("1")
    o.at(130).tell(CallBackFailed(call_id="a"))
    assert o.ringing_for("b") == ["1"]
    assert o.waiting() == ["a", "b"]
    o.answer("1")
    o.at(429).hang_up("b")
    o.at(429.5)
    assert o.ringing == []
    o.at(459)
    assert o.ringing_for("a") == ["1"]


def test_e9_after_the_last_attempt_the_call_is_over():
    o = called_back(call_back_attempts=2, call_back_retry_s=60)
    o.hang_up("b")
    o.at(100).member_hangs_up("1")
    for now in (110, 200):
        o.at(now).answer("1")
        o.tell(CallBackFailed(call_id="a"))
    assert o.waiting() == []
    assert o.call_record("a").outcome is CallOutcome.ABANDONED
    assert state_of(o, "1") is MemberState.READY


def test_e9_a_member_who_hangs_up_while_the_caller_is_dialled_costs_no_attempt():
    o = called_back(call_back_attempts=1)
    o.at(100).member_hangs_up("1")
    o.answer("1")
    o.member_hangs_up("1")
    (stop,) = o.latest(StopDialling)
    assert (stop.call_id, stop.attempt, stop.reason) == ("a", 1, StopReason.MEMBER_GONE)
    assert o.ringing_for("a") == ["1"]
    o.tell(CallBackFailed(call_id="a"))
    assert o.ringing_for("a") == ["1"]


@pytest.mark.parametrize("attempt", [1, None])
def test_e9_a_caller_who_answers_after_the_member_hung_up_is_released_politely(attempt):
    o = called_back()
    o.at(100).member_hangs_up("1")
    o.answer("1")
    o.member_hangs_up("1")
    o.tell(CallBackAnswered(call_id="a", attempt=attempt))
    assert o.new == [ReleaseCaller(call_id="a", attempt=attempt, reason=StopReason.MEMBER_GONE)]
    assert o.waiting() == ["a", "b"]
    assert o.ringing_for("a") == ["1"]


def test_e9_what_an_earlier_dialling_reports_is_told_apart_from_the_present_one():
    o = called_back()
    o.at(100).member_hangs_up("1")
    o.answer("1")
    o.member_hangs_up("1")
    o.answer("1")
    assert [dial.attempt for dial in o.all(DialCaller)] == [1, 2]
    o.tell(CallBackFailed(call_id="a", attempt=1))
    assert o.new == []
    o.tell(CallBackAnswered(call_id="a", attempt=1))
    assert [release.attempt for release in o.latest(ReleaseCaller)] == [1]
    o.tell(CallBackAnswered(call_id="a", attempt=2))
    assert [connect.member_id for connect in o.latest(Connect)] == ["1"]
    o.tell(CallBackAnswered(call_id="a", attempt=2))
    o.tell(CallBackFailed(call_id="a"))
    assert state_of(o, "1") is MemberState.IN_CALL


def test_e9_a_caller_who_was_reached_and_waits_is_not_released_by_an_echo():
    o = called_back(customer_first=True)
    o.hang_up("b")
    o.at(100).member_hangs_up("1")
    for _ in range(2):
        o.tell(CallBackAnswered(call_id="a"))
    assert o.all(ReleaseCaller) == []
    assert o.ringing_for("a") == ["1"]


def test_e9_customer_first_dials_the_caller_when_a_member_is_free():
    o = called_back(customer_first=True)
    o.at(99)
    assert o.all(DialCallerFirst) == []
    o.at(100).member_hangs_up("1")
    assert o.latest(DialCallerFirst) == [
        DialCallerFirst(call_id="a", number="+4512345678", attempt=1)
    ]
    assert o.waiting() == ["a", "b"]


def test_e9_customer_first_holds_no_member_and_the_caller_who_answers_keeps_the_place():
    """Member 1 takes "b" meanwhile; "a" is reached, hears music, and goes before "c"."""
    o = called_back(customer_first=True)
    o.at(100).member_hangs_up("1")
    assert o.ringing_for("b") == ["1"]
    o.answer("1")
    o.at(105).join("c")
    o.at(110).tell(CallBackAnswered(call_id="a"))
    assert [start.call_id for start in o.latest(StartWaiting)] == ["a"]
    assert o.waiting() == ["a", "c"]
    o.at(140)
    assert [(tell.call_id, tell.position) for tell in o.latest(TellPosition)] == [
        ("c", 2),
        ("a", 1),
    ]
    o.at(150).hang_up("b")
    assert o.ringing_for("a") == ["1"]
    o.answer("1")
    o.at(200).hang_up("a")
    record = o.call_record("a")
    assert (record.outcome, record.answered_at) == (CallOutcome.CALLED_BACK, 150)


def test_e9_customer_first_dials_no_more_callers_than_members_are_free():
    o = office(2, customer_first=True)
    o.busy("1", "2")
    for call_id in "abc":
        o.join(call_id)
        o.tell(CallBackAsked(call_id=call_id, number=f"number of {call_id}"))
    o.at(10).member_hangs_up("1")
    o.at(11)
    assert [dial.call_id for dial in o.all(DialCallerFirst)] == ["a"]
    o.at(12).member_hangs_up("2")
    assert [dial.call_id for dial in o.all(DialCallerFirst)] == ["a", "b"]
    o.tell(CallBackFailed(call_id="b"))
    assert [dial.call_id for dial in o.all(DialCallerFirst)] == ["a", "b", "c"]


def test_e9_customer_first_tries_again_later_and_then_gives_up():
    o = called_back(customer_first=True, call_back_attempts=2, call_back_retry_s=60)
    o.hang_up("b")
    o.at(100).member_hangs_up("1")
    o.at(130).tell(CallBackFailed(call_id="a"))
    assert o.waiting() == ["a"]
    o.at(189)
    assert len(o.all(DialCallerFirst)) == 1
    o.at(190)
    assert [dial.attempt for dial in o.latest(DialCallerFirst)] == [2]
    o.tell(CallBackFailed(call_id="a", attempt=2))
    assert o.call_record("a").outcome is CallOutcome.ABANDONED
    assert o.all(RingMember) == []


def test_e9_customer_first_a_caller_who_hangs_up_again_has_abandoned():
    o = called_back(customer_first=True)
    o.at(100).member_hangs_up("1")
    o.tell(CallBackAnswered(call_id="a"))
    o.at(110).hang_up("a")
    assert o.call_record("a").outcome is CallOutcome.ABANDONED
    assert o.ringing_for("b") == ["1"]


def test_e9_customer_first_phones_that_ring_already_ring_on():
    """The caller asks while a phone rings: its member, who answers, is on the line first."""
    o = office(2, customer_first=True, strategy="simultaneous")
    o.busy("2")
    o.join("a")
    o.tell(CallBackAsked(call_id="a", number="+4512345678"))
    o.hang_up("a")
    o.member_hangs_up("2")
    assert o.ringing == ["1"]
    o.answer("1")
    assert [dial.member_id for dial in o.latest(DialCaller)] == ["1"]
    assert o.all(DialCallerFirst) == []


def test_e9_customer_first_a_call_withdrawn_while_dialled_is_dialled_no_longer():
    o = called_back(customer_first=True)
    o.at(100).member_hangs_up("1")
    o.tell(CallWithdrawn(call_id="a", target=Target(TargetKind.HANG_UP)))
    (stop,) = o.latest(StopDialling)
    assert (stop.attempt, stop.reason) == (1, StopReason.CALL_FORWARDED)
    o.tell(CallBackAnswered(call_id="a"))
    assert o.new == []


def test_e9_customer_first_a_call_moved_while_dialled_is_reached_in_its_new_group():
    o = office(1, Group(id="h", members=("2",), customer_first=True), customer_first=True)
    o.busy("1", "2")
    o.join("a")
    o.tell(CallBackAsked(call_id="a", number="+4512345678"))
    o.member_hangs_up("1")
    o.tell(CallMoved(call_id="a", group_id="h"))
    o.tell(CallBackAnswered(call_id="a"))
    assert o.waiting("h") == ["a"]
    assert o.ringing == []
    o.member_hangs_up("2")
    assert o.ringing_for("a") == ["2"]


def test_e9_a_promised_call_back_can_be_withdrawn():
    o = called_back()
    o.tell(CallWithdrawn(call_id="a", target=Target(TargetKind.HANG_UP)))
    assert o.waiting() == ["b"]
