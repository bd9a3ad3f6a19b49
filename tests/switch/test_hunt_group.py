"""Calls to a hunt group, from dialling to the last good-bye."""

from __future__ import annotations

import asyncio
import itertools
import json

import pytest
from office_builder import MakeWav, Office, address

from softswitch.acd.records import CallOutcome, CallRecord, OfferOutcome, OfferRecord, Record
from softswitch.prompts import SystemMessage
from softswitch.telephony import COMPLETED_ELSEWHERE, EndedBy
from softswitch.testing import Heard, RingingStopped, Talked
from softswitch.testing.sounding import duration_s

pytestmark = pytest.mark.virtual_time

CALLER = "+4533111111"


async def test_a_caller_is_answered_at_once_and_talks(office: Office):
    office.group("main", "1000", ("anna",))
    network, switch = office.open()
    anna = office.phone(network, "anna", answers_after_s=3, hangs_up_after_s=60)
    async with switch:
        caller = network.call("1000", caller=CALLER)
        log = await caller.until_ended()
        finished = switch.snapshot().finished
    assert log.answered_at == 0.0
    assert log.talked == [Talked(other=address("anna"), from_s=3.0, to_s=63.0)]
    assert log.ended_at == 63.0
    assert anna.call.log.talked == [Talked(other=CALLER, from_s=3.0, to_s=63.0)]
    assert anna.call.log.rang.caller == CALLER
    assert anna.call.log.rang.from_s == 0.0
    assert [record.outcome for record in finished] == [CallOutcome.ANSWERED]
    assert finished[0].member_id == "anna"
    assert (finished[0].answered_at, finished[0].ended_at) == (3.0, 63.0)


async def test_please_hold_then_music_and_silence_from_the_answer_on(office: Office):
    office.group("main", "1000", ("anna",))
    network, switch = office.open()
    office.phone(network, "anna", answers_after_s=10)
    async with switch:
        caller = network.call("1000", hangs_up_after_s=20)
        log = await caller.until_ended()
    hold = office.store.system(SystemMessage.PLEASE_HOLD, "en")
    said, music = log.heard
    assert said == Heard(file=hold, from_s=0.0, to_s=duration_s(hold))
    assert music.file in office.store.default_music()
    assert (music.from_s, music.to_s, music.offset_s) == (duration_s(hold), 10.0, 0.0)


async def test_the_answer_cuts_a_message_in_the_middle(office: Office):
    office.group("main", "1000", ("anna",), language="da")
    network, switch = office.open()
    office.phone(network, "anna", answers_after_s=0.5)
    async with switch:
        log = await network.call("1000", hangs_up_after_s=5).until_ended()
    hold = office.store.system(SystemMessage.PLEASE_HOLD, "da")
    assert duration_s(hold) > 0.5
    assert log.heard == [Heard(file=hold, from_s=0.0, to_s=0.5)]
    assert log.talked[0].from_s == 0.5


async def test_who_waits_70_s_hears_position_1_twice(office: Office):
    office.group("main", "1000", ("anna",))
    network, switch = office.open()
    office.phone(network, "anna", answers_after_s=0, hangs_up_after_s=300)
    async with switch:
        network.call("1000", caller="first")
        await asyncio.sleep(5)
        waiting = network.call("1000", gives_up_after_s=70)
        log = await waiting.until_ended()
    hold = duration_s(office.store.system(SystemMessage.PLEASE_HOLD, "en"))
    first = office.store.position(1, "en")
    # Half a minute of music after each message: after "please hold", and after position 1.
    begins = [5 + hold + 30, 5 + hold + 30 + duration_s(first) + 30]
    assert [heard.from_s for heard in log.stretches(first)] == pytest.approx(begins)
    assert all(heard.offset_s == 0.0 for heard in log.stretches(first))
    assert [heard.length_s for heard in log.stretches(first)] == pytest.approx(
        [duration_s(first)] * 2
    )


async def test_a_two_minute_file_is_heard_as_four_stretches(office: Office, wav: MakeWav):
    """Row B6: music, paused every 30 s for the position, then resumed where it stopped."""
    piece = wav("two_minutes", 120)
    office.group("main", "1000", ("anna",), music=(piece,), position_every_s=30)
    network, switch = office.open()
    office.phone(network, "anna", present=False)
    async with switch:
        log = await network.call("1000", gives_up_after_s=145).until_ended()
    position = office.store.position(1, "en")
    music = [heard for heard in log.heard[1:] if heard.file != position]
    assert len({heard.file for heard in music}) == 1
    first_time, after = music[:4], music[4:]
    assert [heard.length_s for heard in first_time] == pytest.approx([30.0] * 4)
    assert [heard.offset_s for heard in first_time] == pytest.approx([0, 30, 60, 90])
    assert [heard.length_s for heard in log.stretches(position)] == pytest.approx(
        [duration_s(position)] * 4
    )
    # Then the file begins anew, after the fourth message.
    assert after[-1].from_s == pytest.approx(log.stretches(position)[-1].to_s)
    assert after[-1].offset_s == pytest.approx(0.0)


async def test_pieces_that_end_between_two_messages_do_not_delay_the_next(
    office: Office, wav: MakeWav
):
    pieces = tuple(wav(name, 25) for name in ("one", "two"))
    office.group("main", "1000", ("anna",), music=pieces, position_every_s=30)
    network, switch = office.open()
    office.phone(network, "anna", present=False)
    async with switch:
        log = await network.call("1000", gives_up_after_s=75).until_ended()
    hold = duration_s(office.store.system(SystemMessage.PLEASE_HOLD, "en"))
    told = duration_s(office.store.position(1, "en"))
    music = [heard for heard in log.heard[1:] if heard.file != office.store.position(1, "en")]
    assert [heard.from_s - hold for heard in music] == pytest.approx(
        [0, 25, 30 + told, 50 + told, 60 + 2 * told]
    )
    assert [heard.offset_s for heard in music] == pytest.approx([0, 0, 5, 0, 10])


async def test_files_come_each_to_its_end_and_all_before_any_comes_again(
    office: Office, wav: MakeWav
):
    pieces = tuple(wav(name, 10) for name in ("one", "two", "three"))
    office.group("main", "1000", ("anna",), music=pieces, position_every_s=0)
    network, switch = office.open()
    office.phone(network, "anna", present=False)
    async with switch:
        log = await network.call("1000", gives_up_after_s=95).until_ended()
    heard = log.heard[1:10]
    assert all(stretch.length_s == pytest.approx(10) for stretch in heard[:9])
    for first in range(0, 9, 3):
        assert len({stretch.file for stretch in heard[first : first + 3]}) == 3
    for before, after in itertools.pairwise(heard):
        assert before.to_s == after.from_s


async def test_the_caller_hangs_up_and_the_member_is_hung_up(office: Office):
    office.group("main", "1000", ("anna",))
    network, switch = office.open()
    anna = office.phone(network, "anna", answers_after_s=2)
    async with switch:
        await network.call("1000", gives_up_after_s=30).until_ended()
        log = await anna.call.until_ended()
    assert log.ended_at == 30.0
    assert log.ended.by is EndedBy.US
    assert log.talked[0].to_s == 30.0


async def test_an_abandoned_call_stops_the_ringing(office: Office):
    office.group("main", "1000", ("anna",))
    network, switch = office.open()
    anna = office.phone(network, "anna")
    async with switch:
        await network.call("1000", gives_up_after_s=8).until_ended()
        await anna.call.until_ended()
        finished = switch.snapshot().finished
    assert [record.outcome for record in finished] == [CallOutcome.ABANDONED]
    rang = anna.call.log.rang
    assert (rang.from_s, rang.to_s, rang.stopped) == (0.0, 8.0, RingingStopped.CANCELLED)
    assert rang.reason is None


async def test_priority_rings_the_list_in_its_order(office: Office):
    office.group("main", "1000", ("anna", "bo", "carl"), strategy="priority", ring_time_s=15)
    network, switch = office.open()
    anna = office.phone(network, "anna")
    bo = office.phone(network, "bo", refuses_with=603, refuses_after_s=4)
    carl = office.phone(network, "carl", answers_after_s=1, hangs_up_after_s=10)
    async with switch:
        log = await network.call("1000").until_ended()
    assert [(r.from_s, r.to_s) for r in anna.rang] == [(0.0, 15.0)]
    assert [(r.from_s, r.to_s) for r in bo.rang] == [(15.0, 19.0)]
    assert [(r.from_s, r.to_s) for r in carl.rang] == [(19.0, 20.0)]
    assert log.talked == [Talked(other=address("carl"), from_s=20.0, to_s=30.0)]


async def test_longest_idle_spreads_calls(office: Office):
    office.group("main", "1000", ("anna", "bo"), strategy="longest_idle")
    network, switch = office.open()
    phones = [
        office.phone(network, name, answers_after_s=1, hangs_up_after_s=10)
        for name in ("anna", "bo")
    ]
    async with switch:
        for _ in range(4):
            await network.call("1000").until_ended()
    # Each call ends before the next begins; whoever just talked has been idle shortest.
    assert [[call.log.answered_at for call in phone.calls] for phone in phones] == [
        [1.0, 23.0],
        [12.0, 34.0],
    ]


async def test_ten_ring_two_answer_at_the_same_instant(office: Office):
    names = tuple(f"m{number}" for number in range(1, 16))
    office.group("main", "1000", names, strategy="simultaneous")
    network, switch = office.open()
    phones = {name: office.phone(network, name) for name in names}
    for name in ("m4", "m7"):
        phones[name].behaviour = type(phones[name].behaviour)(answers_after_s=5)
    records: list[Record] = []
    switch.on_record(records.append)
    async with switch:
        caller = network.call("1000", hangs_up_after_s=60)
        await asyncio.sleep(1)
        assert [name for name in names if phones[name].rings] == list(names[:10])
        assert len(switch.snapshot().ringing) == 10
        log = await caller.until_ended()
    assert log.talked == [Talked(other=address("m4"), from_s=5.0, to_s=60.0)]
    late = phones["m7"].call.log
    sorry = office.store.system(SystemMessage.ANSWERED_ELSEWHERE, "en")
    assert late.talked == []
    assert late.heard == [Heard(file=sorry, from_s=5.0, to_s=5.0 + duration_s(sorry))]
    assert late.reason == COMPLETED_ELSEWHERE
    for name in set(names[:10]) - {"m4", "m7"}:
        rang = phones[name].call.log.rang
        assert (rang.to_s, rang.stopped) == (5.0, RingingStopped.CANCELLED)
        assert rang.reason == COMPLETED_ELSEWHERE
    assert all(not phones[name].calls for name in names[10:])
    offers = [record for record in records if isinstance(record, OfferRecord)]
    assert [o.member_id for o in offers if o.outcome is OfferOutcome.ANSWERED] == ["m4"]
    assert len([o for o in offers if o.outcome is OfferOutcome.ANSWERED_ELSEWHERE]) == 9


async def test_fifteen_active_one_and_two_busy_three_to_twelve_ring(office: Office):
    names = tuple(f"m{number}" for number in range(1, 16))
    office.group("main", "1000", names, strategy="simultaneous")
    office.group("direct", "2000", names[:2], strategy="priority")
    network, switch = office.open()
    phones = {name: office.phone(network, name) for name in names}
    for name in names[:2]:
        phones[name].behaviour = type(phones[name].behaviour)(answers_after_s=0)
    async with switch:
        network.call("2000", caller="a")
        network.call("2000", caller="b")
        await asyncio.sleep(1)
        network.call("1000", caller="c")
        await asyncio.sleep(1)
        assert [name for name in names if phones[name].rings] == list(names[2:12])


async def test_a_full_queue_overflows(office: Office, wav: MakeWav):
    office.group("main", "1000", ("anna",), queue_cap=2)
    network, switch = office.open()
    office.phone(network, "anna", answers_after_s=0)
    async with switch:
        network.call("1000", caller="talks")
        await asyncio.sleep(1)
        for name in ("first", "second"):
            network.call("1000", caller=name)
        await asyncio.sleep(1)
        third = network.call("1000", caller="third", gives_up_after_s=20)
        third.says = wav("a message", 60)
        await asyncio.sleep(1)
        snapshot = switch.snapshot()
        assert [(call.caller, call.position) for call in snapshot.waiting] == [
            ("first", 1),
            ("second", 2),
        ]
        assert [call.caller for call in snapshot.talking] == ["talks"]
        log = await third.until_ended()
        finished = switch.snapshot().finished
    leave = office.store.system(SystemMessage.LEAVE_MESSAGE, "en")
    assert log.files() == [leave, office.store.beep()]
    voicemail = [entry for entry in network.recordings if "voicemail" in entry.path.parts]
    assert [entry.parties for entry in voicemail] == [("third",)]
    assert voicemail[0].to_s == 22.0
    assert voicemail[0].path.parent.name == "main"
    assert [record.outcome for record in finished] == [CallOutcome.FORWARDED]


async def test_whoever_waits_is_connected_when_a_member_becomes_free(office: Office):
    office.group("main", "1000", ("anna",))
    network, switch = office.open()
    anna = office.phone(network, "anna", answers_after_s=0, hangs_up_after_s=30)
    async with switch:
        network.call("1000", caller="first")
        await asyncio.sleep(1)
        second = network.call("1000", caller="second")
        log = await second.until_ended()
    assert log.talked == [Talked(other=address("anna"), from_s=30.0, to_s=60.0)]
    assert [call.log.talked[0].other for call in anna.calls] == ["first", "second"]


async def test_a_group_that_records_writes_one_file_a_conversation(office: Office):
    office.group("main", "1000", ("anna",), record=True)
    network, switch = office.open()
    office.phone(network, "anna", answers_after_s=2, hangs_up_after_s=30)
    async with switch:
        await network.call("1000", caller=CALLER).until_ended()
        call_id = switch.snapshot().finished[0].call_id
    recording = network.recordings[0]
    assert recording.parties == (CALLER, address("anna"))
    assert (recording.from_s, recording.to_s) == (2.0, 32.0)
    assert recording.path.name == f"{call_id}.wav"
    assert recording.path.parent == office.folder / "var" / "recordings"
    assert recording.path.exists()


async def test_a_greeting_is_heard_while_the_phone_rings_already(office: Office, wav: MakeWav):
    greeting = wav("welcome", 4)
    office.group("main", "1000", ("anna",), greeting=greeting)
    network, switch = office.open()
    anna = office.phone(network, "anna", answers_after_s=10, hangs_up_after_s=5)
    async with switch:
        log = await network.call("1000").until_ended()
    assert anna.rang[0].from_s == 0.0
    assert (log.heard[0].from_s, log.heard[0].to_s) == (0.0, 4.0)
    assert log.heard[1].file == office.store.system(SystemMessage.PLEASE_HOLD, "en")
    assert log.heard[1].from_s == 4.0


async def test_journal_lines_hold_the_call(office: Office):
    office.group("main", "1000", ("anna",))
    network, switch = office.open()
    office.phone(network, "anna", answers_after_s=2, hangs_up_after_s=30)
    async with switch:
        await network.call("1000", caller=CALLER).until_ended()
    lines = (office.folder / "var" / "journal.jsonl").read_text().splitlines()
    calls = [entry for entry in map(json.loads, lines) if entry["record"] == "CallRecord"]
    assert len(calls) == 1
    assert calls[0]["outcome"] == "answered"
    assert calls[0]["caller"] == CALLER
    assert calls[0]["time"] == "2026-03-02T08:00:32+00:00"


async def test_records_can_be_followed(office: Office):
    office.group("main", "1000", ("anna",))
    network, switch = office.open()
    office.phone(network, "anna", answers_after_s=2, hangs_up_after_s=30)
    async with switch:
        records = switch.records()
        network.call("1000", caller=CALLER)
        async for record in records:
            if isinstance(record, CallRecord):
                break
        assert record.member_id == "anna"
        await records.aclose()
