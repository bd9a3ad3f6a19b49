"""Phones that are gone without a word: noticed by their silence, or by a session that runs out."""

from __future__ import annotations

import pytest

from softswitch.sip.outcome import end_reason
from softswitch.telephony import (
    Answered,
    Ended,
    EndedBy,
    EndReason,
    HeldByPeer,
    Leg,
    LegState,
    MediaReady,
)
from softswitch.testing.peers.rtp import RtpPhone
from softswitch.testing.peers.sipp import Sipp
from tests.sip.observing import Door, Observer, running
from tests.sip.wire import Call, datagrams, sdp

pytestmark = pytest.mark.asyncio

TIMEOUT_S = 0.6


async def test_a_caller_who_vanishes_is_noticed() -> None:
    async with running(media_timeout_s=TIMEOUT_S) as network, RtpPhone() as phone:
        door = Door(network)
        async with Sipp("uac_vanish", target=network.addresses[0], rtp=phone.address) as caller:
            leg, heard = await door.next()
            leg.answer()
            await heard.next(MediaReady)
            phone.remote = (await caller.message(200, cseq="INVITE")).audio
            said = phone.say_nothing()
            await phone.first_packet()
            phone.hush()
            ended = await heard.next(Ended)
            bye = await caller.message("BYE")
            assert said.ended.is_set()
    assert (ended.by, ended.why) == (EndedBy.NETWORK, EndReason.MEDIA_LOST)
    assert leg.state is LegState.ENDED
    assert bye.cseq_method == "BYE"
    assert network.in_use == 0


async def test_a_phone_that_vanishes_after_answering_is_noticed() -> None:
    async with (
        running(media_timeout_s=TIMEOUT_S) as network,
        Sipp("uas_vanish", ring_ms=1) as phone,
    ):
        heard = Observer()
        network.dial(phone.uri, listener=heard)
        await heard.next(Answered)
        ended = await heard.next(Ended)
        await phone.message("BYE")
    assert (ended.by, ended.why) == (EndedBy.NETWORK, EndReason.MEDIA_LOST)


async def outlives(leg: Leg, phone: RtpPhone, heard: Observer) -> None:
    """Hear three timeouts' worth of our packets; the leg is still there."""
    leg.play_tone([425.0], on_ms=20_000)
    await phone.packets(len(phone.ear.packets) + round(3 * TIMEOUT_S / 0.02), timeout_s=10)
    assert heard.all(Ended) == []


async def test_a_phone_that_sends_silence_is_not_lost() -> None:
    async with running(media_timeout_s=TIMEOUT_S) as network, RtpPhone() as phone:
        door = Door(network)
        target = network.addresses[0]
        async with Sipp("uac_call_stay", target=target, rtp=phone.address) as caller:
            leg, heard = await door.next()
            leg.answer()
            await heard.next(MediaReady)
            phone.remote = (await caller.message(200, cseq="INVITE")).audio
            phone.say_nothing()
            await outlives(leg, phone, heard)
            leg.hang_up()
            await caller.finished()


async def test_a_phone_that_holds_us_is_not_lost() -> None:
    async with running(media_timeout_s=TIMEOUT_S) as network, RtpPhone() as phone:
        door = Door(network)
        target = network.addresses[0]
        async with Sipp(
            "uac_hold", target=target, rtp=phone.address, talk_ms=50, hold_ms=2500, again_ms=1
        ) as caller:
            leg, heard = await door.next()
            leg.answer()
            await heard.next(HeldByPeer)
            ended = await heard.next(Ended)
            await caller.finished()
    assert (ended.by, ended.why) == (EndedBy.PEER, EndReason.NORMAL)


async def test_switched_off_nobody_is_lost() -> None:
    async with running(media_timeout_s=0) as network, RtpPhone() as phone:
        door = Door(network)
        target = network.addresses[0]
        async with Sipp("uac_call_stay", target=target, rtp=phone.address) as caller:
            leg, heard = await door.next()
            leg.answer()
            await heard.next(MediaReady)
            await outlives(leg, phone, heard)
            leg.hang_up()
            await caller.finished()


async def test_a_session_timer_is_asked_for() -> None:
    async with running(session_expires_s=1800) as network, Sipp("uas_answer", ring_ms=1) as phone:
        heard = Observer()
        leg = network.dial(phone.uri, listener=heard)
        await heard.next(Answered)
        leg.hang_up()
        invite = await phone.message("INVITE")
        await phone.finished()
    # RFC 4028 section 7.1
    assert "timer" in (invite.header("Supported") or "")
    assert (invite.header("Session-Expires") or "").split(";")[0] == "1800"
    assert invite.header("Min-SE") == "90"


@pytest.mark.parametrize(
    ("asked", "granted"), [("600;refresher=uac", "600;refresher=uac"), ("90", "90;refresher=uac")]
)
async def test_a_session_timer_asked_of_us_is_granted(asked: str, granted: str) -> None:
    async with running() as network, datagrams(network.addresses[0]) as wire:
        door = Door(network)
        call = Call(wire, network.addresses[0])
        call.send("INVITE", "Supported: timer", f"Session-Expires: {asked}", body=sdp())
        leg, _ = await door.next()
        leg.answer()
        answer = await wire.answer(200)
        call.joined(answer)
        call.send("ACK", cseq=1)
        assert (await call.hang_up()).status == 200
    # RFC 4028 section 9, table 2: the caller's wish for the refresher is kept
    assert (answer.header("Session-Expires") or "").replace(" ", "") == granted
    assert "timer" in (answer.header("Require") or "")


async def test_a_session_too_short_is_refused_with_our_least() -> None:
    async with running() as network, datagrams(network.addresses[0]) as wire:
        network.on_incoming(lambda leg: leg.ring())
        call = Call(wire, network.addresses[0])
        call.send("INVITE", "Supported: timer", "Session-Expires: 30", body=sdp())
        answer = await wire.answer(cseq="INVITE")
        call.to = answer.header("To") or ""
        call.send("ACK", cseq=1)
    # RFC 4028 section 6: 422 with Min-SE
    assert (answer.status, answer.header("Min-SE")) == (422, "90")


async def test_without_session_timers_none_is_asked_for() -> None:
    async with running(session_expires_s=0) as network, Sipp("uas_answer", ring_ms=1) as phone:
        heard = Observer()
        leg = network.dial(phone.uri, listener=heard)
        await heard.next(Answered)
        leg.hang_up()
        invite = await phone.message("INVITE")
        await phone.finished()
    assert invite.header("Session-Expires") is None


@pytest.mark.parametrize(
    ("status", "answered", "why"),
    [
        # RFC 4028 section 10: a refresh that nobody answers, or that finds no call
        (408, True, EndReason.SESSION_EXPIRED),
        (481, True, EndReason.SESSION_EXPIRED),
        (200, True, EndReason.NORMAL),
        (503, True, EndReason.PROTOCOL_ERROR),
        # RFC 3261 section 21
        (486, False, EndReason.BUSY),
        (600, False, EndReason.BUSY),
        (408, False, EndReason.UNREACHABLE),
        (480, False, EndReason.NO_ANSWER),
        (404, False, EndReason.NOT_FOUND),
        (410, False, EndReason.NOT_FOUND),
        (484, False, EndReason.NOT_FOUND),
        (604, False, EndReason.NOT_FOUND),
        (403, False, EndReason.REJECTED),
        (401, False, EndReason.REJECTED),
        (407, False, EndReason.REJECTED),
        (603, False, EndReason.REJECTED),
        (607, False, EndReason.REJECTED),
        (487, False, EndReason.CANCELLED),
        (488, False, EndReason.PROTOCOL_ERROR),
        (400, False, EndReason.PROTOCOL_ERROR),
        (503, False, EndReason.CAPACITY),
        (500, False, EndReason.UNREACHABLE),
        (699, False, EndReason.REJECTED),
    ],
)
async def test_statuses_have_one_meaning(status: int, *, answered: bool, why: EndReason) -> None:
    assert end_reason(status, answered=answered) is why
