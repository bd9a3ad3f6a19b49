"""Hold and resume, asked by us and by the phone (RFC 3264 section 8.4)."""

from __future__ import annotations

import re

import pytest

from softswitch.errors import CallEndedError, MisuseError
from softswitch.telephony import Answered, Ended, HeldByPeer, MediaReady, ResumedByPeer
from softswitch.testing.peers.messages import SipMessage
from softswitch.testing.peers.rtp import RtpPhone
from softswitch.testing.peers.sipp import Sipp
from softswitch.testing.peers.tones import sine
from tests.sip.observing import Door, running
from tests.sip.wire import Call, datagrams, sdp

pytestmark = pytest.mark.asyncio


def direction(message: SipMessage) -> str:
    """Direction of the audio in an SDP body; sendrecv where nothing is said."""
    found = re.search(r"^a=(sendrecv|sendonly|recvonly|inactive)", message.body, re.MULTILINE)
    return found[1] if found else "sendrecv"


def mirrored(offer: SipMessage) -> str:
    """What a phone that agrees answers."""
    return {"sendonly": "recvonly", "recvonly": "sendonly"}.get(direction(offer), direction(offer))


async def test_a_phone_holds_and_comes_back() -> None:
    async with running() as network, RtpPhone() as phone:
        door = Door(network)
        async with Sipp(
            "uac_hold",
            target=network.addresses[0],
            rtp=phone.address,
            talk_ms=100,
            hold_ms=200,
            again_ms=1000,
        ) as caller:
            leg, heard = await door.next()
            leg.answer()
            await heard.next(HeldByPeer)
            await heard.next(ResumedByPeer)
            leg.play_tone([425.0], on_ms=900)
            await phone.hears(425, least_s=0.3)
            await heard.next(Ended)
            result = await caller.finished()
    answers = [direction(message) for message in result.received(200, "INVITE")]
    assert answers == ["sendrecv", "recvonly", "sendrecv"]
    assert len(heard.all(HeldByPeer)) == len(heard.all(ResumedByPeer)) == 1


async def test_we_hold_a_phone_and_take_it_back() -> None:
    async with running() as network, RtpPhone() as phone, datagrams(network.addresses[0]) as wire:
        door = Door(network)
        call = Call(wire, network.addresses[0])
        call.send("INVITE", body=sdp(phone.address))
        leg, heard = await door.next()
        leg.answer()
        call.joined(await wire.answer(200))
        call.send("ACK", cseq=1)
        await heard.next(Answered)
        seen = []
        for command in (leg.hold, leg.unhold):
            command()
            offer = await wire.request("INVITE")
            seen.append(direction(offer))
            wire.reply(offer, 200, body=sdp(phone.address, f"a={mirrored(offer)}"))
            await wire.request("ACK")
        leg.play_tone([425.0], on_ms=2000)
        await phone.hears(425)
        phone.say(sine(700, 1.0), forever=True)
        before = leg.statistics().received_packets
        await phone.packets(len(phone.ear.packets) + 20)
        assert leg.statistics().received_packets > before
        assert heard.all(HeldByPeer) == []
        assert (await call.hang_up()).status == 200
    assert seen == ["sendonly", "sendrecv"]


async def test_a_bridge_is_whole_again_after_hold() -> None:
    async with running() as network, RtpPhone() as phone, RtpPhone() as other:
        door = Door(network)
        target = network.addresses[0]
        async with (
            Sipp("uac_call_stay", target=target, rtp=other.address) as second,
            Sipp(
                "uac_hold", target=target, rtp=phone.address, talk_ms=200, hold_ms=200,
                again_ms=2000, service="holder",
            ) as holder,
        ):  # fmt: skip
            legs = {}
            for _ in range(2):
                leg, heard = await door.next()
                leg.answer()
                await heard.next(MediaReady)
                legs[leg.dialled.number] = (leg, heard)
            (first_leg, first_heard), (second_leg, _) = legs["holder"], legs["1000"]
            first_leg.bridge(second_leg)
            await first_heard.next(ResumedByPeer)
            phone.say(sine(700, 1.0), forever=True)
            other.say(sine(1100, 1.0), forever=True)
            await phone.hears(1100)
            await other.hears(700)
            await first_heard.next(Ended)
            second_leg.hang_up()
            await holder.finished()
            await second.finished()


async def test_commands_while_a_change_is_under_way_are_refused_in_our_own_words() -> None:
    async with running() as network, datagrams(network.addresses[0]) as wire:
        door = Door(network)
        call = Call(wire, network.addresses[0])
        call.send("INVITE", body=sdp())
        leg, heard = await door.next()
        with pytest.raises(MisuseError, match="not been answered"):
            leg.hold()
        leg.answer()
        call.joined(await wire.answer(200))
        call.send("ACK", cseq=1)
        await heard.next(Answered)
        leg.hold()
        for command in (leg.hold, leg.unhold):
            with pytest.raises(MisuseError):
                command()
        offer = await wire.request("INVITE")
        wire.reply(offer, 200, body=sdp(("127.0.0.1", 40_000), "a=recvonly"))
        await wire.request("ACK")
        await heard.next(MediaReady, nth=2)
        leg.unhold()
        offer = await wire.request("INVITE")
        assert direction(offer) == "sendrecv"
        wire.reply(offer, 200, body=sdp())
        await wire.request("ACK")
        assert (await call.hang_up()).status == 200
        await heard.next(Ended)
        for command in (leg.hold, leg.unhold):
            with pytest.raises(CallEndedError):
                command()


async def test_a_phone_that_will_not_be_held_stays_in_the_call() -> None:
    async with running() as network, datagrams(network.addresses[0]) as wire:
        door = Door(network)
        call = Call(wire, network.addresses[0])
        call.send("INVITE", body=sdp())
        leg, heard = await door.next()
        leg.answer()
        call.joined(await wire.answer(200))
        call.send("ACK", cseq=1)
        await heard.next(Answered)
        leg.hold()
        offer = await wire.request("INVITE")
        wire.reply(offer, 488)
        await wire.request("ACK")
        assert heard.all(Ended) == []
        leg.hold()
        again = await wire.request("INVITE")
        assert direction(again) == "sendonly"
        wire.reply(again, 200, body=sdp(("127.0.0.1", 40_000), "a=recvonly"))
        await wire.request("ACK")
        assert (await call.hang_up()).status == 200
        await heard.next(Ended)
