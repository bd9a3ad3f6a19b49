"""A7: the standard week decides where an unanswered call goes."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import attrs
import pytest
from acd_office import Office, office, people

from softswitch.acd import (
    CallJoined,
    Engine,
    Forward,
    ForwardReason,
    Group,
    Input,
    Target,
    TargetKind,
    TargetsChanged,
    UnknownGroupError,
    replay,
)
from softswitch.hours import StandardWeek, WeekSlot

COPENHAGEN = ZoneInfo("Europe/Copenhagen")
VOICEMAIL = Target(TargetKind.VOICEMAIL)
GUARD = Target(TargetKind.NUMBER, "sip:guard@office.example")
NIGHT = StandardWeek(
    [WeekSlot(day=day, begin=time(16), end=time(8), target=GUARD) for day in range(7)]
)


def test_a7_an_unanswered_call_goes_where_the_slot_of_the_week_says():
    o = office(1, max_offers=1)
    o.tell(TargetsChanged(group_id="g", no_answer=GUARD))
    o.join("c")
    o.at(20)
    forward = o.forwarded("c")
    assert (forward.target, forward.reason) == (GUARD, ForwardReason.OFFERS_EXHAUSTED)


def test_a7_a_call_that_waits_already_goes_there_too():
    o = office(1, max_offering_s=60)
    o.join("c")
    o.at(59).tell(TargetsChanged(group_id="g", no_answer=GUARD))
    o.at(60)
    assert o.forwarded("c").target == GUARD


def test_a7_outside_of_all_slots_the_groups_default_holds():
    o = office(1, max_offers=1)
    o.tell(TargetsChanged(group_id="g", no_answer=GUARD))
    o.tell(TargetsChanged(group_id="g", no_answer=None))
    o.join("c")
    o.at(20)
    assert o.forwarded("c").target == VOICEMAIL


def test_a7_only_unanswered_calls_are_concerned():
    o = office(1, queue_cap=1)
    o.tell(TargetsChanged(group_id="g", no_answer=GUARD))
    o.busy("1")
    o.join("waits")
    o.join("full")
    assert o.forwarded("full").target == VOICEMAIL


def test_a7_each_group_has_a_week_of_its_own_and_it_outlasts_a_reconfiguration():
    group = Group(id="g", members=("1",), max_offers=1)
    o = Office(group, attrs.evolve(group, id="h", members=("2",)), members=people(2))
    o.tell(TargetsChanged(group_id="g", no_answer=GUARD))
    snapshot = o.engine.snapshot(0)
    assert [snapshot.group(name).no_answer for name in "gh"] == [GUARD, VOICEMAIL]
    o.engine.apply(o.engine.plan([group], people(2)), 0)
    assert o.engine.snapshot(0).group("g").no_answer == GUARD
    with pytest.raises(UnknownGroupError):
        o.tell(TargetsChanged(group_id="h", no_answer=GUARD))


def test_a7_over_the_night_of_a_clock_change_the_log_replays_without_a_calendar():
    """Sunday 27 October 2024, 06:30 to 08:30 in Denmark: at 08:00 the night's target ends."""
    begin = datetime(2024, 10, 27, 5, 30, tzinfo=UTC)
    group = Group(id="g", members=("1",), max_offering_s=45.0)
    log: list[Input] = []
    engine = Engine([group], people(1), journal=log.append)
    engine.handle(TargetsChanged(group_id="g", no_answer=NIGHT.target_at(_wall(begin, 0))), 0.0)
    change = NIGHT.next_change(_wall(begin, 0))
    assert change is not None
    ends = (change.astimezone(UTC) - begin).total_seconds()
    assert ends == 90 * 60
    engine.handle(CallJoined(call_id="early", group_id="g"), ends - 46.0)
    engine.handle(TargetsChanged(group_id="g", no_answer=NIGHT.target_at(change)), ends)
    engine.handle(CallJoined(call_id="late", group_id="g"), ends + 1.0)
    engine.advance(ends + 100.0)
    output = engine.poll()
    sent = {out.call_id: out.target for out in output if isinstance(out, Forward)}
    assert sent == {"early": GUARD, "late": VOICEMAIL}
    assert replay([group], people(1), log) == output


def _wall(begin: datetime, now: float) -> datetime:
    return (begin + timedelta(seconds=now)).astimezone(COPENHAGEN)
