"""The hunt group, row by row: A1 to A10 where the engine has a part in it."""

from __future__ import annotations

import attrs
import pytest
from acd_office import Office, people

from softswitch.acd import (
    CallOutcome,
    Connect,
    Engine,
    Forward,
    ForwardReason,
    FurtherGroup,
    Group,
    MemberState,
    MemberStateRecord,
    NotChosen,
    OfferAnswered,
    OfferFailure,
    OfferOutcome,
    Record,
    ReleaseMember,
    RingMember,
    StartWaiting,
    StopReason,
    StopRinging,
    Target,
    TargetKind,
    TellPosition,
)
from softswitch.errors import ConfigurationError

VOICEMAIL = Target(TargetKind.VOICEMAIL)
BACKUP = Target(TargetKind.NUMBER, "sip:backup@office.example")


def office(count: int, **settings: object) -> Office:
    members = people(count)
    ids = tuple(member.id for member in members)
    return Office(Group(id="g", members=ids, **settings), members=members)  # type: ignore[arg-type]


def test_a1_members_ring_at_their_own_address_wherever_that_is():
    o = office(2)
    o.join("c")
    (ring,) = o.latest(RingMember)
    assert (ring.member_id, ring.address, ring.ring_time_s) == ("1", "sip:1@office.example", 20)


def test_a1_faults_in_groups_are_all_reported():
    groups = [
        Group(id="a", members=("1", "9", "1"), strategy="dice"),
        Group(id="b", members=(), ring_time_s=0, simultaneous_limit=0),
        Group(
            id="c",
            members=(),
            further=(FurtherGroup(group_id="c"),),
            expected_wait="tea leaves",
            expected_wait_probability=1.0,
        ),
    ]
    with pytest.raises(ConfigurationError) as caught:
        Engine(groups, [*people(1), *people(1)])
    assert [fault.path for fault in caught.value.faults] == [
        "members.1",
        "groups.a.members.1",
        "groups.a.members",
        "groups.a.strategy",
        "groups.b.ring_time_s",
        "groups.b.simultaneous_limit",
        "groups.c.further",
        "groups.c.expected_wait",
        "groups.c.expected_wait_probability",
    ]


def test_a2_passive_members_are_not_rung_until_they_are_active():
    o = office(2)
    o.deactivate("1")
    o.join("c")
    assert o.ringing == ["2"]
    o.fail("2")
    o.activate("1")
    assert o.ringing == ["1"]


def test_a2_a_member_who_becomes_passive_while_the_phone_rings_is_withdrawn():
    o = office(2)
    o.join("c")
    o.deactivate("1")
    assert o.ringing == ["2"]
    (stop,) = o.latest(StopRinging)
    assert stop.reason is StopReason.MEMBER_WITHDRAWN
    assert o.offer_records("c")[0].outcome is OfferOutcome.WITHDRAWN
    assert o.engine.snapshot(0).member("1").state is MemberState.PASSIVE


def test_a2_a_conversation_goes_on_when_its_member_becomes_passive():
    o = office(1)
    o.talk("c", "1")
    o.deactivate("1")
    assert o.engine.snapshot(0).member("1").state is MemberState.IN_CALL
    o.at(60).hang_up("c")
    assert o.engine.snapshot(60).member("1").state is MemberState.PASSIVE


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


def test_a5_an_answer_just_after_the_ring_time_is_released():
    o = office(2)
    o.join("c")
    late = o.phones["1"].offer_id
    o.at(20).tell(OfferAnswered(offer_id=late))
    (release,) = o.latest(ReleaseMember)
    assert (release.member_id, release.reason) == ("1", StopReason.RING_TIME_OVER)
    assert o.ringing == ["2"]


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


def test_a8_calls_wait_when_all_are_busy_and_are_served_first_come_first_served():
    o = office(1)
    o.talk("c1", "1")
    for n, call_id in enumerate(("c2", "c3", "c4"), start=1):
        o.at(n).join(call_id)
    assert o.waiting() == ["c2", "c3", "c4"]
    o.at(10).hang_up("c1")
    assert o.ringing_for("c2") == ["1"]
    o.answer("1")
    o.at(20).member_hangs_up("1")
    assert o.ringing_for("c3") == ["1"]
    assert o.call_record("c2").queued
    assert not o.call_record("c1").queued


def test_a8_at_most_ten_wait_and_the_eleventh_goes_to_the_overflow():
    o = office(1)
    o.talk("c0", "1")
    for n in range(1, 12):
        o.join(f"c{n}")
    assert o.waiting() == [f"c{n}" for n in range(1, 11)]
    forward = o.forwarded("c11")
    assert (forward.target, forward.reason) == (VOICEMAIL, ForwardReason.QUEUE_FULL)
    o.hang_up("c5")
    o.join("c12")
    assert o.waiting()[-1] == "c12"


def test_a8_a_call_for_whom_somebody_is_free_is_never_refused():
    o = office(3, queue_cap=1)
    o.busy("2", "3")
    o.talk("c1", "1")
    o.join("c2")
    o.join("c3")
    assert o.forwarded("c3").reason is ForwardReason.QUEUE_FULL
    o.hang_up("c2")
    o.activate("2")
    o.member_hangs_up("2")
    o.join("c4")
    o.member_hangs_up("3")
    o.join("c5")
    assert o.ringing == ["2", "3"]
    assert len(o.all(Forward)) == 1


def test_a8_the_caller_waiting_keeps_the_place_while_phones_ring_for_it():
    o = office(1, queue_cap=1)
    o.talk("c1", "1")
    o.join("c2")
    o.hang_up("c1")
    assert o.ringing_for("c2") == ["1"]
    o.join("c3")
    assert o.forwarded("c3").reason is ForwardReason.QUEUE_FULL


def test_a8_every_call_let_in_hears_music_from_the_start():
    o = office(1, queue_cap=1)
    o.join("c1")
    assert [type(out).__name__ for out in o.new if not isinstance(out, Record)] == [
        "StartWaiting",
        "RingMember",
    ]
    o.answer("1")
    o.join("c2")
    o.join("c3")
    assert [start.call_id for start in o.all(StartWaiting)] == ["c1", "c2"]


@pytest.mark.parametrize(
    ("target", "outcome"),
    [
        (VOICEMAIL, CallOutcome.FORWARDED),
        (BACKUP, CallOutcome.FORWARDED),
        (Target(TargetKind.MESSAGE), CallOutcome.REFUSED),
    ],
)
def test_a9_with_the_queue_off_a_call_that_finds_all_busy_goes_to_its_target(target, outcome):
    o = office(2, queue=False, no_queue=target)
    o.talk("c1", "1")
    o.busy("2")
    o.join("c2")
    forward = o.forwarded("c2")
    assert (forward.target, forward.reason) == (target, ForwardReason.NO_QUEUE)
    assert o.call_record("c2").outcome is outcome
    assert [start.call_id for start in o.all(StartWaiting)] == ["c1"]


def test_a9_with_the_queue_off_a_call_leaves_when_the_last_ready_member_is_taken():
    o = office(2, queue=False)
    o.busy("2")
    o.join("c")
    o.at(2).fail("1")
    assert o.waiting() == ["c"]
    o.at(3).busy("1")
    assert o.forwarded("c").reason is ForwardReason.NO_QUEUE


def test_a9_with_the_queue_off_a_member_who_refused_is_rung_again_after_the_back_off():
    o = office(1, queue=False)
    o.join("c")
    o.at(2).fail("1")
    assert o.ringing == []
    o.at(7)
    assert o.ringing == ["1"]


def test_nobody_active_has_a_target_of_its_own_where_one_is_set():
    o = office(2, nobody_active=BACKUP)
    o.deactivate("1", "2")
    o.join("c")
    forward = o.forwarded("c")
    assert (forward.target, forward.reason) == (BACKUP, ForwardReason.NOBODY_ACTIVE)


def test_nobody_active_any_more_sends_waiting_callers_there_too():
    o = office(2, nobody_active=BACKUP)
    o.talk("c1", "1")
    o.busy("2")
    o.join("c2")
    o.deactivate("2")
    assert o.waiting() == ["c2"]
    o.deactivate("1")
    assert o.forwarded("c2").reason is ForwardReason.NOBODY_ACTIVE


def test_nobody_active_without_a_target_is_like_all_busy():
    o = office(1)
    o.deactivate("1")
    o.join("c")
    assert o.waiting() == ["c"]
    o.at(30).activate("1")
    assert o.ringing == ["1"]


def test_b6_the_position_is_told_every_30_s_from_joining():
    o = office(1)
    o.talk("c1", "1")
    o.at(5).join("c2")
    o.at(10).join("c3")
    o.at(34.9)
    assert o.all(TellPosition) == []
    o.at(70)
    told = [(tell.call_id, tell.position) for tell in o.all(TellPosition)]
    assert told == [("c2", 1), ("c3", 2), ("c2", 1), ("c3", 2)]
    o.hang_up("c2")
    o.at(100)
    assert [(tell.call_id, tell.position) for tell in o.latest(TellPosition)] == [("c3", 1)]


def test_b6_no_position_is_told_once_the_call_is_answered():
    o = office(1)
    o.talk("c", "1")
    o.at(300)
    assert o.all(TellPosition) == []


def test_an_abandoned_call_stops_the_phones():
    o = office(3, strategy="simultaneous")
    o.join("c")
    o.at(7).hang_up("c")
    assert {stop.reason for stop in o.latest(StopRinging)} == {StopReason.CALLER_GONE}
    record = o.call_record("c")
    assert (record.outcome, record.ended_at, record.answered_at) == (
        CallOutcome.ABANDONED,
        7,
        None,
    )
    assert o.engine.next_deadline() is None


def test_wrap_up_keeps_the_member_from_calls_until_it_is_over():
    o = office(1, wrap_up_s=30)
    o.talk("c1", "1")
    o.join("c2")
    o.at(100).member_hangs_up("1")
    assert o.engine.snapshot(100).member("1").state is MemberState.WRAP_UP
    o.at(129.9)
    assert o.ringing == []
    o.at(130)
    assert o.ringing_for("c2") == ["1"]


def test_wrap_up_is_not_shortened_by_going_passive_and_back():
    o = office(1, wrap_up_s=30)
    o.talk("c1", "1")
    o.join("c2")
    o.at(100).hang_up("c1")
    o.at(105).deactivate("1")
    o.at(110).activate("1")
    assert o.engine.snapshot(110).member("1").wrap_up_until == 130
    o.at(129)
    assert o.ringing == []
    o.at(130)
    assert o.ringing == ["1"]


def test_wrap_up_is_ended_by_the_member():
    o = office(1, wrap_up_s=30)
    o.talk("c1", "1")
    o.join("c2")
    o.hang_up("c1")
    o.at(3).ready("1")
    assert o.ringing_for("c2") == ["1"]


def test_a_pause_ends_ringing_and_lasts_until_the_member_is_ready():
    o = office(1)
    o.join("c")
    o.pause("1", "lunch")
    member = o.engine.snapshot(0).member("1")
    assert (member.state, member.reason) == (MemberState.PAUSED, "lunch")
    o.at(1000)
    assert o.ringing == []
    o.ready("1")
    assert o.ringing == ["1"]


def test_another_reason_for_a_pause_is_recorded():
    o = office(1)
    o.pause("1", "lunch")
    o.pause("1", "lunch")
    o.pause("1", "meeting")
    reasons = [record.reason for record in o.all(MemberStateRecord) if record.reason]
    assert reasons == ["lunch", "meeting"]


@pytest.mark.parametrize(
    "failure", [OfferFailure.REJECTED, OfferFailure.BUSY, OfferFailure.UNREACHABLE]
)
def test_a_single_member_who_refuses_is_not_hammered(failure):
    o = office(1)
    o.join("c")
    o.at(1).fail("1", failure)
    o.at(5.9)
    assert o.ringing == []
    o.at(6)
    assert o.ringing == ["1"]
    assert o.offer_records("c")[0].outcome.value == failure.value


def test_a_member_serves_several_groups_and_is_reserved_once():
    members = people(1)
    groups = [Group(id=name, members=("1",)) for name in "ab"]
    o = Office(*groups, members=members)
    o.join("c1", "a")
    o.join("c2", "b")
    assert o.ringing_for("c1") == ["1"]
    assert o.ringing_for("c2") == []
    o.fail("1", OfferFailure.NO_ANSWER)
    o.hang_up("c1")
    assert o.ringing_for("c2") == ["1"]


def test_between_groups_weight_then_priority_then_longest_wait_decides():
    groups = [
        Group(id="light", members=("1",)),
        Group(id="plain", members=("1",)),
        Group(id="heavy", members=("1",), weight=1),
    ]
    o = Office(*groups, members=people(1))
    o.busy("1")
    o.join("first", "plain")
    o.at(1).join("second", "light")
    o.at(2).join("urgent", "light", priority=1)
    o.at(3).join("weighty", "heavy")
    served = []
    for _ in range(4):
        o.member_hangs_up("1")
        served.append(o.phones["1"].call_id)
        o.answer("1")
    assert served == ["weighty", "urgent", "first", "second"]


def test_priority_goes_before_waiting_time_and_equals_keep_their_order():
    o = office(1)
    o.busy("1")
    for call_id, priority in (("a", 0), ("b", 5), ("c", 0), ("d", 5)):
        o.join(call_id, priority=priority)
    assert o.waiting() == ["b", "d", "a", "c"]


def test_members_without_the_skill_are_not_rung():
    members = [
        attrs.evolve(member, skills=skills)
        for member, skills in zip(
            people(3), [frozenset({"da"}), frozenset({"da", "sv"}), frozenset({"sv"})], strict=True
        )
    ]
    o = Office(Group(id="g", members=("1", "2", "3")), members=members)
    o.join("c", skills=frozenset({"sv"}))
    assert o.ringing == ["2"]
    o.answer("2")
    assert dict(o.offer_records("c")[0].others) == {
        "1": NotChosen.UNSKILLED,
        "3": NotChosen.LOWER_IN_LIST,
    }
    o.join("both", skills=frozenset({"da", "sv"}))
    o.join("danish", skills=frozenset({"da"}))
    assert o.ringing == ["1"]
    assert o.waiting() == ["both", "danish"]
