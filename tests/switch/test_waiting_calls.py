"""What can be done with a call that waits or talks: by keys, by flows, by the program."""

from __future__ import annotations

import asyncio
import math

import attrs
import pytest
from office_builder import MakeWav, Office, address

from softswitch.acd.commands import ForwardReason
from softswitch.acd.model import Member, NoAnswerAction, Target, TargetKind
from softswitch.acd.records import CallOutcome, CallRecord, MemberState, Record
from softswitch.errors import MisuseError
from softswitch.prompts import SystemMessage
from softswitch.switch import Call, QueueResult, Switch
from softswitch.testing import SimulatedPhone, SimulatedTelephony, Talked
from softswitch.testing.sounding import duration_s

pytestmark = pytest.mark.virtual_time

CALLER = "+4533111111"
CALLED_BACK = f"sip:{CALLER}@caller.example"


def waiting(switch: Switch) -> list[str]:
    return [call.caller for call in switch.snapshot().waiting]


def id_of(switch: Switch, caller: str) -> str:
    calls = (*switch.snapshot().waiting, *switch.snapshot().talking)
    return {call.caller: call.id for call in calls}[caller]


async def busy(network: SimulatedTelephony, office: Office, seconds: float = 300) -> SimulatedPhone:
    """Let anna talk to somebody for so long."""
    phone = office.phone(network, "anna", answers_after_s=0, hangs_up_after_s=seconds)
    network.call("1000", caller="before")
    await asyncio.sleep(1)
    phone.behaviour = type(phone.behaviour)(answers_after_s=1, hangs_up_after_s=10)
    return phone


# Keys.


async def test_a_key_takes_a_waiting_caller_elsewhere(office: Office):
    office.group("main", "1000", ("anna",), leave_keys={"1": Target(TargetKind.VOICEMAIL)})
    network, switch = office.open()
    async with switch:
        await busy(network, office)
        log = await network.call(
            "1000", presses=((5, "7"), (9, "1")), hangs_up_after_s=20
        ).until_ended()
        (record,) = switch.snapshot().finished
    leave = office.store.system(SystemMessage.LEAVE_MESSAGE, "en")
    assert log.stretches(leave)[0].from_s == 10.0
    assert record.forward_reason is ForwardReason.CALLER_CHOICE


async def test_keys_of_a_flow_stand_in_for_those_of_the_group(office: Office):
    office.group("main", "1000", ("anna",), leave_keys={"1": Target(TargetKind.VOICEMAIL)})
    network, switch = office.open()
    results: list[QueueResult] = []
    collected: list[str] = []

    @switch.flow("2")
    async def own_keys(call: Call) -> None:
        await call.answer()
        keys = {"9": Target(TargetKind.HANG_UP)}
        results.append(await call.queue("main", leave_keys=keys))
        collected.append(await call.collect(count=1))

    async with switch:
        await busy(network, office)
        log = await network.call("2", presses=((2, "1"), (5, "9"))).until_ended()
    assert log.ended_at == 6.0
    assert results[0].reason is ForwardReason.CALLER_CHOICE
    assert results[0].target == Target(TargetKind.HANG_UP)


async def test_skills_asked_for_decide_who_is_rung(office: Office):
    office.group("main", "1000", ("anna", "bo"))
    office.members["bo"] = Member(id="bo", address=address("bo"), skills=frozenset({"german"}))
    network, switch = office.open()
    anna = office.phone(network, "anna", answers_after_s=1)
    office.phone(network, "bo", answers_after_s=1)

    @switch.flow("2")
    async def german(call: Call) -> None:
        await call.queue("main", skills=["german"])

    async with switch:
        log = await network.call("2", hangs_up_after_s=10).until_ended()
    assert log.talked == [Talked(other=address("bo"), from_s=1.0, to_s=10.0)]
    assert anna.calls == []


# Call back.


def call_back_office(office: Office) -> Office:
    return office.group(
        "main",
        "1000",
        ("anna",),
        call_back_key="5",
        call_back_attempts=2,
        call_back_retry_s=60.0,
        position_every_s=0,
    )


async def test_call_back_keeps_the_place(office: Office):
    call_back_office(office)
    network, switch = office.open()
    customer = network.phone(CALLED_BACK, answers_after_s=4, hangs_up_after_s=20)
    records: list[Record] = []
    switch.on_record(records.append)
    async with switch:
        await busy(network, office, seconds=60)
        asked = network.call("1000", caller=CALLER, presses=((5, "5"),))
        await asyncio.sleep(1)
        other = network.call("1000", caller="other", gives_up_after_s=500)
        log = await asked.until_ended()
        assert waiting(switch) == [CALLER, "other"]
        await other.until_ended()
    promise = office.store.system(SystemMessage.WILL_CALL_BACK, "en")
    (said,) = log.stretches(promise)
    assert (said.from_s, said.to_s) == (6.0, pytest.approx(6.0 + duration_s(promise)))
    assert log.ended_at == pytest.approx(said.to_s)
    # Anna is free at 60, answers at 61; the customer is dialled and answers at 65.
    assert [(rang.from_s, rang.to_s) for rang in customer.rang] == [(61.0, 65.0)]
    assert customer.call.log.talked[0].other == address("anna")
    assert customer.call.log.talked[0].from_s == 65.0
    calls = {r.caller: r for r in records if isinstance(r, CallRecord)}
    assert calls[CALLER].outcome is CallOutcome.CALLED_BACK
    assert calls[CALLER].answered_at == 65.0
    assert calls["other"].answered_at > calls[CALLER].ended_at


async def test_the_member_hears_it_ring_meanwhile(office: Office):
    call_back_office(office)
    network, switch = office.open()
    network.phone(CALLED_BACK, answers_after_s=4, hangs_up_after_s=20)
    async with switch:
        anna = await busy(network, office, seconds=60)
        await network.call("1000", caller=CALLER, presses=((5, "5"),)).until_ended()
        await asyncio.sleep(60)
    (tone,) = anna.calls[1].log.heard
    assert (tone.tone_hz, tone.from_s, tone.to_s) == ((425.0,), 61.0, 65.0)


async def test_who_does_not_answer_is_called_again_and_then_no_more(office: Office):
    call_back_office(office)
    network, switch = office.open()
    customer = network.phone(CALLED_BACK, refuses_with=486, refuses_after_s=2)
    records: list[Record] = []
    switch.on_record(records.append)
    async with switch:
        await busy(network, office, seconds=30)
        await network.call("1000", caller=CALLER, presses=((5, "5"),)).until_ended()
        await asyncio.sleep(300)
        assert switch.snapshot().engine.member("anna").state is MemberState.READY
        assert waiting(switch) == []
        assert network.legs == 0
    assert [rang.from_s for rang in customer.rang] == [31.0, pytest.approx(94.0)]
    calls = {r.caller: r for r in records if isinstance(r, CallRecord)}
    assert calls[CALLER].outcome is CallOutcome.ABANDONED


async def test_a_member_who_hangs_up_before_the_caller_answers(office: Office):
    call_back_office(office)
    network, switch = office.open()
    customer = network.phone(CALLED_BACK, answers_after_s=12, hangs_up_after_s=20)
    async with switch:
        await busy(network, office, seconds=30)
        await network.call("1000", caller=CALLER, presses=((5, "5"),)).until_ended()
        await asyncio.sleep(300)
    # Anna's habit is to hang up after 10 s: 31 to 41, again and again; no attempt is lost by it.
    assert [(r.from_s, r.to_s) for r in customer.rang][:2] == [(31.0, 41.0), (42.0, 52.0)]
    assert network.legs == 0


async def test_it_may_be_their_turn_while_the_promise_is_still_said(office: Office):
    call_back_office(office)
    network, switch = office.open()
    customer = network.phone(CALLED_BACK)
    async with switch:
        await busy(network, office, seconds=7)
        log = await network.call("1000", caller=CALLER, presses=((5, "5"),)).until_ended()
    promise = office.store.system(SystemMessage.WILL_CALL_BACK, "en")
    assert duration_s(promise) > 2
    (said,) = log.stretches(promise)
    assert (said.from_s, said.to_s) == (6.0, 8.0)
    assert log.talked == [Talked(other=address("anna"), from_s=8.0, to_s=18.0)]
    assert customer.calls == []


async def test_customer_first_dials_the_caller_before_a_member_rings(office: Office):
    call_back_office(office)
    office.groups[0] = attrs.evolve(
        office.groups[0], engine=attrs.evolve(office.groups[0].engine, customer_first=True)
    )
    network, switch = office.open()
    customer = network.phone(CALLED_BACK, answers_after_s=4, hangs_up_after_s=20)
    async with switch:
        anna = await busy(network, office, seconds=60)
        await network.call("1000", caller=CALLER, presses=((5, "5"),)).until_ended()
        await asyncio.sleep(80)
        outcomes = {r.caller: r.outcome for r in switch.snapshot().finished}
        assert network.legs == 0
    # Free at 60: the customer is dialled and answers at 64, anna rings and answers at 65.
    assert [(rang.from_s, rang.to_s) for rang in customer.rang] == [(60.0, 64.0)]
    assert (anna.rang[1].from_s, anna.rang[1].to_s) == (64.0, 65.0)
    assert customer.call.log.talked == [Talked(other=address("anna"), from_s=65.0, to_s=75.0)]
    hold = office.store.system(SystemMessage.PLEASE_HOLD, "en")
    assert customer.call.log.stretches(hold)[0].from_s == 64.0
    assert outcomes[CALLER] is CallOutcome.CALLED_BACK


async def test_a_caller_who_answers_when_the_member_has_just_gone_is_called_again(office: Office):
    call_back_office(office)
    network, switch = office.open()
    # Anna gives up after 10 s of ringing tone, the very moment at which the customer answers.
    customer = network.phone(CALLED_BACK, answers_after_s=10, hangs_up_after_s=30)
    async with switch:
        await busy(network, office, seconds=30)
        await network.call("1000", caller=CALLER, presses=((5, "5"),)).until_ended()
        await asyncio.sleep(35)
        customer.behaviour = type(customer.behaviour)(answers_after_s=2, hangs_up_after_s=30)
        await asyncio.sleep(200)
        assert network.legs == 0
        outcomes = {r.caller: r.outcome for r in switch.snapshot().finished}
    talked = [call.log.talked for call in customer.calls if call.log.talked]
    assert [talk.other for talk in talked[-1]] == [address("anna")]
    assert outcomes[CALLER] is CallOutcome.CALLED_BACK


async def test_a_flow_learns_that_a_call_back_was_promised(office: Office):
    office.group("main", "1000", ("anna",))
    network, switch = office.open()
    results: list[QueueResult] = []

    @switch.flow("2")
    async def with_call_back(call: Call) -> None:
        results.append(await call.queue("main", call_back_key="*"))

    async with switch:
        await busy(network, office)
        await network.call("2", caller=CALLER, presses=((5, "*"),)).until_ended()
    assert [result.outcome for result in results] == [CallOutcome.CALLED_BACK]


async def test_a_promise_outlives_the_switch(office: Office):
    call_back_office(office)
    network, switch = office.open()
    async with switch:
        await busy(network, office)
        await network.call("1000", caller=CALLER, presses=((5, "5"),)).until_ended()
        assert waiting(switch) == [CALLER]
    network, again = office.open(seed=8)
    customer = network.phone(CALLED_BACK, answers_after_s=4, hangs_up_after_s=20)
    office.phone(network, "anna", answers_after_s=1)
    async with again:
        began = asyncio.get_running_loop().time()
        await asyncio.sleep(60)
    assert customer.rang[0].from_s == began + 1
    assert customer.call.log.talked == [
        Talked(other=address("anna"), from_s=began + 5, to_s=began + 25)
    ]


# By the program.


async def test_put_back_keeps_the_place_and_rings_another_member(office: Office):
    office.group("main", "1000", ("anna", "bo"), record=True, position_every_s=0)
    network, switch = office.open()
    anna = office.phone(network, "anna", answers_after_s=1)
    office.phone(network, "bo", answers_after_s=3, hangs_up_after_s=10)
    async with switch:
        caller = network.call("1000", caller=CALLER)
        await asyncio.sleep(11)
        switch.put_back(id_of(switch, CALLER))
        log = await caller.until_ended()
        (record,) = switch.snapshot().finished
    assert log.talked == [
        Talked(other=address("anna"), from_s=1.0, to_s=11.0),
        Talked(other=address("bo"), from_s=14.0, to_s=24.0),
    ]
    hold = office.store.system(SystemMessage.PLEASE_HOLD, "en")
    assert [heard.from_s for heard in log.stretches(hold)] == [0.0, 11.0]
    assert anna.call.log.ended_at == 11.0
    assert (record.outcome, record.member_id) == (CallOutcome.ANSWERED, "bo")
    assert record.joined_at == 0.0
    assert sorted((r.from_s, r.to_s) for r in network.recordings) == [(1.0, 11.0), (14.0, 24.0)]
    assert len({recording.path for recording in network.recordings}) == 2


async def test_a_flow_puts_its_call_back(office: Office):
    office.group("main", "1000", ("anna",), position_every_s=0)
    network, switch = office.open()
    office.phone(network, "anna", answers_after_s=1, hangs_up_after_s=10)
    calls: list[Call] = []
    results: list[QueueResult] = []

    @switch.flow("2")
    async def follow(call: Call) -> None:
        calls.append(call)
        results.append(await call.queue("main", stay=True))
        await call.say("Goodbye")

    async with switch:
        caller = network.call("2")
        await asyncio.sleep(0.5)
        with pytest.raises(MisuseError, match="talks to no member"):
            calls[0].put_back()
        await asyncio.sleep(3)
        calls[0].put_back()
        log = await caller.until_ended()
    assert [(talk.from_s, talk.to_s) for talk in log.talked] == [(1.0, 3.5), (4.5, 14.5)]
    assert [result.outcome for result in results] == [CallOutcome.ANSWERED]
    assert log.files()[-1] == office.store.say("Goodbye", "en")


async def test_a_moved_call_waits_in_the_other_group(office: Office, wav: MakeWav):
    tune = wav("other", 600)
    office.group("main", "1000", ("anna",), position_every_s=0)
    office.group("other", "2000", ("bo",), language="da", music=(tune,), position_every_s=0)
    network, switch = office.open()
    bo = office.phone(network, "bo", answers_after_s=20, hangs_up_after_s=5)
    async with switch:
        await busy(network, office)
        caller = network.call("1000", caller=CALLER)
        await asyncio.sleep(9)
        switch.move_call(id_of(switch, CALLER), "other")
        log = await caller.until_ended()
        (record,) = [r for r in switch.snapshot().finished if r.caller == CALLER]
    hold = office.store.system(SystemMessage.PLEASE_HOLD, "da")
    assert log.stretches(hold)[0].from_s == 10.0
    assert bo.rang[0].from_s == 10.0
    assert log.heard[-1].to_s == 30.0
    assert (record.group_id, record.joined_at, record.answered_at) == ("other", 1.0, 30.0)


async def test_a_withdrawn_call_goes_where_it_is_sent(office: Office):
    office.group("main", "1000", ("anna",))
    network, switch = office.open()
    desk = network.phone("sip:desk@phones.example", answers_after_s=2)
    async with switch:
        await busy(network, office)
        caller = network.call("1000", caller=CALLER, gives_up_after_s=30)
        await asyncio.sleep(9)
        target = Target(TargetKind.NUMBER, "sip:desk@phones.example")
        switch.withdraw_call(id_of(switch, CALLER), target)
        log = await caller.until_ended()
    assert desk.rang[0].from_s == 10.0
    assert log.talked[0].from_s == 12.0


async def test_a_higher_priority_overtakes(office: Office):
    office.group("main", "1000", ("anna",))
    network, switch = office.open()
    async with switch:
        await busy(network, office)
        for name in ("first", "second"):
            network.call("1000", caller=name)
            await asyncio.sleep(1)
        switch.reprioritise_call(id_of(switch, "second"), 5)
        assert waiting(switch) == ["second", "first"]


@pytest.mark.parametrize("act", ["move", "withdraw", "reprioritise", "put_back"])
async def test_what_does_not_wait_cannot_be_treated_so(office: Office, act: str):
    office.group("main", "1000", ("anna",))
    network, switch = office.open()
    acts = {
        "move": lambda call_id: switch.move_call(call_id, "main"),
        "withdraw": lambda call_id: switch.withdraw_call(call_id, Target(TargetKind.HANG_UP)),
        "reprioritise": lambda call_id: switch.reprioritise_call(call_id, 1),
        "put_back": switch.put_back,
    }
    async with switch:
        with pytest.raises(MisuseError):
            acts[act]("nobody")
        if act != "put_back":
            await busy(network, office)
            with pytest.raises(MisuseError):
                acts[act](id_of(switch, "before"))


# What callers and consoles are told.


async def test_an_expected_wait_is_said_as_a_range(office: Office):
    office.group(
        "main", "1000", ("anna",), expected_wait="queue_length", position_every_s=30, language="da"
    )
    network, switch = office.open()
    anna = office.phone(network, "anna", answers_after_s=0, hangs_up_after_s=100)
    async with switch:
        for number in range(3):
            await network.call("1000", caller=f"c{number}").until_ended()
        anna.behaviour = type(anna.behaviour)(answers_after_s=0, hangs_up_after_s=300)
        network.call("1000", caller="before")
        await asyncio.sleep(1)
        caller = network.call("1000", caller=CALLER, gives_up_after_s=45)
        await asyncio.sleep(1)
        (call,) = switch.snapshot().waiting
        log = await caller.until_ended()
    assert call.expected is not None
    assert call.expected.low_s < 60 < call.expected.high_s
    minutes = {4: "fire", 5: "fem", 6: "seks"}[math.ceil(call.expected.high_s / 60)]
    sentence = f"Ventetiden er sandsynligvis højst {minutes} minutter."
    position, expected = log.files()[2:4]
    assert position == office.store.position(1, "da")
    assert expected == office.store.say(sentence, "da")


async def test_a_returning_caller_meets_the_same_member(office: Office):
    office.group(
        "main", "1000", ("anna", "bo"), strategy="longest_idle", last_agent_within_s=3600.0
    )
    network, switch = office.open()
    phones = [
        office.phone(network, name, answers_after_s=1, hangs_up_after_s=10)
        for name in ("anna", "bo")
    ]
    async with switch:
        for _ in range(3):
            await network.call("1000", caller=CALLER).until_ended()
    assert [len(phone.calls) for phone in phones] == [3, 0]


@pytest.mark.parametrize(
    ("action", "state", "reason"),
    [
        (NoAnswerAction.NOTHING, MemberState.READY, ""),
        (NoAnswerAction.PAUSE, MemberState.PAUSED, "no_answer"),
        (NoAnswerAction.LOG_OUT, MemberState.PASSIVE, ""),
        (NoAnswerAction.LOG_OUT_UNLESS_LAST, MemberState.READY, ""),
    ],
)
async def test_what_became_of_a_member_who_did_not_answer(
    office: Office, action: NoAnswerAction, state: MemberState, reason: str
):
    office.group("main", "1000", ("anna",), no_answer_action=action, ring_time_s=15)
    network, switch = office.open()
    office.phone(network, "anna")
    async with switch:
        caller = network.call("1000")
        await asyncio.sleep(14)
        assert switch.snapshot().engine.member("anna").state is MemberState.RINGING
        await asyncio.sleep(1.5)
        caller.hang_up()
        await asyncio.sleep(1)
        member = switch.snapshot().engine.member("anna")
    assert (member.state, member.reason) == (state, reason)
