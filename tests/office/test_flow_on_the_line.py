"""A flow of a file on real SIP: keys by RFC 4733 cut its prompts and lead to a member."""

from __future__ import annotations

import wave
from pathlib import Path

import pytest

from softswitch.acd.records import CallOutcome, CallRecord
from softswitch.switch.flow_records import FlowRecord
from softswitch.testing.peers.rtp import RtpPhone
from softswitch.testing.peers.sipp import Sipp
from softswitch.testing.peers.tones import RATE_HZ, sine
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
