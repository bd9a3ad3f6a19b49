"""A prompt never delays a caller: cut when an agent answers, and keys count while it plays.

Real SIP and RTP: SIPp signals, and the kernel's arrival times of RTP packets tell what was heard
when. The bounds are those of a busy machine; what was found is in the test's report.
"""

from __future__ import annotations

import asyncio
import wave
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from softswitch.acd.commands import ForwardReason
from softswitch.acd.records import CallOutcome, CallRecord
from softswitch.sip import Listener, SipConfig
from softswitch.switch import Call, OfficeConfig, Switch
from softswitch.testing.peers.ear import Ear
from softswitch.testing.peers.ports import free_port
from softswitch.testing.peers.rtp import RtpPhone
from softswitch.testing.peers.sipp import Sipp
from softswitch.testing.peers.tones import RATE_HZ, sine
from tests.office.real_office import open_office

pytestmark = pytest.mark.asyncio

PROMPT_HZ, AGENT_HZ = 700, 1100
CUT_WITHIN_MS = 20.0
"""The goal on a quiet machine."""

BUSY_MS = 60.0
"""What a machine with other work may add: a late thread or two, but no prompt's end."""


def write_tone(path: Path, seconds: float, hz: float = PROMPT_HZ) -> None:
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, RATE_HZ, 0, "NONE", ""))
        file.writeframes(sine(hz, seconds, level_dbfs=-14.0).astype("<i2").tobytes())


def last_heard_ns(ear: Ear) -> int:
    """When the last sample arrived that is not silence."""
    loud = np.flatnonzero(np.abs(ear.samples().astype(int)) > 200)
    return ear.instant_ns(int(loud[-1]))


@pytest.mark.parametrize(
    ("group", "ring_ms"),
    [
        ('greeting = "prompt.wav"', 700),
        ('music = ["prompt.wav"]', 3500),
        ('music = ["prompt.wav"]\nposition_every_s = 5', 5900),
    ],
    ids=["greeting", "music", "position"],
)
async def test_what_a_caller_hears_is_cut_when_the_agent_answers(
    tmp_path: Path,
    group: str,
    ring_ms: int,
    record_testsuite_property: Callable[[str, object], None],
) -> None:
    write_tone(tmp_path / "prompt.wav", 30.0)
    async with (
        RtpPhone() as agent_ear,
        Sipp("uas_answer", service="anna", rtp=agent_ear.address, ring_ms=ring_ms) as agent,
        open_office(tmp_path, {"anna": agent.uri}, group) as office,
        RtpPhone() as ear,
        Sipp("uac_call_stay", target=office.target, rtp=ear.address),
    ):
        answer = await agent.message(200, cseq="INVITE", timeout_s=15)
        heard_by_then = len(ear.ear.packets)
        await ear.packets(heard_by_then + 75)  # a second and a half more, in which nobody speaks
        cut_ms = (last_heard_ns(ear.ear) - answer.at_ns) / 1e6
        agent_ear.say(sine(AGENT_HZ, 1.0), forever=True)
        await ear.hears(AGENT_HZ, least_s=0.4)
        before = ear.ear.samples()[: RATE_HZ // 2]
    record_testsuite_property(f"cut within ms, {group!r}", round(cut_ms, 1))
    assert np.abs(before.astype(int)).max() > 1000  # there was something to be cut
    # 20 ms are one packet: the one that was on its way.
    assert cut_ms < CUT_WITHIN_MS + BUSY_MS
    # Something played up to the answer, unless a sentence was just between two words.
    assert cut_ms > -1000.0
    assert ear.ear.reception.lost == 0


async def until_tone(ear: RtpPhone) -> None:
    await ear.hears(PROMPT_HZ, least_s=0.2)


async def test_a_key_pressed_during_the_greeting_leads_away_at_once(tmp_path: Path) -> None:
    write_tone(tmp_path / "prompt.wav", 30.0)
    group = 'greeting = "prompt.wav"\nleave_keys = { 1 = "hang_up" }'
    async with (
        Sipp("uas_ring", service="anna") as anna,
        open_office(tmp_path, {"anna": anna.uri}, group) as office,
        RtpPhone() as ear,
        Sipp("uac_call_stay", target=office.target, rtp=ear.address) as caller,
    ):
        await until_tone(ear)
        ear.press("1")
        await caller.message("BYE", timeout_s=5)  # long before the prompt's end
        call = await office.record(CallRecord)
        await caller.finished()
        await anna.message("CANCEL")
    assert (call.outcome, call.forward_reason) == (
        CallOutcome.REFUSED,
        ForwardReason.CALLER_CHOICE,
    )


async def test_keys_pressed_during_prompts_are_all_there(tmp_path: Path) -> None:
    """Eight keys: half of them in one prompt that nothing may interrupt, half in the next."""
    write_tone(tmp_path / "prompt.wav", 2.0)
    write_tone(tmp_path / "question.wav", 2.0, hz=1000)
    port = free_port()
    config = OfficeConfig(
        data_dir=tmp_path, sip=SipConfig(listen=(Listener(address="127.0.0.1", port=port),))
    )
    collected = asyncio.get_running_loop().create_future()
    async with (
        Switch(config) as switch,
        RtpPhone() as ear,
    ):

        @switch.flow("1000")
        async def ask(call: Call) -> None:
            await call.answer()
            await call.play(tmp_path / "prompt.wav", barge_in=False)
            await call.play(tmp_path / "question.wav", barge_in=False)
            collected.set_result(await call.collect(count=8, timeout_s=10.0))
            call.hang_up()

        async with Sipp("uac_call_stay", target=f"127.0.0.1:{port}", rtp=ear.address) as caller:
            await until_tone(ear)
            ear.press("1234")
            await ear.hears(1000, least_s=0.1)
            ear.press("56*8")
            async with asyncio.timeout(10):
                assert await collected == "123456*8"
            await caller.finished()
        end = ear.ear.tone(PROMPT_HZ)[-1]
    assert end.end_s - ear.ear.tone(PROMPT_HZ)[0].start_s == pytest.approx(2.0, abs=0.15)
