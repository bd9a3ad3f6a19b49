"""E4: members serve several groups."""

from __future__ import annotations

from acd_office import Office, people

from softswitch.acd import (
    CallJoined,
    Engine,
    FurtherGroup,
    Group,
    Input,
    Member,
    MemberBusyElsewhere,
    MemberHungUp,
    OfferAnswered,
    OfferFailure,
    OfferRecord,
    Picked,
    RingMember,
    replay,
)


def test_e4_a_member_serves_several_groups_and_is_reserved_once():
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


def test_e4_between_groups_weight_then_priority_then_longest_wait_decides():
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
    assert picked(o) == [
        ("weighty", Picked.WEIGHT),  # before the urgent one, which is next
        ("urgent", Picked.PRIORITY),  # before the first of the plain group
        ("first", Picked.WAIT),  # 1 s longer than the second
        ("second", Picked.UNCONTESTED),
    ]


def picked(o: Office) -> list[tuple[str, Picked]]:
    return [(record.call_id, record.picked) for record in o.all(OfferRecord)]


def test_e4_who_joined_first_of_two_at_the_same_instant():
    o = Office(*(Group(id=name, members=("1",)) for name in "ab"), members=people(1))
    o.busy("1")
    o.join("one", "b")
    o.join("two", "a")
    o.at(5).member_hangs_up("1")
    o.answer("1")
    assert picked(o) == [("one", Picked.FIRST_COME)]


def test_e4_priority_that_counts_as_seconds_of_waiting():
    """A step is worth 60 s: who came 30 s later is 30 s ahead, and of two without it nobody is."""
    groups = [Group(id=name, members=("1",), priority_worth_s=60.0) for name in "ab"]
    o = Office(*groups, members=people(1))
    o.busy("1")
    o.join("early", "a")
    o.at(10).join("late", "b")
    o.at(30).join("urgent", "b", priority=1)
    for _ in range(3):
        o.member_hangs_up("1")
        o.answer("1")
    assert picked(o) == [
        ("urgent", Picked.WAIT_WITH_PRIORITY),
        ("early", Picked.WAIT),
        ("late", Picked.UNCONTESTED),
    ]


def test_e4_a_call_that_waits_for_two_groups_of_a_member_has_no_rival_in_itself():
    groups = [
        Group(id="a", members=("1",), further=(FurtherGroup(group_id="b"),)),
        Group(id="b", members=("1",)),
    ]
    o = Office(*groups, members=people(1))
    o.busy("1")
    o.join("call", "a")
    o.member_hangs_up("1")
    o.answer("1")
    assert picked(o) == [("call", Picked.UNCONTESTED)]


def test_e4_calls_that_ask_for_skills_stand_in_lines_of_their_own():
    member = Member(id="1", address="sip:1@office.example", skills=frozenset({"da"}))
    o = Office(Group(id="g", members=("1",)), members=[member])
    o.busy("1")
    o.join("any")
    o.at(1).join("danish", skills=frozenset({"da"}), priority=1)
    o.member_hangs_up("1")
    o.answer("1")
    assert picked(o) == [("danish", Picked.PRIORITY)]


def test_e4_a_call_that_finds_a_member_free_is_compared_with_none():
    o = Office(*(Group(id=name, members=("1",)) for name in "ab"), members=people(1))
    o.talk("call", "1", "a")
    assert picked(o) == [("call", Picked.UNCONTESTED)]


def test_e4_what_decided_is_the_same_when_the_log_is_played_back():
    log: list[Input] = []
    groups = [Group(id="a", members=("1",)), Group(id="b", members=("1",), weight=1)]
    engine = Engine(groups, people(1), journal=log.append)
    engine.handle(MemberBusyElsewhere(member_id="1"), 0)
    for call_id, group_id in (("one", "a"), ("two", "b")):
        engine.handle(CallJoined(call_id=call_id, group_id=group_id), 1)
    engine.handle(MemberHungUp(member_id="1"), 2)
    said = engine.poll()
    [ring] = [out for out in said if isinstance(out, RingMember)]
    engine.handle(OfferAnswered(offer_id=ring.offer_id), 3)
    said += engine.poll()
    assert [out.picked for out in said if isinstance(out, OfferRecord)] == [Picked.WEIGHT]
    assert replay(groups, people(1), log) == said
