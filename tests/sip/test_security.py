"""Encrypted sound (SRTP, RFC 3711) with keys in SDP (RFC 4568), baresip at the other end."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from softswitch.sip import Listener, Srtp, TlsFiles, Transport, Trunk
from softswitch.telephony import (
    Answered,
    Ended,
    EndedBy,
    EndReason,
    Leg,
    MediaReady,
    PlaybackEnded,
)
from softswitch.testing.peers.baresip import Baresip
from softswitch.testing.peers.certificates import make_certificates
from softswitch.testing.peers.messages import SipMessage
from softswitch.testing.peers.ports import free_port
from softswitch.testing.peers.rtp import RtpPhone
from softswitch.testing.peers.sipp import Sipp
from softswitch.testing.peers.tones import tone_spans
from tests.sip.observing import Door, Observer, running
from tests.sip.wire import Call, datagrams, sdp

pytestmark = pytest.mark.asyncio

KEY = "AES_CM_128_HMAC_SHA1_80 inline:" + "WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz"
"""The example of RFC 4568 section 10.1.1."""


def profile(message: SipMessage) -> str:
    """RTP profile of the audio in an SDP body."""
    found = re.search(r"^m=audio \d+ (\S+)", message.body, re.MULTILINE)
    return found[1] if found else ""


def longest(samples: NDArray[np.int16], hz: float) -> float:
    """Longest stretch of a tone, in seconds."""
    spans = tone_spans(samples, hz)
    return max(((span.end - span.start) / 8000 for span in spans), default=0.0)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (Srtp.REQUIRED, "srtp-mand"),
        (Srtp.OFFERED, "srtp-mand"),
        (Srtp.OFFERED, "srtp"),
    ],
)
async def test_encrypted_sound_both_ways_when_we_are_called(
    ours: Srtp, theirs: str, tmp_path: Path
) -> None:
    async with running(srtp=ours) as network:
        door = Door(network)
        async with Baresip("anna", tone_hz=700, srtp=theirs) as phone:
            await phone.dial(f"sip:1000@{network.addresses[0]}")
            leg, heard = await door.next()
            leg.answer()
            await heard.next(MediaReady)
            await both_hear(leg, heard, phone, tmp_path)
            answer = await phone.message(200, cseq="INVITE")
    assert profile(answer) == ("RTP/AVP" if theirs == "srtp" else "RTP/SAVP")
    assert "a=crypto:" in answer.body


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [(Srtp.REQUIRED, "srtp-mand"), (Srtp.REQUIRED, "srtp"), (Srtp.OFFERED, "srtp")],
)
async def test_encrypted_sound_both_ways_when_we_call(
    ours: Srtp, theirs: str, tmp_path: Path
) -> None:
    async with (
        running(srtp=ours) as network,
        Baresip("anna", tone_hz=700, srtp=theirs, auto=True) as phone,
    ):
        heard = Observer()
        leg = network.dial(phone.uri, listener=heard)
        await heard.next(MediaReady)
        await both_hear(leg, heard, phone, tmp_path)
        invite = await phone.message("INVITE")
    assert profile(invite) == ("RTP/SAVP" if ours is Srtp.REQUIRED else "RTP/AVP")
    assert "a=crypto:" in invite.body


@pytest.mark.parametrize("caller", ["phone", "switch"])
async def test_a_phone_by_tls_with_encrypted_sound(caller: str, tmp_path: Path) -> None:
    """Signalling and sound both secret, with baresip's own TLS and SRTP (OpenSSL, libre)."""
    files = make_certificates(tmp_path)
    listener = Listener(transport=Transport.TLS, address="127.0.0.1", port=free_port("127.0.0.1"))
    tls = TlsFiles(certificate=files.certificate, key=files.key, authorities=files.authority)
    async with (
        running(tls=tls, listen=(listener,), srtp=Srtp.REQUIRED) as network,
        Baresip(
            "anna", tone_hz=700, srtp="srtp-mand", transport="tls", certificate=files.combined,
            auto=True,
        ) as phone,
    ):  # fmt: skip
        if caller == "phone":
            door = Door(network)
            await phone.dial(f"sip:1000@{network.addresses[0]};transport=tls")
            leg, heard = await door.next()
            leg.answer()
        else:
            heard = Observer()
            leg = network.dial(phone.uri, listener=heard)
        await heard.next(MediaReady)
        await both_hear(leg, heard, phone, tmp_path)
        invite = await phone.message("INVITE")
        answer = await phone.message(200, cseq="INVITE")
    assert (invite.header("Via") or "").startswith("SIP/2.0/TLS ")
    assert profile(invite) == profile(answer) == "RTP/SAVP"


async def both_hear(leg: Leg, heard: Observer, phone: Baresip, folder: Path) -> None:
    """Play a tone there, record the other here, and find both."""
    recording = leg.record(folder / "heard.wav")
    leg.play_tone([1100.0], on_ms=1000)
    await heard.next(PlaybackEnded)
    recording.stop()
    leg.play_tone([300.0], on_ms=100)
    await heard.next(PlaybackEnded, nth=2)
    assert leg.statistics().received_packets > 40
    leg.hang_up()
    await phone.closed()
    assert longest(phone.heard()[-1], 1100) > 0.5
    samples, _ = soundfile.read(folder / "heard.wav", dtype="int16")
    assert longest(samples, 700) > 0.5


async def test_offered_is_accepted_plain_by_those_without() -> None:
    async with (
        running(srtp=Srtp.OFFERED) as network,
        RtpPhone() as phone,
        Sipp("uas_answer", rtp=phone.address, ring_ms=1) as agent,
    ):
        heard = Observer()
        leg = network.dial(agent.uri, listener=heard)
        await heard.next(MediaReady)
        leg.play_tone([425.0], on_ms=2000)
        await phone.hears(425)
        leg.hang_up()
        invite = await agent.message("INVITE")
        await agent.finished()
    # RFC 4568 section 6 needs RTP/SAVP; an offer that plain phones take has RTP/AVP
    assert profile(invite) == "RTP/AVP"
    assert "a=crypto:" in invite.body


async def test_offered_takes_plain_callers() -> None:
    async with running(srtp=Srtp.OFFERED) as network, RtpPhone() as phone:
        door = Door(network)
        target = network.addresses[0]
        async with Sipp("uac_call_stay", target=target, rtp=phone.address) as caller:
            leg, heard = await door.next()
            leg.answer()
            await heard.next(MediaReady)
            leg.play_tone([425.0], on_ms=2000)
            await phone.hears(425)
            leg.hang_up()
            await caller.finished()


async def test_required_refuses_plain_callers() -> None:
    async with running(srtp=Srtp.REQUIRED) as network, datagrams(network.addresses[0]) as wire:
        call = Call(wire, network.addresses[0])
        network.on_incoming(lambda leg: leg.ring())
        call.send("INVITE", body=sdp())
        answer = await wire.answer(cseq="INVITE")
        call.to = answer.header("To") or ""
        call.send("ACK", cseq=1)
    assert answer.status == 488


async def test_required_refuses_keys_under_the_plain_profile() -> None:
    """Such an offer may be taken plain; keys are for RTP/SAVP (RFC 4568 section 6)."""
    async with running(srtp=Srtp.REQUIRED) as network, datagrams(network.addresses[0]) as wire:
        call = Call(wire, network.addresses[0])
        network.on_incoming(lambda leg: leg.ring())
        call.send("INVITE", body=sdp(("127.0.0.1", 40_000), f"a=crypto:1 {KEY}"))
        answer = await wire.answer(cseq="INVITE")
        call.to = answer.header("To") or ""
        call.send("ACK", cseq=1)
    assert answer.status == 488


async def test_required_ends_a_call_that_was_answered_plain() -> None:
    async with running(srtp=Srtp.REQUIRED) as network, Sipp("uas_answer", ring_ms=1) as phone:
        heard = Observer()
        network.dial(phone.uri, listener=heard)
        ended = await heard.next(Ended)
        await phone.message("BYE")
        invite = await phone.message("INVITE")
    assert profile(invite) == "RTP/SAVP"
    assert ended.why is EndReason.PROTOCOL_ERROR
    assert ended.by is EndedBy.NETWORK


async def test_off_refuses_those_who_insist() -> None:
    async with running(srtp=Srtp.OFF) as network, datagrams(network.addresses[0]) as wire:
        call = Call(wire, network.addresses[0])
        network.on_incoming(lambda leg: leg.ring())
        body = sdp(("127.0.0.1", 40_000), f"a=crypto:1 {KEY}").replace("RTP/AVP", "RTP/SAVP")
        call.send("INVITE", body=body)
        answer = await wire.answer(cseq="INVITE")
        call.to = answer.header("To") or ""
        call.send("ACK", cseq=1)
    assert answer.status == 488


async def test_a_trunk_may_differ() -> None:
    async with Sipp("uas_ring") as provider, Sipp("uas_ring") as phone:
        trunk = Trunk(id="provider", server=provider.address, register=False, srtp=Srtp.REQUIRED)
        async with running(trunks=(trunk,)) as network:
            legs = [network.dial(target, listener=Observer()) for target in ("70102030", phone.uri)]
            invites = [await peer.message("INVITE") for peer in (provider, phone)]
            for leg in legs:
                leg.hang_up()
    assert [profile(invite) for invite in invites] == ["RTP/SAVP", "RTP/AVP"]


async def test_keys_are_different_in_every_call() -> None:
    keys = set()
    async with running(srtp=Srtp.REQUIRED) as network:
        for _ in range(3):
            async with Sipp("uas_ring") as phone:
                leg = network.dial(phone.uri, listener=Observer())
                invite = await phone.message("INVITE")
                leg.hang_up()
                await phone.finished()
            keys |= set(re.findall(r"inline:([\w+/=]+)", invite.body))
            assert "AES_CM_128_HMAC_SHA1_80" in invite.body
    assert len(keys) >= 3


async def test_the_example_key_of_the_standard_is_taken() -> None:
    async with running(srtp=Srtp.REQUIRED) as network, datagrams(network.addresses[0]) as wire:
        door = Door(network)
        call = Call(wire, network.addresses[0])
        body = sdp(("127.0.0.1", 40_000), f"a=crypto:1 {KEY}|2^20|1:4")
        call.send("INVITE", body=body.replace("RTP/AVP", "RTP/SAVP"))
        leg, heard = await door.next()
        leg.answer()
        answer = await wire.answer(cseq="INVITE")
        call.joined(answer)
        call.send("ACK", cseq=1)
        if answer.status == 200:
            await heard.next(Answered)
            await call.hang_up()
    assert answer.status == 200
