"""SIPp against SIPp: each scenario does what its comment says, and we read what happened."""

from __future__ import annotations

import asyncio
import os
import shutil

import pytest

from softswitch.errors import MisuseError
from softswitch.testing.peers.ports import free_port
from softswitch.testing.peers.process import PeerProcessError
from softswitch.testing.peers.rtp import RtpPhone
from softswitch.testing.peers.sipp import Sipp, SippResult
from softswitch.testing.peers.tones import sine

pytestmark = pytest.mark.asyncio


async def both(waiting: Sipp, scenario: str, **caller: object) -> tuple[SippResult, SippResult]:
    """Results of a caller and of the one that waited for it."""
    async with waiting:
        async with Sipp(scenario, target=waiting.address, **caller) as calling:  # type: ignore[arg-type]
            result = await calling.finished()
        return result, await waiting.finished()


@pytest.mark.parametrize(
    "where",
    [{}, {"transport": "tcp"}, {"local_host": "::1"}, {"local_host": "::1", "transport": "tcp"}],
    ids=str,
)
async def test_a_call_is_answered_and_hung_up(where: dict[str, str]) -> None:
    waiting = Sipp("uas_answer", ring_ms=50, **where)  # type: ignore[arg-type]
    caller, callee = await both(waiting, "uac_call", talk_ms=100, **where)
    assert (caller.successful, caller.failed, callee.successful) == (1, 0, 1)
    assert [m.status or m.method for m in caller.messages] == [
        "INVITE",
        180,
        200,
        "ACK",
        "BYE",
        200,
    ]
    assert caller.sent("INVITE")[0].body == callee.received("INVITE")[0].body
    (answered_s,) = caller.response_times_s["invite"]
    assert 0.04 < answered_s < 0.5
    assert caller.messages[2].at_ns - caller.messages[0].at_ns > 45e6
    assert caller.retransmissions == 0


async def test_headers_of_identity_go_along() -> None:
    headers = {
        "P-Asserted-Identity": '"Bo" <sip:+4512345678@example.net>',
        "Privacy": "id",
        "Diversion": ["<sip:a@example.net>;reason=no-answer", "<sip:b@example.net>"],
        "Replaces": "1@x;to-tag=a;from-tag=b",
    }
    _, callee = await both(
        Sipp("uas_answer_now"),
        "uac_call",
        talk_ms=10,
        service="+4587654321",
        headers=headers,
        caller="anonymous",
        caller_name="Anonymous",
        caller_domain="anonymous.invalid",
    )
    invite = callee.received("INVITE")[0]
    assert invite.request_uri.startswith("sip:+4587654321@")
    assert invite.all("Diversion") == tuple(headers["Diversion"])
    assert invite.header("P-Asserted-Identity") == headers["P-Asserted-Identity"]
    assert invite.header("Privacy") == "id"
    assert invite.header("Replaces") == headers["Replaces"]
    from_header = invite.header("From") or ""
    assert from_header.startswith('"Anonymous" <sip:anonymous@anonymous.invalid>;tag=')


async def test_a_cancel_and_its_reason() -> None:
    reason = 'SIP;cause=200;text="Call completed elsewhere"'
    caller, callee = await both(
        Sipp("uas_ring"), "uac_cancel", ring_ms=50, cancel_headers=f"Reason: {reason}"
    )
    assert callee.received("CANCEL")[0].header("Reason") == reason
    assert [m.status for m in caller.received(487, "INVITE")] == [487]


async def test_a_refusal_and_its_headers() -> None:
    waiting = Sipp("uas_refuse", status=503, reason="Full", headers={"Retry-After": "7"})
    caller, _ = await both(waiting, "uac_refused", status=503)
    assert caller.received(503)[0].header("Retry-After") == "7"


@pytest.mark.parametrize(
    ("waiting", "calling"),
    [
        ("uas_answer_hangup", "uac_call_stay"),
        ("uas_early_media", "uac_call"),
        ("uas_ring_or_answer", "uac_call"),
        ("uas_answer_now", "uac_hold"),
        ("uas_answer_now", "uac_dtmf_info"),
        ("uas_challenge", "uac_call_auth"),
        ("uas_challenge_proxy", "uac_call_auth"),
        ("uas_register", "uac_register"),
    ],
)
async def test_scenarios_fit_one_another(waiting: str, calling: str) -> None:
    caller, callee = await both(Sipp(waiting), calling)
    assert (caller.successful, callee.successful) == (1, 1)


async def test_hold_and_resume_say_so_in_their_sdp() -> None:
    _, callee = await both(Sipp("uas_answer_now"), "uac_hold", talk_ms=10, hold_ms=10, again_ms=10)
    bodies = [m.body for m in callee.received("INVITE")]
    assert [("sendonly" in body, "sendrecv" in body) for body in bodies] == [
        (False, True),
        (True, False),
        (False, True),
    ]
    versions = [body.splitlines()[1].split()[2] for body in bodies]
    assert versions == ["1", "2", "3"]


async def test_digits_by_info() -> None:
    _, callee = await both(Sipp("uas_answer_now"), "uac_dtmf_info", digits="42#", gap_ms=10)
    infos = callee.received("INFO")
    assert [info.body.split()[0] for info in infos] == ["Signal=4", "Signal=2", "Signal=#"]
    assert {info.header("Content-Type") for info in infos} == {"application/dtmf-relay"}


async def test_keys_by_info_when_the_test_says_so() -> None:
    async with (
        Sipp("uas_answer_now") as phone,
        Sipp("uac_call_stay", target=phone.address) as caller,
    ):
        await caller.press("4")
        await caller.press("2#")
        infos = [one for one in phone.messages if one.method == "INFO"]
    assert [info.body.split()[0] for info in infos] == ["Signal=4", "Signal=2", "Signal=#"]
    assert len({info.header("Via") for info in infos}) == 3  # each a transaction of its own


async def test_a_phone_about_to_answer_is_cancelled_before() -> None:
    caller, callee = await both(Sipp("uas_ring_or_answer", ring_ms=2000), "uac_cancel", ring_ms=50)
    assert (caller.successful, callee.successful) == (1, 1)
    assert callee.sent(200, "INVITE") == ()


@pytest.mark.parametrize(("waiting", "calling"), [("challenge", "call_auth"), ("register",) * 2])
async def test_a_wrong_password_is_refused(waiting: str, calling: str) -> None:
    async with (
        Sipp(f"uas_{waiting}", password="right") as server,  # noqa: S106 - a test's
        Sipp(f"uac_{calling}", target=server.address, auth_password="wrong") as client,  # noqa: S106
    ):
        result = await client.finished(check=False)
    assert (result.successful, result.failed, result.unexpected) == (0, 1, 1)
    assert [m.status for m in result.received(403)] == [403]


async def test_an_answer_that_crosses_the_cancel() -> None:
    async with (
        Sipp("uas_answer_crossing") as phone,
        Sipp("uac_cancel", target=phone.address, ring_ms=20) as caller,
    ):
        await phone.message(200, cseq="INVITE", sent=True)
        result = await caller.finished(check=False)
    kinds = [(m.status, m.cseq_method) for m in result.messages if m.status]
    assert kinds[:3] == [(180, "INVITE"), (200, "CANCEL"), (200, "INVITE")]


async def test_two_phones_in_one_process_answer_at_once() -> None:
    async with Sipp("uas_answer", calls=2, ring_ms=100) as phones:
        async with Sipp("uac_call", target=phones.address, calls=2, talk_ms=50) as callers:
            await callers.finished()
        result = await phones.finished()
    answers = [m.at_ns for m in result.sent(200, "INVITE")]
    assert len(answers) == 2
    assert abs(answers[0] - answers[1]) < 5e6


async def test_one_that_vanished_answers_no_bye() -> None:
    bye = "uas_answer_hangup"
    async with (
        Sipp(bye, ring_ms=10, talk_ms=10) as phone,
        Sipp("uac_vanish", target=phone.address) as caller,
    ):
        first = await phone.message("BYE", sent=True)
        again = await phone.message("BYE", sent=True, nth=2)
        await caller.message("BYE", sent=False, nth=2)
        assert not [m for m in caller.messages if m.status == 200 and m.sent]
        result = await phone.stop(grace_s=0.1)
    assert result.retransmissions >= 1
    assert again.at_ns - first.at_ns > 400e6  # T1, RFC 3261 section 17.1.2.2


async def test_a_run_over_its_time_is_an_error_that_quotes_what_was_sent() -> None:
    async with Sipp("uac_options", target=f"127.0.0.1:{free_port()}", timeout_s=2) as caller:
        with pytest.raises(PeerProcessError, match="OPTIONS sip:1000@") as caught:
            await caller.finished()
    assert "timed out" in str(caught.value)
    assert caught.value.folder == caller.folder


async def test_many_calls_at_a_rate() -> None:
    async with Sipp("uas_answer", calls=40, ring_ms=10, trace=False) as phones:
        async with Sipp(
            "uac_call", target=phones.address, calls=40, rate=80, talk_ms=50, trace=False
        ) as callers:
            result = await callers.finished()
        waited = await phones.finished()
    assert (result.successful, waited.successful, result.retransmissions) == (40, 40, 0)
    assert len(result.response_times_s["invite"]) == 40
    assert result.messages == ()


async def test_sound_goes_where_the_phone_listens() -> None:
    async with (
        RtpPhone() as phone,
        Sipp("uas_answer_now", rtp_echo=True) as echo,
        Sipp("uac_call", target=echo.address, talk_ms=1000, rtp=phone.address) as caller,
    ):
        answer = await caller.message(200, cseq="INVITE")
        phone.remote = answer.audio
        phone.say(sine(440, 0.3))
        heard = await phone.hears(440)
        assert heard.start_ns > answer.at_ns
        assert caller.messages[0].audio == phone.address
        await caller.finished()


async def test_each_call_gets_the_next_rtp_address() -> None:
    addresses = [("127.0.0.1", 30000), ("127.0.0.1", 30002)]
    async with (
        Sipp("uas_answer_now", calls=3) as phones,
        Sipp("uac_call", target=phones.address, calls=3, talk_ms=10, rtp=addresses) as callers,
    ):
        result = await callers.finished()
    assert sorted(m.audio or ("", 0) for m in result.sent("INVITE")) == [
        ("127.0.0.1", 30000),
        ("127.0.0.1", 30000),
        ("127.0.0.1", 30002),
    ]


async def test_our_own_xml() -> None:
    text = """<scenario name="own"><send><![CDATA[
      OPTIONS sip:{{who=x}}@[remote_ip]:[remote_port] SIP/2.0
      Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
      From: <sip:own@[local_ip]>;tag=[call_number]
      To: <sip:x@[remote_ip]>
      Call-ID: [call_id]
      CSeq: 1 OPTIONS
      Content-Length: 0

    ]]></send></scenario>"""
    async with Sipp("uas_answer") as waiting:
        async with Sipp(text, target=waiting.address, who="me") as caller:
            result = await caller.finished()
        received = await waiting.message("OPTIONS")
    assert result.successful == 1
    assert received.request_uri == f"sip:me@{waiting.address}"


async def test_a_failed_call_is_an_error_that_quotes_the_log() -> None:
    async with Sipp("uas_refuse", status=486, reason="Busy Here") as waiting:
        with pytest.raises(PeerProcessError, match="486 Busy Here") as caught:
            async with Sipp("uac_call", target=waiting.address) as caller:
                await caller.finished()
    (note,) = caught.value.__notes__
    assert "-> INVITE sip:1000@" in note
    assert "<- SIP/2.0 486 Busy Here" in note
    assert str(caller.folder) in note
    assert "messages.log" in await asyncio.to_thread(os.listdir, caller.folder)
    await asyncio.to_thread(shutil.rmtree, caller.folder)


async def test_a_message_that_does_not_come_is_an_error() -> None:
    async with Sipp("uas_answer") as waiting:
        with pytest.raises(PeerProcessError, match="no message INVITE"):
            await waiting.message("INVITE", timeout_s=0.05)


async def test_a_run_that_ends_before_the_message_is_an_error() -> None:
    async with (
        Sipp("uas_answer_now") as waiting,
        Sipp("uac_call", target=waiting.address, talk_ms=10) as caller,
    ):
        with pytest.raises(PeerProcessError, match="ended with 0 before message REFER"):
            await caller.message("REFER")


async def test_what_waits_in_vain_is_stopped_and_leaves_nothing_behind() -> None:
    async with Sipp("uas_answer") as waiting:
        pid, folder = waiting.pid, waiting.folder
        assert folder.is_dir()
        result = await waiting.stop()
        assert (result.successful, result.failed, result.messages) == (0, 0, ())
    assert not folder.exists()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_leaving_early_ends_the_process_and_keeps_the_messages() -> None:
    async with Sipp("uas_ring") as waiting:
        async with Sipp("uac_call", target=waiting.address) as caller:
            await caller.message(180)
            pid = caller.pid
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
        assert [m.status or m.method for m in caller.messages] == ["INVITE", 180]
        assert not caller.folder.exists()


async def test_an_odd_target_is_refused_before_anything_starts() -> None:
    with pytest.raises(MisuseError, match="host:port"):
        Sipp("uac_call", target="somewhere")


async def test_a_port_in_use_is_told() -> None:
    async with Sipp("uas_answer") as waiting:
        with pytest.raises(PeerProcessError, match="is in use"):
            await Sipp("uas_answer", local_port=waiting.port).__aenter__()


async def test_ten_at_once_start_together() -> None:
    runs = [Sipp("uas_answer") for _ in range(10)]
    await asyncio.gather(*(run.__aenter__() for run in runs))
    try:
        assert len({run.port for run in runs}) == 10
        for run in runs:
            os.kill(run.pid, 0)
    finally:
        await asyncio.gather(*(run.__aexit__(None, None, None) for run in runs))
