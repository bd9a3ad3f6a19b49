"""E10: the service goal, answered within T seconds, live and from records."""

from __future__ import annotations

import functools

import attrs
from acd_office import Office, office, people
from hypothesis import given
from hypothesis import strategies as st

from softswitch.acd import (
    SERVICE_LEVELS,
    CallBackAnswered,
    CallBackAsked,
    CallOutcome,
    CallPutBack,
    CallRecord,
    CountingBegins,
    Group,
    ServiceCounts,
)
from softswitch.reports import count_service


def counts(o: Office) -> ServiceCounts:
    return o.engine.snapshot(o.now).group("g").service


def test_e10_calls_are_counted_by_how_they_fared_and_when():
    """Goal 20 s: answered at 20 and at 21 s, hung up at 5 and at 30 s, one turned away."""
    o = office(2, queue_cap=2)
    o.busy("1", "2")
    o.join("just in time")
    o.at(5).join("patient")
    o.join("turned away")
    o.at(20).member_hangs_up("1")
    o.answer("1")
    o.at(26).member_hangs_up("2")
    o.answer("2")
    o.join("impatient")
    o.at(31).hang_up("impatient")
    o.join("tired")
    o.at(61).hang_up("tired")
    assert counts(o) == ServiceCounts(
        within_s=20.0,
        offered=5,
        answered=2,
        answered_in_time=1,
        abandoned=2,
        abandoned_in_time=1,
        forwarded=1,
    )


def test_e10_a_conversation_counts_as_soon_as_it_begins_and_once():
    o = office(2)
    o.talk("c", "1")
    during = counts(o)
    assert (during.offered, during.answered_in_time) == (1, 1)
    o.at(30).tell(CallPutBack(call_id="c"))
    o.at(40).answer("2")
    assert counts(o) == during
    o.at(90).hang_up("c")
    assert counts(o) == during


def test_e10_who_waits_for_too_long_is_told_live():
    o = office(1, service_within_s=15.0)
    o.busy("1")
    o.join("a")
    o.at(5).join("b")
    o.at(15)
    assert o.engine.snapshot(15).group("g").waiting_too_long == 0
    assert o.engine.snapshot(16).group("g").waiting_too_long == 1
    assert o.engine.snapshot(21).group("g").waiting_too_long == 2


def test_e10_a_call_back_that_was_talked_to_is_answered_after_its_wait():
    o = office(1)
    o.busy("1")
    o.join("c")
    o.tell(CallBackAsked(call_id="c", number="+4512345678"))
    o.at(100).member_hangs_up("1")
    o.answer("1")
    o.at(110).tell(CallBackAnswered(call_id="c"))
    o.at(200).hang_up("c")
    assert o.call_record("c").outcome is CallOutcome.CALLED_BACK
    assert (counts(o).answered, counts(o).answered_in_time) == (1, 0)


def test_e10_counting_begins_anew_at_midnight_and_with_another_goal():
    o = office(1)
    o.talk("a", "1")
    o.hang_up("a")
    o.talk("b", "1")
    o.tell(CountingBegins())
    assert counts(o).offered == 1
    o.hang_up("b")
    group = Group(id="g", members=("1",))
    o.engine.apply(o.engine.plan([attrs.evolve(group, ring_time_s=15.0)], people(1)), 0)
    assert counts(o).offered == 1
    o.engine.apply(o.engine.plan([attrs.evolve(group, service_within_s=10.0)], people(1)), 0)
    assert counts(o) == ServiceCounts(within_s=10.0)


def test_e10_the_usual_definitions_differ():
    """100 calls: 70 answered in time and 10 late, 4 hung up in time and 6 late, 10 forwarded."""
    hundred = ServiceCounts(
        within_s=20.0,
        offered=100,
        answered=80,
        answered_in_time=70,
        abandoned=10,
        abandoned_in_time=4,
        forwarded=10,
    )
    assert {name: level(hundred) for name, level in SERVICE_LEVELS.items()} == {
        "of_offered": 70 / 100,
        "of_lasting": 70 / 96,
        "of_answered": 70 / 80,
        "of_answered_and_abandoned": 70 / 90,
        "abandoned_in_time_is_fine": 74 / 100,
    }
    nothing = ServiceCounts(within_s=20.0)
    assert {level(nothing) for level in SERVICE_LEVELS.values()} == {None}


@st.composite
def records(draw):
    answered = draw(st.booleans())
    joined, waited = draw(st.floats(0, 1e5)), draw(st.sampled_from([0.0, 5.0, 20.0, 20.5, 300.0]))
    unanswered = [CallOutcome.ABANDONED, CallOutcome.FORWARDED, CallOutcome.REFUSED]
    outcome = st.sampled_from([CallOutcome.ANSWERED, CallOutcome.CALLED_BACK, *unanswered])
    return CallRecord(
        at=joined + waited,
        call_id="c",
        group_id="g",
        caller="",
        joined_at=joined,
        answered_at=joined + waited if answered else None,
        ended_at=joined + waited + (60.0 if answered else 0.0),
        outcome=draw(outcome if answered else st.sampled_from(unanswered)),
    )


@given(st.lists(records()))
def test_e10_the_fold_agrees_with_the_reports(made):
    """`reports.count_service`, written apart from it, goes through the whole list for each sum."""
    folded = functools.reduce(ServiceCounts.count, made, ServiceCounts(within_s=20.0))
    whole = count_service(made, 20.0)
    for field in attrs.fields(ServiceCounts):
        assert getattr(folded, field.name) == getattr(whole, field.name)
    assert SERVICE_LEVELS["of_offered"](folded) == whole.level
    assert SERVICE_LEVELS["of_lasting"](folded) == whole.level_of_lasting


@given(st.lists(records()), st.randoms())
def test_e10_the_order_of_the_records_is_no_matter(made, chance):
    folded = functools.reduce(ServiceCounts.count, made, ServiceCounts(within_s=20.0))
    chance.shuffle(made)
    assert functools.reduce(ServiceCounts.count, made, ServiceCounts(within_s=20.0)) == folded
