"""A6: how often and how long a call is offered."""

from __future__ import annotations

from acd_office import office

from softswitch.acd import (
    CallOutcome,
    Forward,
    ForwardReason,
    NotChosen,
    RingMember,
    StopReason,
    StopRinging,
    Target,
    TargetKind,
)

VOICEMAIL = Target(TargetKind.VOICEMAIL)


BACKUP = Target(TargetKind.NUMBER, "sip:backup@office.example")


def test_a6_without_a_limit_a_call_is_offered_until_the_caller_gives_up():
    o = office(2)
    o.join("c")
    o.at(20 * 50)
    assert o.all(Forward) == []
    assert [r.member_id for r in o.offer_records("c")] == ["1", "2"] * 25
    o.hang_up("c")
    assert o.call_record("c").outcome is CallOutcome.ABANDONED
    assert o.call_record("c").offers == 51


def test_a6_the_whole_list_is_gone_through_before_anybody_is_rung_again():
    o = office(3)
    o.join("c")
    o.at(100)
    assert [r.member_id for r in o.offer_records("c")] == ["1", "2", "3", "1", "2"]
    assert dict(o.offer_records("c")[1].others) == {
        "1": NotChosen.JUST_TRIED,
        "3": NotChosen.LOWER_IN_LIST,
    }


def test_a6_a_call_is_forwarded_after_n_offers():
    o = office(3, max_offers=2, no_answer=BACKUP)
    o.join("c")
    o.at(20)
    assert o.all(Forward) == []
    o.at(40)
    forward = o.forwarded("c")
    assert (forward.target, forward.reason) == (BACKUP, ForwardReason.OFFERS_EXHAUSTED)
    assert o.ringing == []
    record = o.call_record("c")
    assert (record.outcome, record.offers) == (CallOutcome.FORWARDED, 2)
    assert (record.ended_at, record.forward_target) == (40, BACKUP)


def test_a6_a_simultaneous_ring_counts_as_one_offer():
    o = office(10, strategy="simultaneous", max_offers=2)
    o.join("c")
    o.at(39)
    assert len(o.ringing) == 10
    assert len(o.all(RingMember)) == 20
    o.at(40)
    assert o.forwarded("c").reason is ForwardReason.OFFERS_EXHAUSTED
    assert o.call_record("c").offers == 2


def test_a6_a_simultaneous_ring_ends_the_offer_for_a_latecomer_too():
    o = office(2, strategy="simultaneous", max_offers=1)
    o.busy("2")
    o.join("c")
    o.at(15).member_hangs_up("2")
    o.at(20)
    assert o.ringing == []
    assert o.latest(StopRinging)[-1].reason is StopReason.CALL_FORWARDED
    assert o.forwarded("c").reason is ForwardReason.OFFERS_EXHAUSTED


def test_a6_a_latecomer_rings_a_full_ring_time_across_rounds():
    o = office(2, strategy="simultaneous")
    o.busy("2")
    o.join("c")
    o.at(15).member_hangs_up("2")
    o.at(34)
    assert o.offer_records("c")[0].member_id == "1"
    assert len(o.offer_records("c")) == 1
    o.at(35)
    assert [(r.member_id, r.started_at, r.at) for r in o.offer_records("c")] == [
        ("1", 0, 20),
        ("2", 15, 35),
    ]


def test_a6_a_call_is_forwarded_after_m_minutes_of_offering():
    o = office(2, max_offering_s=60, no_answer=VOICEMAIL)
    o.busy("1", "2")
    o.join("c")
    o.at(100).member_hangs_up("1")
    o.at(159)
    assert o.all(Forward) == []
    o.at(160)
    assert o.forwarded("c").reason is ForwardReason.OFFERING_TIME_OVER
    assert o.ringing == []


def test_a6_no_limit_applies_to_a_call_that_was_answered():
    o = office(1, max_offering_s=60, max_offers=1)
    o.talk("c", "1")
    o.at(600)
    assert o.all(Forward) == []
    o.hang_up("c")
    assert o.call_record("c").outcome is CallOutcome.ANSWERED
