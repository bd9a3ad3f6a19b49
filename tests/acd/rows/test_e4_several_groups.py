"""E4: members serve several groups."""

from __future__ import annotations

from acd_office import Office, people

from softswitch.acd import (
    Group,
    OfferFailure,
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
