"""What is told of a switch, from a day of calls under virtual time."""

import asyncio
from pathlib import Path

import attrs
import pytest

from softswitch.acd.model import Group, Member, Target, TargetKind
from softswitch.cli.news import News
from softswitch.prompts import SoundStore
from softswitch.switch import GroupConfig, OfficeConfig, Switch
from softswitch.testing import SimulatedTelephony, run_virtual

ANNA, BO = "sip:anna@127.0.0.1:5071", "sip:bo@127.0.0.1:5072"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> SoundStore:
    return SoundStore(tmp_path_factory.mktemp("sounds"), 8000)


@pytest.fixture
def office(tmp_path: Path) -> OfficeConfig:
    return OfficeConfig(
        data_dir=tmp_path,
        members=(
            Member(id="anna", address=ANNA, name="Anna"),
            Member(id="bo", address=BO, name="Bo"),
        ),
        groups=(
            GroupConfig(
                engine=Group(
                    id="main",
                    members=("anna", "bo"),
                    strategy="simultaneous",
                    queue_cap=1,
                    overflow=Target(TargetKind.MESSAGE),
                    wrap_up_s=5,
                ),
                numbers=("1000",),
                record=True,
            ),
        ),
    )


async def _told(office: OfficeConfig, store: SoundStore, network: SimulatedTelephony) -> list[str]:
    """Three callers 10 s apart, the second and third while somebody talks; all sentences."""
    async with Switch(office, network, sounds=store) as switch:
        news = News(switch.snapshot)
        news.look()
        switch.on_record(news.on_record)
        first = network.call("1000", caller="1111", hangs_up_after_s=25)
        await asyncio.sleep(10)
        second = network.call("1000", caller="2222", gives_up_after_s=12)
        await asyncio.sleep(1)
        news.look()
        network.call("1000", caller="3333")
        await asyncio.sleep(1)
        news.look()
        await second.until_ended()
        await first.until_ended()
        await asyncio.sleep(10)
        switch.set_member("anna", active=False)
        await asyncio.sleep(1)
        switch.set_member("anna", active=True)
        await asyncio.sleep(1)
        return [line.plain[10:] for line in news.lines]


def test_ringing_together_waiting_giving_up_and_a_full_queue(
    office: OfficeConfig, store: SoundStore
):
    async def day() -> list[str]:
        network = SimulatedTelephony()
        network.phone(ANNA, answers_after_s=3)
        network.phone(BO, refuses_with=603, refuses_after_s=1)
        group = attrs.evolve(office.groups[0].engine, rejected_back_off_s=3600)
        config = attrs.evolve(office, groups=(attrs.evolve(office.groups[0], engine=group),))
        return await _told(config, store, network)

    assert run_virtual(day()) == [
        "1111 calls main: Anna and Bo ring.",
        "Bo refuses 1111.",
        "Anna answers 1111 (recorded).",
        "2222 calls main: all busy, waits as number 1 with music.",
        "3333 finds the queue full: hears the standard message.",
        "2222 gives up after 0:12.",
        "1111 and Anna have talked for 0:22.",
        "Anna writes up the call.",
        "Anna takes no more calls.",
        "Anna takes calls again.",
    ]


def test_the_others_stop_ringing_in_the_same_sentence(office: OfficeConfig, store: SoundStore):
    async def call() -> list[str]:
        network = SimulatedTelephony()
        network.phone(ANNA, answers_after_s=3)
        network.phone(BO, answers_after_s=9)
        async with Switch(office, network, sounds=store) as switch:
            news = News(switch.snapshot)
            switch.on_record(news.on_record)
            await network.call("1000", caller="1111", hangs_up_after_s=8).until_ended()
            await asyncio.sleep(1)
            return [line.plain[10:] for line in news.lines]

    assert run_virtual(call())[:2] == [
        "1111 calls main: Anna and Bo ring.",
        "Anna answers 1111 (recorded); Bo stops ringing.",
    ]
