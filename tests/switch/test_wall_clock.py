"""The time of day beside the engine's time, also when clocks are put forward."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from softswitch.switch.house import WallClock

COPENHAGEN = ZoneInfo("Europe/Copenhagen")


def test_the_offset_is_the_one_that_holds_then():
    """In Denmark clocks went from 02:00 to 03:00 on 29 March 2026 (Directive 2000/84/EC)."""
    opened = datetime(2026, 3, 29, 1, 30, tzinfo=COPENHAGEN)
    clock = WallClock(opened=opened, opened_s=1000.0, zone=COPENHAGEN)
    assert clock.at(1000.0).isoformat() == "2026-03-29T01:30:00+01:00"
    assert clock.at(1000.0 + 3600).isoformat() == "2026-03-29T03:30:00+02:00"
    assert clock.at(1000.0 - 1800).isoformat() == "2026-03-29T01:00:00+01:00"


def test_the_hour_that_comes_twice_is_told_apart():
    opened = datetime(2026, 10, 25, 0, 0, tzinfo=UTC)
    clock = WallClock(opened=opened, opened_s=0.0, zone=COPENHAGEN)
    assert clock.at(1800.0).isoformat() == "2026-10-25T02:30:00+02:00"
    assert clock.at(5400.0).isoformat() == "2026-10-25T02:30:00+01:00"


def test_the_machines_own_zone_where_none_is_given():
    opened = datetime(2026, 7, 1, tzinfo=UTC)
    at = WallClock(opened=opened, opened_s=0.0).at(60.0)
    assert at == opened + timedelta(minutes=1)
    assert at.utcoffset() == at.astimezone().utcoffset()
