"""Opening, draining and closing; members changed while calls run."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from office_builder import MakeWav, Office, address

from softswitch.acd.records import CallOutcome, MemberState
from softswitch.errors import EnvironmentFaultError, MisuseError
from softswitch.prompts import SoundStore
from softswitch.switch import Call
from softswitch.testing import Talked

pytestmark = pytest.mark.virtual_time


async def test_draining_takes_no_new_calls_and_lets_the_others_finish(office: Office):
    office.group("main", "1000", ("anna",))
    network, switch = office.open()
    office.phone(network, "anna", answers_after_s=1, hangs_up_after_s=30)
    async with switch:
        forever = asyncio.create_task(switch.serve_forever())
        caller = network.call("1000")
        await asyncio.sleep(2)
        drained = asyncio.create_task(switch.drain(timeout_s=100))
        await asyncio.sleep(1)
        refused = await network.call("1000").until_ended()
        assert not forever.done()
        await drained
        assert asyncio.get_running_loop().time() == 31.0
        await forever
        assert caller.log.ended_at == 31.0
        assert switch.snapshot().open is False
    assert refused.status == 503


async def test_draining_ends_when_its_time_is_over(office: Office, wav: MakeWav):
    network, switch = office.open()

    @switch.flow("1")
    async def long(call: Call) -> None:
        await call.answer()
        await call.play(wav("long", 600))

    async with switch:
        caller = network.call("1")
        await asyncio.sleep(1)
        await switch.drain(timeout_s=20)
        assert asyncio.get_running_loop().time() == 21.0
        assert caller.talking
    assert caller.log.ended_at == 21.0


async def test_closing_ends_every_call_and_leaves_no_task(office: Office):
    office.group("main", "1000", ("anna", "bo"), strategy="simultaneous")
    network, switch = office.open()
    office.phone(network, "anna", answers_after_s=1)
    bo = office.phone(network, "bo")
    finished_flows: list[str] = []

    @switch.flow("1")
    async def wait(call: Call) -> None:
        await call.answer()
        try:
            await call.collect(timeout_s=1000)
        finally:
            finished_flows.append(call.id)

    async with switch:
        talks = network.call("1000", caller="talks")
        await asyncio.sleep(2)
        waits = network.call("1000", caller="waits")
        flows = network.call("1")
        await asyncio.sleep(2)
        assert bo.rings
    for call in (talks, waits, flows):
        assert call.log.ended_at == 4.0
    assert not bo.rings
    assert network.legs == 0
    assert len(finished_flows) == 1
    outcomes = {record.caller: record.outcome for record in switch.snapshot().finished}
    assert outcomes == {"talks": CallOutcome.ANSWERED, "waits": CallOutcome.ABANDONED}


async def test_a_passive_member_is_not_rung_and_an_active_one_at_once(office: Office):
    office.group("main", "1000", ("anna",))
    network, switch = office.open()
    anna = office.phone(network, "anna", answers_after_s=1)
    async with switch:
        switch.set_member("anna", active=False)
        caller = network.call("1000", hangs_up_after_s=60)
        await asyncio.sleep(10)
        assert not anna.calls
        switch.set_member("anna", active=True)
        log = await caller.until_ended()
    assert log.talked == [Talked(other=address("anna"), from_s=11.0, to_s=60.0)]


async def test_pause_and_ready(office: Office):
    office.group("main", "1000", ("anna",))
    network, switch = office.open()
    office.phone(network, "anna")
    async with switch:
        await switch.pause_member("anna", "lunch")
        member = switch.snapshot().engine.member("anna")
        assert (member.state, member.reason) == (MemberState.PAUSED, "lunch")
        await switch.ready_member("anna")
        assert switch.snapshot().engine.member("anna").state is MemberState.READY
        with pytest.raises(MisuseError, match="nobody"):
            switch.pause_member("nobody")


async def test_a_switch_must_be_entered_and_only_once(office: Office):
    _, switch = office.open()
    with pytest.raises(MisuseError):
        switch.snapshot()
    async with switch:
        with pytest.raises(MisuseError):
            await switch.__aenter__()


async def test_more_members_ringing_than_legs_leaves_the_caller_waiting(office: Office):
    office.group("main", "1000", ("anna", "bo"), strategy="simultaneous")
    network, switch = office.open(capacity=2)
    anna = office.phone(network, "anna", answers_after_s=10)
    bo = office.phone(network, "bo")
    async with switch:
        log = await network.call("1000", hangs_up_after_s=30).until_ended()
    assert log.talked == [Talked(other=address("anna"), from_s=10.0, to_s=30.0)]
    assert len(anna.calls) == 1
    assert bo.calls == []


async def test_the_same_seed_gives_the_same_day(store: SoundStore, tmp_path: Path):
    async def day(folder: str) -> list[object]:
        fresh = Office(store, tmp_path / folder)
        fresh.group("main", "1000", ("anna", "bo"), strategy="longest_idle")
        network, switch = fresh.open()
        began = asyncio.get_running_loop().time()
        for name in ("anna", "bo"):
            fresh.phone(network, name, answers_after_s=2, hangs_up_after_s=47)
        async with switch:
            callers = []
            for number in range(50):
                callers.append(
                    network.call("1000", caller=f"c{number}", gives_up_after_s=40 + number)
                )
                await asyncio.sleep(13)
            for caller in callers:
                await caller.until_ended()
            await asyncio.sleep(100)
            return [
                (r.call_id, r.caller, r.outcome, r.member_id, round(r.ended_at - began, 6))
                for r in switch.snapshot().finished
            ]

    first, second = await day("one"), await day("two")
    assert len(first) == 50
    assert first == second


async def test_a_second_switch_on_the_same_folder_is_refused(office: Office):
    office.group("main", "1000", ("anna",))
    _, first = office.open()
    _, second = office.open()
    _, third = office.open()
    async with first:
        with pytest.raises(EnvironmentFaultError, match="Another switch is running"):
            await second.__aenter__()
    async with third:
        assert third.snapshot().open
