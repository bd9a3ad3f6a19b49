"""A flow driven by a phone without RFC 4733: its keys are tones in its sound."""

from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.acd.records import CallOutcome, CallRecord
from softswitch.switch.flow_records import FlowRecord
from softswitch.testing.peers.rtp import RtpPhone
from softswitch.testing.peers.sipp import Sipp
from softswitch.testing.peers.tones import RATE_HZ, sine
from softswitch_codecs.tones import dtmf
from tests.office.real_office import open_office
from tests.office.test_flow_on_the_line import AGENT_HZ, FIRST_HZ, OFFICE, SECOND_HZ, prepare
from tests.sip.eventless import eventless

pytestmark = pytest.mark.asyncio


def key(phone: RtpPhone, keys: str) -> None:
    """Press keys as a telephone on an analogue line does: tones, then the line's silence."""
    phone.hush()
    phone.say(dtmf(keys, RATE_HZ))
    phone.say_nothing()


@pytest.mark.parametrize("codec", ["PCMA", "PCMU"])
async def test_tones_lead_through_a_flow_to_a_member(tmp_path: Path, codec: str) -> None:
    prepare(tmp_path)
    script = eventless("uac_call_stay", [codec])
    async with (
        RtpPhone() as agent_ear,
        Sipp("uas_answer_hangup", service="anna", rtp=agent_ear.address, ring_ms=200) as agent,
        open_office(tmp_path, {"anna": agent.uri}, OFFICE) as office,
        RtpPhone(codec=codec) as ear,
        Sipp(script, target=office.target, service="2000", rtp=ear.address) as caller,
    ):
        await ear.hears(FIRST_HZ, least_s=0.2)
        key(ear, "1")  # long before the end of either prompt
        await ear.hears(SECOND_HZ, least_s=0.2)
        key(ear, "2023")
        await ear.packets(len(ear.ear.packets) + 75)  # "You keyed two, zero ..."
        key(ear, "1")
        await agent.message(200, cseq="INVITE", timeout_s=15)
        agent_ear.say(sine(AGENT_HZ, 1.0), forever=True)
        await ear.hears(AGENT_HZ, least_s=0.4)
        record = await office.record(FlowRecord)
        call = await office.record(CallRecord)
        await caller.finished()
    assert (record.outcome, record.nodes) == ("completed", ("language", "case", "agent"))
    assert (call.outcome, call.member_id) == (CallOutcome.ANSWERED, "anna")
