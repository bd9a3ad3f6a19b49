"""A consulted transfer that runs through us on both sides leaves no call to ourselves behind."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import attrs
import pytest

from softswitch.errors import MisuseError
from softswitch.sip import SipTelephony
from softswitch.telephony import (
    Answered,
    DigitMethod,
    DigitPressed,
    Ended,
    EndedBy,
    EndReason,
    HeldByPeer,
    Leg,
    LegState,
    MediaReady,
    PlaybackEnded,
    Reason,
    Replaced,
    ResumedByPeer,
    TransferRequested,
)
from softswitch.testing.peers.rtp import RtpPhone
from softswitch.testing.peers.tones import sine
from tests.sip.observing import Door, Observer, calls_of_pjsip, running
from tests.sip.wire import Call, Wire, datagrams, sdp

pytestmark = pytest.mark.asyncio


@attrs.frozen(kw_only=True)
class Joined:
    """What an agent left behind who joined a customer and a colleague.

    Attributes:
        customer, colleague: calls of the two, with the phones behind them.
        to_colleague, to_customer: our legs in the place of the agent's two.
        heard: what those two, in that order, tell.
    """

    network: SipTelephony
    customer: tuple[Leg, Call, RtpPhone]
    colleague: tuple[Leg, Call, RtpPhone]
    to_colleague: Leg
    to_customer: Leg
    heard: tuple[Observer, Observer]


async def call_in(door: Door, wire: Wire, phone: RtpPhone) -> tuple[Leg, Observer, Call]:
    """A call that we answer."""
    call = Call(wire, wire.peer)
    call.send("INVITE", body=sdp(phone.address))
    leg, heard = await door.next()
    leg.answer()
    answer = await wire.answer(200)
    phone.remote = answer.audio
    call.joined(answer)
    call.send("ACK", cseq=1)
    await heard.next(MediaReady)
    return leg, heard, call


def replacing(call: Call) -> str:
    """Refer-To that asks for a call in the place of ``call`` (RFC 3891 section 3)."""
    tag = call.to.rpartition("tag=")[2]
    call_id = call.id.replace("@", "%40")
    return f"<sip:1000@{call.wire.peer}?Replaces={call_id}%3Bto-tag%3D{tag}%3Bfrom-tag%3Dw>"


async def hung_up(wire: Wire) -> None:
    """We are sent a BYE, and answer it."""
    wire.reply(await wire.request("BYE"), 200)


@asynccontextmanager
async def joined() -> AsyncIterator[Joined]:
    """An agent talks with a customer, asks a colleague on a second line, and joins the two."""
    async with running(media_timeout_s=0) as network, AsyncExitStack() as stack:
        address, door = network.addresses[0], Door(network)
        wires = [await stack.enter_async_context(datagrams(address)) for _ in range(4)]
        phones = [await stack.enter_async_context(RtpPhone()) for _ in range(4)]
        legs, calls, ears = [], [], []
        for wire, phone in zip(wires, phones, strict=True):
            leg, ear, call = await call_in(door, wire, phone)
            legs.append(leg)
            ears.append(ear)
            calls.append(call)
        customer, agent, second_line, colleague = legs
        customer.bridge(agent)
        second_line.bridge(colleague)
        calls[1].send("REFER", f"Refer-To: {replacing(calls[2])}")
        requested = await ears[1].next(TransferRequested)
        replaced = await ears[2].next(Replaced)
        heard = Observer(), Observer()
        requested.leg.listen(heard[0])
        replaced.leg.listen(heard[1])
        for listener in heard:
            await listener.next(Answered)
        # what the switch does on these events
        customer.bridge(requested.leg)
        colleague.bridge(replaced.leg)
        agent.hang_up()
        await asyncio.gather(hung_up(wires[1]), hung_up(wires[2]))
        await asyncio.gather(ears[1].next(Ended), ears[2].next(Ended))
        assert network.in_use == 2
        yield Joined(
            network=network,
            customer=(customer, calls[0], phones[0]),
            colleague=(colleague, calls[3], phones[3]),
            to_colleague=requested.leg,
            to_customer=replaced.leg,
            heard=heard,
        )


async def both_hear(pair: Joined) -> None:
    """The customer says one tone, the colleague another; each hears the other's."""
    customer, colleague = pair.customer[2], pair.colleague[2]
    customer.say(sine(700, 1.0), forever=True)
    colleague.say(sine(1100, 1.0), forever=True)
    await asyncio.gather(customer.hears(1100), colleague.hears(700))


async def test_only_the_two_calls_that_are_left_remain() -> None:
    async with joined() as pair:
        await both_hear(pair)
        assert calls_of_pjsip() == 2
        assert pair.to_colleague.state is pair.to_customer.state is LegState.ANSWERED
        for listener in pair.heard:
            assert listener.all(Ended) == []


@pytest.mark.parametrize("who", ["to_colleague", "to_customer"])
async def test_hanging_up_at_one_end_is_heard_at_the_other(who: str) -> None:
    async with joined() as pair:
        await both_hear(pair)
        ends = [pair.to_colleague, pair.to_customer]
        index = ends.index(getattr(pair, who))
        ends[index].hang_up(Reason(cause=200, text="bye"))
        own, far = await pair.heard[index].next(Ended), await pair.heard[1 - index].next(Ended)
        ends[index].hang_up()
        assert (own.by, own.why) == (EndedBy.US, EndReason.NORMAL)
        assert (far.by, far.why, far.status) == (EndedBy.PEER, EndReason.NORMAL, 200)
        assert far.reason == Reason(cause=200, text="bye")
        assert [leg.state for leg in ends] == [LegState.ENDED] * 2
        assert pair.network.in_use == 2  # customer and colleague are still there


async def test_keys_and_hold_go_through() -> None:
    async with joined() as pair:
        await both_hear(pair)
        pair.to_colleague.send_digits("4#", method=DigitMethod.INFO)
        pair.to_colleague.hold()
        await pair.heard[1].next(HeldByPeer)
        pair.to_colleague.unhold()
        await pair.heard[1].next(ResumedByPeer)
        keys = [(event.digit, event.method) for event in pair.heard[1].all(DigitPressed)]
        assert keys == [("4", DigitMethod.INFO), ("#", DigitMethod.INFO)]
        for refused in (
            lambda: pair.to_colleague.transfer("sip:x@127.0.0.1:9"),
            lambda: pair.customer[0].transfer_to(pair.to_colleague),
        ):
            with pytest.raises(MisuseError, match="leads to ourselves"):
                refused()


async def test_what_is_played_into_one_end_comes_out_at_the_other() -> None:
    async with joined() as pair:
        await both_hear(pair)
        pair.customer[0].unbridge(pair.to_colleague)
        pair.to_colleague.play_tone([425.0], on_ms=1500)
        await pair.colleague[2].hears(425)
        await pair.heard[0].next(PlaybackEnded)
        pair.customer[0].bridge(pair.to_colleague)
        already = len(pair.colleague[2].ear.packets)
        await pair.colleague[2].packets(already + 20)
        await pair.customer[2].hears(1100)


async def test_a_blind_transfer_to_a_number_of_ours_is_shortened_too() -> None:
    async with running(media_timeout_s=0) as network, AsyncExitStack() as stack:
        address, door = network.addresses[0], Door(network)
        wires = [await stack.enter_async_context(datagrams(address)) for _ in range(2)]
        phones = [await stack.enter_async_context(RtpPhone()) for _ in range(2)]
        customer, _, _ = await call_in(door, wires[0], phones[0])
        agent, ear, call = await call_in(door, wires[1], phones[1])
        customer.bridge(agent)
        call.send("REFER", f"Refer-To: <sip:2000@{address}>")
        requested = await ear.next(TransferRequested)
        leg, heard = await door.next()
        assert leg.dialled.number == "2000"
        listener = Observer()
        requested.leg.listen(listener)
        leg.answer()
        await listener.next(Answered)
        customer.bridge(requested.leg)
        agent.hang_up()
        await hung_up(wires[1])
        await ear.next(Ended)
        assert network.in_use == 1
        leg.play_tone([425.0], on_ms=500)
        await phones[0].hears(425)
        await heard.next(PlaybackEnded)
        customer.hang_up()
        requested.leg.hang_up()
        assert (await heard.next(Ended)).by is EndedBy.PEER


async def test_a_dialog_of_nobody_is_not_joined() -> None:
    async with running() as network, RtpPhone() as phone, datagrams(network.addresses[0]) as wire:
        leg, heard, call = await call_in(Door(network), wire, phone)
        nobody = re.sub(r"Replaces=[^%]+", "Replaces=nobody", replacing(call))
        call.send("REFER", f"Refer-To: {nobody}")
        requested = await heard.next(TransferRequested)
        told = Observer()
        requested.leg.listen(told)
        ended = await told.next(Ended)
        assert leg.state is LegState.ANSWERED
        assert (await call.hang_up()).status == 200
    assert (ended.by, ended.status) == (EndedBy.PEER, 481)  # RFC 3891 section 3
