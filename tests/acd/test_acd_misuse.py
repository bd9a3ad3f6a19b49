"""What cannot be is refused with a type of its own, and changes nothing."""

from __future__ import annotations

import math

import pytest
from acd_office import Office, people

from softswitch.acd import (
    BadTimeError,
    CallBackAnswered,
    CallBackAsked,
    CallBackFailed,
    CallHungUp,
    CallJoined,
    CallLeft,
    CallMoved,
    CallPutBack,
    CallReprioritised,
    CallWithdrawn,
    DuplicateCallError,
    EngineEvent,
    Group,
    MemberHungUp,
    MemberReady,
    MemberState,
    MusicPlays,
    OfferAnswered,
    OfferFailed,
    OfferFailure,
    OfferRinging,
    ReleaseMember,
    Target,
    TargetKind,
    UnknownCallError,
    UnknownEventError,
    UnknownGroupError,
    UnknownMemberError,
    UnknownOfferError,
)
from softswitch.errors import MisuseError

AWAY = Target(TargetKind.HANG_UP)


@pytest.fixture
def busy_office() -> Office:
    office = Office(Group(id="g", members=("1", "2")), members=people(2))
    office.talk("talking", "1")
    office.join("offered")
    office.join("waiting")
    return office


@pytest.mark.parametrize(
    ("event", "error"),
    [
        (CallJoined(call_id="new", group_id="nowhere"), UnknownGroupError),
        (CallJoined(call_id="waiting", group_id="g"), DuplicateCallError),
        (CallJoined(call_id="talking", group_id="g"), DuplicateCallError),
        (CallHungUp(call_id="never seen"), UnknownCallError),
        (OfferRinging(offer_id="never seen"), UnknownOfferError),
        (OfferAnswered(offer_id="never seen"), UnknownOfferError),
        (OfferFailed(offer_id="never seen", failure=OfferFailure.BUSY), UnknownOfferError),
        (MemberReady(member_id="never seen"), UnknownMemberError),
        (EngineEvent(), UnknownEventError),
    ],
)
def test_a_refused_event_changes_nothing(busy_office, event, error):
    before = busy_office.engine.snapshot(0)
    deadline = busy_office.engine.next_deadline()
    with pytest.raises(error) as caught:
        busy_office.engine.handle(event, 0)
    assert isinstance(caught.value, MisuseError)
    assert busy_office.engine.poll() == []
    assert busy_office.engine.snapshot(0) == before
    assert busy_office.engine.next_deadline() == deadline


def test_an_offer_is_answered_once_however_often_that_is_reported(busy_office):
    ring = busy_office.phones["2"]
    busy_office.answer("2")
    before = busy_office.engine.snapshot(0)
    busy_office.tell(OfferAnswered(offer_id=ring.offer_id))
    assert busy_office.new == []
    assert busy_office.engine.snapshot(0) == before


@pytest.mark.parametrize("now", [math.nan, math.inf])
def test_a_time_that_is_none_is_refused(busy_office, now):
    with pytest.raises(BadTimeError):
        busy_office.engine.advance(now)
    with pytest.raises(BadTimeError):
        busy_office.engine.handle(CallHungUp(call_id="waiting"), now)
    assert busy_office.waiting() == ["offered", "waiting"]


def test_a_time_before_one_already_told_counts_as_that_one(busy_office):
    busy_office.at(10)
    busy_office.engine.handle(CallHungUp(call_id="waiting"), 4)
    (record,) = [out for out in busy_office.engine.poll() if type(out).__name__ == "CallRecord"]
    assert record.ended_at == 10


def test_both_parties_hanging_up_is_no_mistake(busy_office):
    busy_office.hang_up("talking")
    busy_office.hang_up("talking")
    busy_office.tell(MemberHungUp(member_id="1", call_id="talking"))
    assert busy_office.call_record("talking").member_id == "1"


@pytest.mark.parametrize(
    "event",
    [
        CallLeft(call_id="talking", target=AWAY),
        CallWithdrawn(call_id="talking", target=AWAY),
        CallMoved(call_id="talking", group_id="g"),
        CallReprioritised(call_id="talking", priority=1),
        CallPutBack(call_id="talking"),
        CallBackAsked(call_id="talking", number="+4512345678"),
        CallBackAnswered(call_id="talking"),
        CallBackFailed(call_id="talking"),
        CallHungUp(call_id="talking"),
        MusicPlays(call_id="talking"),
    ],
)
def test_what_comes_after_the_end_of_a_call_is_no_mistake(busy_office, event):
    busy_office.hang_up("talking")
    before = busy_office.engine.snapshot(0)
    busy_office.tell(event)
    assert busy_office.new == []
    assert busy_office.engine.snapshot(0) == before


def test_a_late_report_of_the_last_call_does_not_end_the_next(busy_office):
    busy_office.hang_up("talking")
    busy_office.answer("1")
    busy_office.tell(MemberHungUp(member_id="1", call_id="talking"))
    assert busy_office.engine.snapshot(0).member("1").state is MemberState.IN_CALL


def test_an_own_call_during_a_conversation_ends_apart_from_it(busy_office):
    busy_office.busy("1")
    busy_office.member_hangs_up("1")
    assert busy_office.engine.snapshot(0).member("1").call_id == "talking"
    busy_office.busy("1")
    busy_office.hang_up("talking")
    assert busy_office.engine.snapshot(0).member("1").state is MemberState.IN_CALL
    busy_office.member_hangs_up("1")
    assert busy_office.ringing_for("waiting") == ["1"]


def test_a_stopped_phone_may_report_anything_once(busy_office):
    ring = busy_office.phones["2"]
    busy_office.hang_up("offered")
    busy_office.tell(OfferRinging(offer_id=ring.offer_id))
    busy_office.tell(OfferAnswered(offer_id=ring.offer_id))
    assert [release.offer_id for release in busy_office.latest(ReleaseMember)] == [ring.offer_id]
    busy_office.tell(OfferFailed(offer_id=ring.offer_id, failure=OfferFailure.UNREACHABLE))
    assert busy_office.latest(ReleaseMember) == []


def test_what_has_ended_is_remembered_only_so_long(monkeypatch):
    monkeypatch.setattr("softswitch.acd.core.MEMORY", 2)
    office = Office(Group(id="g", members=("1",)), members=people(1))
    for call_id in "abcde":
        office.join(call_id)
        office.hang_up(call_id)
    office.hang_up("c")
    with pytest.raises(UnknownCallError):
        office.hang_up("a")
