"""E3: further groups join the search, and calls overflow."""

from __future__ import annotations

import attrs
from acd_office import office

from softswitch.acd import (
    ForwardReason,
    FurtherGroup,
    Group,
    Target,
    TargetKind,
)

SWITCHBOARD = Target(TargetKind.NUMBER, "sip:switchboard@office.example")


BACKUP = Group(id="backup", members=("2",))


def test_e3_a_further_group_answers_after_a_while():
    o = office(1, BACKUP, further=(FurtherGroup(group_id="backup", after_s=30),))
    o.busy("1")
    o.join("c")
    o.at(29.9)
    assert o.ringing == []
    o.at(30)
    assert o.ringing_for("c") == ["2"]


def test_e3_the_own_group_comes_first_when_it_has_somebody_free():
    o = office(1, BACKUP, further=(FurtherGroup(group_id="backup"),))
    o.join("c1")
    o.join("c2")
    assert o.ringing_for("c1") == ["1"]
    assert o.ringing_for("c2") == ["2"]


def test_e3_a_full_queue_refuses_nobody_whom_a_further_group_answers_at_once():
    o = office(1, BACKUP, further=(FurtherGroup(group_id="backup"),), queue_cap=1)
    o.busy("1", "2")
    o.join("a")
    o.hang_up("a")
    o.member_hangs_up("2")
    o.join("b")
    o.join("c")
    o.join("d")
    assert o.ringing_for("b") == ["2"]
    assert o.waiting() == ["b", "c"]
    assert o.forwarded("d").reason is ForwardReason.QUEUE_FULL


def test_e3_a_group_without_a_queue_lets_its_further_groups_answer():
    o = office(1, BACKUP, further=(FurtherGroup(group_id="backup"),), queue=False)
    o.busy("1")
    o.join("a")
    assert o.ringing_for("a") == ["2"]
    o.busy("2")
    assert o.forwarded("a").reason is ForwardReason.NO_QUEUE


def test_e3_a_further_group_opens_and_closes_with_the_length_of_the_queue():
    o = office(1, BACKUP, further=(FurtherGroup(group_id="backup", waiting_at_least=3),))
    o.busy("1", "2")
    for call_id in "abc":
        o.join(call_id)
    o.hang_up("c")
    o.member_hangs_up("2")
    assert o.ringing == []
    o.join("d")
    assert o.ringing_for("a") == ["2"]


def test_e3_a_further_group_opens_when_too_few_are_active():
    o = office(
        2,
        attrs.evolve(BACKUP, members=("3",)),
        further=(FurtherGroup(group_id="backup", active_at_most=1),),
    )
    o.busy("1", "2")
    o.join("c")
    assert o.ringing == []
    o.deactivate("2")
    assert o.ringing_for("c") == ["3"]


def test_e3_calls_of_the_further_group_itself_compete_by_the_one_rule():
    o = office(1, BACKUP, further=(FurtherGroup(group_id="backup"),))
    o.busy("1", "2")
    o.join("guest")
    o.at(1).join("own", "backup")
    o.member_hangs_up("2")
    assert o.ringing_for("guest") == ["2"]


def test_e3_a_call_that_waited_too_long_goes_outside():
    o = office(1, max_wait_s=90, too_long=SWITCHBOARD)
    o.busy("1")
    o.join("c")
    o.at(89)
    assert o.waiting() == ["c"]
    o.at(90)
    forward = o.forwarded("c")
    assert (forward.target, forward.reason) == (SWITCHBOARD, ForwardReason.WAITED_TOO_LONG)
