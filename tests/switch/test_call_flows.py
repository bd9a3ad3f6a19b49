"""Flows: what a program can do with a call."""

from __future__ import annotations

import asyncio
import logging

import pytest
from office_builder import MakeWav, Office

from softswitch.acd.records import CallOutcome
from softswitch.errors import CallEndedError, MisuseError, PeerError
from softswitch.prompts import SystemMessage
from softswitch.switch import Call
from softswitch.telephony import EndedBy
from softswitch.testing import RingingStopped, Talked
from softswitch.testing.sounding import duration_s

pytestmark = pytest.mark.virtual_time


async def test_hello(office: Office, wav: MakeWav):
    hello = wav("hello", 3)
    network, switch = office.open()

    @switch.flow("1234")
    async def greet(call: Call) -> None:
        await call.answer()
        await call.play(hello)
        await call.say("Welcome", lang="en")

    async with switch:
        log = await network.call("1234").until_ended()
    welcome = office.store.say("Welcome", "en")
    played, said = log.heard
    assert (played.from_s, played.to_s) == (0.0, 3.0)
    assert (said.file, said.from_s) == (welcome, 3.0)
    assert log.ended_at == pytest.approx(3 + duration_s(welcome))
    assert log.ended.by is EndedBy.US


async def test_an_unknown_number_gets_404(office: Office):
    network, switch = office.open()
    async with switch:
        log = await network.call("99").until_ended()
    assert log.status == 404
    assert log.answered_at is None


async def test_exact_number_then_longest_prefix_then_star(office: Office):
    network, switch = office.open()
    reached: list[tuple[str, str]] = []
    for pattern in ("1234", "12*", "1*", "*"):

        @switch.flow(pattern)
        async def note(call: Call, pattern: str = pattern) -> None:
            reached.append((call.dialled.number, pattern))

    async with switch:
        for number in ("1234", "1299", "13", "7"):
            await network.call(number).until_ended()
    assert reached == [("1234", "1234"), ("1299", "12*"), ("13", "1*"), ("7", "*")]


async def test_a_number_leads_to_one_place_only(office: Office):
    office.group("main", "1000", ("anna",))
    _, switch = office.open()
    with pytest.raises(MisuseError, match="1000"):

        @switch.flow("1000")
        async def other(_call: Call) -> None: ...

    with pytest.raises(MisuseError, match=r"1\*2"):
        switch.flow("1*2")(other_flow)


async def other_flow(_call: Call) -> None: ...


async def test_keys_pressed_during_a_prompt_count_and_stop_it(office: Office, wav: MakeWav):
    prompt = wav("prompt", 10)
    network, switch = office.open()
    collected: list[str] = []

    @switch.flow("1")
    async def ask(call: Call) -> None:
        await call.answer()
        await call.play(prompt)
        collected.append(await call.collect(count=4, timeout_s=5))

    async with switch:
        log = await network.call("1", presses=((2, "12"), (4, "34"))).until_ended()
    assert collected == ["1234"]
    assert [(heard.from_s, heard.to_s) for heard in log.heard] == [(0.0, 2.0)]
    assert log.ended_at == 4.0


async def test_collect_ends_by_count_terminator_or_time(office: Office):
    network, switch = office.open()
    collected: list[tuple[str, float]] = []

    @switch.flow("1")
    async def ask(call: Call) -> None:
        await call.answer()
        for _ in range(3):
            digits = await call.collect(count=3, timeout_s=4)
            collected.append((digits, asyncio.get_running_loop().time()))

    async with switch:
        await network.call("1", presses=((1, "123"), (2, "45#"), (3, "6"))).until_ended()
    assert collected == [("123", 1.0), ("45", 2.0), ("6", 7.0)]


async def test_a_prompt_that_may_not_be_stopped_is_heard_whole(office: Office, wav: MakeWav):
    prompt = wav("prompt", 10)
    network, switch = office.open()
    collected: list[str] = []

    @switch.flow("1")
    async def ask(call: Call) -> None:
        await call.answer()
        await call.play(prompt, barge_in=False)
        collected.append(await call.collect(count=1))

    async with switch:
        log = await network.call("1", presses=((2, "7"),)).until_ended()
    assert log.heard[0].to_s == 10.0
    assert collected == ["7"]


async def test_a_menu_repeats_itself_and_gives_up(office: Office, wav: MakeWav):
    prompt = wav("menu", 2)
    network, switch = office.open()
    chosen: list[str | None] = []

    @switch.flow("1")
    async def choose(call: Call) -> None:
        await call.answer()
        chosen.append(await call.menu(prompt, {"1": "sales", "2": "support"}))

    async with switch:
        wrong_then_right = network.call("1", presses=((1, "9"), (6, "2")))
        log = await wrong_then_right.until_ended()
        await network.call("1").until_ended()
    assert chosen == ["support", None]
    invalid = office.store.system(SystemMessage.INVALID_CHOICE, "en")
    assert log.files()[1] == invalid


async def test_a_caller_who_hangs_up_ends_the_flow_quietly(
    office: Office, wav: MakeWav, caplog: pytest.LogCaptureFixture
):
    prompt = wav("prompt", 60)
    network, switch = office.open()
    seen: list[type[BaseException]] = []

    @switch.flow("1")
    async def play(call: Call) -> None:
        await call.answer()
        try:
            await call.play(prompt)
        except CallEndedError as error:
            seen.append(type(error))
            raise

    with caplog.at_level(logging.WARNING):
        async with switch:
            await network.call("1", hangs_up_after_s=5).until_ended()
    assert seen == [CallEndedError]
    assert caplog.records == []


async def test_a_flow_that_raises_ends_its_call_and_no_other(
    office: Office, wav: MakeWav, caplog: pytest.LogCaptureFixture
):
    prompt = wav("prompt", 30)
    network, switch = office.open()

    @switch.flow("1")
    async def fail(_call: Call) -> None:
        raise ZeroDivisionError("in the flow")

    @switch.flow("2")
    async def fail_late(call: Call) -> None:
        await call.answer()
        raise ZeroDivisionError("in the flow")

    @switch.flow("3")
    async def well(call: Call) -> None:
        await call.answer()
        await call.play(prompt)

    async with switch:
        undisturbed = network.call("3")
        await asyncio.sleep(1)
        unanswered = await network.call("1").until_ended()
        answered = await network.call("2").until_ended()
        log = await undisturbed.until_ended()
    assert unanswered.status == 500
    assert (answered.status, answered.ended_at) == (200, 1.0)
    assert log.heard[0].length_s == 30.0
    errors = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert [type(record.exc_info[1]) for record in errors] == [ZeroDivisionError] * 2


async def test_a_flow_that_does_nothing_refuses(office: Office):
    network, switch = office.open()
    switch.flow("1")(other_flow)
    async with switch:
        log = await network.call("1").until_ended()
    assert (log.status, log.answered_at) == (480, None)


async def test_dial_and_bridge(office: Office):
    network, switch = office.open()
    phone = network.phone("sip:x@y.example", answers_after_s=4, hangs_up_after_s=20)
    after: list[float] = []

    @switch.flow("1")
    async def connect(call: Call) -> None:
        other = await call.dial("sip:x@y.example", ring_time_s=20)
        await call.bridge(other)
        after.append(asyncio.get_running_loop().time())
        await call.say("Goodbye")

    async with switch:
        log = await network.call("1", caller="+451").until_ended()
    assert log.ringing_heard
    assert log.answered_at == 4.0
    assert log.talked == [Talked(other="sip:x@y.example", from_s=4.0, to_s=24.0)]
    assert after == [24.0]
    assert log.files() == [office.store.say("Goodbye", "en")]
    assert phone.rang[0].caller == "+451"


async def test_an_answered_caller_hears_a_ringing_tone(office: Office):
    network, switch = office.open()
    network.phone("sip:x@y.example", answers_after_s=4)

    @switch.flow("1")
    async def connect(call: Call) -> None:
        await call.answer()
        await call.bridge(await call.dial("sip:x@y.example"))

    async with switch:
        log = await network.call("1", hangs_up_after_s=9).until_ended()
    assert [(tone.tone_hz, tone.from_s, tone.to_s) for tone in log.heard] == [((425.0,), 0.0, 4.0)]
    assert log.talked[0].from_s == 4.0


@pytest.mark.parametrize(
    ("habits", "status"),
    [
        ({"refuses_with": 486}, 486),
        ({"refuses_with": 603, "refuses_after_s": 3}, 603),
        ({}, 408),
    ],
)
async def test_whoever_does_not_answer_raises_peer_error(
    office: Office, habits: dict[str, float], status: int
):
    network, switch = office.open()
    network.phone("sip:x@y.example", **habits)
    errors: list[int] = []

    @switch.flow("1")
    async def connect(call: Call) -> None:
        try:
            await call.dial("sip:x@y.example", ring_time_s=10)
        except PeerError as error:
            errors.append(error.status)

    async with switch:
        await network.call("1").until_ended()
    assert errors == [status]


async def test_a_caller_who_gives_up_stops_the_dialled_phone(office: Office):
    network, switch = office.open()
    phone = network.phone("sip:x@y.example")

    @switch.flow("1")
    async def connect(call: Call) -> None:
        await call.dial("sip:x@y.example")

    async with switch:
        await network.call("1", gives_up_after_s=6).until_ended()
        await phone.call.until_ended()
    assert (phone.rang[0].to_s, phone.rang[0].stopped) == (6.0, RingingStopped.CANCELLED)


async def test_a_call_dialled_and_forgotten_is_hung_up_with_its_flow(office: Office):
    network, switch = office.open()
    phone = network.phone("sip:x@y.example", answers_after_s=1)

    @switch.flow("1")
    async def forget(call: Call) -> None:
        await call.dial("sip:x@y.example")

    async with switch:
        await network.call("1").until_ended()
        log = await phone.call.until_ended()
        assert network.legs == 0
    assert log.ended_at == 1.0


async def test_queue_tells_how_it_went(office: Office):
    office.group("main", "1000", ("anna",))
    network, switch = office.open()
    office.phone(network, "anna", answers_after_s=5, hangs_up_after_s=20)
    results = []

    @switch.flow("1")
    async def support(call: Call) -> None:
        results.append(await call.queue("main"))

    @switch.flow("2")
    async def survey(call: Call) -> None:
        results.append(await call.queue("main", stay=True))
        await call.say("Were you satisfied?")

    async with switch:
        first = await network.call("1").until_ended()
        second = await network.call("2").until_ended()
        gone = network.call("1", gives_up_after_s=3)
        await gone.until_ended()
        await asyncio.sleep(1)
    assert [result.outcome for result in results] == [
        CallOutcome.ANSWERED,
        CallOutcome.ANSWERED,
        CallOutcome.ABANDONED,
    ]
    assert (results[0].member, results[0].waited_s, results[0].talked_s) == ("anna", 5.0, 20.0)
    assert results[2].waited_s == 3.0
    assert first.ended_at == 25.0
    assert second.files()[-1] == office.store.say("Were you satisfied?", "en")


async def test_an_unknown_group_is_a_mistake_of_the_flow(
    office: Office, caplog: pytest.LogCaptureFixture
):
    network, switch = office.open()

    @switch.flow("1")
    async def wrong(call: Call) -> None:
        await call.queue("nowhere")

    async with switch:
        log = await network.call("1").until_ended()
    assert log.status == 500
    assert "nowhere" in str(caplog.records[0].exc_info[1])


async def test_a_flow_cannot_queue_one_call_twice_at_once(office: Office):
    office.group("main", "1000", ("anna",))
    network, switch = office.open()
    office.phone(network, "anna")
    results: list[object] = []

    @switch.flow("1")
    async def twice(call: Call) -> None:
        visits = (call.queue("main"), call.queue("main"))
        results.extend(await asyncio.gather(*visits, return_exceptions=True))

    async with switch:
        await network.call("1", gives_up_after_s=5).until_ended()
        await asyncio.sleep(1)
    assert results[0].outcome is CallOutcome.ABANDONED
    assert isinstance(results[1], MisuseError)


async def test_the_switch_asks_a_phone_to_call_somebody_else(office: Office, wav: MakeWav):
    network, switch = office.open()
    done: list[str] = []

    @switch.flow("1")
    async def send_away(call: Call) -> None:
        await call.answer()
        await call.transfer("2")
        done.append("transferred")

    @switch.flow("2")
    async def welcome(call: Call) -> None:
        await call.answer()
        await call.play(wav("two", 2))
        done.append(f"welcomed {call.caller.number}")

    async with switch:
        first = network.call("1", caller="+455")
        await first.until_ended()
        await asyncio.sleep(10)
    assert done == ["transferred", "welcomed +455"]


async def test_hold_and_digits_reach_the_phone(office: Office):
    network, switch = office.open()

    @switch.flow("1")
    async def hold(call: Call) -> None:
        await call.answer()
        call.hold()
        await asyncio.sleep(3)
        call.unhold()
        call.send_digits("12#")

    async with switch:
        log = await network.call("1").until_ended()
    assert (log.held_at, log.resumed_at, log.digits) == ([0.0], [3.0], "12#")


async def test_a_caller_who_left_before_the_flow_queues_is_not_queued(office: Office):
    office.group("main", "1000", ("anna",))
    network, switch = office.open()
    anna = office.phone(network, "anna")
    ends: list[float] = []

    @switch.flow("1")
    async def look_up_first(call: Call) -> None:
        await asyncio.sleep(10)
        try:
            await call.queue("main")
        except CallEndedError:
            ends.append(asyncio.get_running_loop().time())

    async with switch:
        await network.call("1", gives_up_after_s=5).until_ended()
        await asyncio.sleep(10)
    assert ends == [10.0]
    assert anna.calls == []


async def test_two_sounds_asked_for_at_once_are_both_heard(office: Office, wav: MakeWav):
    one, two = wav("one", 2), wav("two", 5)
    network, switch = office.open()

    @switch.flow("1")
    async def both(call: Call) -> None:
        await call.answer()
        await asyncio.gather(call.play(one), call.play(two))

    async with switch:
        log = await network.call("1").until_ended()
    assert [(heard.from_s, heard.to_s) for heard in log.heard] == [(0.0, 2.0), (0.0, 5.0)]


async def test_a_language_that_the_office_does_not_speak(office: Office):
    office.group("main", "1000", ("anna",), language="da")
    network, switch = office.open()
    told: list[str] = []

    @switch.flow("1")
    async def speak(call: Call) -> None:
        await call.answer()
        await call.say_message(SystemMessage.GOODBYE, lang="da")
        try:
            await call.say_message(SystemMessage.GOODBYE, lang="sv")
        except MisuseError as error:
            told.append(str(error))

    async with switch:
        await network.call("1").until_ended()
    assert told == ["this office speaks en, da, not 'sv'"]


async def test_nothing_is_heard_before_the_answer_but_where_early_media_was_opened(
    office: Office, wav: MakeWav
):
    prompt = wav("prompt", 2)
    network, switch = office.open()
    refused: list[type[Exception]] = []

    @switch.flow("1")
    async def too_early(call: Call) -> None:
        for ring in (lambda: None, call.ring):
            ring()
            try:
                await call.play(prompt)
            except MisuseError as error:
                refused.append(type(error))

    @switch.flow("2")
    async def early(call: Call) -> None:
        call.leg.ring(early_media=True)
        await call.play(prompt)

    async with switch:
        await network.call("1").until_ended()
        log = await network.call("2").until_ended()
    assert refused == [MisuseError, MisuseError]
    assert log.heard[0].length_s == 2.0
    assert log.answered_at is None
