"""Rows C1 to C6: the records of a day suffice, through transfers, put-backs and a restart.

The day, in seconds from 08:00. Phones are answered after 2 s, the customer's own after 3.

====  =======  =====================================================================
   0  A        anna answers at 2, over at 62
 100  B        anna answers at 102, puts back at 160; bo answers at 162, over at 222
 300  C        anna answers at 302, transfers at 330 to dora, who answers at 333; over at 400
 500  D        anna answers at 502, over at 560
 510  E        bo answers at 512, over at 580
 520  F        waits, asks for a call back at 521; anna answers at 562, F at 565, over at 625
 540  G        finds the queue full: to group spare, carl answers at 542, over at 600
 800  L        anna refuses; bo answers at 802, over at 850
1000  carl     calls ole himself, who answers at 1004; over at 1050
1750           anna becomes passive; bo at 1900
2000  H        waits and gives up at 2045
2700           anna becomes active
2800  I        anna answers at 2802, over at 2862
3000  J        anna answers at 3002; the switch is stopped at 3060
3600           the switch is back
3610  K        anna answers at 3612, over at 3642
====  =======  =====================================================================
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import attrs
import pytest
from office_builder import OPENED, Office
from reporting import Journal

from softswitch.acd.model import Member, Target, TargetKind
from softswitch.acd.records import CallOutcome, CallRecord
from softswitch.reports import count_service
from softswitch.switch import Call, Switch
from softswitch.testing import PhoneCall, SimulatedPhone, SimulatedTelephony, run_virtual_strictly
from softswitch.testing.behaviour import Behaviour

DORA, OLE = "sip:dora@x.example", "sip:ole@x.example"


@attrs.define
class Day:
    """The office while it runs, and what happens in it by the second."""

    network: SimulatedTelephony
    switch: Switch
    began_s: float
    phones: dict[str, SimulatedPhone]

    async def at(self, second: float) -> None:
        await asyncio.sleep(self.began_s + second - asyncio.get_running_loop().time())

    async def call(self, second: float, name: str, **habits: object) -> PhoneCall:
        await self.at(second)
        return self.network.call("1000", caller=name, **habits)

    async def hang_up(self, second: float, call: PhoneCall) -> None:
        await self.at(second)
        call.hang_up()


@asynccontextmanager
async def opened(office: Office, second: float) -> AsyncIterator[Day]:
    """The switch from this second of the day on."""
    network = SimulatedTelephony()
    config, when = office.config(), OPENED + timedelta(seconds=second)
    switch = Switch(config, network, sounds=office.store, opened=when)

    @switch.flow("9*")
    async def outside(call: Call) -> None:
        await call.answer()
        await call.bridge(await call.dial(OLE))

    phones = {
        name: network.phone(office.members[name].address, answers_after_s=2)
        for name in ("anna", "bo", "carl")
    }
    network.phone(DORA, answers_after_s=3)
    network.phone(OLE, answers_after_s=4)
    phones["F"] = network.phone("sip:F@caller.example", answers_after_s=3)
    async with switch:
        began_s = asyncio.get_running_loop().time() - second
        yield Day(network, switch, began_s, phones)


async def morning(day: Day) -> None:
    a = await day.call(0, "A")
    await day.hang_up(62, a)
    b = await day.call(100, "B")
    await day.at(160)
    (talking,) = day.switch.snapshot().talking
    day.switch.put_back(talking.id)
    await day.hang_up(222, b)
    c = await day.call(300, "C")
    await day.at(330)
    day.phones["anna"].call.transfer(DORA)
    await day.hang_up(400, c)
    await a_full_queue(day)
    day.phones["anna"].behaviour = Behaviour(refuses_with=486)
    refused = await day.call(800, "L")
    await day.hang_up(850, refused)
    day.phones["anna"].behaviour = Behaviour(answers_after_s=2)
    await day.at(1000)
    out = day.network.call("9000", caller="carl")
    await day.hang_up(1050, out)


async def a_full_queue(day: Day) -> None:
    d = await day.call(500, "D")
    e = await day.call(510, "E")
    await day.call(520, "F", presses=((1, "5"),))
    g = await day.call(540, "G")
    await day.hang_up(560, d)
    await day.hang_up(580, e)
    await day.hang_up(600, g)
    await day.hang_up(625, day.phones["F"].call)


async def noon(day: Day) -> None:
    await day.at(1750)
    await day.switch.set_member("anna", active=False)
    await day.at(1900)
    await day.switch.set_member("bo", active=False)
    h = await day.call(2000, "H")
    await day.hang_up(2045, h)
    await day.at(2700)
    await day.switch.set_member("anna", active=True)
    i = await day.call(2800, "I")
    await day.hang_up(2862, i)
    await day.call(3000, "J")
    await day.at(3060)


@pytest.fixture(scope="module")
def journal(store, tmp_path_factory: pytest.TempPathFactory) -> Journal:
    office = Office(store, tmp_path_factory.mktemp("day"))
    office.members["carl"] = Member(id="carl", address="sip:carl@caller.example")
    spare = Target(TargetKind.GROUP, "spare")
    rules = {"queue_cap": 1, "overflow": spare, "position_every_s": 0, "call_back_key": "5"}
    office.group("main", "1000", ("anna", "bo"), **rules)
    office.group("spare", "2000", ("carl",))

    async def live() -> None:
        async with opened(office, 0) as day:
            await morning(day)
            await noon(day)
        async with opened(office, 3600) as day:
            await day.hang_up(3642, await day.call(3610, "K"))

    run_virtual_strictly(live())
    return Journal(office.folder / "var" / "journal.jsonl", OPENED)


def test_c1_every_call_of_a_group(journal: Journal):
    assert journal.calls("main") == [
        (0.0, "A", ["anna"], 60.0),
        (100.0, "B", ["anna", "bo"], 118.0),
        (300.0, "C", ["anna"], 31.0),
        (500.0, "D", ["anna"], 58.0),
        (510.0, "E", ["bo"], 68.0),
        (520.0, "F", ["anna"], 60.0),
        (540.0, "G", [], 0.0),
        (800.0, "L", ["bo"], 48.0),
        (2000.0, "H", [], 0.0),
        (2800.0, "I", ["anna"], 60.0),
        (3000.0, "J", ["anna"], 58.0),
        (3610.0, "K", ["anna"], 30.0),
    ]
    assert journal.calls("spare") == [(540.0, "G", ["carl"], 58.0)]


def test_c2_incoming_calls_of_a_group(journal: Journal):
    """Ten conversations of 591 s; F and H waited, H was lost, G went to the other group."""
    assert journal.incoming("main") == {
        "calls": 12,
        "mean length": pytest.approx(59.1),
        "queued": 2,
        "lost": 1,
        "forwarded": 1,
    }


def test_c3_staffing_of_a_group(journal: Journal):
    """Anna 1750 s and bo 1800 s; then bo 100 s and anna 900 s; then anna alone."""
    assert journal.staffing("main", 3) == [
        (round(3550 / 1800, 4), 8, 7),
        (round(1000 / 1800, 4), 3, 2),
        (1.0, 1, 1),
    ]


def test_c4_calls_that_a_member_answered(journal: Journal):
    assert journal.answered_by("anna") == [
        (2.0, "A", 60.0),
        (102.0, "B", 58.0),
        (302.0, "C", 31.0),
        (502.0, "D", 58.0),
        (565.0, "F", 60.0),
        (2802.0, "I", 60.0),
        (3002.0, "J", 58.0),
        (3612.0, "K", 30.0),
    ]
    assert journal.answered_by("bo") == [(162.0, "B", 60.0), (512.0, "E", 68.0), (802.0, "L", 48.0)]
    assert journal.answered_by("carl") == [(542.0, "G", 58.0)]


def test_c5_a_members_own_calls(journal: Journal):
    assert journal.outgoing("carl") == [(1000.0, OLE, 46.0)]
    assert journal.outgoing("anna") == []


def test_c5_what_became_of_a_caller_who_was_transferred(journal: Journal):
    (dialled,) = journal.of("DialledCall", transfer=True)
    assert (dialled["caller"], dialled["target"]) == ("C", DORA)
    assert [journal.at(dialled, field) for field in ("started_at", "answered_at", "at")] == [
        330.0,
        333.0,
        400.0,
    ]


def test_c6_staffing_of_a_member(journal: Journal):
    assert journal.active("anna") == [(0.0, 1750.0), (2700.0, float("inf"))]
    assert journal.active("bo") == [(0.0, 1900.0)]
    assert journal.offers("anna", 3) == [(6, 5), (2, 2), (1, 1)]
    assert journal.offers("bo", 3) == [(3, 3), (0, 0), (0, 0)]


def test_the_service_level(journal: Journal):
    """Nine of twelve within 20 s: F waited 45 s, G went elsewhere, H hung up."""
    calls = [
        CallRecord(
            at=line["at"],
            call_id=line["call_id"],
            group_id=line["group_id"],
            caller=line["caller"],
            joined_at=line["joined_at"],
            answered_at=line["answered_at"],
            ended_at=line["ended_at"],
            outcome=CallOutcome(line["outcome"]),
        )
        for line in journal.of("CallRecord", group_id="main")
    ]
    count = count_service(calls, 20.0)
    assert count.level == 9 / 12
    assert count.wait_of_answered_s == pytest.approx(9 * 2 + 45)
