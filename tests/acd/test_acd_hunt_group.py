"""Nobody active, and callers who give up."""

from __future__ import annotations

from acd_office import office

from softswitch.acd import (
    CallOutcome,
    ForwardReason,
    StopReason,
    StopRinging,
    Target,
    TargetKind,
)

BACKUP = Target(TargetKind.NUMBER, "sip:backup@office.example")


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
