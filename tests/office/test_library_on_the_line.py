"""The sound library over real SIP and RTP: a greeting recorded by phone is heard by the next."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from softswitch.prompts import SoundStore
from softswitch.prompts.library import Slot
from softswitch.switch.recording_flow import name_of
from softswitch.testing.peers.rtp import RtpPhone
from softswitch.testing.peers.sipp import Sipp
from softswitch.testing.peers.tones import RATE_HZ, level_dbfs, sine
from tests.office.real_office import Office, open_office

pytestmark = pytest.mark.asyncio

PIN = "314159"
BEEP_HZ = 1000
NOBODY = {"anna": "sip:anna@127.0.0.1:9"}


async def record(office: Office, pin: str) -> None:
    """Call the recording number and go all the way: PIN, first greeting, speak, save."""
    async with (
        RtpPhone() as phone,
        Sipp(
            "uac_call_stay",
            target=office.target,
            service="1099",
            rtp=phone.address,
            timeout_s=45,
        ) as admin,
    ):
        await phone.first_packet()
        phone.press(f"{pin}#1")
        await phone.hears(BEEP_HZ, least_s=0.35, timeout_s=20)
        phone.say(np.zeros(RATE_HZ // 2, np.int16))  # recording begins when the tone has ended
        phone.say(sine(700, 2.0, level_dbfs=-30.0))
        phone.press("#3")
        await admin.finished()


async def test_the_next_caller_hears_what_was_recorded_by_phone(
    tmp_path: Path, sounds_8k: SoundStore
) -> None:
    """The first second of speech, the level and the length arrive as they should."""
    async with open_office(tmp_path, NOBODY, "", sounds=sounds_8k) as office:
        await office.switch.sounds.new_pin(PIN)
        await record(office, PIN)
        sound = office.switch.sounds.catalogue.sound(name_of(Slot.OPEN))
        async with (
            RtpPhone() as phone,
            Sipp("uac_call_stay", target=office.target, rtp=phone.address) as caller,
        ):
            await phone.hears(700, least_s=0.5, timeout_s=10)
            first_ns = phone.ear.first_ns
            await phone.packets(150)
            (greeting,) = phone.ear.tone(700, least_s=0.3)
            heard = phone.ear.samples()
            del caller
    assert sound.version().length_s == pytest.approx(2.0, abs=0.15)
    assert greeting.end_s - greeting.start_s == pytest.approx(2.0, abs=0.15)
    assert first_ns is not None
    middle = heard[round((greeting.start_s + 0.5) * RATE_HZ) :][:RATE_HZ]
    # -20 dBov while it is spoken, whatever it was recorded at; a sine of full scale has -3.01.
    assert level_dbfs(middle) == pytest.approx(-20.0 + 3.01, abs=0.5)
