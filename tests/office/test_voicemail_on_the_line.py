"""Messages over real SIP and RTP: recorded, mailed, shown on a phone, and safe from `kill -9`."""

from __future__ import annotations

import asyncio
import io
import signal
import wave
from pathlib import Path

import numpy as np
import pytest

from softswitch.prompts import SoundStore
from softswitch.switch import MessageLeft
from softswitch.testing.peers.mouth import Utterance
from softswitch.testing.peers.ports import free_port
from softswitch.testing.peers.rtp import RtpPhone
from softswitch.testing.peers.sipp import Sipp
from softswitch.testing.peers.tones import RATE_HZ, sine, tone_spans
from softswitch.voicemail.sound import is_finished
from tests.mail.mail_server import MailBag, mail_server
from tests.office.answering_office import switch_process, voicemail_lines
from tests.office.real_office import office_text, open_office

pytestmark = pytest.mark.asyncio

BEEP_HZ, VOICE_HZ = 1000, 700
NOBODY = {"anna": "sip:anna@127.0.0.1:9"}
NOTIFIED = """<scenario name="a phone that is told of messages">
  <recv request="NOTIFY"/>
  <send><![CDATA[
    SIP/2.0 200 OK
    [last_Via:]
    [last_From:]
    [last_To:];tag=[call_number]
    [last_Call-ID:]
    [last_CSeq:]
    Content-Length: 0

  ]]></send>
</scenario>"""


async def begin_to_speak(phone: RtpPhone, seconds: float) -> Utterance:
    """Skip the greeting, wait for the tone, and speak after it."""
    await phone.first_packet()
    phone.press("1")
    await phone.hears(BEEP_HZ, least_s=0.35, timeout_s=20)
    phone.say(np.zeros(RATE_HZ // 2, np.int16))  # recording begins when the tone has ended
    return phone.say(sine(VOICE_HZ, seconds))


def heard_in(recording: bytes) -> float:
    """How many seconds of the voice a WAV file holds, as Python's own reader sees it."""
    with wave.open(io.BytesIO(recording)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (RATE_HZ, 1, 2)
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2")
    return sum(span.end - span.start for span in tone_spans(samples, VOICE_HZ)) / RATE_HZ


def attached(bag: MailBag) -> bytes:
    """The only attachment of the only letter."""
    [(to, mail)] = bag.letters
    assert to == ["desk@example.org"]
    (sound,) = mail.iter_attachments()
    content = sound.get_content()
    assert isinstance(content, bytes)
    return content


async def test_a_message_is_recorded_mailed_and_shown_on_the_phone(
    tmp_path: Path, sounds_8k: SoundStore
) -> None:
    async with (
        mail_server() as bag,
        Sipp(NOTIFIED, service="anna") as anna,
        open_office(
            tmp_path, {"anna": anna.uri}, voicemail_lines(bag.port), sounds=sounds_8k
        ) as office,
    ):
        await office.switch.set_member("anna", active=False)
        async with (
            RtpPhone() as phone,
            Sipp("uac_call_stay", target=office.target, rtp=phone.address) as caller,
        ):
            await begin_to_speak(phone, 2.0)
            phone.press("#1")
            await caller.finished()
        left = await office.record(MessageLeft)
        await bag.until_letters(1)
        lamp = await anna.message("NOTIFY", timeout_s=10)
        await anna.finished()
        (message,) = office.switch.voicemail.messages("main")
        recording = office.switch.voicemail.sound(message).read_bytes()
    assert heard_in(recording) == pytest.approx(2.0, abs=0.1)
    assert left.length_s == message.length_s == pytest.approx(2.5, abs=0.7)
    assert attached(bag) == recording
    assert lamp.header("Event") == "message-summary"
    assert lamp.header("Subscription-State") == "active"
    assert lamp.header("Content-Type") == "application/simple-message-summary"
    assert lamp.body.splitlines() == ["Messages-Waiting: yes", "Voice-Message: 1/0 (0/0)"]


@pytest.mark.parametrize("sends", ["silence", "nothing"])
async def test_silence_on_the_line_ends_the_message(
    tmp_path: Path, sounds_8k: SoundStore, sends: str
) -> None:
    lines = voicemail_lines(free_port())
    lines = lines.replace("[voicemail]", "[voicemail]\nsilence_s = 2\nreview = false")
    async with open_office(tmp_path, NOBODY, lines, sounds=sounds_8k) as office:
        await office.switch.set_member("anna", active=False)
        async with (
            RtpPhone() as phone,
            Sipp("uac_call_stay", target=office.target, rtp=phone.address) as caller,
        ):
            await begin_to_speak(phone, 1.5)
            if sends == "silence":
                phone.say(np.zeros(30 * RATE_HZ, np.int16))
            await caller.finished()  # hung up by the switch
        left = await office.record(MessageLeft)
    assert heard_in(left.path.read_bytes()) == pytest.approx(1.5, abs=0.1)
    assert 1.5 + 2.0 < left.length_s < 1.5 + 2.0 + 2.5


async def test_a_switch_that_is_killed_during_the_recording_loses_nothing(
    tmp_path: Path, sounds_8k: SoundStore
) -> None:
    """Killed while the caller speaks and the mail server is away: all is made up for."""
    bag, port = MailBag(port=free_port()), free_port()
    office_file = tmp_path / "office.toml"
    office_file.write_text(office_text(port, NOBODY, voicemail_lines(bag.port)), encoding="utf-8")
    folder = sounds_8k.beep().parent
    async with (
        RtpPhone() as phone,
        switch_process(office_file, folder) as process,
        Sipp("uac_call_stay", target=f"127.0.0.1:{port}", rtp=phone.address),
    ):
        said = await begin_to_speak(phone, 3.0)
        phone.say(sine(VOICE_HZ, 60.0))
        assert await asyncio.to_thread(said.ended.wait, 20)
        process.send_signal(signal.SIGKILL)
        await process.wait()
        (cut,) = (tmp_path / "data" / "voicemail" / "main").glob("*.wav")
        size = cut.stat().st_size
        assert not is_finished(cut)
    async with mail_server(bag), switch_process(office_file, folder):
        await bag.until_letters(1)
    assert is_finished(cut)
    assert attached(bag) == cut.read_bytes()
    assert len(attached(bag)) == pytest.approx(size, abs=1)
    assert size > 2 * RATE_HZ * 2
    assert heard_in(attached(bag)) == pytest.approx(size / 2 / RATE_HZ - 0.5, abs=0.5)
