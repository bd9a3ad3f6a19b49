"""A8: the queue, first come first served, with its cap."""

from __future__ import annotations

from acd_office import office

from softswitch.acd import (
    Forward,
    ForwardReason,
    Record,
    StartWaiting,
    Target,
    TargetKind,
)

VOICEMAIL = Target(TargetKind.VOICEMAIL)


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


def test_a8_every_call_let_in_hears_music_from_the_start_once_phones_ring():
    o = office(1, queue_cap=1)
    o.join("c1")
    assert [type(out).__name__ for out in o.new if not isinstance(out, Record)] == [
        "RingMember",
        "StartWaiting",
    ]
    o.answer("1")
    o.join("c2")
    o.join("c3")
    assert [start.call_id for start in o.all(StartWaiting)] == ["c1", "c2"]
