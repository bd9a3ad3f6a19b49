"""E2: priority, absolute or weighted by waiting time."""

from __future__ import annotations

from acd_office import office


def test_e2_priority_goes_before_waiting_time_and_equals_keep_their_order():
    o = office(1)
    o.busy("1")
    for call_id, priority in (("a", 0), ("b", 5), ("c", 0), ("d", 5)):
        o.join(call_id, priority=priority)
    assert o.waiting() == ["b", "d", "a", "c"]


def test_e2_absolute_priority_goes_before_any_waiting_time():
    o = office(1)
    o.busy("1")
    o.join("patient")
    o.at(3600).join("urgent", priority=1)
    assert o.waiting() == ["urgent", "patient"]


def test_e2_weighted_priority_counts_as_seconds_of_waiting():
    o = office(1, priority_worth_s=60)
    o.busy("1")
    o.join("patient")
    o.at(59).join("just before", priority=1)
    o.at(61).join("just after", priority=1)
    o.at(100).join("plain")
    o.at(100).join("high", priority=2)
    assert o.waiting() == ["high", "just before", "patient", "just after", "plain"]
