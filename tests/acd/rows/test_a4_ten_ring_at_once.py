"""A4: simultaneous ringing, ten at most, and one who answers."""

from __future__ import annotations

from acd_office import office

from softswitch.acd import (
    Connect,
    MemberState,
    NotChosen,
    OfferAnswered,
    OfferOutcome,
    ReleaseMember,
    RingMember,
    StopReason,
    StopRinging,
)


def test_a4_of_15_with_1_and_2_busy_3_to_12_ring():
    o = office(15, strategy="simultaneous")
    o.busy("1", "2")
    o.join("c")
    assert o.ringing == [str(n) for n in range(3, 13)]
    o.answer("7")
    others = dict(o.offer_records("c")[0].others)
    assert {who for who, why in others.items() if why is NotChosen.IN_CALL} == {"1", "2"}
    assert {who for who, why in others.items() if why is NotChosen.LIMIT_REACHED} == {
        "13",
        "14",
        "15",
    }


def test_a4_the_first_answer_wins_and_all_others_stop_at_once():
    o = office(10, strategy="simultaneous")
    o.join("c")
    o.at(4).answer("6")
    assert [connect.member_id for connect in o.latest(Connect)] == ["6"]
    stops = o.latest(StopRinging)
    assert {stop.member_id for stop in stops} == {str(n) for n in range(1, 11)} - {"6"}
    assert {stop.reason for stop in stops} == {StopReason.ANSWERED_ELSEWHERE}
    outcomes = [record.outcome for record in o.offer_records("c")]
    assert outcomes.count(OfferOutcome.ANSWERED) == 1
    assert outcomes.count(OfferOutcome.ANSWERED_ELSEWHERE) == 9


def test_a4_two_answers_in_the_same_instant_make_one_conversation_and_one_release():
    o = office(3, strategy="simultaneous")
    o.join("c")
    late = o.phones["3"].offer_id
    o.answer("2")
    o.tell(OfferAnswered(offer_id=late))
    (release,) = o.latest(ReleaseMember)
    assert (release.member_id, release.reason) == ("3", StopReason.ANSWERED_ELSEWHERE)
    assert [connect.member_id for connect in o.all(Connect)] == ["2"]
    assert o.engine.snapshot(0).member("3").state is MemberState.READY


def test_a4_a_member_becoming_free_while_fewer_than_ten_ring_starts_to_ring_too():
    o = office(3, strategy="simultaneous")
    o.busy("2")
    o.join("c")
    assert o.ringing == ["1", "3"]
    o.at(12).member_hangs_up("2")
    assert o.ringing == ["1", "3", "2"]
    assert {ring.ring_time_s for ring in o.all(RingMember)} == {20}


def test_a4_a_member_becoming_free_while_ten_ring_does_not_ring():
    o = office(11, strategy="simultaneous")
    o.busy("1")
    o.join("c")
    o.at(5).member_hangs_up("1")
    assert o.ringing == [str(n) for n in range(2, 12)]


def test_a4_when_one_of_ten_refuses_the_eleventh_rings_and_the_refuser_is_left_alone():
    o = office(11, strategy="simultaneous")
    o.join("c")
    o.at(1).fail("4")
    assert o.ringing == ["1", "2", "3", "5", "6", "7", "8", "9", "10", "11"]
    o.at(2).fail("11")
    o.at(10)
    assert o.ringing == ["1", "2", "3", "5", "6", "7", "8", "9", "10"]


def test_a4_a_second_call_rings_those_whom_the_first_leaves_over():
    o = office(12, strategy="simultaneous")
    o.join("c1")
    o.join("c2")
    assert o.ringing_for("c2") == ["11", "12"]
    o.answer("1")
    assert o.ringing_for("c2") == ["11", "12", *map(str, range(2, 10))]
