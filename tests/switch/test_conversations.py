"""Hold and transfer, asked for by phones."""

from __future__ import annotations

import asyncio

import pytest
from office_builder import Office, address

from softswitch.acd.records import CallOutcome, MemberState
from softswitch.switch import Call, Switch
from softswitch.testing import PhoneCall, SimulatedPhone, SimulatedTelephony, Talked

pytestmark = pytest.mark.virtual_time

CALLER = "+4533111111"


Staffed = tuple[SimulatedTelephony, Switch, SimulatedPhone]


async def talking(network: SimulatedTelephony) -> PhoneCall:
    """Let a caller talk to anna from second 1 on."""
    caller = network.call("1000", caller=CALLER)
    await asyncio.sleep(2)
    return caller


@pytest.fixture
def staffed(office: Office) -> Staffed:
    office.group("main", "1000", ("anna",))
    network, switch = office.open()
    anna = office.phone(network, "anna", answers_after_s=1, lines=2)
    return network, switch, anna


async def test_the_partner_of_a_phone_that_holds_hears_music(office: Office, staffed: Staffed):
    network, switch, anna = staffed
    async with switch:
        caller = await talking(network)
        before = len(caller.log.heard)
        anna.call.hold()
        await asyncio.sleep(10)
        anna.call.resume()
        await asyncio.sleep(5)
        caller.hang_up()
        log = await caller.until_ended()
    music = log.heard[before:]
    assert [(stretch.from_s, stretch.to_s) for stretch in music] == [(2.0, 12.0)]
    assert music[0].file in office.store.default_music()
    assert [(talk.from_s, talk.to_s) for talk in log.talked] == [(1.0, 2.0), (12.0, 17.0)]


async def test_hanging_up_during_hold_ends_everything(staffed: Staffed):
    network, switch, anna = staffed
    async with switch:
        caller = await talking(network)
        anna.call.hold()
        await asyncio.sleep(10)
        anna.call.hang_up()
        log = await caller.until_ended()
        assert network.legs == 0
    assert log.ended_at == 12.0


async def test_a_blind_transfer(staffed: Staffed):
    network, switch, anna = staffed
    carl = network.phone("sip:carl@x.example", answers_after_s=4, hangs_up_after_s=20)
    async with switch:
        caller = await talking(network)
        anna.call.transfer("sip:carl@x.example")
        await asyncio.sleep(1)
        assert carl.rings
        log = await caller.until_ended()
        finished = switch.snapshot().finished
    assert log.talked == [
        Talked(other=address("anna"), from_s=1.0, to_s=2.0),
        Talked(other="sip:carl@x.example", from_s=6.0, to_s=26.0),
    ]
    tone = [heard for heard in log.heard if heard.tone_hz]
    assert [(heard.from_s, heard.to_s) for heard in tone] == [(2.0, 6.0)]
    assert anna.call.log.ended_at == 6.0
    assert log.ended_at == 26.0
    # For the group the call is over when its member has left it.
    assert [(record.outcome, record.ended_at) for record in finished] == [
        (CallOutcome.ANSWERED, 6.0)
    ]


async def test_who_hangs_up_after_asking_for_a_transfer_is_free_at_once(staffed: Staffed):
    network, switch, anna = staffed
    network.phone("sip:carl@x.example", answers_after_s=4, hangs_up_after_s=20)
    async with switch:
        caller = await talking(network)
        anna.call.transfer("sip:carl@x.example")
        await asyncio.sleep(1)
        anna.call.hang_up()
        await asyncio.sleep(1)
        assert switch.snapshot().engine.member("anna").state is MemberState.READY
        log = await caller.until_ended()
    assert log.talked[1] == Talked(other="sip:carl@x.example", from_s=6.0, to_s=26.0)


async def test_a_transfer_that_fails_brings_the_two_together_again(staffed: Staffed):
    network, switch, anna = staffed
    network.phone("sip:carl@x.example", refuses_with=486, refuses_after_s=3)
    async with switch:
        caller = await talking(network)
        anna.call.transfer("sip:carl@x.example")
        await asyncio.sleep(10)
        caller.hang_up()
        log = await caller.until_ended()
    assert [(talk.other, talk.from_s, talk.to_s) for talk in log.talked] == [
        (address("anna"), 1.0, 2.0),
        (address("anna"), 5.0, 12.0),
    ]


async def test_a_transfer_that_fails_after_the_phone_has_gone_ends_the_call(staffed: Staffed):
    network, switch, anna = staffed
    network.phone("sip:carl@x.example", refuses_with=486, refuses_after_s=3)
    async with switch:
        caller = await talking(network)
        anna.call.transfer("sip:carl@x.example")
        await asyncio.sleep(1)
        anna.call.hang_up()
        log = await caller.until_ended()
        assert network.legs == 0
    assert log.ended_at == 5.0


async def test_a_consulted_transfer(staffed: Staffed):
    network, switch, anna = staffed
    carl = network.phone("sip:carl@x.example", answers_after_s=2)

    @switch.flow("55")
    async def carls_number(call: Call) -> None:
        await call.bridge(await call.dial("sip:carl@x.example"))

    async with switch:
        caller = await talking(network)
        anna.call.hold()
        consulting = network.call("55", caller=address("anna"))
        await asyncio.sleep(5)
        assert carl.call.talking
        anna.call.transfer_to(consulting)
        await asyncio.sleep(10)
        assert caller.talking
        assert carl.call.talking
        assert not anna.call.talking
        assert not consulting.talking
        caller.hang_up()
        log = await carl.call.until_ended()
        await asyncio.sleep(1)
        assert network.legs == 0
    # Carl talked to Anna from 4 to 7, and then to whoever took her place.
    assert [(talk.from_s, talk.to_s) for talk in log.talked] == [(4.0, 7.0), (7.0, 17.0)]
    assert [(t.from_s, t.to_s) for t in caller.log.talked] == [(1.0, 2.0), (7.0, 17.0)]


async def test_a_caller_who_is_transferred_away_leaves_the_member_with_the_new_one(
    staffed: Staffed,
):
    network, switch, anna = staffed
    network.phone("sip:dora@x.example", answers_after_s=1)
    async with switch:
        caller = await talking(network)
        caller.transfer("sip:dora@x.example")
        await asyncio.sleep(5)
        assert not caller.talking
        assert switch.snapshot().engine.member("anna").state is MemberState.IN_CALL
        anna.call.hang_up()
        await asyncio.sleep(1)
        assert network.legs == 0
        assert switch.snapshot().engine.member("anna").state is MemberState.READY
    assert [talk.other for talk in anna.call.log.talked] == [CALLER, "sip:dora@x.example"]


async def test_a_member_whose_phone_vanishes_loses_the_call_and_is_noticed(staffed: Staffed):
    network, switch, anna = staffed
    async with switch:
        caller = await talking(network)
        anna.call.vanish()
        log = await caller.until_ended()
    assert log.ended_at == 2.0 + network.media_timeout_s


async def test_a_transfer_asked_for_by_a_waiting_caller_is_turned_down(office: Office):
    office.group("main", "1000", ("anna",))
    network, switch = office.open()
    office.phone(network, "anna")
    dora = network.phone("sip:dora@x.example")
    async with switch:
        caller = network.call("1000", caller=CALLER)
        await asyncio.sleep(2)
        caller.transfer("sip:dora@x.example")
        await asyncio.sleep(2)
        assert not dora.rings
        assert caller.talking
        caller.hang_up()


async def test_the_partner_who_hangs_up_ends_a_transfer_in_progress(staffed: Staffed):
    network, switch, anna = staffed
    carl = network.phone("sip:carl@x.example", answers_after_s=10)
    async with switch:
        caller = await talking(network)
        anna.call.transfer("sip:carl@x.example")
        await asyncio.sleep(2)
        caller.hang_up()
        await asyncio.sleep(1)
        assert network.legs == 0
    assert carl.rang[0].to_s == 4.0
    assert carl.call.log.answered_at is None


async def test_a_second_transfer_while_one_is_under_way_is_turned_down(staffed: Staffed):
    network, switch, anna = staffed
    network.phone("sip:carl@x.example", answers_after_s=10, hangs_up_after_s=5)
    dora = network.phone("sip:dora@x.example", answers_after_s=1)
    async with switch:
        caller = await talking(network)
        anna.call.transfer("sip:carl@x.example")
        await asyncio.sleep(2)
        anna.call.transfer("sip:dora@x.example")
        log = await caller.until_ended()
    assert [talk.other for talk in log.talked] == [address("anna"), "sip:carl@x.example"]
    assert dora.calls == []
