"""A5: the ring time of an offer, and what happens at its very end."""

from __future__ import annotations

import pytest
from acd_office import Office, office, state_of

from softswitch.acd import (
    CallMoved,
    CallOutcome,
    Connect,
    ForwardReason,
    Group,
    LateAnswerRecord,
    MemberState,
    NoAnswerAction,
    OfferAnswered,
    OfferFailed,
    OfferFailure,
    OfferOutcome,
    ReleaseMember,
    StopReason,
    StopRinging,
)


def test_a5_the_engine_itself_ends_the_ring_time():
    o = office(2, ring_time_s=15)
    o.join("c")
    assert o.engine.next_deadline() == 15
    o.at(14.9)
    assert o.ringing == ["1"]
    o.at(15)
    assert o.ringing == ["2"]
    (stop,) = o.latest(StopRinging)
    assert (stop.member_id, stop.reason) == ("1", StopReason.RING_TIME_OVER)
    assert o.offer_records("c")[0].outcome is OfferOutcome.NO_ANSWER


def late_answer(o: Office, member_id: str, now: float) -> None:
    """The phone that rings now is answered at a time when its ring time is over."""
    late = o.phones[member_id].offer_id
    o.at(now).tell(OfferAnswered(offer_id=late))


def released(o: Office) -> list[tuple[str, StopReason]]:
    return [(release.member_id, release.reason) for release in o.latest(ReleaseMember)]


def test_a5_an_answer_in_the_instant_in_which_the_ring_time_ends_is_connected():
    o = office(2)
    o.join("c")
    offer_id = o.phones["1"].offer_id
    late_answer(o, "1", 20)
    assert o.latest(Connect) == [Connect(offer_id=offer_id, call_id="c", member_id="1")]
    assert [(s.member_id, s.reason) for s in o.latest(StopRinging)] == [
        ("2", StopReason.ANSWERED_ELSEWHERE)
    ]
    (late,) = o.latest(LateAnswerRecord)
    assert (late.offer_id, late.call_id, late.member_id) == (offer_id, "c", "1")
    outcomes = [(r.member_id, r.outcome) for r in o.offer_records("c")]
    assert outcomes == [
        ("1", OfferOutcome.NO_ANSWER),
        ("2", OfferOutcome.ANSWERED_ELSEWHERE),
    ]
    o.at(60).hang_up("c")
    record = o.call_record("c")
    assert (record.outcome, record.answered_at, record.member_id) == (
        CallOutcome.ANSWERED,
        20,
        "1",
    )


def test_a5_an_answer_that_crosses_the_stop_on_the_wire_is_connected_too():
    o = office(2)
    o.join("c")
    late_answer(o, "1", 20.4)
    assert [connect.member_id for connect in o.latest(Connect)] == ["1"]


def test_a5_a_single_member_whose_phone_rings_anew_may_answer_the_ringing_before():
    o = office(1)
    o.join("c")
    late_answer(o, "1", 20.1)
    assert o.ringing == []
    assert [connect.offer_id for connect in o.latest(Connect)] == [
        o.all(LateAnswerRecord)[0].offer_id
    ]
    assert [r.outcome for r in o.offer_records("c")] == [
        OfferOutcome.NO_ANSWER,
        OfferOutcome.ANSWERED_ELSEWHERE,
    ]


def test_a5_a_late_answer_is_released_when_a_colleague_has_the_call():
    o = office(2)
    o.join("c")
    late = o.phones["1"].offer_id
    o.at(20).answer("2")
    o.tell(OfferAnswered(offer_id=late))
    assert released(o) == [("1", StopReason.RING_TIME_OVER)]


def test_a5_a_late_answer_is_released_when_another_call_rings_there_by_now():
    o = office(2)
    o.busy("2")
    o.join("first")
    late = o.phones["1"].offer_id
    o.at(5).join("urgent", priority=1)
    o.at(20)
    assert o.ringing_for("urgent") == ["1"]
    o.tell(OfferAnswered(offer_id=late))
    assert released(o) == [("1", StopReason.RING_TIME_OVER)]
    assert o.ringing_for("urgent") == ["1"]


def test_a5_a_late_answer_is_released_when_the_call_has_been_forwarded():
    o = office(1, max_offers=1)
    o.join("c")
    late_answer(o, "1", 20)
    assert o.forwarded("c").reason is ForwardReason.OFFERS_EXHAUSTED
    assert released(o) == [("1", StopReason.RING_TIME_OVER)]


def test_a5_a_late_answer_is_no_answer_to_another_call_of_the_same_name():
    o = office(2, strategy="simultaneous")
    o.join("c")
    late = o.phones["2"].offer_id
    o.hang_up("c")
    o.busy("1", "2")
    o.join("c")
    o.member_hangs_up("2")
    o.deactivate("2")
    o.activate("2")
    o.tell(OfferAnswered(offer_id=late))
    assert released(o) == [("2", StopReason.CALLER_GONE)]


@pytest.mark.parametrize(
    "action",
    [NoAnswerAction.PAUSE, NoAnswerAction.LOG_OUT, NoAnswerAction.LOG_OUT_UNLESS_LAST],
)
def test_a5_who_was_sent_off_for_not_answering_and_answers_is_there_again(action):
    o = office(2, no_answer_action=action)
    o.join("c")
    late_answer(o, "1", 20)
    assert [connect.member_id for connect in o.latest(Connect)] == ["1"]
    o.at(30).hang_up("c")
    assert state_of(o, "1") is MemberState.READY


@pytest.mark.parametrize("choose", ["pause", "deactivate", "busy"])
def test_a5_a_late_answer_changes_no_choice_of_the_member(choose):
    o = office(2)
    o.join("c")
    late = o.phones["1"].offer_id
    o.at(20)
    getattr(o, choose)("1")
    before = state_of(o, "1")
    o.tell(OfferAnswered(offer_id=late))
    assert released(o) == [("1", StopReason.RING_TIME_OVER)]
    assert state_of(o, "1") is before


def test_a5_a_member_withdrawn_who_is_ready_again_may_answer_late():
    o = office(2)
    o.join("c")
    late = o.phones["1"].offer_id
    o.pause("1")
    o.ready("1")
    o.tell(OfferAnswered(offer_id=late))
    assert [connect.member_id for connect in o.latest(Connect)] == ["1"]


def test_a5_a_late_answer_for_a_call_moved_to_a_group_of_others_is_released():
    o = office(1, Group(id="h", members=("2",)))
    o.join("c")
    late = o.phones["1"].offer_id
    o.tell(CallMoved(call_id="c", group_id="h"))
    o.tell(OfferAnswered(offer_id=late))
    assert released(o) == [("1", StopReason.CALL_MOVED)]
    assert o.ringing_for("c") == ["2"]


def test_a5_a_phone_that_has_confirmed_the_stop_answers_no_more():
    o = office(2)
    o.join("c")
    late = o.phones["1"].offer_id
    o.at(20).tell(OfferFailed(offer_id=late, failure=OfferFailure.NO_ANSWER))
    o.tell(OfferAnswered(offer_id=late))
    assert o.new == []
    assert o.ringing == ["2"]
