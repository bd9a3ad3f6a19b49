"""A9: no queue, and where calls go instead."""

from __future__ import annotations

import pytest
from acd_office import office

from softswitch.acd import (
    CallOutcome,
    ForwardReason,
    StartWaiting,
    Target,
    TargetKind,
)

VOICEMAIL = Target(TargetKind.VOICEMAIL)


BACKUP = Target(TargetKind.NUMBER, "sip:backup@office.example")


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
