"""A7: the standard week of a group as an office file has it."""

from __future__ import annotations

from datetime import time
from pathlib import Path

import pytest
from offices import GOOD, faults_of, paths_of

from softswitch.acd.model import Target, TargetKind
from softswitch.cli.office_view import describe
from softswitch.cli.office_words import extras
from softswitch.hours import StandardWeek, WeekSlot
from softswitch.switch.config import GroupConfig
from softswitch.switch.loading import parse_office

SLOT = "\n[[groups.main.week]]\n"
HANG_UP, MESSAGE = Target(TargetKind.HANG_UP), Target(TargetKind.MESSAGE)
OFFICE_HOURS = (
    f"{SLOT}days = ['mon-thu', 'fri']\nbegin = '08:00'\nend = '16:30'\ntarget = 'hang_up'"
    f"{SLOT}days = 'sun-mon'\nbegin = '22:00'\nend = '06:00'\ntarget = 'message'"
)


def group_of(text: str) -> GroupConfig:
    [group] = parse_office(text, base=Path("/nowhere")).groups
    return group


def test_each_day_of_a_table_is_a_slot():
    office_hours = [
        WeekSlot(day=day, begin=time(8), end=time(16, 30), target=HANG_UP) for day in range(5)
    ]
    nights = [WeekSlot(day=day, begin=time(22), end=time(6), target=MESSAGE) for day in (6, 0)]
    assert group_of(GOOD + OFFICE_HOURS).week == StandardWeek((*office_hours, *nights))


def test_what_is_left_out_is_every_day_and_the_whole_day():
    week = group_of(GOOD + SLOT + "target = 'message'").week
    whole_days = (WeekSlot(day=day, begin=time(), end=time(), target=MESSAGE) for day in range(7))
    assert week == StandardWeek(tuple(whole_days))
    assert group_of(GOOD).week is None


def test_a_day_said_twice_in_one_table_counts_once():
    text = GOOD + SLOT + "days = ['mon-tue', 'tue']\ntarget = 'message'"
    week = group_of(text).week
    assert week is not None
    assert [slot.day for slot in week.slots] == [0, 1]


def test_check_shows_the_week():
    office = parse_office("[office]\ntimezone = 'Europe/Oslo'" + GOOD + OFFICE_HOURS, base=Path())
    said = extras(office.groups[0])
    assert "no answer on mon-fri, 08:00 to 16:30: hang up" in said
    assert "no answer on sun, mon, 22:00 to 06:00: standard message, then hang up" in said
    described = describe(office, Path("office.toml"), None)
    assert described["timezone"] == "Europe/Oslo"
    slot = described["groups"][0]["week"][1]
    assert (slot["days"], slot["begin"], slot["end"]) == (["sun", "mon"], "22:00", "06:00")


FAULTY = {
    "unknown day": ("days = ['mon', 'tru']\ntarget = 'message'", ["days"]),
    "span that ends nowhere": ("days = 'mon-'\ntarget = 'message'", ["days"]),
    "day in full": ("days = 'Monday'\ntarget = 'message'", ["days"]),
    "no day": ("days = []\ntarget = 'message'", ["days"]),
    "number for a day": ("days = [1]\ntarget = 'message'", ["days"]),
    "no such hour": ("begin = '25:00'\ntarget = 'message'", ["begin"]),
    "midnight as 24:00": ("begin = '20:00'\nend = '24:00'\ntarget = 'message'", ["end"]),
    "number for a time": ("begin = 8\ntarget = 'message'", ["begin"]),
    "seconds": ("end = '08:00:30'\ntarget = 'message'", ["end"]),
    "no target": ("begin = '08:00'", ["target"]),
    "unknown target": ("target = 'voice'", ["target"]),
    "unknown group": ("target = { group = 'mian' }", ["target.group"]),
    "unknown setting": ("target = 'message'\nday = 'mon'", ["day"]),
    "three faults": (
        "days = 'x'\nbegin = ''\ntarget = { group = 'x' }",
        ["days", "begin", "target.group"],
    ),
}


@pytest.mark.parametrize(("slot", "places"), FAULTY.values(), ids=FAULTY.keys())
def test_each_fault_is_found_where_it_is(slot: str, places: list[str]):
    first = f"{SLOT}days = 'sat'\nbegin = '08:00'\nend = '09:00'\ntarget = 'message'"
    free = "" if "days" in slot else "days = 'sun'\n"
    expected = [f"groups.main.week[1].{place}" for place in places]
    assert paths_of(GOOD + first + SLOT + free + slot) == expected


def test_a_fault_of_a_day_says_what_was_meant_and_what_is_allowed():
    [fault] = faults_of(GOOD + SLOT + "days = 'mno-fri'\ntarget = 'message'")
    assert fault.value == "'mno-fri'"
    assert fault.message.startswith("'mno-fri' is no day.")
    assert fault.allowed == (
        "mon, tue, wed, thu, fri, sat, sun, a span such as mon-fri, or a list of them"
    )
    [fault] = faults_of(GOOD + SLOT + "days = 'mno'\ntarget = 'message'")
    assert fault.message == "'mno' is no day. Did you mean `mon`?"


def test_tables_that_overlap_are_told_once_each_and_hide_no_other_fault():
    text = GOOD + OFFICE_HOURS + f"{SLOT}days = 'mon-fri'\nbegin = '16:00'\nend = '18:00'\n"
    faults = faults_of(
        text + "target = 'message'" + SLOT + "days = 'sat'\ntarget = { group = 'x' }"
    )
    assert [fault.path for fault in faults] == [
        "groups.main.week[2]",
        "groups.main.week[3].target.group",
    ]
    assert faults[0].value == "monday 16:00 to 18:00"
    assert faults[0].message == "This overlaps with monday 08:00 to 16:30."


def test_a_night_of_sunday_overlaps_with_monday_morning():
    text = GOOD + f"{SLOT}days = 'sun'\nbegin = '22:00'\nend = '06:00'\ntarget = 'message'"
    assert paths_of(text + f"{SLOT}days = 'mon'\nend = '06:01'\ntarget = 'hang_up'") == [
        "groups.main.week[1]"
    ]


def test_a_circle_by_the_week_is_refused_where_offers_end():
    other = (
        "\n[groups.other]\nnumber = '2000'\nmembers = ['bo']\nnobody_active = { group = 'main' }"
    )
    slot = f"{SLOT}days = 'mon'\ntarget = {{ group = 'other' }}"
    assert paths_of(GOOD + slot + other) == []
    [path] = paths_of(GOOD + "max_offers = 2" + slot + other)
    assert path in {"groups.main.week[0].target.group", "groups.other.nobody_active.group"}


@pytest.mark.parametrize(
    "name", ["Europe/Kopenhagen", "Mars", "../etc", "/etc/localtime", "Europe", "CET\\u0000"]
)
def test_an_unknown_time_zone_is_refused(name: str):
    [fault] = faults_of(f'[office]\ntimezone = "{name}"' + GOOD)
    assert fault.path == "office.timezone"
    assert fault.message.startswith("This time zone is not known.")
    assert fault.allowed == 'a time zone of the IANA list, such as "Europe/Copenhagen"'


def test_the_nearest_time_zone_is_suggested():
    [fault] = faults_of("[office]\ntimezone = 'Europe/Kopenhagen'" + GOOD)
    assert fault.message.endswith("Did you mean `Europe/Copenhagen`?")
