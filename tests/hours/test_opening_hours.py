"""B4: a normal week, special days that override it, public holidays; daylight saving is right.

Dates of holidays: kalender by law in Denmark (lov om helligdage), Norway (lov om helligdager) and
Sweden (lag 1989:253), and Easter Sunday of 2026 on 5 April (Gregorian computus). Clock changes in
Denmark: 29 March 2026, 02:00 becomes 03:00; 25 October 2026, 03:00 becomes 02:00.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from softswitch.errors import ConfigurationError
from softswitch.hours import (
    Closure,
    ImportedDays,
    NormalWeek,
    OpeningHours,
    PublicHolidays,
    Span,
    SpecialDay,
    YearlyDay,
    parse_span,
)

COPENHAGEN = ZoneInfo("Europe/Copenhagen")
DAY = parse_span("08:00-16:00")
OFFICE_WEEK = NormalWeek(hours=dict.fromkeys(range(5), (DAY,)))
DENMARK = PublicHolidays(country="DK")


def local(text: str, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=COPENHAGEN, fold=fold)


def special(first: str, last: str = "", *spans: str, name: str = "special") -> SpecialDay:
    return SpecialDay(
        name=name,
        first=date.fromisoformat(first),
        last=date.fromisoformat(last or first),
        hours=tuple(parse_span(span) for span in spans),
    )


@pytest.mark.parametrize(
    ("at", "opens"),
    [
        ("2026-11-20T07:59:59", False),  # Friday
        ("2026-11-20T08:00", True),
        ("2026-11-20T15:59:59", True),
        ("2026-11-20T16:00", False),
        ("2026-11-21T12:00", False),  # Saturday
    ],
)
def test_a_normal_week(at: str, *, opens: bool) -> None:
    status = OpeningHours(week=OFFICE_WEEK).status(local(at))
    assert (status.open, status.special, status.rule) == (opens, False, "normal week")


@pytest.mark.parametrize(
    ("country", "day", "holiday"),
    [
        ("DK", "2026-04-02", True),  # Maundy Thursday
        ("DK", "2026-05-01", False),
        ("NO", "2026-05-01", True),
        ("NO", "2026-05-17", True),
        ("SE", "2026-04-02", False),  # Maundy Thursday is a working day there
        ("SE", "2026-06-20", True),  # Midsummer Day
        ("SE", "2026-06-06", True),
        ("DK", "2026-05-25", True),  # Whit Monday
        ("SE", "2026-05-25", False),
        ("DK", "2024-04-26", False),  # General Prayer Day: no longer one since 2024
        ("DK", "2023-05-05", True),
    ],
)
def test_public_holidays_by_country(country: str, day: str, *, holiday: bool) -> None:
    hours = OpeningHours(
        week=NormalWeek(hours=dict.fromkeys(range(7), (DAY,))),
        holidays=(PublicHolidays(country=country),),
    )
    status = hours.status(local(f"{day}T12:00"))
    assert (status.open, status.special) == (not holiday, holiday)


def test_a_region_has_holidays_of_its_own() -> None:
    """2 January is a bank holiday in Scotland alone (Banking and Financial Dealings Act 1971)."""
    new_year = date(2026, 1, 2)
    assert PublicHolidays(country="GB", region="SCT").on(new_year) is not None
    assert PublicHolidays(country="GB", region="ENG").on(new_year) is None


def test_a_holiday_has_its_own_name() -> None:
    ruling = DENMARK.on(date(2026, 12, 25))
    assert ruling is not None
    assert "jul" in ruling.name.lower()


@pytest.mark.parametrize("country", ["XX", "", "dk1"])
def test_an_unknown_country_is_refused(country: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        PublicHolidays(country=country)
    (fault,) = caught.value.faults
    assert fault.path == "country"
    assert "DK" in fault.allowed


def test_an_unknown_region_is_refused() -> None:
    with pytest.raises(ConfigurationError):
        PublicHolidays(country="GB", region="ATLANTIS")


def test_exceptions_of_exceptions_go_by_the_stated_order() -> None:
    """Christmas closed as a period, Christmas Eve open in the morning, one Sunday sale in it."""
    hours = OpeningHours(
        week=OFFICE_WEEK,
        special=(
            special("2026-12-21", "2027-01-03", name="Christmas holidays"),
            special("2026-12-27", "2026-12-30", "10:00-14:00", name="sale"),
            special("2026-12-29", "", "06:00-20:00", name="stocktaking"),
        ),
        yearly=(YearlyDay(name="Christmas Eve", month=12, day=24, hours=(DAY,)),),
        holidays=(DENMARK,),
    )
    named = {day: hours.plan(date(2026, 12, day)).rule for day in (18, 21, 24, 25, 28, 29, 31)}
    assert named == {
        18: "normal week",
        21: "Christmas holidays",
        24: "Christmas holidays",  # the period is written, the yearly day is weaker
        25: "Christmas holidays",
        28: "sale",
        29: "stocktaking",
        31: "Christmas holidays",
    }
    yearly = OpeningHours(week=OFFICE_WEEK, yearly=hours.yearly, holidays=(DENMARK,))
    assert yearly.plan(date(2027, 12, 24)).rule == "Christmas Eve"
    assert yearly.status(local("2026-12-24T09:00")).open


def test_a_night_belongs_to_the_day_on_which_it_begins() -> None:
    night = parse_span("20:00-04:00")
    hours = OpeningHours(
        week=NormalWeek(hours={4: (night,), 5: (night,)}), special=(special("2026-11-21"),)
    )
    assert hours.is_open(local("2026-11-21T03:59"))  # Friday's night, though Saturday is closed
    assert not hours.is_open(local("2026-11-21T04:00"))
    assert not hours.is_open(local("2026-11-21T23:00"))
    assert not hours.is_open(local("2026-11-22T01:00"))


@pytest.mark.parametrize(
    ("at", "opens"),
    [
        ("2026-11-20T07:00", "2026-11-20T08:00"),
        ("2026-11-20T12:00", "2026-11-23T08:00"),  # open now: the next time is Monday
        ("2026-11-20T17:00", "2026-11-23T08:00"),
        ("2026-12-24T17:00", "2026-12-28T08:00"),  # Friday 25 and Saturday 26 are holidays
        ("2026-03-27T17:00", "2026-03-30T08:00"),  # over the clock change
        ("2026-10-23T17:00", "2026-10-26T08:00"),
    ],
)
def test_when_the_office_opens_next(at: str, opens: str) -> None:
    hours = OpeningHours(week=OFFICE_WEEK, holidays=(DENMARK,))
    found = hours.next_opening(local(at))
    assert found == local(opens)
    assert found is not None
    assert found.tzinfo is COPENHAGEN


def test_an_office_that_never_opens_says_so() -> None:
    assert OpeningHours().next_opening(local("2026-11-20T12:00")) is None
    always = OpeningHours(week=NormalWeek(hours=dict.fromkeys(range(7), (Span(time(), time()),))))
    assert always.next_opening(local("2026-11-20T12:00")) is None
    assert always.next_change(local("2026-11-20T12:00")) is None
    assert always.is_open(local("2026-11-20T12:00"))


def test_hours_in_the_hour_that_is_left_out_do_not_happen() -> None:
    """On 29 March 2026 there is no 02:30; on 25 October 02:30 comes twice."""
    hours = OpeningHours(week=NormalWeek(hours={6: (parse_span("02:00-03:00"),)}))
    assert hours.next_opening(local("2026-03-28T12:00")) == local("2026-04-05T02:00")
    assert hours.is_open(local("2026-10-25T02:30", fold=0))
    assert hours.is_open(local("2026-10-25T02:30", fold=1))
    closes = hours.next_change(local("2026-10-25T02:30", fold=0))
    assert closes is not None
    assert closes.astimezone(UTC) == datetime(2026, 10, 25, 2, 0, tzinfo=UTC)


def test_hours_that_begin_in_it_begin_when_the_clock_goes_on() -> None:
    hours = OpeningHours(week=NormalWeek(hours={6: (parse_span("02:30-10:00"),)}))
    opens = hours.next_opening(local("2026-03-28T12:00"))
    assert opens is not None
    assert opens.astimezone(UTC) == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)


def test_a_timed_event_closes_unless_the_office_has_written_the_day_itself() -> None:
    meeting = Closure(
        name="staff meeting", begin=local("2026-11-19T12:00"), end=local("2026-11-19T13:00")
    )
    imported = ImportedDays(closures=(meeting,))
    hours = OpeningHours(week=OFFICE_WEEK, imported=imported)
    status = hours.status(local("2026-11-19T12:30"))
    assert (status.open, status.rule) == (False, "staff meeting")
    assert hours.next_change(local("2026-11-19T09:00")) == meeting.begin
    assert hours.next_opening(local("2026-11-19T09:00")) == meeting.end
    written = OpeningHours(
        week=OFFICE_WEEK, imported=imported, special=(special("2026-11-19", "", "08:00-16:00"),)
    )
    assert written.is_open(local("2026-11-19T12:30"))


def test_a_time_without_its_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        OpeningHours(week=OFFICE_WEEK).status(datetime(2026, 11, 20, 12))  # noqa: DTZ001 - it is what is refused


@pytest.mark.parametrize("text", ["8", "8-", "-8", "25:00-26:00", "08:60-09:00", "a-b", "8-9-10"])
def test_what_is_no_span_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"written|hour must|minute must"):
        parse_span(text)


@pytest.mark.parametrize(
    ("text", "span"),
    [("8-16", "08:00-16:00"), ("08:00 - 24:00", "08:00-00:00"), ("22:00-06:00", "22:00-06:00")],
)
def test_spans_are_read(text: str, span: str) -> None:
    assert str(parse_span(text)) == span


# A slow twin: asks of each minute of the wall clock, knows nothing of instants or boundaries.

ZONES = [
    ZoneInfo(name) for name in ("Europe/Copenhagen", "America/St_Johns", "Australia/Lord_Howe")
]
STARTS = [date(2026, 3, 27), date(2026, 10, 23), date(2026, 4, 3), date(2026, 12, 30)]


@st.composite
def spans(draw: st.DrawFn) -> Span:
    quarters = st.integers(0, 95).map(lambda n: time(n // 4, n % 4 * 15))
    return Span(draw(quarters), draw(quarters))


@st.composite
def offices(draw: st.DrawFn) -> tuple[OpeningHours, date]:
    start = draw(st.sampled_from(STARTS))
    of_day = st.lists(spans(), max_size=2).map(tuple)
    dates = st.integers(0, 8).map(lambda n: start + timedelta(days=n))
    specials = []
    for n in range(draw(st.integers(0, 3))):
        first, last = sorted((draw(dates), draw(dates)))
        specials.append(SpecialDay(name=str(n), first=first, last=last, hours=draw(of_day)))
    week = NormalWeek(hours=draw(st.dictionaries(st.integers(0, 6), of_day)))
    return OpeningHours(week=week, special=tuple(specials), holidays=(DENMARK,)), start


def twin_hours(office: OpeningHours, day: date) -> tuple[Span, ...]:
    best: SpecialDay | None = None
    for one in office.special:
        inside = one.first <= day <= one.last
        if inside and (best is None or one.last - one.first < best.last - best.first):
            best = one
    if best is not None:
        return best.hours
    if DENMARK.on(day) is not None:
        return ()
    week: Mapping[int, tuple[Span, ...]] = office.week.hours
    return week.get(day.weekday(), ())


def twin_open(office: OpeningHours, wall: datetime) -> bool:
    of_day = wall.time()
    for span in twin_hours(office, wall.date()):
        over_midnight = span.end <= span.begin
        if span.begin <= of_day and (over_midnight or of_day < span.end):
            return True
    for span in twin_hours(office, wall.date() - timedelta(days=1)):
        if span.end <= span.begin and of_day < span.end:
            return True
    return False


@settings(max_examples=60, deadline=None)
@given(office_and_start=offices(), zone=st.sampled_from(ZONES), offset_min=st.integers(0, 3000))
def test_a_slow_twin_that_looks_every_minute_agrees(
    office_and_start: tuple[OpeningHours, date], zone: ZoneInfo, offset_min: int
) -> None:
    office, start = office_and_start
    begin = datetime.combine(start, time(), zone).astimezone(UTC) + timedelta(minutes=offset_min)
    walls = [(begin + timedelta(minutes=n)).astimezone(zone) for n in range(0, 4 * 1440, 15)]
    opened = [twin_open(office, wall) for wall in walls]
    assert [office.is_open(wall) for wall in walls] == opened
    first_change = next((w for w, o in zip(walls, opened, strict=True) if o != opened[0]), None)
    found = office.next_change(walls[0])
    if first_change is None:
        assert found is None or found > walls[-1]
    else:
        assert found is not None
        assert first_change - timedelta(minutes=15) < found.astimezone(UTC) <= first_change
