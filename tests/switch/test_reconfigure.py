"""Another office while calls wait, ring and talk: told beforehand, then whole or not at all."""

from __future__ import annotations

import asyncio

import attrs
import pytest
from office_builder import MakeWav, Office, address

from softswitch.acd import StalePlanError
from softswitch.acd.model import Target, TargetKind
from softswitch.acd.records import CallOutcome
from softswitch.errors import ConfigurationError, MisuseError
from softswitch.prompts import PromptError, SystemMessage
from softswitch.switch import Call, OfficeConfig, Switch
from softswitch.testing import Talked

pytestmark = pytest.mark.virtual_time


def small(office: Office) -> Office:
    return office.group("main", "1000", ("anna",), position_every_s=0)


def other(office: Office, **changes: object) -> OfficeConfig:
    """The office as it is now, with another rule or two for its first group."""
    first, *rest = office.config().groups
    engine = attrs.evolve(first.engine, **changes)
    return attrs.evolve(office.config(), groups=(attrs.evolve(first, engine=engine), *rest))


async def test_what_a_plan_says(office: Office):
    small(office)
    network, switch = office.open()
    async with switch:
        network.call("1000", caller="x")
        await asyncio.sleep(1)
        office.group("spare", "3000", ("bo",))
        config = other(office, ring_time_s=15.0)
        main, spare = config.groups
        config = attrs.evolve(
            config,
            groups=(attrs.evolve(main, numbers=("1001",), language="da"), spare),
            data_dir=office.folder / "elsewhere",
        )
        plan = await switch.plan(config)
        before = switch.snapshot()
    assert plan.effects == (
        "Group main changes: ring_time_s.",
        "Group spare is new.",
        "Member bo is new.",
        "Number 1001 leads to group main.",
        "Number 3000 leads to group spare.",
        "Number 1000 leads nowhere, no longer to group main.",
        "Group main changes: language.",
        "What changes in data_dir comes into force at the next start only.",
    )
    assert [group.id for group in before.engine.groups] == ["main"]


async def test_the_same_office_has_no_effects(office: Office):
    small(office)
    _, switch = office.open()
    async with switch:
        assert (await switch.plan(office.config())).effects == ()


async def test_numbers_members_groups_and_sounds_change_together(office: Office, wav: MakeWav):
    small(office)
    network, switch = office.open()
    office.phone(network, "anna")
    office.phone(network, "bo", answers_after_s=10)
    async with switch:
        assert (await network.call("3000").until_ended()).status == 404
        tune, hello = wav("tune", 300), wav("hello", 2)
        office.group(
            "spare",
            "3000",
            ("bo",),
            language="sv",
            music=(tune,),
            greeting=hello,
            leave_keys={"1": Target(TargetKind.HANG_UP)},
        )
        await switch.apply(await switch.plan(office.config()))
        began = asyncio.get_running_loop().time()
        log = await network.call("3000", hangs_up_after_s=20).until_ended()
    hold = office.store.system(SystemMessage.PLEASE_HOLD, "sv")
    greeting = office.store.prepare_file(hello)
    assert log.files()[:2] == [greeting, hold]
    assert log.talked == [Talked(other=address("bo"), from_s=began + 10, to_s=began + 20)]


async def test_calls_in_progress_go_on(office: Office):
    office.group("main", "1000", ("anna", "bo"), position_every_s=0)
    network, switch = office.open()
    office.phone(network, "anna", answers_after_s=1)
    bo = office.phone(network, "bo")
    async with switch:
        talks = network.call("1000", caller="talks", hangs_up_after_s=100)
        await asyncio.sleep(2)
        rings = network.call("1000", caller="rings", gives_up_after_s=50)
        await asyncio.sleep(2)
        plan = await switch.plan(other(office, members=("bo",), ring_time_s=15.0, queue_cap=3))
        await switch.apply(plan)
        assert bo.rings
        assert talks.talking
        await rings.until_ended()
        log = await talks.until_ended()
    assert log.talked == [Talked(other=address("anna"), from_s=1.0, to_s=100.0)]


async def test_a_removed_group_sends_its_callers_where_it_says(office: Office):
    small(office)
    office.group("spare", "3000", ("bo",), language="da", no_answer=Target(TargetKind.MESSAGE))
    network, switch = office.open()
    office.phone(network, "bo")
    async with switch:
        caller = network.call("3000", caller="waits")
        await asyncio.sleep(5)
        config = attrs.evolve(office.config(), groups=office.config().groups[:1])
        plan = await switch.plan(config)
        call_id = switch.snapshot().waiting[0].id
        assert f"Call {call_id}, which waits, is sent elsewhere: group closed." in plan.effects
        assert "The phone of bo stops ringing: call forwarded." in plan.effects
        await switch.apply(plan)
        log = await caller.until_ended()
        assert (await network.call("3000").until_ended()).status == 404
        (record,) = switch.snapshot().finished
    # In the language of the group that is no more.
    assert log.files()[-1] == office.store.system(SystemMessage.STANDARD, "da")
    assert record.outcome is CallOutcome.REFUSED


async def test_a_faulty_office_is_refused_whole_and_calls_know_nothing_of_it(office: Office):
    small(office)
    network, switch = office.open()
    anna = office.phone(network, "anna", answers_after_s=3, hangs_up_after_s=5)
    async with switch:
        caller = network.call("1000")
        await asyncio.sleep(1)
        with pytest.raises(ConfigurationError) as caught:
            await switch.plan(other(office, ring_time_s=99.0, members=("anna", "nobody")))
        paths = [fault.path for fault in caught.value.faults]
        log = await caller.until_ended()
    assert "groups.main.ring_time_s" in paths
    assert any(path.startswith("groups.main.members") for path in paths)
    assert log.talked == [Talked(other=address("anna"), from_s=3.0, to_s=8.0)]
    assert len(anna.calls) == 1


async def test_a_number_that_a_flow_has_cannot_become_a_groups(office: Office):
    small(office)
    _, switch = office.open()

    @switch.flow("3000")
    async def taken(_call: Call) -> None: ...

    office.group("spare", "3000", ("bo",))
    async with switch:
        with pytest.raises(MisuseError, match="3000"):
            await switch.plan(office.config())


async def test_flows_stay_where_they_are(office: Office):
    small(office)
    network, switch = office.open()

    @switch.flow("7*")
    async def answer(call: Call) -> None:
        await call.answer()

    async with switch:
        await switch.apply(await switch.plan(other(office, ring_time_s=15.0)))
        log = await network.call("71").until_ended()
    assert log.answered_at is not None


async def test_a_plan_that_another_has_overtaken_is_stale(office: Office):
    small(office)
    _, switch = office.open()
    async with switch:
        first = await switch.plan(other(office, ring_time_s=15.0))
        second = await switch.plan(other(office, ring_time_s=16.0))
        await switch.apply(second)
        with pytest.raises(StalePlanError):
            await switch.apply(first)
        assert (await switch.plan(other(office, ring_time_s=16.0))).effects == ()


async def test_a_sound_that_vanished_since_changes_nothing(office: Office, wav: MakeWav):
    small(office)
    network, switch = office.open()
    async with switch:
        tune = wav("tune", 3)
        office.group("spare", "3000", ("bo",), music=(tune,))
        plan = await switch.plan(office.config())
        tune.unlink()
        with pytest.raises(PromptError):
            await switch.apply(plan)
        assert (await network.call("3000").until_ended()).status == 404
        assert [group.id for group in switch.snapshot().engine.groups] == ["main"]


async def choices(switch: Switch) -> dict[str, bool]:
    return {member.id: member.active for member in switch.snapshot().members}


async def test_members_keep_their_choices(office: Office):
    office.group("main", "1000", ("anna", "bo"))
    _, switch = office.open()
    async with switch:
        await switch.set_member("anna", active=False)
        without_anna = attrs.evolve(
            other(office, members=("bo",)),
            members=tuple(m for m in office.config().members if m.id == "bo"),
        )
        await switch.apply(await switch.plan(without_anna))
        assert await choices(switch) == {"bo": True}
        await switch.apply(await switch.plan(office.config()))
        assert await choices(switch) == {"anna": False, "bo": True}


async def test_a_restart_knows_the_office_that_was_in_force(office: Office):
    small(office)
    network, switch = office.open()
    async with switch:
        office.group("spare", "3000", ("bo",), redial_within_s=60.0)
        await switch.apply(await switch.plan(office.config()))
        for name in ("first", "second"):
            network.call("3000", caller=name)
            await asyncio.sleep(1)
    network, again = office.open(seed=8)
    async with again:
        for name in ("stranger", "first"):
            network.call("3000", caller=name)
            await asyncio.sleep(1)
        assert [call.caller for call in again.snapshot().waiting] == ["first", "stranger"]
