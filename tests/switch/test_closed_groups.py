"""B4: a group that is closed says so, and when it opens; a special day and the greeting of it.

The office of these tests opens its switch on Monday 2 March 2026 at 08:00 UTC.
"""

from __future__ import annotations

import asyncio
from datetime import date

import pytest
from office_builder import Office, address

from softswitch.acd.model import Target, TargetKind
from softswitch.acd.records import CallOutcome, CallRecord
from softswitch.hours import parse_span
from softswitch.prompts import SystemMessage
from softswitch.switch import Switch
from softswitch.switch.hours_tables import HoursTable, OpenSpans, OpenTable, SpecialTable
from softswitch.switch.journal import CallTurnedAway
from softswitch.testing import Logbook, SimulatedTelephony

pytestmark = pytest.mark.virtual_time

NINE_TO_FOUR = OpenSpans([parse_span("09:00-16:00")])
WORKING_DAYS = HoursTable(week=(OpenTable(open=NINE_TO_FOUR),))
HOUR_S = 3600.0


def opens_at_nine(office: Office, closed: Target, hours: HoursTable = WORKING_DAYS) -> None:
    office.timezone = "UTC"
    office.hours["main"] = hours
    office.group("main", "1000", ("anna",), hours="main", closed=closed)


async def one_call(network: SimulatedTelephony) -> Logbook:
    return await network.call("1000", caller="+4512345678", gives_up_after_s=60).until_ended()


def turned_away(switch: Switch) -> list[CallTurnedAway]:
    found: list[CallTurnedAway] = []
    switch.on_record(lambda record: found.append(record) if _is(record) else None)  # type: ignore[arg-type, func-returns-value]
    return found


def _is(record: object) -> bool:
    return isinstance(record, CallTurnedAway)


async def test_a_closed_group_says_so_and_when_it_opens(office: Office):
    opens_at_nine(office, Target(TargetKind.MESSAGE))
    network, switch = office.open()
    records = turned_away(switch)
    async with switch:
        log = await one_call(network)
    assert [heard.file for heard in log.heard] == [
        office.store.system(SystemMessage.CLOSED, "en"),
        office.store.say("We open today at nine.", "en"),
    ]
    (record,) = records
    assert (record.group_id, record.rule) == ("main", "normal week")
    assert record.caller == "+4512345678"


async def test_at_nine_it_is_open_and_at_four_closed_again(office: Office):
    opens_at_nine(office, Target(TargetKind.HANG_UP))
    network, switch = office.open()
    outcomes: list[CallOutcome] = []
    switch.on_record(
        lambda record: outcomes.append(record.outcome) if isinstance(record, CallRecord) else None
    )
    records = turned_away(switch)
    office.phone(network, "anna", answers_after_s=2, hangs_up_after_s=5)
    async with switch:
        for at_s in (HOUR_S - 60, HOUR_S, 8 * HOUR_S - 60, 8 * HOUR_S):
            await asyncio.sleep(at_s - asyncio.get_running_loop().time())
            await one_call(network)
    assert outcomes == [CallOutcome.ANSWERED, CallOutcome.ANSWERED]
    assert len(records) == 2


async def test_a_special_day_closes_and_is_named(office: Office):
    holiday = SpecialTable(name="Founder's day", date=date(2026, 3, 2))
    week = OpenSpans([parse_span("00:00-24:00")])
    hours = HoursTable(week=(OpenTable(open=week),), special=(holiday,))
    opens_at_nine(office, Target(TargetKind.MESSAGE), hours)
    network, switch = office.open()
    records = turned_away(switch)
    async with switch:
        log = await one_call(network)
    assert [record.rule for record in records] == ["Founder's day"]
    midnight = office.store.say("We open tomorrow at midnight.", "en")
    assert log.heard[-1].file == midnight


async def test_calls_go_to_the_number_that_answers_when_closed(office: Office):
    guard = address("guard")
    opens_at_nine(office, Target(TargetKind.NUMBER, guard))
    network, switch = office.open()
    phone = network.phone(guard, answers_after_s=1, hangs_up_after_s=5)
    async with switch:
        log = await one_call(network)
    assert len(phone.rang) == 1
    assert log.heard == []


async def test_another_office_with_other_hours_comes_into_force(office: Office):
    opens_at_nine(office, Target(TargetKind.HANG_UP))
    network, switch = office.open()
    office.phone(network, "anna", answers_after_s=2, hangs_up_after_s=5)
    records = turned_away(switch)
    async with switch:
        await one_call(network)
        early = OpenSpans([parse_span("07:00-16:00")])
        office.hours["main"] = HoursTable(week=(OpenTable(open=early),))
        await switch.apply(await switch.plan(office.config()))
        await one_call(network)
    assert len(records) == 1
