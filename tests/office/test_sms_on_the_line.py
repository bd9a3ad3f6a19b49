"""A text that a real call leads to is sent though the switch is killed: `kill -9`, twice."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from softswitch.prompts import SoundStore
from softswitch.testing.peers.ports import free_port
from softswitch.testing.peers.rtp import RtpPhone
from softswitch.testing.peers.sipp import Sipp
from tests.office.answering_office import switch_process
from tests.office.real_office import office_text
from tests.office.test_flow_on_the_line import FIRST_HZ, write_tone
from tests.sms.sms_provider import SmsBag, sms_provider

pytestmark = pytest.mark.asyncio

FLOW = """\
[flow]
name = "Real"
start = "text"
language = "en"

[nodes.text]
kind = "message"
by = "sms"
to = "33 11 11 11"
text = "You called {dialled}: æøå"
next = "told"

[nodes.told]
kind = "play"
file = "told.wav"
"""
TABLES = """
[flows.real]
file = "real.toml"
number = "2000"

[sms]
url = "http://127.0.0.1:{port}/send"
country = "DK"
json = {{ to = "{{to}}", text = "{{text}}", reference = "{{id}}" }}
"""
NOBODY = {"anna": "sip:anna@127.0.0.1:9"}


async def test_a_text_survives_the_switch(tmp_path: Path, sounds_8k: SoundStore) -> None:
    """Killed while the provider is away; then killed while the provider has not yet answered."""
    bag, port, folder = SmsBag(answers=[None]), free_port(), sounds_8k.beep().parent
    write_tone(tmp_path / "told.wav", FIRST_HZ)
    (tmp_path / "real.toml").write_text(FLOW)
    file = tmp_path / "office.toml"
    file.write_text(office_text(port, NOBODY, TABLES.format(port=bag.port)), encoding="utf-8")
    async with (
        RtpPhone() as phone,
        switch_process(file, folder) as process,
        Sipp("uac_call_stay", target=f"127.0.0.1:{port}", service="2000", rtp=phone.address),
    ):
        await phone.hears(FIRST_HZ, least_s=0.3, timeout_s=20)  # the flow has gone on
        process.send_signal(signal.SIGKILL)
        await process.wait()
    assert len([*(tmp_path / "data" / "sms").glob("*.json")]) == 1
    async with sms_provider(bag):
        async with switch_process(file, folder) as process:
            await bag.until_asked(1)
            process.send_signal(signal.SIGKILL)
            await process.wait()
        async with switch_process(file, folder):
            await bag.until_asked(2)
    first, second = bag.asked
    assert first.json == second.json  # the provider knows by the reference that it is one
    assert first.json["to"] == "+4533111111"
    assert first.json["text"] == "You called 2000: æøå"
