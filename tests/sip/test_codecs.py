"""Codecs: agreed on in SDP, and a tone found again by somebody else's decoder."""

from __future__ import annotations

import re

import attrs
import numpy as np
import pytest

from softswitch.telephony import MediaReady
from softswitch.testing.peers import g711
from softswitch.testing.peers.rtp import RtpPhone
from softswitch.testing.peers.sipp import Sipp
from tests.sip.decoding import DECODERS, share_of_tone
from tests.sip.observing import Door, Observer, running
from tests.sip.wire import Call, datagrams, sdp

pytestmark = pytest.mark.asyncio


@attrs.frozen
class Spoken:
    """A codec as SDP and RTP have it (RFC 3551 section 6, RFC 7587, RFC 5574)."""

    name: str
    number: int
    rtpmap: str
    rate_hz: int
    bytes_of_20_ms: int | None

    def offer(self, phone: RtpPhone) -> str:
        lines = (f"a=rtpmap:{self.number} {self.rtpmap}", "a=ptime:20")
        return sdp(phone.address, *lines, formats=str(self.number))


CODECS = (
    Spoken("PCMU", 0, "PCMU/8000", 8000, 160),
    Spoken("PCMA", 8, "PCMA/8000", 8000, 160),
    Spoken("GSM", 3, "GSM/8000", 8000, 33),
    Spoken("G722", 9, "G722/8000", 16_000, 160),
    Spoken("L16", 96, "L16/8000", 8000, 320),
    Spoken("L16", 97, "L16/16000", 16_000, 640),
    Spoken("opus", 98, "opus/48000/2", 48_000, None),
    Spoken("speex", 99, "speex/8000", 8000, None),
)


@pytest.mark.parametrize("codec", CODECS, ids=lambda codec: codec.rtpmap)
async def test_a_tone_survives(codec: Spoken) -> None:
    async with (
        running(codecs=(codec.name,)) as network,
        RtpPhone() as phone,
        datagrams(network.addresses[0]) as wire,
    ):
        door = Door(network)
        call = Call(wire, network.addresses[0])
        call.send("INVITE", body=codec.offer(phone))
        leg, heard = await door.next()
        leg.answer()
        answer = await wire.answer(200)
        call.joined(answer)
        call.send("ACK", cseq=1)
        await heard.next(MediaReady)
        leg.play_tone([1000.0], on_ms=5000)
        await phone.packets(75)
        used = leg.statistics().codec
        await call.hang_up()
    assert re.search(
        rf"^a=rtpmap:{codec.number} {codec.rtpmap}\b", answer.body, re.MULTILINE | re.IGNORECASE
    )
    assert used.lower() == f"{codec.name}/{codec.rate_hz}".lower()
    payloads = [p.payload for p in phone.ear.packets if p.payload_type == codec.number]
    assert len(payloads) >= 70
    if codec.bytes_of_20_ms is not None:
        assert {len(payload) for payload in payloads} == {codec.bytes_of_20_ms}
    if codec.number in g711.DECODE:
        samples = np.concatenate([g711.decode(codec.number, payload) for payload in payloads])
    else:
        samples = DECODERS[codec.name](payloads)
    assert len(samples) / codec.rate_hz == pytest.approx(0.02 * len(payloads), rel=0.05)
    assert share_of_tone(samples[len(samples) // 2 :], 1000.0, codec.rate_hz) > 0.9


async def test_our_order_of_codecs_is_offered() -> None:
    wanted = ("opus", "G722", "PCMU", "PCMA", "GSM")
    async with running(codecs=wanted) as network, Sipp("uas_ring") as phone:
        leg = network.dial(phone.uri, listener=Observer())
        invite = await phone.message("INVITE")
        leg.hang_up()
        await phone.finished()
    names = dict(re.findall(r"^a=rtpmap:(\d+) ([\w-]+)/", invite.body, re.MULTILINE))
    numbers = re.search(r"^m=audio \d+ RTP/AVP ([\d ]+)", invite.body, re.MULTILINE)
    assert numbers is not None
    offered = [names[number] for number in numbers[1].split() if number in names]
    assert [name for name in offered if name != "telephone-event"] == list(wanted)


async def test_a_caller_is_answered_with_one_codec_that_both_have() -> None:
    async with running(codecs=("PCMU", "G722")) as network, datagrams(network.addresses[0]) as wire:
        door = Door(network)
        call = Call(wire, network.addresses[0])
        call.send("INVITE", body=sdp(formats="3 8 0 9"))
        leg, _ = await door.next()
        leg.answer()
        answer = await wire.answer(200)
        call.joined(answer)
        call.send("ACK", cseq=1)
        await call.hang_up()
    formats = re.search(r"^m=audio \d+ RTP/AVP ([\d ]+)", answer.body, re.MULTILINE)
    assert formats is not None
    chosen = formats[1].split()[0]
    assert chosen in ("0", "9")
    assert "8" not in formats[1].split()
    assert "3" not in formats[1].split()
