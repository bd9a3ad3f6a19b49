"""iCalendar files (RFC 5545) as special days and as absences.

The recurring meeting is the example of RFC 5545, section 3.8.5.3: "Every other Monday ...".
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from softswitch.hours import (
    NormalWeek,
    OpeningHours,
    absence_at,
    parse_span,
    read_events,
    special_days,
)

COPENHAGEN = ZoneInfo("Europe/Copenhagen")


def calendar(*events: str) -> str:
    body = "".join(f"BEGIN:VEVENT\r\nUID:{n}@x\r\n{e}END:VEVENT\r\n" for n, e in enumerate(events))
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\n{body}END:VCALENDAR\r\n"


def event(summary: str, start: str, end: str, *more: str) -> str:
    lines = [f"SUMMARY:{summary}", f"DTSTART{start}", f"DTEND{end}", *more]
    return "".join(line + "\r\n" for line in lines)


def read(text: str, first: str = "2026-11-01", last: str = "2026-12-31"):
    return read_events(text, COPENHAGEN, date.fromisoformat(first), date.fromisoformat(last))


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=COPENHAGEN)


HOLIDAY = event("Holiday", ";VALUE=DATE:20261123", ";VALUE=DATE:20261128")
MEETING = event("Staff meeting", ":20261119T110000Z", ":20261119T120000Z")
LATE = event("Long Thursday 08:00-20:00", ";VALUE=DATE:20261126", ";VALUE=DATE:20261127")


def test_whole_days_close_the_office() -> None:
    hours = OpeningHours(
        week=NormalWeek(hours=dict.fromkeys(range(5), (parse_span("08:00-16:00"),))),
        imported=special_days(read(calendar(HOLIDAY))),
    )
    assert hours.is_open(local("2026-11-20T12:00"))
    status = hours.status(local("2026-11-27T12:00"))
    assert (status.open, status.special, status.rule) == (False, True, "Holiday")
    assert hours.next_opening(local("2026-11-22T12:00")) == local("2026-11-30T08:00")


def test_a_title_may_give_the_hours_of_the_day() -> None:
    hours = OpeningHours(imported=special_days(read(calendar(LATE))))
    assert hours.is_open(local("2026-11-26T19:59"))
    assert not hours.is_open(local("2026-11-26T20:00"))


def test_a_time_closes_while_it_lasts() -> None:
    """11:00 to 12:00 UTC is 12:00 to 13:00 in Copenhagen in November."""
    (closure,) = special_days(read(calendar(MEETING))).closures
    assert (closure.begin, closure.end) == (local("2026-11-19T12:00"), local("2026-11-19T13:00"))


def test_repetitions_keep_their_local_time_over_the_clock_change() -> None:
    weekly = event(
        "Swimming",
        ";TZID=Europe/Copenhagen:20261012T090000",
        ";TZID=Europe/Copenhagen:20261012T100000",
        "RRULE:FREQ=WEEKLY;COUNT=4",
        "EXDATE;TZID=Europe/Copenhagen:20261019T090000",
    )
    events = read(calendar(weekly), "2026-10-01", "2026-11-30")
    assert [e.begin.astimezone(UTC) for e in events] == [
        datetime(2026, 10, 12, 7, tzinfo=UTC),
        datetime(2026, 10, 26, 8, tzinfo=UTC),
        datetime(2026, 11, 2, 8, tzinfo=UTC),
    ]


def test_the_absence_that_ends_last_is_told() -> None:
    events = read(calendar(HOLIDAY, event("Dentist", ":20261124T080000Z", ":20261124T090000Z")))
    absence = absence_at(events, local("2026-11-24T09:30"))
    assert absence is not None
    assert (absence.title, absence.end) == ("Holiday", local("2026-11-28T00:00"))
    assert absence_at(events, local("2026-11-30T09:00")) is None


@pytest.mark.parametrize("more", ["STATUS:CANCELLED", "TRANSP:TRANSPARENT"])
def test_cancelled_events_and_free_time_do_not_count(more: str) -> None:
    free = event("Maybe", ";VALUE=DATE:20261123", ";VALUE=DATE:20261124", more)
    assert read(calendar(free)) == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "iCalendar"),
        ("<html>404</html>", "iCalendar"),
        ("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nEND:VCALENDAR\r\n", "iCalendar"),
        (
            calendar(
                event("Bomb", ":20261101T000000Z", ":20261101T000001Z", "RRULE:FREQ=SECONDLY")
            ),
            "minute",
        ),
    ],
)
def test_what_cannot_be_read_is_refused(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read(text)
