"""A choice that is spoken, over real SIP and RTP, and made out by PocketSphinx."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np
import pytest
import soundfile

from softswitch.prompts import SoundStore
from softswitch.speech.sphinx import PocketSphinx
from softswitch.switch import Call
from softswitch.testing.peers.rtp import RtpPhone
from softswitch.testing.peers.sipp import Sipp
from softswitch.testing.peers.tones import RATE_HZ
from tests.office.real_office import open_office

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
            phone.say(np.zeros(RATE_HZ, np.int16))
            phone.say(said)
            phone.say(np.zeros(3 * RATE_HZ, np.int16))
            async with asyncio.timeout(20):
                assert await chosen == expected
            await caller.finished()
