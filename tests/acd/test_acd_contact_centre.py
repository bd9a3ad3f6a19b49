"""Contact-centre queueing, row by row: E2, E3, E6 to E9, E11, and what attendants may do."""

from __future__ import annotations

import attrs
import pytest
from acd_office import Office, people

from softswitch.acd import (
    CallBackAnswered,
    CallBackAsked,
    CallBackFailed,
    CallLeft,
    CallMoved,
    CallMovedRecord,
    CallOutcome,
    CallPutBack,
    CallReprioritised,
    CallWithdrawn,
    Connect,
    ConversationRecord,
    DialCaller,
    ForwardReason,
    FurtherGroup,
    Group,
    ImpossibleInputError,
    MemberState,
    MemberStateRecord,
    NoAnswerAction,
    NotChosen,
    OfferFailure,
    OfferOutcome,
    StartWaiting,
    StopReason,
    StopRinging,
    Target,
    TargetKind,
    TellPosition,
)

SWITCHBOARD = Target(TargetKind.NUMBER, "sip:switchboard@office.example")


def office(count: int, *others: Group, **settings: object) -> Office:
    """Group "g" of the first `count` members; the other groups may name further ones."""
    names = {name for other in others for name in other.members}
    highest = max([count, *map(int, names)])
    ids = tuple(str(n) for n in range(1, count + 1))
    group = Group(id="g", members=ids, **settings)  # type: ignore[arg-type]
    return Office(group, *others, members=people(highest))


def state_of(o: Office, member_id: str) -> MemberState:
    return o.engine.snapshot(o.now).member(member_id).state


def test_e2_absolute_priority_goes_before_any_waiting_time():
    o = office(1)
    o.busy("1")
    o.join("patient")
    o.at(3600).join("urgent", priority=1)
    assert o.waiting() == ["urgent", "patient"]


def test_e2_weighted_priority_counts_as_seconds_of_waiting():
    o = office(1, priority_worth_s=60)
    o.busy("1")
    o.join("patient")
    o.at(59).join("just before", priority=1)
    o.at(61).join("just after", priority=1)
    o.at(100).join("plain")
    o.at(100).join("high", priority=2)
    assert o.waiting() == ["high", "just before", "patient", "just after", "plain"]


BACKUP = Group(id="backup", members=("2",))


def test_e3_a_further_group_answers_after_a_while():
    o = office(1, BACKUP, further=(FurtherGroup(group_id="backup", after_s=30),))
    o.busy("1")
    o.join("c")
    o.at(29.9)
    assert o.ringing == []
    o.at(30)
    assert o.ringing_for("c") == ["2"]


def test_e3_the_own_group_comes_first_when_it_has_somebody_free():
    o = office(1, BACKUP, further=(FurtherGroup(group_id="backup"),))
    o.join("c1")
    o.join("c2")
    assert o.ringing_for("c1") == ["1"]
    assert o.ringing_for("c2") == ["2"]


def test_e3_a_full_queue_refuses_nobody_whom_a_further_group_answers_at_once():
    o = office(1, BACKUP, further=(FurtherGroup(group_id="backup"),), queue_cap=1)
    o.busy("1", "2")
    o.join("a")
    o.hang_up("a")
    o.member_hangs_up("2")
    o.join("b")
    o.join("c")
    o.join("d")
    assert o.ringing_for("b") == ["2"]
    assert o.waiting() == ["b", "c"]
    assert o.forwarded("d").reason is ForwardReason.QUEUE_FULL


def test_e3_a_group_without_a_queue_lets_its_further_groups_answer():
    o = office(1, BACKUP, further=(FurtherGroup(group_id="backup"),), queue=False)
    o.busy("1")
    o.join("a")
    assert o.ringing_for("a") == ["2"]
    o.busy("2")
    assert o.forwarded("a").reason is ForwardReason.NO_QUEUE


def test_e3_a_further_group_opens_and_closes_with_the_length_of_the_queue():
    o = office(1, BACKUP, further=(FurtherGroup(group_id="backup", waiting_at_least=3),))
    o.busy("1", "2")
    for call_id in "abc":
        o.join(call_id)
    o.hang_up("c")
    o.member_hangs_up("2")
    assert o.ringing == []
    o.join("d")
    assert o.ringing_for("a") == ["2"]


def test_e3_a_further_group_opens_when_too_few_are_active():
    o = office(
        2,
        attrs.evolve(BACKUP, members=("3",)),
        further=(FurtherGroup(group_id="backup", active_at_most=1),),
    )
    o.busy("1", "2")
    o.join("c")
    assert o.ringing == []
    o.deactivate("2")
    assert o.ringing_for("c") == ["3"]


def test_e3_calls_of_the_further_group_itself_compete_by_the_one_rule():
    o = office(1, BACKUP, further=(FurtherGroup(group_id="backup"),))
    o.busy("1", "2")
    o.join("guest")
    o.at(1).join("own", "backup")
    o.member_hangs_up("2")
    assert o.ringing_for("guest") == ["2"]


def test_e3_a_call_that_waited_too_long_goes_outside():
    o = office(1, max_wait_s=90, too_long=SWITCHBOARD)
    o.busy("1")
    o.join("c")
    o.at(89)
    assert o.waiting() == ["c"]
    o.at(90)
    forward = o.forwarded("c")
    assert (forward.target, forward.reason) == (SWITCHBOARD, ForwardReason.WAITED_TOO_LONG)


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
    monkeypatch.setattr("softswitch.acd.callers.MEMORY", 1)
    o = returning_caller()
    o.join("other", caller="eva")
    o.answer("1")
    o.hang_up("other")
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
    assert o.ringing_for("a") == ["1"]
    o.tell(CallBackFailed(call_id="a"))
    assert o.ringing_for("a") == ["1"]


def test_e9_a_promised_call_back_can_be_withdrawn():
    o = called_back()
    o.tell(CallWithdrawn(call_id="a", target=Target(TargetKind.HANG_UP)))
    assert o.waiting() == ["b"]


def test_a_caller_leaves_the_queue_by_a_key():
    o = office(2, strategy="simultaneous")
    o.join("c")
    o.at(9).tell(CallLeft(call_id="c", target=SWITCHBOARD))
    assert o.forwarded("c").reason is ForwardReason.CALLER_CHOICE
    assert {stop.reason for stop in o.latest(StopRinging)} == {StopReason.CALL_FORWARDED}
    assert {record.outcome for record in o.offer_records("c")} == {OfferOutcome.WITHDRAWN}


def test_a_conversation_cannot_be_withdrawn_and_one_that_ended_is_no_matter():
    o = office(1)
    o.talk("c", "1")
    withdraw = CallWithdrawn(call_id="c", target=SWITCHBOARD)
    with pytest.raises(ImpossibleInputError):
        o.tell(withdraw)
    o.hang_up("c")
    o.tell(withdraw)
    assert o.new == []


def test_a_call_moved_to_another_group_takes_its_waiting_time_along():
    o = office(1, Group(id="h", members=("2",)))
    o.busy("1", "2")
    o.join("a")
    o.at(10).join("b", "h")
    o.at(20).tell(CallMoved(call_id="a", group_id="h"))
    assert o.waiting("h") == ["a", "b"]
    assert o.waiting("g") == []
    (record,) = o.all(CallMovedRecord)
    assert (record.from_group_id, record.to_group_id) == ("g", "h")
    assert [(start.call_id, start.group_id) for start in o.latest(StartWaiting)] == [("a", "h")]
    o.member_hangs_up("2")
    assert o.ringing_for("a") == ["2"]


def test_a_call_moved_while_phones_ring_stops_them():
    o = office(1, Group(id="h", members=("2",)))
    o.join("a")
    o.tell(CallMoved(call_id="a", group_id="h"))
    assert o.ringing == ["2"]
    assert [stop.reason for stop in o.latest(StopRinging)] == [StopReason.CALL_MOVED]


def test_a_call_given_another_priority_changes_place():
    o = office(1)
    o.busy("1")
    for call_id in "abc":
        o.join(call_id)
    o.tell(CallReprioritised(call_id="c", priority=1))
    assert o.waiting() == ["c", "a", "b"]
    o.tell(CallReprioritised(call_id="a", priority=-1))
    assert o.waiting() == ["c", "b", "a"]
    o.member_hangs_up("1")
    assert o.ringing_for("c") == ["1"]


def test_e11_a_language_may_be_a_skill_that_a_call_asks_for():
    members = [
        attrs.evolve(member, skills=frozenset(skills.split()))
        for member, skills in zip(people(2), ["da", "da sv"], strict=True)
    ]
    o = Office(Group(id="g", members=("1", "2")), members=members)
    o.busy("1", "2")
    o.join("swedish", skills=frozenset({"sv"}))
    o.join("danish", skills=frozenset({"da"}))
    o.member_hangs_up("1")
    assert o.ringing_for("danish") == ["1"]
    o.member_hangs_up("2")
    assert o.ringing_for("swedish") == ["2"]
