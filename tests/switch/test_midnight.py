"""Row E10: the counts of the day begin anew at the office's midnight, whatever its length."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from office_builder import Office

from softswitch.switch import Switch
from softswitch.switch.midnight import midnight_after
from softswitch.testing import SimulatedTelephony

pytestmark = pytest.mark.virtual_time

HOUR_S = 3600.0


def opened_at(office: Office, opened: datetime) -> tuple[SimulatedTelephony, Switch]:
    network = SimulatedTelephony()
    office.phone(network, "anna", answers_after_s=1, hangs_up_after_s=30)
    return network, Switch(office.config(), network, sounds=office.store, opened=opened)


def offered(switch: Switch) -> int:
    return switch.snapshot().engine.group("main").service.offered


def new_days(office: Office) -> list[tuple[str, float]]:
    """Which days began, and when in the engine's seconds, by the log."""
    lines = (office.folder / "var" / "engine.jsonl").read_text().splitlines()
    told = [json.loads(line) for line in lines]
    return [(one["day"], one["now"]) for one in told if one.get("event") == "CountingBegins"]


@pytest.fixture
def small(office: Office) -> Office:
    return office.group("main", "1000", ("anna",))


async def test_calls_of_yesterday_no_longer_count(small: Office):
    """The office opens at 23:00; Copenhagen is an hour ahead of UTC in March."""
    small.timezone = "Europe/Copenhagen"
    network, switch = opened_at(small, datetime(2026, 3, 2, 22, tzinfo=UTC))
    async with switch:
        await network.call("1000").until_ended()
        assert offered(switch) == 1
        await asyncio.sleep(HOUR_S - 1.0 - asyncio.get_running_loop().time())
        assert offered(switch) == 1
        await asyncio.sleep(2.0)
        assert offered(switch) == 0
        await network.call("1000").until_ended()
        assert offered(switch) == 1


@pytest.mark.parametrize(
    ("first", "hours"),
    [
        # Sunday 29 March 2026: 02:00 is 03:00; the 25th of October: 03:00 is 02:00 again.
        (datetime(2026, 3, 28, 23, tzinfo=UTC), (0, 23, 47)),
        (datetime(2026, 10, 24, 22, tzinfo=UTC), (0, 25, 49)),
    ],
    ids=["23 hours", "25 hours"],
)
async def test_days_on_which_the_clocks_change_have_their_own_length(
    small: Office, first: datetime, hours: tuple[int, ...]
):
    small.timezone = "Europe/Copenhagen"
    _, switch = opened_at(small, first)
    async with switch:
        await asyncio.sleep(50 * HOUR_S)
    days = [date(first.year, first.month, first.day + n).isoformat() for n in (1, 2, 3)]
    expected = [(day, HOUR_S * at) for day, at in zip(days, hours, strict=True)]
    assert [day for day, _ in new_days(small)] == [day for day, _ in expected]
    assert [at for _, at in new_days(small)] == pytest.approx([at for _, at in expected])


async def test_where_the_clocks_go_forward_at_midnight_the_day_begins_with_its_first_moment():
    """Egypt, Friday 24 April 2026: at 00:00 it is 01:00, which is 22:00 UTC of the 23rd."""
    cairo = ZoneInfo("Africa/Cairo")
    begins = midnight_after(date(2026, 4, 23), cairo)
    assert begins == datetime(2026, 4, 23, 22, tzinfo=UTC)
    assert begins.astimezone(cairo).time().isoformat() == "01:00:00"


async def test_a_restart_within_the_day_keeps_the_counts(small: Office):
    opened = datetime(2026, 3, 2, 8, tzinfo=UTC)
    network, switch = opened_at(small, opened)
    async with switch:
        await network.call("1000").until_ended()
    _, again = opened_at(small, opened.replace(hour=23))
    async with again:
        assert offered(again) == 1
        await asyncio.sleep(HOUR_S + 1.0)
        assert offered(again) == 0
    assert [day for day, _ in new_days(small)] == ["2026-03-02", "2026-03-03"]


async def test_a_switch_that_was_down_at_midnight_begins_the_day_when_it_opens(small: Office):
    opened = datetime(2026, 3, 2, 8, tzinfo=UTC)
    network, switch = opened_at(small, opened)
    async with switch:
        await network.call("1000").until_ended()
        assert offered(switch) == 1
    _, again = opened_at(small, opened.replace(day=4))
    async with again:
        assert offered(again) == 0
    assert [day for day, _ in new_days(small)] == ["2026-03-02", "2026-03-04"]
