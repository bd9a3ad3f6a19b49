"""The offices of the examples on real PJSIP: SIPp, baresip and RTP phones press keys all ways."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

import attrs
import bot  # noqa: F401 - a kind of node
import numpy as np
import pytest
import town_hall
from running import ROOT, Example, port_with_phones
from whole_offices import Furnish, copied

from softswitch.acd.records import CallRecord, Record
from softswitch.prompts import SoundStore
from softswitch.switch import Switch, load_office
from softswitch.switch.flow_records import FlowRecord
from softswitch.testing.peers.baresip import Baresip
from softswitch.testing.peers.likeness import is_heard, read_sound
from softswitch.testing.peers.rtp import RtpPhone
from softswitch.testing.peers.sipp import Sipp
from softswitch_codecs.tones import dtmf
from tests.sip.eventless import eventless

pytestmark = pytest.mark.asyncio

R = TypeVar("R", bound=Record)

CASE = "2023114#"
CASES_NUMBER = "77112299"
TOLD = (
    "Sag to tusind og treogtyve skråstreg et hundrede og fjorten om byggetilladelse er under "
    "behandling. Du kan vente svar senest den femtende april to tusind og seksogtyve."
)
THE_CASE = ("which", "find", "how far?", "processing")


@pytest.fixture(scope="module")
def sounds(sounds_folder: Path) -> SoundStore:
    return SoundStore(sounds_folder, 8000)


@attrs.frozen
class Office:
    """A running switch, and every record that it has written."""

    target: str
    records: list[Record]
    news: asyncio.Event

    async def record(self, kind: type[R]) -> R:
        """The first record of a kind; waits for it."""
        async with asyncio.timeout(20):
            while not (found := [one for one in self.records if isinstance(one, kind)]):
                self.news.clear()
                await self.news.wait()
        return found[0]


@asynccontextmanager
async def running(
    name: str,
    port: int,
    folder: Path,
    sounds: SoundStore,
    furnish: Furnish | None = None,
    **texts: str,
) -> AsyncIterator[Office]:
    """Open an example's office on real SIP."""
    config = load_office(copied(name, folder, port, **texts), flows=True)
    switch = Switch(config, sounds=sounds)
    if furnish is not None:
        furnish(switch, config)
    office = Office(f"127.0.0.1:{port}", [], asyncio.Event())

    def note(record: Record) -> None:
        office.records.append(record)
        office.news.set()

    switch.on_record(note)
    async with switch:
        yield office


async def listen(phone: RtpPhone, seconds: float) -> None:
    """Let so much of a call go by, counted in packets that we get."""
    await phone.packets(len(phone.ear.packets) + round(50 * seconds), timeout_s=seconds + 5)


@pytest.mark.parametrize("how", ["RFC 4733", "in-band tones"])
async def test_the_case_is_told(how: str, tmp_path: Path, sounds: SoundStore):
    scenario = "uac_call_stay" if how == "RFC 4733" else eventless("uac_call_stay")
    async with (
        running("municipality", port_with_phones(), tmp_path, sounds, town_hall.furnish) as office,
        RtpPhone() as phone,
        Sipp(scenario, target=office.target, service=CASES_NUMBER, rtp=phone.address) as caller,
    ):
        await phone.first_packet()
        if how == "RFC 4733":
            phone.press(CASE)
        else:
            phone.say(dtmf(CASE, 8000, on_s=0.08, off_s=0.08))
            phone.say_nothing()
        await listen(phone, 5.0)
        phone.hush()
        if how == "RFC 4733":
            phone.press("9")  # no choice: goodbye
        else:
            phone.say(dtmf("9", 8000, on_s=0.08, off_s=0.08))
            phone.say_nothing()
        record = await office.record(FlowRecord)
        await caller.finished()
    assert record.nodes == (*THE_CASE, "another?", "over")
    assert is_heard(phone.ear.samples(), read_sound(sounds.say(TOLD, "da")))


async def test_the_case_by_sip_info(tmp_path: Path, sounds: SoundStore):
    async with (
        running("municipality", port_with_phones(), tmp_path, sounds, town_hall.furnish) as office,
        RtpPhone() as phone,
        Sipp(
            "uac_dtmf_info",
            target=office.target,
            service=CASES_NUMBER,
            rtp=phone.address,
            digits=CASE,
            talk_ms=2500,
        ) as caller,
    ):
        record = await office.record(FlowRecord)
        await caller.finished()
    assert (record.outcome, record.nodes) == ("caller_hung_up", THE_CASE)
    assert is_heard(phone.ear.samples(), read_sound(sounds.say(TOLD, "da")))


WAYS = {  # number, keys, nodes
    "helpdesk": (
        "4000",
        "112345611",  # English, the customer number, yes, a computer
        ("language", "number", "find", "what", "first", "first in English"),
    ),
    "bot": ("1000", "10022", ("bot", "late", "delivery")),  # the order, and where is it?
}


@pytest.mark.parametrize("name", WAYS)
@pytest.mark.parametrize("how", ["SIP INFO", "in-band tones"])
async def test_keys_lead_through(name: str, how: str, tmp_path: Path, sounds: SoundStore):
    number, keys, nodes = WAYS[name]
    by_info = how == "SIP INFO"
    scenario = "uac_dtmf_info" if by_info else eventless("uac_call")
    settings = {"digits": keys, "talk_ms": 1500} if by_info else {"talk_ms": 5500}
    async with (
        running(name, port_with_phones(), tmp_path, sounds) as office,
        RtpPhone() as phone,
        Sipp(
            scenario, target=office.target, service=number, rtp=phone.address, **settings
        ) as caller,
    ):
        if not by_info:
            await phone.first_packet()
            phone.say(dtmf(keys[:-1], 8000, on_s=0.08, off_s=0.08))
            phone.say(np.zeros(8000, np.int16))  # a second in which nothing is pressed
            phone.say(dtmf(keys[-1], 8000, on_s=0.08, off_s=0.08))
            phone.say_nothing()
        record = await office.record(FlowRecord)
        await caller.finished()
    assert (record.outcome, record.nodes) == ("caller_hung_up", nodes)


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
        phone.press("6" + CASE)  # the way there is known by heart, day and night
        await listen(phone, 6.0)
        phone.press("9")
        await caller.finished()
    assert is_heard(phone.ear.samples(), read_sound(sounds.say(TOLD, "da")))


async def test_the_help_desk_asks_the_register_and_leads_to_an_agent(
    tmp_path: Path, sounds: SoundStore
):
    asked: list[str] = []

    async def register(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await reader.readuntil(b"\r\n\r\n")
        asked.append(request.split()[1].decode())
        body = b'{"name": "Nordic Fish", "priority": 5}'
        head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        writer.write(head.encode() + body)
        await writer.drain()
        writer.close()

    port = port_with_phones()
    web = await asyncio.start_server(register, "127.0.0.1", 0)
    web_port = str(web.sockets[0].getsockname()[1])
    async with (
        web,
        Baresip("anna", port=port + 10, tone_hz=600, answer_after_s=0.2) as anna,
        running("helpdesk", port, tmp_path, sounds, **{"8099": web_port}) as office,
        RtpPhone() as phone,
        Sipp("uac_call_stay", target=office.target, service="4000", rtp=phone.address) as caller,
    ):
        await phone.first_packet()
        phone.press("1123456")
        await listen(phone, 1.0)
        phone.press("11")  # yes, that is right; a computer
        await phone.hears(600, timeout_s=15)
        await anna.hang_up()
        answered = await office.record(CallRecord)
        await caller.stop()
    assert asked == ["/customers/123456"]
    assert (answered.group_id, answered.member_id) == ("first", "anna")


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
