"""Small days worked by hand: the office's own rules decide, and are counted right."""

from __future__ import annotations

import gc

import attrs
import numpy as np
import pytest
from simulated import Script, call, people

from softswitch.acd import (
    Group,
    MemberActivated,
    MemberDeactivated,
    MemberPaused,
    MemberReady,
    Situation,
    Target,
    TargetKind,
)
from softswitch.acd.strategies import DEFAULT_STRATEGIES
from softswitch.errors import MisuseError
from softswitch.simulation import (
    Answering,
    Caller,
    Constant,
    Experiment,
    GroupRun,
    Office,
    simulate_once,
)
from softswitch.simulation.tally import OUTCOMES

ANNA = Group(id="main", members=("anna",))
ANNA_THEN_BO = Group(id="main", members=("anna", "bo"))


def office(*groups: Group, names: tuple[str, ...] = ("anna", "bo")) -> Office:
    return Office(groups=groups, members=people(*names))


def fates(run: GroupRun) -> list[tuple[str, float]]:
    """Outcome and wait of each call, in the order of joining."""
    order = np.argsort(run.joined_s, kind="stable")
    return [(OUTCOMES[run.outcomes[i]].value, round(float(run.waited_s[i]), 6)) for i in order]


def day(experiment: Experiment) -> dict[str, GroupRun]:
    return simulate_once(experiment, np.random.SeedSequence(1))


def one_by_one(*callers: Caller, **script: object) -> Experiment:
    """One member, a queue."""
    return Experiment(office=office(ANNA), traffic=Script(callers, **script))


def test_the_second_waits_for_the_end_of_the_first():
    found = day(one_by_one(call(0, 60), call(10, 60), call(20, 60)))["main"]
    assert fates(found) == [("answered", 0), ("answered", 50), ("answered", 100)]


def test_who_has_lost_patience_is_gone():
    found = day(one_by_one(call(0, 60), call(10, 60, 30), call(20, 60)))["main"]
    assert fates(found) == [("answered", 0), ("abandoned", 30), ("answered", 40)]


def test_patience_does_not_end_a_conversation():
    found = day(one_by_one(call(0, 100, 30), call(10, 20)))["main"]
    assert fates(found) == [("answered", 0), ("answered", 90)]


def test_wrap_up_counts_as_work_and_delays_the_next():
    group = attrs.evolve(ANNA, wrap_up_s=30.0)
    script = Script([call(0, 60), call(10, 60)], length_s=240.0)
    found = day(Experiment(office=office(group), traffic=script))["main"]
    assert fates(found) == [("answered", 0), ("answered", 80)]
    assert (found.busy_s, found.duty_s) == (180, 240)


def test_a_member_who_is_away_is_not_on_duty():
    changes = [
        (10.0, MemberPaused(member_id="anna")),
        (40.0, MemberReady(member_id="anna")),
        (100.0, MemberDeactivated(member_id="anna")),
        (150.0, MemberActivated(member_id="anna")),
    ]
    traffic = one_by_one(call(20, 30), call(120, 10), length_s=200.0, staff_changes=changes)
    found = day(traffic)["main"]
    assert fates(found) == [("answered", 20), ("answered", 30)]
    assert (found.busy_s, found.duty_s) == (40, 200 - 30 - 50)


def test_nobody_waits_for_ever():
    gone = [(0.0, MemberDeactivated(member_id="anna"))]
    found = day(one_by_one(call(5, 30), call(8, 30, 20), staff_changes=gone))["main"]
    assert [outcome for outcome, _ in fates(found)] == ["abandoned", "abandoned"]


def test_a_phone_rings_before_it_is_answered():
    answering = Answering(after=Constant(7.0))
    experiment = attrs.evolve(one_by_one(call(0, 60), call(10, 60)), answering=answering)
    assert fates(day(experiment)["main"]) == [("answered", 7), ("answered", 64)]


def test_a_phone_answered_too_late_rings_in_vain():
    group = attrs.evolve(ANNA, ring_time_s=15.0, max_offers=2)
    traffic = Script([call(0, 60)])
    answering = Answering(after=Constant(16.0))
    found = day(Experiment(office=office(group), traffic=traffic, answering=answering))["main"]
    assert fates(found) == [("forwarded", 30)]


def test_missed_phones_pass_the_call_on():
    group = attrs.evolve(ANNA_THEN_BO, ring_time_s=20.0)
    traffic = Script([call(1000.0 * i, 60) for i in range(400)], length_s=400_000.0)
    answering = Answering(missed=0.25)
    found = day(Experiment(office=office(group), traffic=traffic, answering=answering))["main"]
    waits = [wait for _, wait in fates(found)]
    assert {wait % 20 for wait in waits} == {0}
    # Each ring is a draw of its own: geometric, mean 20 s · 0.25 / 0.75.
    assert np.mean(waits) == pytest.approx(20 / 3, abs=4 * 20 * np.sqrt(0.25) / 0.75 / 20)


def test_the_queue_is_as_long_as_the_file_says():
    group = attrs.evolve(ANNA, queue_cap=1, overflow=Target(TargetKind.MESSAGE))
    found = day(Experiment(office=office(group), traffic=Script([call(i, 60) for i in range(3)])))[
        "main"
    ]
    assert fates(found) == [("answered", 0), ("answered", 59), ("refused", 0)]


@pytest.mark.parametrize(
    "target", [Target(TargetKind.GROUP, "spare"), Target(TargetKind.NUMBER, "2000")]
)
def test_overflow_into_another_group(target: Target):
    main = attrs.evolve(ANNA, queue=False, no_queue=target)
    spare = Group(id="spare", members=("bo",))
    rules = attrs.evolve(office(main, spare), numbers={"2000": "spare"})
    found = day(Experiment(office=rules, traffic=Script([call(0, 60), call(1, 60), call(2, 9)])))
    assert fates(found["main"]) == [("answered", 0), ("forwarded", 0), ("forwarded", 0)]
    assert fates(found["spare"]) == [("answered", 0), ("answered", 59)]
    assert (found["main"].busy_s, found["spare"].busy_s) == (60, 69)


def test_patience_is_one_for_the_whole_way():
    main = attrs.evolve(ANNA, max_wait_s=30.0, too_long=Target(TargetKind.GROUP, "spare"))
    spare = Group(id="spare", members=("anna",))
    traffic = Script([call(0, 300), call(1, 60, 50)])
    found = day(Experiment(office=office(main, spare), traffic=traffic))
    assert fates(found["main"])[1] == ("forwarded", 30)
    assert fates(found["spare"]) == [("abandoned", 20)]


def test_groups_that_send_to_each_other_come_to_an_end():
    main = attrs.evolve(ANNA, queue=False, no_queue=Target(TargetKind.GROUP, "spare"))
    spare = attrs.evolve(main, id="spare", no_queue=Target(TargetKind.GROUP, "main"))
    found = day(Experiment(office=office(main, spare), traffic=Script([call(0, 60), call(1, 60)])))
    sent = [group.count.forwarded for group in found.values()]
    assert (sent, sum(group.count.answered for group in found.values())) == ([3, 2], 1)


def test_warm_up_is_not_counted():
    traffic = Script([call(0, 60), call(10, 60), call(200, 20)], length_s=300.0)
    found = day(Experiment(office=office(ANNA), traffic=traffic, warm_up_s=100.0))["main"]
    assert fates(found) == [("answered", 0)]
    assert (found.busy_s, found.duty_s) == (20 + 20, 200)


def test_a_strategy_of_ones_own():
    def last_first(situation: Situation) -> list[str]:
        return list(reversed(situation.member_ids))

    group = attrs.evolve(ANNA_THEN_BO, strategy="last_first")
    rules = attrs.evolve(
        office(group, attrs.evolve(ANNA, id="anna_only")),
        strategies={**DEFAULT_STRATEGIES, "last_first": last_first},
    )
    found = day(Experiment(office=rules, traffic=Script([call(0, 60)])))["main"]
    asked_anna = day(
        Experiment(office=rules, traffic=Script([call(0, 60), call(1, 30, group_id="anna_only")]))
    )["anna_only"]
    assert fates(found) == [("answered", 0)]
    assert fates(asked_anna) == [("answered", 0)]  # bo has the other call


def test_more_agents_are_found_and_fewer_kept():
    rules = attrs.evolve(
        office(ANNA_THEN_BO, attrs.evolve(ANNA, id="other")),
        members=(*people("anna"), attrs.evolve(people("bo")[0], active=False)),
    )
    more, fewer = rules.with_agents("main", 4), rules.with_agents("main", 1)
    assert more.group("main").members == ("anna", "bo", "extra-1", "extra-2")
    assert more.group("other").members == ("anna",)
    assert all(member.active for member in more.members)
    assert fewer.group("main").members == ("anna",)
    assert [member.active for member in fewer.members] == [True, False]


def test_a_group_that_is_not_there():
    with pytest.raises(MisuseError, match="There is no group sales; there are: main"):
        office(ANNA).group("sales")


@pytest.mark.parametrize("searching", [True, False])
def test_pythons_search_for_garbage_is_left_as_it_was(searching):
    was = gc.isenabled()
    try:
        (gc.enable if searching else gc.disable)()
        day(one_by_one(call(0, 60)))
        assert gc.isenabled() is searching
    finally:
        (gc.enable if was else gc.disable)()
