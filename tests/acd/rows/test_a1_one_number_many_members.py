"""A1: one group number, members at any address."""

from __future__ import annotations

import pytest
from acd_office import office, people

from softswitch.acd import (
    Engine,
    FurtherGroup,
    Group,
    RingMember,
)
from softswitch.errors import ConfigurationError


def test_a1_members_ring_at_their_own_address_wherever_that_is():
    o = office(2)
    o.join("c")
    (ring,) = o.latest(RingMember)
    assert (ring.member_id, ring.address, ring.ring_time_s) == ("1", "sip:1@office.example", 20)


def test_a1_faults_in_groups_are_all_reported():
    groups = [
        Group(id="a", members=("1", "9", "1"), strategy="dice"),
        Group(id="b", members=(), ring_time_s=0, simultaneous_limit=0),
        Group(
            id="c",
            members=(),
            further=(FurtherGroup(group_id="c"),),
            expected_wait="tea leaves",
            expected_wait_probability=1.0,
        ),
    ]
    with pytest.raises(ConfigurationError) as caught:
        Engine(groups, [*people(1), *people(1)])
    assert [fault.path for fault in caught.value.faults] == [
        "members.1",
        "groups.a.members.1",
        "groups.a.members",
        "groups.a.strategy",
        "groups.b.ring_time_s",
        "groups.b.simultaneous_limit",
        "groups.c.further",
        "groups.c.expected_wait",
        "groups.c.expected_wait_probability",
    ]
