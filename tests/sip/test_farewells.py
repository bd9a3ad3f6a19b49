"""Ends that cross something on their way, with SIP written by hand at the other end (RFC 3326)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from softswitch.errors import CallEndedError, MisuseError
from softswitch.sip import SipTelephony
from softswitch.sip.leg import SipLeg
from softswitch.telephony import (
    COMPLETED_ELSEWHERE,
    Answered,
    Ended,
    EndedBy,
    EndReason,
    LegEvent,
    LegState,
    Reason,
    Ringing,
)
from softswitch.testing.peers.messages import SipMessage
from tests.sip.observing import Door, Observer, running
from tests.sip.wire import Call, Wire, datagrams, sdp

pytestmark = pytest.mark.asyncio

ELSEWHERE = 'SIP;cause=200;text="Call completed elsewhere"'
DONE = Reason(protocol="Q.850", cause=16, text="done")


async def nothing_more(wire: Wire) -> None:
    """The next thing that comes is the answer to a question asked now."""
    Call(wire, wire.peer).send("OPTIONS")
    answer = await wire.next()
    assert (answer.status, answer.cseq_method) == (200, "OPTIONS")


@asynccontextmanager
async def answered_but_not_acknowledged() -> AsyncIterator[tuple[SipLeg, Observer, Call, Wire]]:
    """A caller who has our 200 and has not said ACK."""
    async with running() as network, datagrams(network.addresses[0]) as wire:
        door = Door(network)
        call = Call(wire, network.addresses[0])
        call.send("INVITE", body=sdp())
        leg, heard = await door.next()
        assert isinstance(leg, SipLeg)
        leg.answer()
        call.joined(await wire.answer(200))
        yield leg, heard, call, wire
        assert network.in_use == 0


async def test_bye_waits_for_the_ack_and_tells_the_reason() -> None:
    async with answered_but_not_acknowledged() as (leg, heard, call, wire):
        leg.hang_up(DONE)
        await nothing_more(wire)  # RFC 3261 section 15: no BYE yet
        assert heard.all(Ended) == []
        call.send("ACK", cseq=1)
        bye = await wire.next()
        wire.reply(bye, 200)
        ended = await heard.next(Ended)
        await nothing_more(wire)
    assert (bye.method, bye.header("Reason")) == ("BYE", 'Q.850;cause=16;text="done"')
    assert (ended.by, ended.why, ended.status) == (EndedBy.US, EndReason.NORMAL, 200)
    assert heard.all(Answered) == []


async def test_a_leg_whose_end_waits_takes_no_commands() -> None:
    async with answered_but_not_acknowledged() as (leg, heard, call, wire):
        for refusal in (leg.answer, leg.ring, lambda: leg.reject(486)):
            with pytest.raises(MisuseError):
                refusal()
        leg.hang_up(DONE)
        leg.hang_up()
        with pytest.raises(CallEndedError):
            leg.play_tone([425.0], on_ms=100)
        call.send("ACK", cseq=1)
        bye = await wire.request("BYE")
        wire.reply(bye, 200)
        await heard.next(Ended)
    assert bye.header("Reason") == 'Q.850;cause=16;text="done"'


async def test_a_caller_who_hangs_up_before_the_ack_ends_the_wait() -> None:
    async with answered_but_not_acknowledged() as (leg, heard, call, wire):
        leg.hang_up(DONE)
        call.send("BYE")
        assert (await wire.answer(cseq="BYE")).status == 200
        ended = await heard.next(Ended)
    assert ended.by is EndedBy.US


@asynccontextmanager
async def dialled() -> AsyncIterator[tuple[SipTelephony, SipLeg, Observer, Wire, SipMessage]]:
    """A phone that has our INVITE and has said nothing."""
    async with running() as network, datagrams(network.addresses[0]) as wire:
        heard = Observer()
        leg = network.dial(f"sip:bo@{wire.own}", listener=heard)
        yield network, leg, heard, wire, await wire.request("INVITE")


async def test_a_phone_whose_200_crosses_our_cancel_is_told_the_reason() -> None:
    async with dialled() as (_, leg, heard, wire, invite):
        wire.reply(invite, 180)
        await heard.next(Ringing)
        leg.hang_up(COMPLETED_ELSEWHERE)
        ended = await heard.next(Ended)
        cancel = await wire.next()
        wire.reply(invite, 200, body=sdp())
        wire.reply(cancel, 200)
        ack, bye = await wire.next(), await wire.next()
        wire.reply(bye, 200)
        await nothing_more(wire)
    assert [m.method for m in (cancel, ack, bye)] == ["CANCEL", "ACK", "BYE"]
    assert cancel.header("Reason") == bye.header("Reason") == ELSEWHERE
    assert [name for name, _ in bye.headers].count("Reason") == 1
    assert ended.why is EndReason.COMPLETED_ELSEWHERE
    assert heard.all(Answered) == []


@pytest.mark.parametrize("first_sign", [100, 180])
async def test_a_cancel_that_waits_for_a_sign_of_life_tells_the_reason(first_sign: int) -> None:
    async with dialled() as (_, leg, heard, wire, invite):
        leg.hang_up(COMPLETED_ELSEWHERE)
        await heard.next(Ended)
        await nothing_more(wire)  # RFC 3261 section 9.1: no CANCEL before a provisional response
        wire.reply(invite, first_sign)
        cancel = await wire.request("CANCEL")
        wire.reply(cancel, 200)
        wire.reply(invite, 487)
        await wire.request("ACK")
    assert cancel.header("Reason") == ELSEWHERE


async def test_a_phone_that_answers_without_ringing_is_told_the_reason_too() -> None:
    async with dialled() as (_, leg, heard, wire, invite):
        leg.hang_up(COMPLETED_ELSEWHERE)
        await heard.next(Ended)
        wire.reply(invite, 200, body=sdp())
        await wire.request("ACK")
        bye = await wire.request("BYE")
        wire.reply(bye, 200)
        await nothing_more(wire)
    assert bye.header("Reason") == ELSEWHERE


async def test_a_reason_is_of_its_call_alone() -> None:
    async with (
        dialled() as (network, leg, heard, wire, invite),
        datagrams(network.addresses[0]) as other,
    ):
        wire.reply(invite, 180)
        await heard.next(Ringing)
        leg.hang_up(COMPLETED_ELSEWHERE)
        listening = Observer()
        second = network.dial(f"sip:anna@{other.own}", listener=listening)
        other.reply(await other.request("INVITE"), 200, body=sdp())
        await listening.next(Answered)
        second.hang_up()
        bye = await other.request("BYE")
        other.reply(bye, 200)
        wire.reply(await wire.request("CANCEL"), 200)
        wire.reply(invite, 487)
        await wire.request("ACK")
    assert bye.header("Reason") is None


async def test_of_two_that_answer_at_once_one_talks_and_one_is_released() -> None:
    """Both 200s are under way before either is read; whoever is heard first wins."""
    async with running() as network, AsyncExitStack() as stack:
        wires = [await stack.enter_async_context(datagrams(network.addresses[0])) for _ in "ab"]
        winners: list[SipLeg] = []
        legs: list[SipLeg] = []

        def win(leg_number: int, event: LegEvent) -> None:
            if isinstance(event, Answered) and not winners:
                winners.append(legs[leg_number])
                legs[1 - leg_number].hang_up(COMPLETED_ELSEWHERE)

        heard = [Observer(lambda event, n=number: win(n, event)) for number in range(2)]
        for wire, listener in zip(wires, heard, strict=True):
            legs.append(network.dial(f"sip:member@{wire.own}", listener=listener))
        invites = [await wire.request("INVITE") for wire in wires]
        for wire, invite in zip(wires, invites, strict=True):
            wire.reply(invite, 180)
        await asyncio.gather(*(listener.next(Ringing) for listener in heard))
        for wire, invite in zip(wires, invites, strict=True):
            wire.reply(invite, 200, body=sdp())
        for wire in wires:
            await wire.request("ACK")
        loser = 1 - legs.index(winners[0])
        bye = await wires[loser].request("BYE")
        wires[loser].reply(bye, 200)
        ended = await heard[loser].next(Ended)
        await nothing_more(wires[loser])
        await nothing_more(wires[1 - loser])  # not a word to the winner
        assert winners[0].state is LegState.ANSWERED
        assert network.in_use == 1
    assert len(winners) == 1
    assert bye.header("Reason") == ELSEWHERE
    assert ended.by is EndedBy.US
