"""Baresip phones against SIPp, against RTP phones and against each other."""

from __future__ import annotations

import asyncio
import contextlib
import os
from pathlib import Path

import numpy as np
import pytest

from softswitch.testing.peers.baresip import Baresip
from softswitch.testing.peers.baresip_control import ControlError
from softswitch.testing.peers.certificates import make_certificates
from softswitch.testing.peers.process import PeerProcessError
from softswitch.testing.peers.rtp import RtpPhone
from softswitch.testing.peers.sipp import Sipp
from softswitch.testing.peers.tones import sine, tone_spans
from softswitch_codecs.tones import dtmf

pytestmark = pytest.mark.asyncio


def seconds_of(sound: np.ndarray, hz: float) -> float:
    return sum(span.end - span.start for span in tone_spans(sound, hz)) / 8000


async def test_sipp_calls_a_phone_and_both_hear() -> None:
    async with (
        Baresip("anna", tone_hz=440, answer_after_s=0.05) as anna,
        RtpPhone() as ear,
        Sipp(
            "uac_call", target=anna.address, service="anna", talk_ms=1000, rtp=ear.address
        ) as caller,
    ):
        answer = await caller.message(200, cseq="INVITE")
        ear.remote = answer.audio
        ear.say(sine(1000, 0.6))
        heard = await ear.hears(440)
        asked = await caller.message("INVITE")
        assert asked.at_ns < heard.start_ns < answer.at_ns + 1e9
        await caller.finished()
        closed = await anna.closed()
        (received,) = anna.heard()
    assert closed.peer.startswith("sip:sipp@")
    assert 0.3 < seconds_of(received, 1000) < 0.65
    assert ear.ear.reception.lost == 0


async def test_a_phone_calls_sipp() -> None:
    async with Sipp("uas_answer", ring_ms=50) as agent, Baresip("bo") as bo:
        await bo.dial(agent.uri)
        established = await bo.established()
        await bo.hang_up()
        result = await agent.finished()
        await bo.closed()
    assert established.detail.startswith("sip:1000@")
    invite = result.received("INVITE")[0]
    assert invite.audio is not None
    assert invite.audio[0] == "127.0.0.1"
    assert [m.status or m.method for m in bo.messages][:4] == ["INVITE", 180, 200, "ACK"]
    assert [m.sent for m in bo.messages][:4] == [True, False, False, True]


async def test_two_phones_hold_resume_and_press_keys() -> None:
    async with Baresip("anna") as anna, Baresip("bo") as bo:
        await anna.dial(bo.uri)
        incoming = await bo.incoming()
        assert incoming.peer == f"sip:anna@{anna.address}"
        await bo.answer()
        await anna.established()
        await anna.event("CALL_RTPESTAB")
        await anna.press("7#")
        assert (await bo.event("CALL_DTMF_START")).detail == "7"
        assert (await bo.event("CALL_DTMF_START")).detail == "#"
        await anna.hold()
        held = await bo.message(lambda m: m.method == "INVITE" and "a=sendonly" in m.body)
        assert not held.sent
        await anna.resume()
        await bo.hang_up()
        assert (await anna.closed()).call_id == incoming.call_id


async def test_a_phone_refuses() -> None:
    async with (
        Baresip("anna") as anna,
        Sipp("uac_refused", target=anna.address, service="anna", status=486) as caller,
    ):
        await anna.incoming()
        await anna.hang_up()
        await caller.finished()


async def test_a_cancelled_phone_tells_the_reason_it_was_given() -> None:
    reason = 'SIP;cause=200;text="Call completed elsewhere"'
    async with Baresip("anna", answer_after_s=5) as anna:
        async with Sipp(
            "uac_cancel",
            target=anna.address,
            service="anna",
            ring_ms=30,
            cancel_headers=f"Reason: {reason}",
        ) as caller:
            await caller.finished()
        await anna.closed()
        assert (await anna.message("CANCEL")).header("Reason") == reason
        assert "CALL_ESTABLISHED" not in {event.kind for event in anna.events}


async def test_a_transfer_asked_by_sipp_makes_the_phone_call_on() -> None:
    async with Baresip("anna", auto=True) as anna, Baresip("bo", auto=True) as bo:
        async with Sipp(
            "uac_refer",
            target=anna.address,
            service="anna",
            talk_ms=50,
            refer_to=f"<{bo.uri}>",
        ) as caller:
            result = await caller.finished()
        assert (await bo.established()).peer == f"sip:anna@{anna.address}"
    ends = [m.header("Subscription-State") or "" for m in result.received("NOTIFY")]
    assert ends[-1].startswith("terminated")
    assert "200" in result.received("NOTIFY")[-1].body


async def test_a_phone_that_transfers_sends_refer() -> None:
    async with Sipp("uas_answer") as agent, Baresip("anna") as anna:
        await anna.dial(agent.uri)
        await anna.established()
        await anna.transfer("sip:1234@127.0.0.1:9")
        refer = await anna.message("REFER", sent=True)
        assert refer.header("Refer-To") == "sip:1234@127.0.0.1:9"


async def test_a_phone_says_something_else_from_now_on() -> None:
    async with Baresip("anna", tone_hz=600) as anna, Baresip("bo", answer_after_s=0.1) as bo:
        await anna.dial(bo.uri)
        await bo.hears(600)
        words = dtmf("159#", 8000, on_s=0.3, off_s=0.1)
        await anna.say(words)
        await bo.hears_sound(words)
        await bo.hears_more(len(words) / 8000)
        assert np.abs(bo.heard()[0][-2000:]).max() < 10  # silence follows, as A-law has it: 8


async def test_digits_by_info_arrive_at_the_phone() -> None:
    async with (
        Baresip("anna", auto=True) as anna,
        Sipp(
            "uac_dtmf_info", target=anna.address, service="anna", digits="42#", gap_ms=20
        ) as caller,
    ):
        await caller.finished()
        keys = [(await anna.event("CALL_DTMF_START")).detail for _ in range(3)]
    assert keys == ["4", "2", "#"]


async def test_a_lifted_phone_crosses_its_callers_cancel() -> None:
    async with Sipp("uas_answer_crossing") as agent, Baresip("anna") as anna:
        await anna.dial(agent.uri)
        await agent.message(180)
        await anna.hang_up()
        result = await agent.finished()
    assert [m.method for m in result.received(lambda m: not m.status)] == [
        "INVITE",
        "CANCEL",
        "ACK",
        "BYE",
    ]


async def test_a_phone_registers_with_its_password() -> None:
    async with (
        Sipp("uas_register", service="anna", user="anna", password="right") as registrar,  # noqa: S106
        Baresip("anna", registrar=registrar.address, password="right") as anna,  # noqa: S106
    ):
        assert (await anna.event("REGISTER_OK")).detail == "200 OK"
        result = await registrar.finished()
    assert result.sent(200)


async def test_a_phone_with_a_wrong_password_is_told() -> None:
    async with (
        Sipp("uas_register", service="anna", user="anna", password="right") as registrar,  # noqa: S106
        Baresip("anna", registrar=registrar.address, password="wrong") as anna,  # noqa: S106
    ):
        assert (await anna.event("REGISTER_FAIL")).detail.startswith("403")


@pytest.mark.parametrize(
    "way", [{"transport": "tcp"}, {"srtp": "srtp-mand"}, {"host": "::1"}], ids=str
)
async def test_phones_talk_by(way: dict[str, str]) -> None:
    async with (
        Baresip("anna", auto=True, tone_hz=440, **way) as anna,  # type: ignore[arg-type]
        Baresip("bo", **way) as bo,  # type: ignore[arg-type]
    ):
        await bo.dial(anna.uri)
        await bo.established()
        await bo.hears(440, least_s=0.3)
        await bo.hang_up()
        await bo.closed()
    assert max(seconds_of(sound, 440) for sound in bo.heard()) >= 0.3
    offer = next(m for m in bo.messages if m.method == "INVITE")
    assert ("a=crypto:" in offer.body) == ("srtp" in way)


async def test_tls_and_srtp_together(tmp_path: Path) -> None:
    certificate = make_certificates(tmp_path).combined
    way = {"transport": "tls", "srtp": "srtp-mand", "certificate": certificate}
    async with (
        Baresip("anna", auto=True, **way) as anna,  # type: ignore[arg-type]
        Baresip("bo", **way) as bo,  # type: ignore[arg-type]
    ):
        await bo.dial(anna.uri)
        secured = await bo.event("CALL_MENC")
        await bo.established()
        await bo.event("CALL_RTPESTAB")
    assert "AES_CM_128" in secured.detail
    assert [(m.status or m.method, m.sent) for m in bo.messages][:4] == [
        ("INVITE", True),
        (180, False),
        (200, False),
        ("ACK", True),
    ]
    assert all("/TLS " in (m.header("Via") or "") for m in bo.messages)


async def test_ten_phones_start_at_once_and_all_ring() -> None:
    async with contextlib.AsyncExitStack() as stack:
        started = (stack.enter_async_context(Baresip(f"agent{n}")) for n in range(10))
        phones = await asyncio.gather(*started)
        caller = await stack.enter_async_context(Baresip("caller"))
        for phone in phones[:8]:  # as many calls as one phone takes
            await caller.dial(phone.uri)
        rung = await asyncio.gather(*(phone.incoming() for phone in phones[:8]))
        assert {event.peer for event in rung} == {f"sip:caller@{caller.address}"}
    for phone in phones:
        with pytest.raises(ProcessLookupError):
            os.kill(phone.pid, 0)
        assert not phone.folder.exists()


async def test_a_command_out_of_turn_is_refused() -> None:
    async with Baresip("anna") as anna:
        with pytest.raises(ControlError, match="refused"):
            await anna.hold()


async def test_what_does_not_happen_is_told_with_what_did() -> None:
    async with Baresip("anna") as anna:
        with pytest.raises(PeerProcessError, match=r"no CALL_INCOMING within 0\.05 s"):
            await anna.incoming(timeout_s=0.05)


async def test_a_phone_that_was_killed_is_told() -> None:
    async with Baresip("anna") as anna:
        os.kill(anna.pid, 9)
        with pytest.raises((ControlError, PeerProcessError)):
            await anna.message("INVITE")
        with pytest.raises(ControlError):
            await anna.dial("sip:x@127.0.0.1:9")
