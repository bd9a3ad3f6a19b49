"""B4, D3: special days from iCalendar files and addresses, refreshed; a source that fails."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from zoneinfo import ZoneInfo

import attrs
import pytest

from softswitch.hours import parse_span
from softswitch.switch.calendars import MAX_BYTES, CalendarFeed, Calendars
from softswitch.switch.hours_tables import (
    CalendarTable,
    HoursTable,
    OpenSpans,
    OpenTable,
    SpecialTable,
    hours_faults,
    opening_hours,
)
from softswitch.switch.tasks import Tasks

COPENHAGEN = ZoneInfo("Europe/Copenhagen")
THURSDAY = datetime(2026, 11, 19, 12, 0, tzinfo=COPENHAGEN)
OPEN = OpenSpans([parse_span("08:00-16:00")])
WEEK = (OpenTable(open=OPEN),)
PLAIN = """BEGIN:VCALENDAR\r
VERSION:2.0\r
PRODID:-//office//EN\r
BEGIN:VEVENT\r
UID:1@office\r
SUMMARY:{name}\r
DTSTART;VALUE=DATE:{day}\r
END:VEVENT\r
END:VCALENDAR\r
"""
STOCKTAKING = PLAIN.format(name="Stocktaking", day="20261119")
MOVING = PLAIN.format(name="Moving", day="20261120")


@attrs.define
class WebServer:
    """A web server that says what it is told to say."""

    url: str
    status: int = 200
    body: bytes = b""


@contextmanager
def web_server() -> Iterator[WebServer]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(told.status)
            self.end_headers()
            self.wfile.write(told.body)

        def log_message(self, *_: object) -> None:
            """Say nothing on the terminal of a test."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        told = WebServer(f"http://127.0.0.1:{server.server_port}/office.ics")
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield told
        finally:
            server.shutdown()
            thread.join()


def feed(url: str, folder: Path) -> CalendarFeed:
    return CalendarFeed(CalendarTable(url=url), keep_in=folder, clock=lambda: THURSDAY)


@pytest.mark.asyncio
async def test_a_calendar_is_fetched_from_the_web(tmp_path: Path) -> None:
    with web_server() as web:
        web.body = STOCKTAKING.encode()
        calendars = Calendars(
            {"main": HoursTable(week=WEEK, calendars=(CalendarTable(url=web.url),))},
            keep_in=tmp_path,
            clock=lambda: THURSDAY,
            tasks=Tasks(),
        )
        await calendars.open()
        calendars.close()
    status = calendars.status("main")
    assert (status.open, status.rule) == (False, "Stocktaking")
    assert calendars.next_opening("main") == datetime(2026, 11, 20, 8, tzinfo=COPENHAGEN)
    assert calendars.troubles == {}


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (500, b"", "500"),
        (404, STOCKTAKING.encode(), "404"),
        (200, b"<html>log in</html>", "iCalendar"),
        (200, b"", "iCalendar"),
        (200, b" " * (MAX_BYTES + 1), "larger"),
    ],
)
async def test_a_source_that_fails_leaves_what_was_read_last(
    tmp_path: Path, status: int, body: bytes, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    with web_server() as web, caplog.at_level(logging.WARNING):
        web.body = STOCKTAKING.encode()
        one = feed(web.url, tmp_path)
        await one.refresh()
        web.status, web.body = status, body
        await one.refresh()
        await one.refresh()
    assert [event.title for event in one.events] == ["Stocktaking"]
    assert said in one.trouble
    assert len([r for r in caplog.records if "calendar" in r.message]) == 1


@pytest.mark.asyncio
async def test_after_a_restart_the_copy_on_disk_holds(tmp_path: Path) -> None:
    with web_server() as web:
        web.body = STOCKTAKING.encode()
        await feed(web.url, tmp_path).refresh()
        url = web.url
    again = feed(url, tmp_path)  # nobody listens there any more
    await again.refresh()
    assert [event.title for event in again.events] == ["Stocktaking"]
    assert again.trouble


@pytest.mark.asyncio
async def test_an_address_that_is_none_is_a_trouble_like_others(tmp_path: Path) -> None:
    one = feed("http://[::1", tmp_path)
    await one.refresh()
    assert one.events == ()
    assert one.trouble


@pytest.mark.virtual_time
async def test_a_file_is_read_again_every_so_often(tmp_path: Path) -> None:
    path = tmp_path / "office.ics"
    path.write_text(STOCKTAKING)
    loop = asyncio.get_running_loop()
    tasks = Tasks()
    calendars = Calendars(
        {"main": HoursTable(week=WEEK, calendars=(CalendarTable(file=path, refresh_min=15),))},
        keep_in=tmp_path,
        clock=lambda: THURSDAY + timedelta(seconds=loop.time()),
        tasks=tasks,
    )
    await calendars.open()
    found = [calendars.opening_hours("main").plan(THURSDAY.date()).rule]
    path.write_text(MOVING)
    for wait_s in (14 * 60, 2 * 60):
        await asyncio.sleep(wait_s)
        found.append(calendars.opening_hours("main").plan(THURSDAY.date()).rule)
    path.unlink()
    await asyncio.sleep(24 * 3600)
    found.append(calendars.status("main").rule)
    calendars.close()
    await tasks.close()
    assert found == ["Stocktaking", "Stocktaking", "normal week", "Moving"]
    assert list(calendars.troubles) == [str(path)]


def day(**settings: object) -> SpecialTable:
    return SpecialTable(**settings)  # type: ignore[arg-type]


THE_24TH = datetime(2026, 12, 24, tzinfo=COPENHAGEN).date()


@pytest.mark.parametrize(
    ("table", "path"),
    [
        (HoursTable(week=(OpenTable(open=OPEN), OpenTable(open=OPEN))), "hours.main.week"),
        (HoursTable(special=(day(),)), "hours.main.special[0]"),
        (HoursTable(special=(day(date=THE_24TH, every="12-24"),)), "hours.main.special[0]"),
        (HoursTable(special=(day(every="02-30"),)), "hours.main.special[0].every"),
        (HoursTable(special=(day(every="christmas"),)), "hours.main.special[0].every"),
        (
            HoursTable(special=(day(date=THE_24TH, until=THE_24TH - timedelta(days=1)),)),
            "hours.main.special[0].until",
        ),
        (HoursTable(holidays=("DK", "XX")), "hours.main.holidays[1]"),
        (HoursTable(holidays=("GB-ATLANTIS",)), "hours.main.holidays[0]"),
        (HoursTable(holiday_kinds=("silly",)), "hours.main.holiday_kinds[0]"),
        (HoursTable(calendars=(CalendarTable(),)), "hours.main.calendars[0]"),
        (HoursTable(calendars=(CalendarTable(url="ftp://x"),)), "hours.main.calendars[0].url"),
    ],
)
def test_faults_have_their_place(table: HoursTable, path: str) -> None:
    faults = list(hours_faults({"main": table}))
    assert path in [fault.path for fault in faults]


def test_a_table_becomes_a_calendar() -> None:
    table = HoursTable(
        week=WEEK,
        special=(day(name="Christmas Eve", every="12-24"), day(date=THE_24TH, open=OPEN)),
        holidays=("DK", "GB-SCT"),
        holiday_kinds=("public", "bank"),
    )
    assert list(hours_faults({"main": table})) == []
    hours = opening_hours("main", table)
    assert hours.plan(THE_24TH).hours == tuple(OPEN)
    assert hours.plan(THE_24TH.replace(year=2027)).rule == "Christmas Eve"
    assert hours.plan(THE_24TH.replace(day=26)).hours == ()
