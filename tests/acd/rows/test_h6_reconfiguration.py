"""H6: another configuration while calls wait; told beforehand, whole or not at all."""

from __future__ import annotations

import attrs
import pytest
from acd_office import Office, people

from softswitch.acd import (
    CallBackAsked,
    CallOutcome,
    CallPutBack,
    Effect,
    EffectKind,
    Forward,
    ForwardReason,
    FurtherGroup,
    Group,
    Member,
    MemberState,
    OfferOutcome,
    StalePlanError,
    StopReason,
    StopRinging,
    Target,
    TargetKind,
    TellPosition,
    UnknownGroupError,
    UnknownMemberError,
)
from softswitch.errors import ConfigurationError

G = Group(id="g", members=("1", "2"))


H = Group(id="h", members=("2", "3"))


def effects(o: Office, groups: list[Group], members: list[Member]) -> set[tuple[EffectKind, str]]:
    return {(effect.kind, effect.id) for effect in o.engine.plan(groups, members).effects}


def change(o: Office, groups: list[Group], members: list[Member]) -> None:
    """Plan and apply, and see that what was foretold for calls and phones is what happens."""
    plan = o.engine.plan(groups, members)
    foretold = {
        (effect.id, effect.detail)
        for effect in plan.effects
        if effect.kind in (EffectKind.CALL_SENT_AWAY, EffectKind.PHONE_STOPS)
    }
    o.engine.apply(plan, o.now)
    o.tell_nothing()
    sent = {(out.call_id, out.reason.value) for out in o.latest(Forward)}
    stopped = {(out.member_id, out.reason.value) for out in o.latest(StopRinging)}
    assert foretold == sent | stopped


def test_h6_a_plan_changes_nothing():
    o = Office(G, H, members=people(3))
    o.talk("a", "1")
    o.join("b")
    o.join("c")
    before, deadline = o.engine.snapshot(0), o.engine.next_deadline()
    plan = o.engine.plan([attrs.evolve(G, members=("1",), strategy="simultaneous")], people(1))
    assert plan.effects
    assert o.engine.snapshot(0) == before
    assert o.engine.next_deadline() == deadline
    assert o.engine.poll() == []


def test_h6_a_faulty_configuration_is_refused_whole():
    o = Office(G, members=people(2))
    o.join("a")
    before = o.engine.snapshot(0)
    with pytest.raises(ConfigurationError):
        o.engine.plan([attrs.evolve(G, members=("1", "9"))], people(2))
    assert o.engine.snapshot(0) == before


def test_h6_a_plan_made_for_another_configuration_is_stale():
    o = Office(G, members=people(2))
    first, second = (o.engine.plan([G], people(2)) for _ in range(2))
    o.engine.apply(first, 0)
    with pytest.raises(StalePlanError):
        o.engine.apply(second, 0)


def test_h6_the_effects_are_told():
    o = Office(G, H, members=people(3))
    o.talk("a", "1")
    o.busy("2", "3")
    o.join("b", "h")
    new = [attrs.evolve(G, members=("2", "4"), ring_time_s=30.0), Group(id="i", members=("4",))]
    plan = o.engine.plan(new, [*people(4)[1:2], people(4)[3]])
    assert set(plan.effects) == {
        Effect(kind=EffectKind.GROUP_CHANGED, id="g", detail="members, ring_time_s"),
        Effect(kind=EffectKind.GROUP_ADDED, id="i"),
        Effect(kind=EffectKind.GROUP_REMOVED, id="h"),
        Effect(kind=EffectKind.MEMBER_ADDED, id="4"),
        Effect(kind=EffectKind.MEMBER_REMOVED, id="1"),
        Effect(kind=EffectKind.MEMBER_REMOVED, id="3"),
        Effect(kind=EffectKind.MEMBER_LEAVES_AFTER_CALL, id="1"),
        Effect(kind=EffectKind.CALL_SENT_AWAY, id="b", detail="group_closed"),
    }


def test_h6_a_member_removed_in_a_call_leaves_when_it_is_over():
    o = Office(G, members=people(2))
    o.talk("a", "1")
    change(o, [attrs.evolve(G, members=("2",))], people(2)[1:])
    assert o.engine.snapshot(0).member("1").state is MemberState.IN_CALL
    o.at(60).member_hangs_up("1")
    assert o.call_record("a").outcome is CallOutcome.ANSWERED
    with pytest.raises(UnknownMemberError):
        o.ready("1")


def test_h6_a_member_removed_while_ringing_stops_and_the_next_rings():
    o = Office(G, members=people(2))
    o.join("a")
    change(o, [attrs.evolve(G, members=("2",))], people(2)[1:])
    assert o.ringing == ["2"]
    assert [stop.reason for stop in o.latest(StopRinging)] == [StopReason.MEMBER_WITHDRAWN]


def test_h6_a_member_who_comes_back_during_the_last_call_stays():
    o = Office(G, members=people(2))
    o.talk("a", "1")
    change(o, [attrs.evolve(G, members=("2",))], people(2)[1:])
    change(o, [G], people(2))
    o.hang_up("a")
    assert o.engine.snapshot(0).member("1").state is MemberState.READY


def test_h6_a_smaller_cap_turns_nobody_away_and_lets_nobody_in():
    o = Office(G, members=people(2))
    o.busy("1", "2")
    for call_id in "abc":
        o.join(call_id)
    smaller = [attrs.evolve(G, queue_cap=2)]
    assert (EffectKind.QUEUE_ABOVE_CAP, "g") in effects(o, smaller, people(2))
    change(o, smaller, people(2))
    assert o.waiting() == ["a", "b", "c"]
    o.hang_up("a")
    o.join("d")
    assert o.forwarded("d").reason is ForwardReason.QUEUE_FULL
    o.hang_up("b")
    o.join("e")
    assert o.waiting() == ["c", "e"]


def test_h6_callers_of_a_removed_group_go_where_it_sends_what_nobody_answers():
    desk = Target(TargetKind.NUMBER, "sip:desk@office.example")
    o = Office(G, attrs.evolve(H, no_answer=desk), members=people(3))
    o.talk("talking", "2", "h")
    o.busy("1")
    o.join("ringing", "h")
    o.join("waiting", "h")
    change(o, [G], people(3))
    assert {forward.call_id for forward in o.all(Forward)} == {"ringing", "waiting"}
    assert {forward.target for forward in o.all(Forward)} == {desk}
    with pytest.raises(UnknownGroupError):
        o.join("new", "h")
    o.hang_up("talking")
    assert o.call_record("talking").outcome is CallOutcome.ANSWERED


def test_h6_a_call_put_back_to_a_removed_group_is_sent_away():
    o = Office(G, H, members=people(3))
    o.talk("a", "2", "h")
    change(o, [G], people(3))
    o.tell(CallPutBack(call_id="a"))
    assert o.forwarded("a").reason is ForwardReason.GROUP_CLOSED


def test_h6_switching_the_queue_off_sends_waiting_calls_away():
    o = Office(G, members=people(2))
    o.busy("1", "2")
    o.join("a")
    change(o, [attrs.evolve(G, queue=False)], people(2))
    assert o.forwarded("a").reason is ForwardReason.NO_QUEUE


def test_h6_new_members_and_another_strategy_serve_waiting_calls_at_once():
    o = Office(G, members=people(2))
    o.busy("1")
    o.join("a")
    o.join("b")
    new = attrs.evolve(G, members=("1", "2", "3", "4"), strategy="simultaneous")
    change(o, [new], people(4))
    assert o.ringing_for("a") == ["2", "3", "4"]
    assert o.waiting() == ["a", "b"]


def test_h6_another_rule_of_priority_puts_waiting_calls_in_another_order():
    o = Office(G, members=people(2))
    o.busy("1", "2")
    o.join("a")
    o.at(100).join("b", priority=1)
    assert o.waiting() == ["b", "a"]
    change(o, [attrs.evolve(G, priority_worth_s=60.0)], people(2))
    assert o.waiting() == ["a", "b"]


def test_h6_further_groups_come_and_go():
    o = Office(G, attrs.evolve(H, members=("3",)), members=people(3))
    o.busy("1", "2")
    o.join("a")
    with_further = attrs.evolve(G, further=(FurtherGroup(group_id="h"),))
    change(o, [with_further, attrs.evolve(H, members=("3",))], people(3))
    assert o.ringing_for("a") == ["3"]
    change(o, [G], people(3))
    assert o.ringing == []
    assert o.waiting() == ["a"]


def test_h6_choices_and_states_of_members_who_stay_are_kept():
    o = Office(G, members=people(2))
    o.pause("1", "lunch")
    o.deactivate("2")
    change(o, [attrs.evolve(G, ring_time_s=40.0)], people(2))
    states = [o.engine.snapshot(0).member(member_id).state for member_id in "12"]
    assert states == [MemberState.PAUSED, MemberState.PASSIVE]


def test_h6_a_place_kept_for_a_caller_goes_with_its_group():
    o = Office(G, attrs.evolve(H, redial_within_s=60), members=people(3))
    o.busy("2", "3")
    o.join("a", "h", caller="ole")
    o.hang_up("a")
    change(o, [G], people(3))
    assert o.engine.next_deadline() is None
    change(o, [G, attrs.evolve(H, redial_within_s=60)], people(3))
    o.join("b", "h", caller="eva")
    o.at(1).join("a2", "h", caller="ole")
    assert o.waiting("h") == ["b", "a2"]


def test_h6_a_caller_kept_for_a_member_who_leaves_the_group_is_answered_by_anybody():
    group = attrs.evolve(G, last_agent_within_s=100)
    o = Office(group, H, members=people(3))
    o.join("a", caller="ole")
    o.answer("1")
    o.hang_up("a")
    o.busy("1")
    o.join("again", caller="ole")
    assert o.ringing == []
    change(o, [attrs.evolve(group, members=("2",)), attrs.evolve(H, members=("1",))], people(3))
    assert o.ringing_for("again") == ["2"]


def test_h6_positions_are_told_from_now_on_where_they_were_not():
    o = Office(attrs.evolve(G, position_every_s=0.0), members=people(2))
    o.busy("1", "2")
    o.join("a")
    o.at(100)
    assert o.all(TellPosition) == []
    change(o, [G], people(2))
    o.at(130)
    assert [tell.position for tell in o.all(TellPosition)] == [1]


def test_h6_positions_are_told_no_longer_where_they_were():
    o = Office(G, members=people(2))
    o.busy("1", "2")
    o.join("a")
    change(o, [attrs.evolve(G, position_every_s=0.0)], people(2))
    assert o.engine.next_deadline() is None


def test_h6_a_new_limit_of_waiting_applies_to_who_waits_already():
    o = Office(G, members=people(2))
    o.busy("1", "2")
    o.join("long")
    o.at(80).join("short")
    change(o.at(100), [attrs.evolve(G, max_wait_s=90.0)], people(2))
    assert o.forwarded("long").reason is ForwardReason.WAITED_TOO_LONG
    assert o.waiting() == ["short"]
    o.at(169)
    assert o.waiting() == ["short"]
    o.at(170)
    assert o.forwarded("short").reason is ForwardReason.WAITED_TOO_LONG


def test_h6_a_limit_of_waiting_that_is_lifted_or_longer_lets_callers_wait_on():
    o = Office(attrs.evolve(G, max_wait_s=60.0), members=people(2))
    o.busy("1", "2")
    o.join("a")
    change(o.at(50), [attrs.evolve(G, max_wait_s=120.0)], people(2))
    o.at(119)
    assert o.waiting() == ["a"]
    change(o, [G], people(2))
    o.at(1000)
    assert o.waiting() == ["a"]


def test_h6_a_new_limit_of_offering_counts_from_the_first_offer():
    o = Office(G, members=people(2))
    o.busy("1", "2")
    o.join("waits")
    o.at(50).member_hangs_up("1")
    assert o.ringing_for("waits") == ["1"]
    change(o.at(60), [attrs.evolve(G, max_offering_s=30.0)], people(2))
    o.at(79)
    assert o.all(Forward) == []
    o.at(80)
    assert o.forwarded("waits").reason is ForwardReason.OFFERING_TIME_OVER


def test_h6_a_new_limit_of_offering_that_has_passed_sends_the_call_away():
    o = Office(G, members=people(2))
    o.join("rings")
    o.busy("2")
    change(o.at(60), [attrs.evolve(G, max_offering_s=30.0)], people(2))
    assert o.forwarded("rings").reason is ForwardReason.OFFERING_TIME_OVER
    assert o.ringing == []


def test_h6_no_limit_of_waiting_applies_to_who_waits_to_be_called_back():
    o = Office(G, members=people(2))
    o.busy("1", "2")
    o.join("a")
    o.tell(CallBackAsked(call_id="a", number="+4512345678"))
    change(o.at(100), [attrs.evolve(G, max_wait_s=90.0)], people(2))
    assert o.waiting() == ["a"]


def test_h6_when_fewer_may_ring_the_last_in_priority_stop_at_once():
    all_ring = attrs.evolve(G, members=("1", "2", "3", "4"), strategy="simultaneous")
    o = Office(all_ring, members=people(4))
    o.busy("1")
    o.join("a")
    o.member_hangs_up("1")
    assert o.ringing == ["2", "3", "4", "1"]
    change(o, [attrs.evolve(all_ring, simultaneous_limit=2)], people(4))
    assert sorted(o.ringing) == ["1", "2"]
    assert {(stop.member_id, stop.reason) for stop in o.latest(StopRinging)} == {
        ("3", StopReason.LIMIT_LOWERED),
        ("4", StopReason.LIMIT_LOWERED),
    }
    assert {record.outcome for record in o.offer_records("a")} == {OfferOutcome.WITHDRAWN}
    o.join("b")
    assert o.ringing_for("b") == ["3", "4"]


def test_h6_from_simultaneous_to_the_priority_list_one_phone_rings_on():
    all_ring = attrs.evolve(G, strategy="simultaneous")
    o = Office(all_ring, members=people(2))
    o.join("a")
    change(o, [G], people(2))
    assert o.ringing == ["1"]
