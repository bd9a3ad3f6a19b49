"""A flow of a file on real SIP: keys by RFC 4733 and SIP INFO, early media, recordings."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from softswitch.acd.records import CallOutcome, CallRecord
from softswitch.switch.flow_records import FlowRecord
from softswitch.testing.peers.rtp import RtpPhone
from softswitch.testing.peers.sipp import Sipp
from softswitch.testing.peers.tones import RATE_HZ, sine, tone_spans
from tests.office.real_office import open_office

pytestmark = pytest.mark.asyncio

FLOW = """\
[flow]
name = "Real"
start = "language"
language = "en"
languages = ["da"]

[keys]
"*" = "back"

[nodes.language]
kind = "language"
prompt = [{ play = "first.wav" }]
languages = { 1 = "en", 2 = "da" }
next = "case"

[nodes.case]
kind = "collect"
prompt = { play = "second.wav" }
least = 4
most = 4
confirm = { en = "You keyed {digits:digits}.", da = "Du tastede {digits:digits}." }
next = "agent"
otherwise = "hang_up"

[nodes.agent]
kind = "queue"
group = "main"
"""
OFFICE = 'record = false\n\n[flows.real]\nfile = "real.toml"\nnumber = "2000"'
FIRST_HZ, SECOND_HZ, AGENT_HZ = 700, 1000, 1300


def write_tone(path: Path, hz: float) -> None:
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, RATE_HZ, 0, "NONE", ""))
        file.writeframes(sine(hz, 20.0, level_dbfs=-14.0).astype("<i2").tobytes())


def read_tone(path: Path) -> tuple[NDArray[np.int16], float]:
    with wave.open(str(path), "rb") as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2")
        assert file.getframerate() % RATE_HZ == 0
        return samples[:: file.getframerate() // RATE_HZ].astype(np.int16), len(samples) / (
            file.getframerate()
        )


def prepare(folder: Path) -> None:
    write_tone(folder / "first.wav", FIRST_HZ)
    write_tone(folder / "second.wav", SECOND_HZ)
    (folder / "real.toml").write_text(FLOW)


async def test_keys_lead_through_a_flow_to_a_member(tmp_path: Path) -> None:
    prepare(tmp_path)
    async with (
        RtpPhone() as agent_ear,
        Sipp("uas_answer_hangup", service="anna", rtp=agent_ear.address, ring_ms=200) as agent,
        open_office(tmp_path, {"anna": agent.uri}, OFFICE) as office,
        RtpPhone() as ear,
        Sipp("uac_call_stay", target=office.target, service="2000", rtp=ear.address) as caller,
    ):
        await ear.hears(FIRST_HZ, least_s=0.2)
        ear.press("1")  # long before the end of either prompt
        await ear.hears(SECOND_HZ, least_s=0.2)
        ear.press("*")
        await ear.hears(FIRST_HZ, least_s=0.5)
        ear.press("120231")  # English, the case, and yes, it is right: all at once
        await agent.message(200, cseq="INVITE", timeout_s=15)
        agent_ear.say(sine(AGENT_HZ, 1.0), forever=True)
        await ear.hears(AGENT_HZ, least_s=0.4)
        record = await office.record(FlowRecord)
        call = await office.record(CallRecord)
        await caller.finished()
    assert record.outcome == "completed"
    assert record.nodes == ("language", "case", "language", "case", "agent")
    assert (call.outcome, call.member_id) == (CallOutcome.ANSWERED, "anna")


async def test_a_caller_who_does_nothing_is_let_go(tmp_path: Path) -> None:
    prepare(tmp_path)
    quick = FLOW.replace('next = "case"', 'next = "hang_up"').replace(
        'prompt = [{ play = "first.wav" }]', 'prompt = "One."\ntimeout_s = 0.5'
    )
    quick = quick[: quick.index("[nodes.case]")].replace('languages = ["da"]', "")
    quick = quick.replace('languages = { 1 = "en", 2 = "da" }', 'languages = { 1 = "en" }')
    (tmp_path / "real.toml").write_text(quick)
    async with (
        Sipp("uas_ring", service="anna") as anna,
        open_office(tmp_path, {"anna": anna.uri}, OFFICE) as office,
        RtpPhone() as ear,
        Sipp("uac_call_stay", target=office.target, service="2000", rtp=ear.address) as caller,
    ):
        record = await office.record(FlowRecord)
        await caller.finished()
    assert (record.outcome, record.nodes) == ("completed", ("language",))
    assert ear.ear.reception.lost == 0


async def test_keys_by_sip_info_do_the_same(tmp_path: Path) -> None:
    prepare(tmp_path)
    async with (
        RtpPhone() as agent_ear,
        Sipp("uas_answer", service="anna", rtp=agent_ear.address, ring_ms=100) as agent,
        open_office(tmp_path, {"anna": agent.uri}, OFFICE) as office,
        RtpPhone() as ear,
        Sipp(
            "uac_dtmf_info",
            target=office.target,
            service="2000",
            rtp=ear.address,
            digits="120231",
            before_ms=800,
            gap_ms=500,
            talk_ms=3000,
        ) as caller,
    ):
        await agent.message(200, cseq="INVITE", timeout_s=15)
        record = await office.record(FlowRecord)
        await caller.finished()
        first, second = ear.ear.tone(FIRST_HZ), ear.ear.tone(SECOND_HZ)
    assert record.nodes == ("language", "case", "agent")
    assert len(first) == len(second) == 1  # each cut by its first key, long before 20 s
    assert first[0].end_s - first[0].start_s < 10
    assert second[0].end_s - second[0].start_s < 10


EARLY = """\
[flow]
name = "Early"
start = "menu"
early_media = true

[nodes.menu]
kind = "menu"
prompt = { play = "first.wav" }
choices = { 1 = "busy" }
otherwise = "hang_up"

[nodes.busy]
kind = "hang_up"
status = 486
"""


async def test_an_announcement_and_a_key_before_the_answer(tmp_path: Path) -> None:
    """183 with sound, a key that counts, a refusal: never a 200 for which a caller pays."""
    prepare(tmp_path)
    (tmp_path / "real.toml").write_text(EARLY)
    async with (
        Sipp("uas_ring", service="anna") as anna,
        open_office(tmp_path, {"anna": anna.uri}, OFFICE) as office,
        RtpPhone() as ear,
        Sipp(
            "uac_refused", target=office.target, service="2000", rtp=ear.address, status=486
        ) as caller,
    ):
        progress = await caller.message(183, timeout_s=10)
        await ear.hears(FIRST_HZ, least_s=0.5)
        ear.press("1")
        result = await caller.finished()
        record = await office.record(FlowRecord)
    assert "m=audio" in progress.body
    assert (record.outcome, record.nodes) == ("completed", ("menu", "busy"))
    assert result.successful == 1
    assert len(result.received(486, "INVITE")) == 1
    assert result.received(200, "INVITE") == ()


RECORD = """\
[flow]
name = "Record"
start = "speak"

[variables]
file = ""

[nodes.speak]
kind = "record"
into = "file"
silence_s = 1
length_max_s = 60
next = "thanks"
empty = "hang_up"

[nodes.thanks]
kind = "play"
file = "second.wav"
"""
SPOKEN_HZ, BEEP_HZ = 700, 1000


@pytest.mark.parametrize("sends_silence", [True, False])
async def test_a_recording_ends_when_the_caller_falls_silent(
    tmp_path: Path, *, sends_silence: bool
) -> None:
    """Also where the phone sends nothing at all while its owner is silent (RFC 3551, 4.1)."""
    prepare(tmp_path)
    write_tone(tmp_path / "second.wav", AGENT_HZ)
    (tmp_path / "real.toml").write_text(RECORD)
    async with (
        Sipp("uas_ring", service="anna") as anna,
        open_office(tmp_path, {"anna": anna.uri}, OFFICE) as office,
        RtpPhone() as ear,
        Sipp("uac_call_stay", target=office.target, service="2000", rtp=ear.address),
    ):
        await ear.hears(BEEP_HZ, least_s=0.3)
        ear.say(sine(SPOKEN_HZ, 2.0))
        if sends_silence:
            ear.say_nothing()
        await ear.hears(AGENT_HZ, least_s=0.2, timeout_s=30)
        (file,) = (office.data_dir / "recordings").glob("*-flow-*.wav")
        samples, length_s = read_tone(file)
    (spoken,) = tone_spans(samples, SPOKEN_HZ, share=0.5, least_s=0.5)
    begin_s, end_s = spoken.start / RATE_HZ, spoken.end / RATE_HZ
    assert end_s - begin_s == pytest.approx(2.0, abs=0.4)
    assert length_s - end_s >= 0.9  # a second of silence, less what a frame may hide
    assert length_s < 30  # and not the minute that it might have lasted


async def test_a_caller_who_says_nothing_has_left_nothing(tmp_path: Path) -> None:
    prepare(tmp_path)
    empty = RECORD.replace('empty = "hang_up"', 'empty = "sorry"') + (
        '[nodes.sorry]\nkind = "play"\nfile = "first.wav"\n'
    )
    (tmp_path / "real.toml").write_text(empty)
    async with (
        Sipp("uas_ring", service="anna") as anna,
        open_office(tmp_path, {"anna": anna.uri}, OFFICE) as office,
        RtpPhone() as ear,
        Sipp("uac_call_stay", target=office.target, service="2000", rtp=ear.address),
    ):
        await ear.hears(BEEP_HZ, least_s=0.3)
        ear.say_nothing()
        await ear.hears(FIRST_HZ, least_s=0.2, timeout_s=30)
