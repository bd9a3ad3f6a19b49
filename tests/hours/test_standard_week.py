"""A7: the standard week, with the two Sundays on which the clock jumps.

Clock changes in Denmark: 31 March 2024, 02:00 becomes 03:00; 27 October 2024, 03:00 becomes 02:00
(Directive 2000/84/EC: 01:00 UTC on the last Sunday of March and of October).
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from softswitch.acd import Target, TargetKind
from softswitch.errors import ConfigurationError
from softswitch.hours import StandardWeek, WeekSlot

COPENHAGEN = ZoneInfo("Europe/Copenhagen")
DESK = Target(TargetKind.NUMBER, "sip:desk@office.example")
GUARD = Target(TargetKind.NUMBER, "sip:guard@office.example")
MAILBOX = Target(TargetKind.VOICEMAIL)
SUNDAY = 6


def slot(day: int, begin: str, end: str, target: Target = DESK) -> WeekSlot:
    return WeekSlot(
        day=day, begin=time.fromisoformat(begin), end=time.fromisoformat(end), target=target
    )


def local(text: str, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=COPENHAGEN, fold=fold)


OFFICE = StandardWeek(
    [
        *(slot(day, "08:00", "16:00", DESK) for day in range(5)),
        *(slot(day, "16:00", "08:00", GUARD) for day in range(4)),
        slot(SUNDAY, "22:00", "06:00", MAILBOX),
    ]
)


@pytest.mark.parametrize(
    ("at", "target"),
    [
        ("2024-05-13T07:59:59", None),
        ("2024-05-13T08:00", DESK),
        ("2024-05-13T15:59:59", DESK),
        ("2024-05-13T16:00", GUARD),
        ("2024-05-14T03:00", GUARD),
        ("2024-05-17T16:00", None),
        ("2024-05-18T03:00", None),
        ("2024-05-19T22:00", MAILBOX),
        ("2024-05-20T05:59", MAILBOX),
        ("2024-05-20T06:00", None),
    ],
)
def test_each_slot_has_its_target_and_outside_of_all_the_groups_own_holds(at, target):
    """13 May 2024 is a Monday."""
    assert OFFICE.target_at(local(at)) == target
    assert OFFICE.target_at(datetime.fromisoformat(at)) == target


def test_a_week_without_slots_says_nothing_and_never_changes():
    week = StandardWeek()
    assert week.target_at(local("2024-05-13T12:00")) is None
    assert week.next_change(local("2024-05-13T12:00")) is None


def test_a_slot_from_midnight_to_midnight_is_the_whole_day():
    week = StandardWeek([slot(2, "00:00", "00:00")])
    assert week.target_at(local("2024-05-15T00:00")) == DESK
    assert week.target_at(local("2024-05-15T23:59:59")) == DESK
    assert week.next_change(local("2024-05-15T10:00")) == local("2024-05-16T00:00")
    assert week.next_change(local("2024-05-16T00:00")) == local("2024-05-22T00:00")


def test_the_same_target_in_the_next_slot_is_no_change():
    week = StandardWeek([slot(0, "08:00", "12:00"), slot(0, "12:00", "16:00")])
    assert week.next_change(local("2024-05-13T09:00")) == local("2024-05-13T16:00")


NIGHT = StandardWeek([slot(SUNDAY, "02:15", "02:45"), slot(SUNDAY, "02:50", "04:00", GUARD)])


def test_in_spring_a_slot_in_the_hour_left_out_does_not_happen():
    """At 03:00 summer time, the first instant after the gap, the second slot has begun."""
    evening = local("2024-03-30T22:00")
    change = NIGHT.next_change(evening)
    assert change == datetime(2024, 3, 31, 1, 0, tzinfo=UTC)
    assert change.isoformat() == "2024-03-31T03:00:00+02:00"
    assert NIGHT.target_at(change) == GUARD


def test_in_autumn_a_slot_in_the_hour_that_comes_twice_happens_twice():
    at, changes = local("2024-10-26T22:00"), []
    for _ in range(7):
        at = NIGHT.next_change(at)
        changes.append((at.isoformat()[11:], NIGHT.target_at(at)))
    assert changes == [
        ("02:15:00+02:00", DESK),
        ("02:45:00+02:00", None),
        ("02:50:00+02:00", GUARD),
        ("02:00:00+01:00", None),
        ("02:15:00+01:00", DESK),
        ("02:45:00+01:00", None),
        ("02:50:00+01:00", GUARD),
    ]


@pytest.mark.parametrize(("day", "hours"), [("2024-03-30", 7), ("2024-10-26", 9)])
def test_a_night_of_a_clock_change_is_an_hour_shorter_or_longer(day, hours):
    week = StandardWeek([slot(5, "22:00", "06:00")])
    begin = week.next_change(local(f"{day}T12:00"))
    end = week.next_change(begin)
    assert begin == local(f"{day}T22:00")
    assert end.astimezone(UTC) - begin.astimezone(UTC) == timedelta(hours=hours)


def test_a_time_without_a_zone_cannot_say_when_the_next_change_is():
    with pytest.raises(ValueError, match="zone"):
        OFFICE.next_change(datetime.fromisoformat("2024-05-13T12:00"))


def test_overlapping_slots_and_unknown_days_are_all_reported():
    with pytest.raises(ConfigurationError) as caught:
        StandardWeek(
            [
                slot(7, "08:00", "09:00"),
                slot(0, "08:00", "16:00"),
                slot(0, "15:59", "17:00"),
                slot(SUNDAY, "22:00", "08:01"),
            ]
        )
    assert [fault.path for fault in caught.value.faults] == [
        "slots[0].day",
        "slots[2]",
        "slots[3]",
    ]


quarters = st.integers(0, 95).map(lambda n: time(n // 4, n % 4 * 15))


@st.composite
def weeks(draw):
    """Weeks of up to four slots that do not overlap."""
    found: list[WeekSlot] = []
    for _ in range(draw(st.integers(1, 4))):
        day = draw(st.sampled_from([0, 5, 6, 6]))
        begin, end = draw(quarters), draw(quarters)
        target = draw(st.sampled_from([DESK, GUARD]))
        try:
            StandardWeek([*found, WeekSlot(day=day, begin=begin, end=end, target=target)])
        except ConfigurationError:
            continue
        found.append(WeekSlot(day=day, begin=begin, end=end, target=target))
    return StandardWeek(found)


def slow_target(week: StandardWeek, at: datetime) -> Target | None:
    """Go through the slots of this week and the last, minute by minute of the wall clock."""
    wall = at.astimezone(COPENHAGEN).replace(tzinfo=None, fold=0)
    monday = datetime.combine(wall.date() - timedelta(days=wall.weekday()), time())
    for weeks_ago in (0, 1):
        for one in week.slots:
            begin = datetime.combine(monday, one.begin) + timedelta(days=one.day - 7 * weeks_ago)
            end = begin
            while True:
                end += timedelta(minutes=1)
                if end.time() == one.end:
                    break
            if begin <= wall < end:
                return one.target
    return None


starts = st.one_of(
    st.sampled_from(["2024-03-30T21:00", "2024-10-26T21:00", "2024-10-27T00:30"]),
    st.integers(0, 4 * 24 * 366).map(
        lambda n: (datetime.fromisoformat("2024-01-01") + timedelta(minutes=15 * n)).isoformat()
    ),
)


@given(weeks(), starts, st.integers(0, 400))
def test_targets_are_those_of_a_slow_walk(week, start, quarters_on):
    at = datetime.fromisoformat(start).replace(tzinfo=UTC) + timedelta(minutes=15 * quarters_on)
    assert week.target_at(at.astimezone(COPENHAGEN)) == slow_target(week, at)


@given(weeks(), starts)
def test_changes_come_when_a_walk_through_the_week_finds_them(week, start):
    """A quarter of an hour at a time, in UTC: zones of whole hours and slots of quarters."""
    at = datetime.fromisoformat(start).replace(tzinfo=UTC)
    now = week.target_at(at.astimezone(COPENHAGEN))
    walk = (at + timedelta(minutes=15 * n) for n in range(1, 4 * 24 * 8))
    found = next(
        (step for step in walk if week.target_at(step.astimezone(COPENHAGEN)) != now), None
    )
    change = week.next_change(at.astimezone(COPENHAGEN))
    assert (change and change.astimezone(UTC)) == found
