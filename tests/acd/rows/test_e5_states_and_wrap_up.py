"""E5: pause, wrap-up and auto-ready."""

from __future__ import annotations

from acd_office import Office, office, people, state_of

from softswitch.acd import (
    CallBackAsked,
    CallBackFailed,
    Group,
    MemberState,
    MemberStateRecord,
)


def test_e5_wrap_up_keeps_the_member_from_calls_until_it_is_over():
    o = office(1, wrap_up_s=30)
    o.talk("c1", "1")
    o.join("c2")
    o.at(100).member_hangs_up("1")
    assert o.engine.snapshot(100).member("1").state is MemberState.WRAP_UP
    o.at(129.9)
    assert o.ringing == []
    o.at(130)
    assert o.ringing_for("c2") == ["1"]


def test_e5_wrap_up_is_not_shortened_by_going_passive_and_back():
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


def test_e5_wrap_up_is_ended_by_the_member():
    o = office(1, wrap_up_s=30)
    o.talk("c1", "1")
    o.join("c2")
    o.hang_up("c1")
    o.at(3).ready("1")
    assert o.ringing_for("c2") == ["1"]


def test_e5_a_pause_ends_ringing_and_lasts_until_the_member_is_ready():
    o = office(1)
    o.join("c")
    o.pause("1", "lunch")
    member = o.engine.snapshot(0).member("1")
    assert (member.state, member.reason) == (MemberState.PAUSED, "lunch")
    o.at(1000)
    assert o.ringing == []
    o.ready("1")
    assert o.ringing == ["1"]


def test_e5_another_reason_for_a_pause_is_recorded():
    o = office(1)
    o.pause("1", "lunch")
    o.pause("1", "lunch")
    o.pause("1", "meeting")
    reasons = [record.reason for record in o.all(MemberStateRecord) if record.reason]
    assert reasons == ["lunch", "meeting"]


def test_e5_without_auto_ready_the_wrap_up_lasts_until_the_member_is_ready():
    o = office(1, wrap_up_s=30, auto_ready=False)
    o.talk("c1", "1")
    o.join("c2")
    o.at(100).member_hangs_up("1")
    member = o.engine.snapshot(100).member("1")
    assert (member.state, member.wrap_up_until) == (MemberState.WRAP_UP, None)
    o.at(10_000)
    assert o.ringing == []
    o.ready("1")
    assert o.ringing_for("c2") == ["1"]


def test_e5_without_auto_ready_going_passive_and_back_is_not_being_ready():
    o = office(1, auto_ready=False)
    o.talk("c", "1")
    o.hang_up("c")
    o.deactivate("1")
    assert state_of(o, "1") is MemberState.PASSIVE
    o.activate("1")
    assert state_of(o, "1") is MemberState.WRAP_UP


def test_e5_auto_ready_is_the_groups_not_the_members():
    o = Office(
        Group(id="g", members=("1",), auto_ready=False),
        Group(id="h", members=("1",)),
        members=people(1),
    )
    o.talk("a", "1", "h")
    o.hang_up("a")
    assert state_of(o, "1") is MemberState.READY
    o.talk("b", "1", "g")
    o.hang_up("b")
    assert state_of(o, "1") is MemberState.WRAP_UP


def test_e5_a_conversation_in_which_nobody_was_talked_to_needs_no_wrap_up():
    o = office(1, auto_ready=False, call_back_attempts=1)
    o.busy("1")
    o.join("c")
    o.tell(CallBackAsked(call_id="c", number="+4512345678"))
    o.member_hangs_up("1")
    o.answer("1")
    o.tell(CallBackFailed(call_id="c"))
    assert state_of(o, "1") is MemberState.READY
