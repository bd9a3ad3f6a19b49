"""Row A7: where an unanswered call goes is decided by the standard week of its group."""

from __future__ import annotations

import asyncio
from datetime import time

import attrs
import pytest
from office_builder import Office

from softswitch.acd.model import Target, TargetKind
from softswitch.hours import StandardWeek, WeekSlot

pytestmark = pytest.mark.virtual_time

MONDAY = 0
VOICEMAIL, HANG_UP = Target(TargetKind.VOICEMAIL), Target(TargetKind.HANG_UP)


def with_week(office: Office, *slots: WeekSlot) -> None:
    group = office.groups[0]
    office.groups[0] = attrs.evolve(group, week=StandardWeek(slots))


async def test_unanswered_calls_go_where_the_week_says(office: Office):
    """The office of these tests opens on Monday 2 March 2026 at 08:00."""
    office.group("main", "1000", ("anna",), max_offers=1, no_answer=VOICEMAIL)
    slot = WeekSlot(day=MONDAY, begin=time(8, 10), end=time(12), target=HANG_UP)
    with_week(office, slot)
    network, switch = office.open()
    office.phone(network, "anna")
    async with switch:
        for begin_s in (0, 601, 4 * 3600 + 1):
            await asyncio.sleep(begin_s - asyncio.get_running_loop().time())
            await network.call("1000", gives_up_after_s=60).until_ended()
        targets = [record.forward_target for record in switch.snapshot().finished]
    assert targets == [VOICEMAIL, HANG_UP, VOICEMAIL]


async def test_another_week_comes_into_force_at_once(office: Office):
    office.group("main", "1000", ("anna",), max_offers=1, no_answer=VOICEMAIL)
    network, switch = office.open()
    office.phone(network, "anna")
    async with switch:
        slot = WeekSlot(day=MONDAY, begin=time(8), end=time(12), target=HANG_UP)
        with_week(office, slot)
        plan = await switch.plan(office.config())
        assert plan.effects == ("Group main changes: week.",)
        await switch.apply(plan)
        await network.call("1000", gives_up_after_s=60).until_ended()
        (record,) = switch.snapshot().finished
    assert record.forward_target == HANG_UP


async def test_the_week_follows_the_time_zone_of_the_office(office: Office):
    """08:00 UTC is 03:00 in New York on that day, before summer time begins there."""
    office.group("main", "1000", ("anna",), max_offers=1, no_answer=VOICEMAIL)
    with_week(office, WeekSlot(day=MONDAY, begin=time(3), end=time(4), target=HANG_UP))
    office.timezone = "America/New_York"
    network, switch = office.open()
    office.phone(network, "anna")
    async with switch:
        assert switch.snapshot().time.isoformat() == "2026-03-02T03:00:00-05:00"
        await network.call("1000", gives_up_after_s=60).until_ended()
        (record,) = switch.snapshot().finished
    assert record.forward_target == HANG_UP
