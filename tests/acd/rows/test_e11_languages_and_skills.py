"""E11: languages and skills."""

from __future__ import annotations

import attrs
from acd_office import Office, people

from softswitch.acd import (
    Group,
    NotChosen,
)


def test_e11_members_without_the_skill_are_not_rung():
    members = [
        attrs.evolve(member, skills=skills)
        for member, skills in zip(
            people(3), [frozenset({"da"}), frozenset({"da", "sv"}), frozenset({"sv"})], strict=True
        )
    ]
    o = Office(Group(id="g", members=("1", "2", "3")), members=members)
    o.join("c", skills=frozenset({"sv"}))
    assert o.ringing == ["2"]
    o.answer("2")
    assert dict(o.offer_records("c")[0].others) == {
        "1": NotChosen.UNSKILLED,
        "3": NotChosen.LOWER_IN_LIST,
    }
    o.join("both", skills=frozenset({"da", "sv"}))
    o.join("danish", skills=frozenset({"da"}))
    assert o.ringing == ["1"]
    assert o.waiting() == ["both", "danish"]


def test_e11_a_language_may_be_a_skill_that_a_call_asks_for():
    members = [
        attrs.evolve(member, skills=frozenset(skills.split()))
        for member, skills in zip(people(2), ["da", "da sv"], strict=True)
    ]
    o = Office(Group(id="g", members=("1", "2")), members=members)
    o.busy("1", "2")
    o.join("swedish", skills=frozenset({"sv"}))
    o.join("danish", skills=frozenset({"da"}))
    o.member_hangs_up("1")
    assert o.ringing_for("danish") == ["1"]
    o.member_hangs_up("2")
    assert o.ringing_for("swedish") == ["2"]
