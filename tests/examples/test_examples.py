"""Every example, run as a program and called by real SIP phones."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from running import EXAMPLES, ROOT, Example, port_with_phones

from softswitch.prompts import SoundStore
from softswitch.testing.peers.baresip import Baresip
from softswitch.testing.peers.likeness import is_heard, read_sound
from softswitch.testing.peers.rtp import RtpPhone
from softswitch.testing.peers.sipp import Sipp
from softswitch.testing.peers.tones import sine, tone_spans

ANSWERS_AFTER_S = 0.3


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sounds")


@pytest.fixture(scope="module")
def store(folder: Path) -> SoundStore:
    return SoundStore(folder, 8000)


@pytest.fixture
def sounds(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of rendered sounds; the examples find the package whether installed or not."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), str(ROOT / "codecs")]))
    return folder


def _caller(port: int, phone: RtpPhone, number: str = "1000", **options: object) -> Sipp:
    """A caller who stays until the switch hangs up."""
    target = f"127.0.0.1:{port}"
    return Sipp(
        "uac_call_stay",
        target=target,
        service=number,
        rtp=phone.address,
        caller="+4570102030",
        **options,
    )


def _heard(phone: RtpPhone, store: SoundStore, text: str) -> bool:
    return is_heard(phone.ear.samples(), read_sound(store.say(text, "en")))


@pytest.mark.asyncio
async def test_01_says_a_sentence_and_hangs_up(sounds: Path, store: SoundStore):
    port = port_with_phones()
    async with (
        Example("01_hello.py", port, sounds=sounds) as example,
        RtpPhone() as phone,
        _caller(port, phone) as caller,
    ):
        await caller.finished()
        assert "+4570102030 calls" in example.printed
    assert _heard(phone, store, "Hello. This is a telephone switch, written in Python.")


@pytest.mark.asyncio
async def test_02_takes_keys_and_loses_none(sounds: Path, store: SoundStore):
    port = port_with_phones()
    async with (
        Example("02_keys.py", port, sounds=sounds) as example,
        RtpPhone() as phone,
        _caller(port, phone) as caller,
    ):
        await phone.first_packet()
        phone.press("242#")  # the whole way at once, into the first sentence
        await caller.finished()
        assert "+4570102030 asks about case 42" in example.printed
    assert _heard(phone, store, "Case 4 2 is being dealt with.")
    assert not _heard(phone, store, "We are open from nine to four.")


@pytest.mark.asyncio
async def test_02_says_the_opening_hours(sounds: Path, store: SoundStore):
    port = port_with_phones()
    async with (
        Example("02_keys.py", port, sounds=sounds),
        RtpPhone() as phone,
        _caller(port, phone) as caller,
    ):
        await phone.first_packet()
        phone.press("1")
        await caller.finished()
    assert _heard(phone, store, "We are open from nine to four.")


@pytest.mark.asyncio
async def test_03_goes_on_to_the_next_member(sounds: Path):
    port = port_with_phones()
    async with (
        Baresip("anna", port=port + 10) as anna,
        Baresip("bo", port=port + 20, tone_hz=600, answer_after_s=ANSWERS_AFTER_S) as bo,
        Example("03_hunt_group.py", port, sounds=sounds) as example,
        RtpPhone() as phone,
        _caller(port, phone) as caller,
    ):
        await anna.incoming()
        await anna.hang_up()
        await phone.hears(600)
        await bo.hang_up()
        await caller.finished()
        await example.until_printed("call from")
        assert example.printed[1:] == [
            "anna: busy",
            "bo: answered",
            "call from +4570102030: answered, by bo",
        ]


@pytest.mark.asyncio
async def test_04_runs_an_office_file(sounds: Path, tmp_path: Path):
    port = port_with_phones()
    text = (EXAMPLES / "office.toml").read_text(encoding="utf-8")
    text = re.sub(r"\b5060\b", str(port), text).replace(":5071", f":{port + 10}")
    text = text.replace('members = ["anna", "bo", "clara", "david", "eva"]', 'members = ["anna"]')
    office = tmp_path / "office.toml"
    office.write_text(text, encoding="utf-8")
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "sounds").symlink_to(sounds)
    async with (
        Baresip("anna", port=port + 10, tone_hz=600, answer_after_s=ANSWERS_AFTER_S) as anna,
        Example("04_office_file.py", office, sounds=sounds) as example,
        RtpPhone() as phone,
        _caller(port, phone) as caller,
    ):
        await phone.hears(600)
        await anna.hang_up()
        await caller.finished()
        await example.until_printed("main  answered")
        await example.stop()
        [recording] = [line for line in example.printed if line.startswith("recording: ")]
    assert Path(recording.removeprefix("recording: ")).parent == tmp_path / "var" / "recordings"
    assert tone_spans(read_sound(Path(recording.removeprefix("recording: "))), 600)


@pytest.mark.usefixtures("sounds")
def test_04_tells_what_is_wrong_with_a_file(tmp_path: Path):
    office = tmp_path / "office.toml"
    office.write_text("[groups.main]\nnumber = '1000'\nring_time_s = 7\n", encoding="utf-8")
    command = [sys.executable, str(EXAMPLES / "04_office_file.py"), str(office)]
    result = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert result.returncode == 1
    assert "groups.main.ring_time_s" in result.stderr
    assert "15 to 40" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.asyncio
async def test_05_asks_queues_and_asks_again(sounds: Path):
    port = port_with_phones()
    async with (
        Baresip("anna", port=port + 10, tone_hz=600, answer_after_s=ANSWERS_AFTER_S) as anna,
        Example("05_customer_number.py", port, sounds=sounds) as example,
        RtpPhone() as phone,
        _caller(port, phone) as caller,
    ):
        await phone.first_packet()
        phone.press("123")
        await phone.hears(600)
        await anna.hang_up()
        await example.until_printed("answered by anna")
        phone.press("5")
        await caller.finished()
        await example.until_printed("gives us")
        printed = example.printed[1:]
    assert printed[0] == "Nordic Fish calls"
    assert re.fullmatch(r"Nordic Fish: answered by anna after \d s", printed[1])
    assert printed[2] == "Nordic Fish gives us 5"


@pytest.mark.asyncio
async def test_06_tries_the_next_address_and_records(sounds: Path):
    port = port_with_phones()
    async with (
        Baresip("caretaker", port=port + 10) as caretaker,
        Baresip("deputy", port=port + 20, tone_hz=600, answer_after_s=ANSWERS_AFTER_S) as deputy,
        Example("06_dial_and_bridge.py", port, sounds=sounds) as example,
        RtpPhone() as phone,
        _caller(port, phone, number="4711") as caller,
    ):
        await caretaker.incoming()
        await caller.message(180)
        await caretaker.hang_up()
        await phone.hears(600)
        phone.say(sine(1000, 1.0), forever=True)
        await deputy.hears(1000)
        await deputy.hang_up()
        await caller.finished()
        assert example.printed[1:] == [
            f"sip:caretaker@127.0.0.1:{port + 10}: 486",
            f"sip:deputy@127.0.0.1:{port + 20} talks to +4570102030",
        ]
        await example.stop()
        recording = read_sound(example.folder / "conversation.wav")
    # Two tones at one level share the energy evenly.
    assert tone_spans(recording, 600, share=0.3)
    assert tone_spans(recording, 1000, share=0.3)


@pytest.mark.asyncio
async def test_07_takes_a_message_and_tells_the_quality(sounds: Path, store: SoundStore):
    port = port_with_phones()
    async with (
        Example("07_message_and_quality.py", port, sounds=sounds) as example,
        RtpPhone() as phone,
        _caller(port, phone) as caller,
    ):
        await phone.first_packet()
        phone.say(sine(1000, 8.0))
        phone.press("#")
        await caller.finished()
        [line] = example.printed[1:]
        await example.stop()
        message = read_sound(example.folder / "message.wav")
    assert _heard(phone, store, "Please speak, and press any key when you have finished.")
    assert tone_spans(message, 1000, least_s=2.0)
    told = re.fullmatch(
        r"PCMA/8000: (\d+) packets received, 0 lost, jitter \d+ ms, MOS (4\.\d)", line
    )
    assert told
    assert int(told[1]) >= 400  # 8 s of fifty packets each


def test_08_is_a_test_that_passes():
    file = EXAMPLES / "08_virtual_time_test.py"
    command = [sys.executable, "-m", "pytest", "-q", str(file)]
    result = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=50, check=False
    )
    assert result.returncode == 0, result.stdout
    assert "2 passed" in result.stdout


def test_every_example_is_tested():
    numbered = {file.name[:2] for file in EXAMPLES.glob("[0-9]*.py")}
    tested = {name[5:7] for name in globals() if re.match(r"test_\d\d_", name)}
    assert numbered == tested
