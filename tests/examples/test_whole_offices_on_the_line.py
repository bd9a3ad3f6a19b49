"""The programs of the examples, run as a person would, and called on real PJSIP."""

import os
from pathlib import Path

import pytest
from running import ROOT, Example, port_with_phones
from whole_offices import copied

from softswitch.prompts import SoundStore
from softswitch.testing.peers.baresip import Baresip
from softswitch.testing.peers.likeness import read_sound
from softswitch.testing.peers.rtp import RtpPhone
from softswitch.testing.peers.sipp import Sipp

pytestmark = pytest.mark.asyncio

TOLD = (
    "Sag to tusind og treogtyve skråstreg et hundrede og fjorten om byggetilladelse er under "
    "behandling. Du kan vente svar senest den femtende april to tusind og seksogtyve."
)


@pytest.fixture(scope="module")
def sounds(sounds_folder: Path) -> SoundStore:
    return SoundStore(sounds_folder, 8000)


async def test_the_town_hall_as_a_program(
    tmp_path: Path, sounds: SoundStore, sounds_folder: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), str(ROOT / "codecs")]))
    port = port_with_phones()
    file = copied("municipality", tmp_path, port, sounds_folder)
    program = Example("municipality/town_hall.py", file, sounds=sounds_folder)
    async with (
        program,
        RtpPhone() as phone,
        Sipp(
            "uac_call_stay", target=f"127.0.0.1:{port}", service="77112000", rtp=phone.address
        ) as caller,
    ):
        await phone.first_packet()
        phone.press("62023114#")  # the way there is known by heart, day and night
        await phone.hears_sound(read_sound(sounds.say(TOLD, "da")), timeout_s=30)
        phone.press("9")
        await caller.finished()


async def test_the_program_that_answers_first(
    tmp_path: Path, sounds_folder: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), str(ROOT / "codecs")]))
    port = port_with_phones()
    file = copied("bot", tmp_path, port, sounds_folder)
    async with (
        Baresip("anna", port=port + 10, tone_hz=600, answer_after_s=0.2),
        Baresip("caller") as caller,
        Example("bot/bot.py", file, sounds=sounds_folder) as program,
    ):
        await caller.dial(f"sip:1000@127.0.0.1:{port}")
        await caller.press("1002")
        await caller.press("2")
        await caller.hears(600, timeout_s=20)
        await program.until_printed("anna's screen")
        printed = program.printed[1:]
        await caller.hang_up()
    assert printed == [
        "anna's screen: order 1002, is late, and should have been with you, wants: delivery"
    ]
