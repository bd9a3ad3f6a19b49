"""Calls sent from group to group: what ends, and what never would."""

import pytest
from offices import MEMBERS, faults_of


def _office(*groups: str) -> str:
    tables = [
        f"[groups.{name}]\nnumber = []\nmembers = ['anna']\n{settings}\n"
        for name, _, settings in (group.partition(": ") for group in groups)
    ]
    return MEMBERS + "".join(tables)


ENDING = {
    "a chain": ("a: overflow = {group='b'}", "b: overflow = {group='c'}", "c: queue = true"),
    "two ways to one end": (
        "a: overflow = {group='c'}\nnobody_active = {group='b'}",
        "b: overflow = {group='c'}",
        "c: overflow = 'message'",
    ),
    "a target not in use, for the queue is on": ("a: no_queue = {group='a'}",),
    "a target not in use, for the queue is off": ("a: queue = false\noverflow = {group='a'}",),
    "a target not in use, for offers have no end": ("a: no_answer = {group='a'}",),
    "a target not in use, for nobody waits too long": ("a: too_long = {group='a'}",),
    "lending members to each other": (
        "a: further = [{group='b'}]\noverflow = {group='b'}",
        "b: further = [{group='a'}]",
    ),
    "by a key that the caller presses": ("a: leave_keys = {1={group='a'}}",),
    "voicemail of each other": ("a: overflow = {voicemail='b'}", "b: overflow = {voicemail='a'}"),
}

ENDLESS = {
    "itself": ("a: overflow = {group='a'}",),
    "each other": ("a: overflow = {group='b'}", "b: overflow = {group='a'}"),
    "three": (
        "a: overflow = {group='b'}",
        "b: queue = false\nno_queue = {group='c'}",
        "c: nobody_active = {group='a'}",
    ),
    "unanswered": ("a: max_offers = 1\nno_answer = {group='a'}",),
    "unanswered in time": ("a: max_offering_min = 1\nno_answer = {group='a'}",),
    "waited too long": ("a: max_wait_s = 60\ntoo_long = {group='a'}",),
    "behind a chain": (
        "a: overflow = {group='b'}",
        "b: overflow = {group='c'}",
        "c: overflow = {group='b'}",
    ),
}


@pytest.mark.parametrize("groups", ENDING.values(), ids=ENDING)
def test_calls_that_end(groups: tuple[str, ...]):
    assert faults_of(_office(*groups)) == ()


@pytest.mark.parametrize("groups", ENDLESS.values(), ids=ENDLESS)
def test_calls_that_would_never_end(groups: tuple[str, ...]):
    [fault] = faults_of(_office(*groups))
    assert fault.message.startswith("A call could go round for ever: `")
    assert fault.path.endswith(".group")


def test_a_circle_by_numbers_of_the_office():
    office = MEMBERS + "".join(
        f"[groups.{name}]\nnumber = '{own}'\nmembers = ['bo']\noverflow = {{number = '{to}'}}\n"
        for name, own, to in (("a", "1", "2"), ("b", "2", "1"))
    )
    [fault] = faults_of(office)
    assert fault.message.startswith("A call could go round for ever: `")
    assert fault.path.endswith(".overflow.number")


def test_the_route_is_told_in_the_order_a_call_takes_it():
    [fault] = faults_of(_office(*ENDLESS["three"]))
    routes = {"`a` to `b` to `c` to `a`", "`b` to `c` to `a` to `b`", "`c` to `a` to `b` to `c`"}
    assert fault.message.removeprefix("A call could go round for ever: ")[:-1] in routes


def test_each_circle_is_told_once():
    faults = faults_of(
        _office(
            "a: overflow = {group='b'}",
            "b: overflow = {group='a'}",
            "c: overflow = {group='c'}",
        )
    )
    assert len(faults) == 2


def test_a_very_long_chain():
    groups = [f"g{i}: overflow = {{group='g{i + 1}'}}" for i in range(1500)]
    assert faults_of(_office(*groups, "g1500: queue = true")) == ()
