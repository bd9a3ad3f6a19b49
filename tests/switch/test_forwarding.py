"""Where a call goes that no member takes."""

from __future__ import annotations

import asyncio

import pytest
from office_builder import MakeWav, Office, address

from softswitch.acd.commands import ForwardReason
from softswitch.acd.model import Target, TargetKind
from softswitch.acd.records import CallOutcome
from softswitch.prompts import SystemMessage
from softswitch.prompts.guidance import Guidance
from softswitch.switch import Call, MessageLeft, QueueResult, Switch
from softswitch.testing import Logbook, SimulatedTelephony, Talked
from softswitch.testing.sounding import duration_s

pytestmark = pytest.mark.virtual_time


def give_up_after_one(kind: TargetKind, value: str = "") -> dict[str, object]:
    return {"max_offers": 1, "ring_time_s": 15, "no_answer": Target(kind, value)}


async def queued(network: SimulatedTelephony, switch: Switch) -> tuple[Logbook, list[QueueResult]]:
    results: list[QueueResult] = []

    @switch.flow("1")
    async def flow(call: Call) -> None:
        results.append(await call.queue("main"))

    async with switch:
        log = await network.call("1", caller="+451").until_ended()
        await asyncio.sleep(1)
    return log, results


async def test_the_standard_message_in_the_language_of_the_group(office: Office):
    rules = give_up_after_one(TargetKind.MESSAGE)
    office.group("main", "1000", ("anna",), language="sv", **rules)
    network, switch = office.open()
    office.phone(network, "anna")
    log, results = await queued(network, switch)
    sorry = office.store.system(SystemMessage.STANDARD, "sv")
    assert log.heard[-1].file == sorry
    assert log.heard[-1].from_s == 15.0
    assert log.ended_at == pytest.approx(15 + duration_s(sorry))
    assert results[0].outcome is CallOutcome.FORWARDED
    assert results[0].reason is ForwardReason.OFFERS_EXHAUSTED


async def test_hanging_up(office: Office):
    office.group("main", "1000", ("anna",), **give_up_after_one(TargetKind.HANG_UP))
    network, switch = office.open()
    office.phone(network, "anna")
    log, _ = await queued(network, switch)
    assert log.ended_at == 15.0


async def test_a_number_outside_is_dialled_and_bridged(office: Office):
    office.group(
        "main", "1000", ("anna",), **give_up_after_one(TargetKind.NUMBER, "sip:r@x.example")
    )
    network, switch = office.open()
    office.phone(network, "anna")
    reception = network.phone("sip:r@x.example", answers_after_s=5, hangs_up_after_s=30)
    log, results = await queued(network, switch)
    assert log.talked == [Talked(other="sip:r@x.example", from_s=20.0, to_s=50.0)]
    assert log.ended_at == 50.0
    assert reception.rang[0].caller == "+451"
    assert results[0].target == Target(TargetKind.NUMBER, "sip:r@x.example")


async def test_a_number_that_does_not_answer_ends_in_the_standard_message(office: Office):
    office.group(
        "main", "1000", ("anna",), **give_up_after_one(TargetKind.NUMBER, "sip:r@x.example")
    )
    network, switch = office.open()
    office.phone(network, "anna")
    network.phone("sip:r@x.example", refuses_with=486)
    log, _ = await queued(network, switch)
    assert log.files()[-1] == office.store.system(SystemMessage.STANDARD, "en")


async def test_a_number_of_the_office_leads_to_its_flow(office: Office):
    office.group("main", "1000", ("anna",), **give_up_after_one(TargetKind.NUMBER, "2000"))
    office.group("backup", "2000", ("bo",))
    network, switch = office.open()
    office.phone(network, "anna")
    office.phone(network, "bo", answers_after_s=1, hangs_up_after_s=10)
    log, _ = await queued(network, switch)
    assert log.talked == [Talked(other=address("bo"), from_s=16.0, to_s=26.0)]


async def test_another_group(office: Office):
    office.group("main", "1000", ("anna",), **give_up_after_one(TargetKind.GROUP, "backup"))
    office.group("backup", "2000", ("bo",))
    network, switch = office.open()
    office.phone(network, "anna")
    office.phone(network, "bo", answers_after_s=1, hangs_up_after_s=10)
    log, results = await queued(network, switch)
    assert log.talked == [Talked(other=address("bo"), from_s=16.0, to_s=26.0)]
    assert results[0].then.member == "bo"
    first, second = switch.snapshot().finished
    assert (first.group_id, second.group_id) == ("main", "backup")
    assert second.call_id == f"{first.call_id}-2"


async def test_a_call_that_is_sent_on_a_sixth_time_ends_in_the_standard_message(office: Office):
    for i in range(6):
        onwards = Target(TargetKind.GROUP, f"g{i + 1}")
        office.group(f"g{i}", f"number-{i}", ("anna",), queue=False, no_queue=onwards)
    hung_up = Target(TargetKind.HANG_UP)
    office.group("g6", "number-6", ("anna",), queue=False, no_queue=hung_up)
    office.group("busy", "3", ("anna",))
    network, switch = office.open()
    office.phone(network, "anna", answers_after_s=0)

    async with switch:
        network.call("3", caller="keeps anna")
        await asyncio.sleep(1)
        log = await network.call("number-0").until_ended()
        fewer = await network.call("number-2").until_ended()
    assert log.files() == [office.store.system(SystemMessage.STANDARD, "en")]
    assert fewer.files() == []


async def test_a_message_is_left_in_the_voicemail_of_another_group(office: Office, wav: MakeWav):
    office.group("main", "1000", ("anna",), **give_up_after_one(TargetKind.VOICEMAIL, "backup"))
    office.group("backup", "2000", ("bo",), language="nb")
    network, switch = office.open()
    office.phone(network, "anna")
    noted: list[MessageLeft] = []
    switch.on_record(
        lambda record: noted.append(record) if isinstance(record, MessageLeft) else None
    )
    async with switch:
        caller = network.call("1000", caller="+451", gives_up_after_s=60)
        caller.says = wav("my message", 60)
        log = await caller.until_ended()
        await asyncio.sleep(1)
    leave = office.store.system(SystemMessage.LEAVE_MESSAGE, "nb")
    speech, beep = log.heard[-2:]
    assert (speech.file, speech.from_s, beep.file) == (leave, 15.0, office.store.beep())
    message = network.recordings[0]
    assert message.from_s == pytest.approx(beep.to_s)
    assert message.to_s == 60.0
    assert message.path.parent == office.folder / "var" / "voicemail" / "backup"
    assert [(m.group_id, m.caller, m.path) for m in noted] == [("backup", "+451", message.path)]
    assert noted[0].length_s == pytest.approx(60 - beep.to_s)


async def test_a_message_is_ended_after_three_minutes(office: Office, wav: MakeWav):
    office.group("main", "1000", ("anna",), **give_up_after_one(TargetKind.VOICEMAIL))
    network, switch = office.open()
    office.phone(network, "anna")
    async with switch:
        caller = network.call("1000")
        caller.says = wav("an endless message", 300)
        log = await caller.until_ended()
        (left,) = switch.voicemail.messages("main")
    (message,) = network.recordings
    assert message.to_s - message.from_s == pytest.approx(180)
    assert left.length_s == pytest.approx(180)
    assert log.heard[-1].file == office.store.system(Guidance.VOICEMAIL_SENT, "en")


async def test_a_greeting_is_finished_before_a_call_is_sent_on(office: Office, wav: MakeWav):
    office.group(
        "main",
        "1000",
        ("anna",),
        greeting=wav("welcome", 4),
        queue=False,
        no_queue=Target(TargetKind.MESSAGE),
    )
    office.group("busy", "3", ("anna",))
    network, switch = office.open()
    office.phone(network, "anna", answers_after_s=0)
    async with switch:
        network.call("3", caller="keeps anna")
        await asyncio.sleep(1)
        log = await network.call("1000").until_ended()
    assert [(heard.from_s, heard.file) for heard in log.heard][1:] == [
        (5.0, office.store.system(SystemMessage.STANDARD, "en"))
    ]
    assert log.heard[0].length_s == 4.0
