"""What callers, attendants and programs do to a call that waits: leave, withdraw, move."""

from __future__ import annotations

import pytest
from acd_office import office

from softswitch.acd import (
    CallLeft,
    CallMoved,
    CallMovedRecord,
    CallReprioritised,
    CallWithdrawn,
    ForwardReason,
    Group,
    ImpossibleInputError,
    OfferOutcome,
    StartWaiting,
    StopReason,
    StopRinging,
    Target,
    TargetKind,
)

SWITCHBOARD = Target(TargetKind.NUMBER, "sip:switchboard@office.example")


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
