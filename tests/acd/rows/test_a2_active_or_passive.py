"""A2: members are active or passive, by their own choice."""

from __future__ import annotations

from acd_office import office

from softswitch.acd import (
    MemberState,
    OfferOutcome,
    StopReason,
    StopRinging,
)


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
