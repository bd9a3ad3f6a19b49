"""SIP as it should not be: each is answered or ignored, and afterwards a normal call works."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from softswitch.errors import MisuseError
from softswitch.sip import Listener, SipTelephony, Transport
from softswitch.telephony import Answered, DigitPressed, Ended, EndReason, Leg, MediaReady
from softswitch.testing.peers.malformed import MALFORMED, send_malformed
from softswitch.testing.peers.ports import free_port
from softswitch.testing.peers.sipp import Sipp
from tests.sip.observing import Door, Observer, running
from tests.sip.wire import Call, Wire, connected, datagrams, sdp

pytestmark = pytest.mark.asyncio

HOST = "127.0.0.1"


@asynccontextmanager
async def attacked() -> AsyncIterator[tuple[SipTelephony, str, str]]:
    """A network with its UDP and TCP address; what was done to it must not matter afterwards."""
    listeners = tuple(
        Listener(transport=transport, address=HOST, port=free_port(HOST))
        for transport in (Transport.UDP, Transport.TCP)
    )
    async with running(listen=listeners, media_timeout_s=0) as network:
        udp, tcp = network.addresses
        yield network, udp, tcp
        for address, transport in ((udp, "udp"), (tcp, "tcp")):
            door = Door(network)
            async with Sipp("uac_call", target=address, transport=transport, talk_ms=1) as caller:
                leg, heard = await door.next()
                while (leg.headers.get("User-Agent") or leg.remote.number) != "sipp":
                    leg, heard = await door.next()  # a late one of the attack
                leg.answer()
                await heard.next(Ended)
                await caller.finished()


async def alive(wire: Wire, address: str) -> None:
    """OPTIONS is answered by 200 (RFC 3261 section 11.2)."""
    call = Call(wire, address)
    call.send("OPTIONS")
    answer = await wire.answer(cseq="OPTIONS")
    while answer.call_id != call.id:
        answer = await wire.answer(cseq="OPTIONS")
    assert answer.status == 200


async def test_malformed_datagrams() -> None:
    async with attacked() as (_, udp, _):
        for name in MALFORMED:
            await send_malformed(name, udp, wait_s=0.02)
        async with datagrams(udp) as wire:
            await alive(wire, udp)


async def test_malformed_streams() -> None:
    async with attacked() as (_, _, tcp):
        host, port = tcp.split(":")
        places = {"{host}": host, "{port}": port, "{own}": f"{HOST}:5999", "P/2.0/UDP": "P/2.0/TCP"}
        for text in MALFORMED.values():
            for place, value in places.items():
                text = text.replace(place, value)  # noqa: PLW2901 - filled in step by step
            async with connected(tcp) as wire:
                wire.send(text)
                wire.send("\r\n\r\n")
        async with connected(tcp) as wire:
            await alive(wire, tcp)


async def test_a_message_in_many_pieces_is_put_together() -> None:
    async with attacked() as (_, _, tcp), connected(tcp) as wire:
        call = Call(wire, tcp)
        for character in call.text("OPTIONS"):
            wire.send(character)
            await asyncio.sleep(0)
        assert (await wire.answer()).status == 200
        wire.send(call.text("OPTIONS") + call.text("OPTIONS"))
        assert [(await wire.answer()).status for _ in range(2)] == [200, 200]


VALID: tuple[Callable[[Call], str], ...] = (
    lambda call: call.text("OPTIONS"),
    lambda call: call.text("INVITE", "P-Asserted-Identity: <sip:1@h>", body=sdp()),
    lambda call: call.text("BYE"),
    lambda call: call.text("CANCEL", cseq=1),
    lambda call: call.text("REFER", "Refer-To: <sip:x@127.0.0.1:9>"),
    lambda call: call.text("SUBSCRIBE", "Event: presence", "Expires: 60"),
    lambda call: call.text("INFO", "Content-Type: application/dtmf-relay", body="Signal=1"),
    lambda call: call.text("UPDATE", body=sdp()),
    lambda call: call.text("PRACK", "RAck: 1 1 INVITE"),
)
NOISE = (
    *("", "\0", "\r\n", "\n", " ", ":", ";", "<", ">", '"', "%", "=", "-1", "9" * 30, "\udcff"),
    *("A" * 3000, "SIP/2.0", "sip:", "tag=", "a=", "m=audio 0 RTP/AVP", "c=IN IP6 ::1"),
)


def mutated(text: str, chance: random.Random) -> str:
    """Text with one to four pieces cut out, doubled or replaced by noise."""
    for _ in range(chance.randint(1, 4)):
        start = chance.randrange(len(text) + 1)
        end = min(len(text), start + chance.choice((0, 1, 1, 3, 20, 200)))
        piece = chance.choice((*NOISE, text[start:end] * 2))
        text = text[:start] + piece + text[end:]
    return text


async def test_mutated_messages() -> None:
    async with attacked() as (network, udp, tcp):
        network.on_incoming(lambda leg: leg.reject(480))
        async with datagrams(udp) as wire, connected(tcp) as other:

            @settings(
                max_examples=300,
                deadline=None,
                derandomize=True,
                database=None,
                suppress_health_check=list(HealthCheck),
            )
            @given(st.sampled_from(VALID), st.integers(0, 2**32))
            def attack(write: Callable[[Call], str], seed: int) -> None:
                text = mutated(write(Call(wire, udp)), random.Random(seed))  # noqa: S311
                wire.send(text[:8000])
                if not other.closed.is_set():
                    other.send(text.replace("SIP/2.0/UDP", "SIP/2.0/TCP"))

            attack()
            await alive(wire, udp)
        async with connected(tcp) as wire:
            await alive(wire, tcp)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (sdp(formats="77"), 488),
        (sdp(("127.0.0.1", 40000), "a=rtpmap:98 AMR-WB/16000", formats="98"), 488),
        (sdp().replace("m=audio", "m=video"), 488),
        (sdp()[: sdp().index("m=")], 400),
        ("this is not SDP\r\n", 400),
        (sdp().replace("127.0.0.1", "x..y"), 488),
    ],
    ids=["unknown payload", "unknown codec", "video only", "no media", "no sdp", "bad address"],
)
async def test_what_cannot_be_heard_is_refused(body: str, status: int) -> None:
    async with attacked() as (network, udp, _), datagrams(udp) as wire:

        def answer_if_it_can_be(leg: Leg) -> None:
            with contextlib.suppress(MisuseError):
                leg.answer()

        network.on_incoming(answer_if_it_can_be)
        call = Call(wire, udp)
        call.send("INVITE", body=body)
        answer = await wire.answer(cseq="INVITE")
        assert answer.status == status
        call.to = answer.header("To") or call.to
        call.send("ACK", cseq=1)


async def test_an_invite_without_offer_gets_ours() -> None:
    async with attacked() as (network, udp, _), datagrams(udp) as wire:
        door = Door(network)
        call = Call(wire, udp)
        call.send("INVITE")
        leg, heard = await door.next()
        leg.answer()
        answer = await wire.answer(200)
        assert "m=audio" in answer.body
        call.joined(answer)
        call.send("ACK", body=sdp(), cseq=1)
        await heard.next(MediaReady)
        assert (await call.hang_up()).status == 200
        await heard.next(Ended)


async def test_an_invite_sent_again_is_one_call() -> None:
    async with attacked() as (network, udp, _), datagrams(udp) as wire:
        door = Door(network)
        call = Call(wire, udp)
        invite = call.text("INVITE", body=sdp())
        for _ in range(5):
            wire.send(invite)
        leg, heard = await door.next()
        leg.answer()
        call.joined(await wire.answer(200))
        wire.send(invite)
        assert (await wire.answer(200)).tag("To") == call.to.rpartition("tag=")[2]
        call.send("ACK", cseq=1)
        assert network.in_use == 1
        await call.hang_up()
        await heard.next(Ended)
        assert len(heard.all(Answered)) == 1


@asynccontextmanager
async def talking() -> AsyncIterator[tuple[Call, Wire, Observer]]:
    """A call that is up, over UDP, and still fine when the test has done its worst."""
    async with attacked() as (network, udp, _), datagrams(udp) as wire:
        door = Door(network)
        call = Call(wire, udp)
        call.send("INVITE", body=sdp())
        leg, heard = await door.next()
        leg.answer()
        call.joined(await wire.answer(200))
        call.send("ACK", cseq=1)
        await heard.next(Answered)
        yield call, wire, heard
        assert heard.all(Ended) == []
        assert (await call.hang_up()).status == 200
        ended = await heard.next(Ended)
        assert ended.why is EndReason.NORMAL


@pytest.mark.parametrize(
    ("method", "lines", "body", "statuses"),
    [
        ("INVITE", (), sdp(formats="77"), {488}),  # RFC 3261 section 14.2
        ("INVITE", (), "rubbish", {400, 415, 488}),
        ("INVITE", (), sdp().replace("m=audio 40000", "m=audio 0"), {200, 488}),
        ("UPDATE", (), sdp(formats="77"), {488}),
        ("UPDATE", (), "rubbish", {400, 415, 488}),
        ("REFER", (), "", {400}),
        ("REFER", ("Refer-To: <sip:>",), "", {400, 416, 488, 503, 202}),
        ("REFER", ("Refer-To: mailto:x@y",), "", {400, 416, 488, 503, 202, 603}),
        ("INFO", (), "", {200, 415}),
        ("INFO", ("Content-Type: application/dtmf-relay",), "Signal=", {200, 400, 415}),
        ("INFO", ("Content-Type: application/dtmf-relay",), "\0" * 50, {200, 400, 415}),
        ("INFO", ("Content-Type: application/dtmf-relay",), "Signal=" + "1" * 900, {200, 400}),
        ("INFO", ("Content-Type: application/x-nonsense",), "?", {415}),  # RFC 6086 section 4.2.2
        ("MESSAGE", ("Content-Type: text/plain",), "hello", {200, 202, 405, 415, 501}),
        ("NOTIFY", ("Event: nothing", "Subscription-State: active"), "", {481, 489}),
        ("SUBSCRIBE", ("Event: nothing",), "", {489}),  # RFC 6665 section 4.2.1
        ("PRACK", ("RAck: 1 1 INVITE",), "", {481, 400, 405, 200}),
        ("OPTIONS", (), "", {200}),  # RFC 3261 section 11.2
        ("NEWMETHOD", (), "", {405, 501}),  # sections 8.2.1 and 21.5.2
    ],
)
async def test_odd_requests_within_a_call(
    method: str, lines: tuple[str, ...], body: str, statuses: set[int]
) -> None:
    async with talking() as (call, wire, _):
        call.send(method, *lines, body=body)
        answer = await wire.answer(cseq=method)
        assert answer.status in statuses
        if method == "INVITE":
            call.send("ACK", cseq=2)


@pytest.mark.parametrize(
    ("method", "header", "holds"),
    [
        ("OPTIONS", "Allow", "INVITE"),
        ("OPTIONS", "Allow", "UPDATE"),
        ("OPTIONS", "Accept", "application/sdp"),
        ("OPTIONS", "Supported", "replaces"),
        ("INFO", "Accept", "application/dtmf-relay"),
        ("SUBSCRIBE", "Allow-Events", "refer"),
    ],
)
async def test_answers_within_a_call_tell_what_we_can_do(
    method: str, header: str, holds: str
) -> None:
    async with talking() as (call, wire, _):
        for _ in range(2):
            call.send(method, "Event: nothing", "Content-Type: application/x-nonsense", body="?")
            answer = await wire.answer(cseq=method)
            assert holds in (answer.header(header) or "")


async def test_garbage_digits_are_no_keys() -> None:
    async with talking() as (call, wire, heard):
        for body in ("Signal=\r\nDuration=-5", "Signal=%", "Duration=1", "Signal=Z"):
            call.send("INFO", "Content-Type: application/dtmf-relay", body=body)
            await wire.answer(cseq="INFO")
        call.send("INFO", "Content-Type: application/dtmf-relay", body="Signal=5\r\nDuration=160")
        await wire.answer(200, cseq="INFO")
        await heard.next(DigitPressed)
        assert [e.digit for e in heard.all(DigitPressed)] == ["5"]


@pytest.mark.parametrize(
    ("method", "statuses"),
    [
        ("BYE", {481}),
        ("CANCEL", {481}),
        ("UPDATE", {481}),
        ("PRACK", {481}),
        ("INFO", {481}),
        ("REFER", {481, 405, 501}),
        ("NOTIFY", {481, 405, 489, 400}),
        ("MESSAGE", {405, 501, 415, 200, 202}),
        ("SUBSCRIBE", {400, 405, 489}),
        ("REGISTER", {405, 501}),
        ("PUBLISH", {405, 501, 489}),
        ("NEWMETHOD", {405, 501}),
    ],
)
async def test_requests_of_no_call(method: str, statuses: set[int]) -> None:
    async with attacked() as (_, udp, _), datagrams(udp) as wire:
        call = Call(wire, udp)
        if method in ("BYE", "UPDATE", "PRACK", "INFO", "NOTIFY"):
            call.to += ";tag=nobody"
        call.send(method, cseq=1)
        answer = await wire.answer(cseq=method)
        assert answer.status in statuses
        if answer.status == 405:
            assert "INVITE" in (answer.header("Allow") or "")


@pytest.mark.parametrize("event", ["message-summary", "presence", "dialog"])
async def test_nobody_subscribes_to_events_that_we_do_not_serve(event: str) -> None:
    """A phone that asks for message waiting is told at once, and does not ask on."""
    async with attacked() as (_, udp, _), datagrams(udp) as wire:
        Call(wire, udp).send("SUBSCRIBE", f"Event: {event}", "Expires: 600")
        answer = await wire.answer(cseq="SUBSCRIBE")
    assert answer.status == 489  # RFC 6665 section 4.2.1.1
    assert answer.header("Allow-Events") == "refer"


async def test_options_tell_what_we_can_do() -> None:
    async with attacked() as (_, udp, _), datagrams(udp) as wire:
        Call(wire, udp).send("OPTIONS", "Accept: application/sdp")
        answer = await wire.answer()
    allowed = {method.strip() for method in (answer.header("Allow") or "").split(",")}
    assert answer.status == 200
    assert allowed >= {"INVITE", "ACK", "BYE", "CANCEL", "OPTIONS", "INFO", "REFER", "UPDATE"}
    assert "application/sdp" in (answer.header("Accept") or "")


async def test_rubbish_at_the_rtp_port() -> None:
    async with talking() as (call, wire, heard):
        call.send("INVITE", body=sdp())
        answer = await wire.answer(200)
        call.send("ACK", cseq=2)
        assert answer.audio is not None
        host, port = answer.audio
        chance = random.Random(1)  # noqa: S311
        loop = asyncio.get_running_loop()
        for target in (port, port + 1):
            transport, _ = await loop.create_datagram_endpoint(
                asyncio.DatagramProtocol, remote_addr=(host, target)
            )
            for length in (0, 1, 11, 12, 13, 40, 172, 1500, 9000):
                for first in (0x00, 0x80, 0x9F, 0xBF, 0xFF):
                    transport.sendto(bytes([first]) * min(1, length) + chance.randbytes(length))
            transport.close()
        call.send("UPDATE")
        assert (await wire.answer(cseq="UPDATE")).status == 200
        assert heard.all(Ended) == []
