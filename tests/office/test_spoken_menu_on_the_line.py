"""Choices that are spoken, over real SIP and RTP, and made out by PocketSphinx."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from softswitch.prompts import SoundStore
from softswitch.speech.sphinx import PocketSphinx
from softswitch.switch import Call, FlowRecord
from softswitch.testing.peers.ports import free_port
from softswitch.testing.peers.rtp import RtpPhone
from softswitch.testing.peers.sipp import Sipp
from softswitch.testing.peers.tones import RATE_HZ
from tests.office.real_office import office_text, open_office, open_text

pytestmark = pytest.mark.asyncio

SPOKEN = {"1": "technical support", "2": "opening hours", "0": "switchboard"}


@pytest.mark.parametrize(("phrase", "expected"), [("opening hours", "2"), ("switchboard", "0")])
async def test_a_caller_says_what_the_call_is_about(
    tmp_path: Path, sounds_8k: SoundStore, phrase: str, expected: str
) -> None:
    said, _ = soundfile.read(sounds_8k.say(phrase, "en"), dtype="int16")
    nobody = {"anna": "sip:anna@127.0.0.1:9"}
    async with open_office(tmp_path, nobody, "", sounds=sounds_8k) as office:
        office.switch.recogniser = PocketSphinx()
        chosen: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()

        @office.switch.flow("5")
        async def flow(call: Call) -> None:
            await call.answer()
            keys = {key: key for key in SPOKEN}
            prompt = sounds_8k.say("What is your call about?", "en")
            chosen.set_result(await call.menu(prompt, keys, spoken=SPOKEN, timeout_s=10))

        async with (
            RtpPhone() as phone,
            Sipp("uac_call_stay", target=office.target, service="5", rtp=phone.address) as caller,
        ):
            await phone.first_packet()
            say_once(phone, said)
            async with asyncio.timeout(20):
                assert await chosen == expected
            await caller.finished()


def say_once(phone: RtpPhone, words: NDArray[np.int16]) -> None:
    """Say something, with silence before and after it."""
    phone.say(np.zeros(RATE_HZ, np.int16))
    phone.say(words)
    phone.say(np.zeros(3 * RATE_HZ, np.int16))


FLOW = """\
[flow]
name = "Front"
start = "menu"

[nodes.menu]
kind = "menu"
prompt = "What is your call about?"
choices = { 1 = "support", 2 = "hours", 0 = "desk" }
spoken = { 1 = ["technical support", "computer"], 2 = "opening hours", 0 = "switchboard" }
timeout_s = 10
otherwise = "desk"

[nodes.support]
kind = "say"
text = "Support."

[nodes.hours]
kind = "say"
text = "Hours."

[nodes.desk]
kind = "say"
text = "Desk."
"""


async def test_an_office_file_and_a_flow_file_are_all_it_takes(
    tmp_path: Path, sounds_8k: SoundStore
) -> None:
    said, _ = soundfile.read(sounds_8k.say("opening hours", "en"), dtype="int16")
    (tmp_path / "front.toml").write_text(FLOW)
    port = free_port()
    text = office_text(port, {"anna": "sip:anna@127.0.0.1:9"}, "")
    text += '\n[flows.front]\nfile = "front.toml"\nnumber = "5"'
    text += '\n[speech]\nrecogniser = "pocketsphinx"\n'
    async with (
        open_text(tmp_path, text, port, sounds=sounds_8k) as office,
        RtpPhone() as phone,
        Sipp("uac_call_stay", target=office.target, service="5", rtp=phone.address) as caller,
    ):
        await phone.first_packet()
        say_once(phone, said)
        async with asyncio.timeout(20):
            record = await office.record(FlowRecord)
        await caller.finished()
    assert (record.nodes, record.outcome) == (("menu", "hours"), "completed")
