"""H2: prompts never delay connecting a caller to a free agent, and no key press is lost."""

from __future__ import annotations

import asyncio

import pytest
from office_builder import MakeWav, Office, address

from softswitch.acd.model import Target, TargetKind
from softswitch.prompts import SystemMessage
from softswitch.switch import Call
from softswitch.testing import Talked
from softswitch.testing.sounding import duration_s

pytestmark = pytest.mark.virtual_time


async def test_h2_phones_ring_while_the_greeting_plays_and_the_answer_cuts_it(
    office: Office, wav: MakeWav
):
    """A greeting of 20 s; anna answers after 3."""
    greeting = wav("welcome", 20.0)
    office.group("main", "1000", ("anna",), greeting=greeting)
    network, switch = office.open()
    anna = office.phone(network, "anna", answers_after_s=3, hangs_up_after_s=60)
    async with switch:
        log = await network.call("1000", gives_up_after_s=100).until_ended()
    assert anna.rang[0].from_s == 0.0
    assert log.heard[0].to_s == 3.0
    assert log.talked == [Talked(other=address("anna"), from_s=3.0, to_s=63.0)]


@pytest.mark.parametrize("ready_at_s", [0.0, 31.5])
async def test_h2_a_message_is_cut_in_the_middle_when_somebody_answers(
    office: Office, ready_at_s: float
):
    """Please hold is said from the beginning, the place in the queue half a minute later."""
    office.group("main", "1000", ("anna",))
    network, switch = office.open()
    office.phone(network, "anna", answers_after_s=0.5, hangs_up_after_s=10)
    hold, first = (
        office.store.system(SystemMessage.PLEASE_HOLD, "en"),
        office.store.position(1, "en"),
    )
    said = first if ready_at_s else hold
    async with switch:
        await switch.pause_member("anna")
        caller = network.call("1000", gives_up_after_s=100)
        await asyncio.sleep(ready_at_s)
        await switch.ready_member("anna")
        log = await caller.until_ended()
    last = log.heard[-1]
    assert last.file == said
    assert last.length_s < duration_s(said)
    assert last.to_s == log.talked[0].from_s == ready_at_s + 0.5


async def test_h2_a_key_pressed_while_something_is_said_counts_at_once(office: Office):
    leave = {"9": Target(TargetKind.HANG_UP)}
    office.group("main", "1000", ("anna",), leave_keys=leave)
    network, switch = office.open()
    office.phone(network, "anna")
    async with switch:
        log = await network.call("1000", presses=((0.3, "9"),), gives_up_after_s=9).until_ended()
    assert log.ended_at == 0.3


async def test_h2_keys_pressed_before_anybody_asked_are_all_there(office: Office, wav: MakeWav):
    """Six keys within a second, most of them before their prompts have begun."""
    office.group("main", "1000", ("anna",))
    network, switch = office.open()
    first, second = wav("first", 5.0), wav("second", 5.0)
    entered: list[str] = []

    @switch.flow("7000")
    async def ask(call: Call) -> None:
        await call.answer()
        await call.play(first)
        entered.append(await call.collect(count=2))
        await call.play(second)
        entered.append(await call.collect(count=4))

    async with switch:
        keys = tuple((0.1 + 0.15 * n, key) for n, key in enumerate("124567"))
        await network.call("7000", presses=keys, gives_up_after_s=60).until_ended()
    assert entered == ["12", "4567"]
