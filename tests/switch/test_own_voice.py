"""An office that speaks with recordings of its own, and with a voice of its own."""

from __future__ import annotations

import asyncio
import logging
import shutil
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import attrs
import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray
from office_builder import Office

from softswitch.prompts import Clip, Ducked, Mix, Say, Sequence, Silence, SoundStore, Tone, Voice
from softswitch.switch import Call
from softswitch.switch.speech_tables import SpeechTable
from softswitch.testing.logbook import Logbook
from softswitch_codecs.detect import find_tone

pytestmark = pytest.mark.virtual_time

RATE_HZ = 8_000
SPOKEN_HZ, PIPER_HZ = 500.0, 900.0


@attrs.frozen
class CountingSpeech:
    """Speaks every text as a second of one tone, and counts."""

    id: str = "counting"
    spoken: list[str] = attrs.Factory(list)

    def speak(self, text: str, voice: Voice) -> tuple[NDArray[np.float32], int]:
        del voice
        self.spoken.append(text)
        return sine(SPOKEN_HZ, 1.0), RATE_HZ


def sine(hertz: float, seconds: float) -> NDArray[np.float32]:
    times_s = np.arange(round(RATE_HZ * seconds)) / RATE_HZ
    return (0.2 * np.sin(2 * np.pi * hertz * times_s)).astype(np.float32)


def recorded(path: Path, hertz: float, seconds: float = 0.5) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, sine(hertz, seconds), RATE_HZ)
    return path


@pytest.fixture
def speech() -> CountingSpeech:
    return CountingSpeech()


@pytest.fixture(scope="module")
def music(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ...]:
    """The supplied music, performed once for all stores here."""
    return SoundStore(tmp_path_factory.mktemp("music"), RATE_HZ).default_music()


@pytest.fixture
def store(tmp_path: Path, speech: CountingSpeech, music: tuple[Path, ...]) -> SoundStore:
    return new_store(tmp_path / "cache", speech, music)


def new_store(
    folder: Path, speech: CountingSpeech, music: tuple[Path, ...], **settings: int
) -> SoundStore:
    folder.mkdir()
    for piece in music:
        shutil.copy(piece, folder)
    return SoundStore(folder, RATE_HZ, speech=speech, **settings)


@pytest.fixture
def clips(tmp_path: Path, office: Office) -> Path:
    """The office's folder of recordings: "please hold", and most of the place in the queue."""
    folder = tmp_path / "clips"
    recorded(folder / "en" / "messages" / "please_hold.wav", 1_000)
    recorded(folder / "en" / "you-are-number.wav", 1_200)
    recorded(folder / "en" / "in-the-queue.wav", 1_500)
    recorded(folder / "en" / "2.wav", 1_800)
    office.services["speech"] = SpeechTable(clips=folder)
    return folder


def tones(file: Path | None) -> list[float]:
    """Which tones are heard in a file, in their order."""
    assert file is not None
    samples, rate_hz = soundfile.read(file)
    found = {
        hertz: span.start_s
        for hertz in (SPOKEN_HZ, PIPER_HZ, 1_000.0, 1_200.0, 1_500.0, 1_800.0)
        if (span := find_tone(samples, rate_hz, hertz))
    }
    return sorted(found, key=lambda hertz: found[hertz])


def heard(log: Logbook) -> list[list[float]]:
    """What was heard that is no music: the tones of each message."""
    return [
        found for one in log.heard if len(found := tones(one.file)) and one.to_s - one.from_s < 5
    ]


@pytest.mark.usefixtures("clips")
async def test_a_waiting_caller_hears_what_is_recorded_and_the_rest_spoken(
    office: Office, speech: CountingSpeech
):
    office.group("main", "1000", ("anna",), position_every_s=10)
    network, switch = office.open()
    async with switch:
        first = network.call("1000", hangs_up_after_s=21)
        second = network.call("1000", hangs_up_after_s=20)
        first, second = await first.until_ended(), await second.until_ended()
    hold, place = heard(first)[:2]
    assert (hold, place) == ([1_000], [1_200, SPOKEN_HZ, 1_500])
    assert heard(second)[1] == [1_200, 1_800, 1_500]
    assert "one" in speech.spoken
    assert not [text for text in speech.spoken if "hold the line" in text or "number" in text]


@pytest.mark.usefixtures("clips")
async def test_texts_of_a_flow_are_played_from_recordings_too(
    office: Office, speech: CountingSpeech
):
    network, switch = office.open()

    @switch.flow("2000")
    async def tell(call: Call) -> None:
        await call.answer()
        await call.say("You are number 2!", lang="en")
        await call.say("Three.", lang="en")

    async with switch:
        before = len(speech.spoken)
        log = await network.call("2000").until_ended()
    assert heard(log) == [[1_200, 1_800], [SPOKEN_HZ]]
    assert speech.spoken[before:] == ["Three."]


async def test_words_in_a_prompt_are_played_from_recordings_too(office: Office, clips: Path):
    network, switch = office.open()
    (clips / "en" / "broken.mp3").write_bytes(b"no sound at all" * 100)
    words, other = Say("In the queue", "en", gain_db=-6.0), Say("Broken in the queue", "en")
    prompt = Ducked(
        speech=Sequence([Tone(1_000), words, Mix([Say("Three", "en")])]),
        music=Tone(1_800, tone_dbfs=-60.0),
    )

    @switch.flow("2000")
    async def tell(call: Call) -> None:
        await call.answer()
        await call.play(prompt, other, words, Say("In the queue", "en"))

    async with switch:
        log = await network.call("2000").until_ended()
    files = log.files()
    assert [tones(file) for file in files] == [
        [1_000, 1_500, SPOKEN_HZ],
        [SPOKEN_HZ],
        [1_500],
        [1_500],
    ]
    quieter, as_it_is = (soundfile.read(file)[0] for file in files[2:])
    # 6 dB, to half a step of 16 bits.
    np.testing.assert_allclose(quieter, as_it_is * 10 ** (-6 / 20), atol=1.1 / 32768)


async def test_a_recording_that_cannot_be_played_keeps_nobody_from_hearing(
    office: Office, clips: Path, caplog: pytest.LogCaptureFixture
):
    network, switch = office.open()
    (clips / "en" / "broken.mp3").write_bytes(b"no sound at all" * 100)

    @switch.flow("2000")
    async def tell(call: Call) -> None:
        await call.answer()
        await call.say("Broken in the queue")

    async with switch:
        with caplog.at_level(logging.WARNING):
            log = await network.call("2000").until_ended()
    assert heard(log) == [[SPOKEN_HZ]]
    assert "broken.mp3" in caplog.text


@pytest.mark.usefixtures("clips")
async def test_other_recordings_come_into_force_with_another_office(office: Office):
    office.group("main", "1000", ("anna",), position_every_s=0)
    network, switch = office.open()
    async with switch:
        before = await network.call("1000", hangs_up_after_s=5).until_ended()
        office.services["speech"] = SpeechTable()
        plan = await switch.plan(office.config())
        assert plan.effects == ("Callers are spoken to with other recordings or voices.",)
        await switch.apply(plan)
        after = await network.call("1000", hangs_up_after_s=5).until_ended()
    assert (heard(before)[0], heard(after)[0]) == ([1_000], [SPOKEN_HZ])


PIPER = f"""
import sys, wave
import numpy as np
folder = sys.argv[sys.argv.index("--output_dir") + 1]
sound = 6000 * np.sin(2 * np.pi * {PIPER_HZ} * np.arange(8000) / 8000)
for count, line in enumerate(sys.stdin):
    with open(sys.argv[sys.argv.index("--model") + 1], "a") as model:
        model.write(line)
    with wave.open(f"{{folder}}/{{count}}.wav", "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", "not compressed"))
        file.writeframes(sound.astype("<i2").tobytes())
    print(f"{{folder}}/{{count}}.wav", flush=True)
"""


@pytest.fixture
def piper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A program in Piper's place, whose model is the list of what it was given to speak."""
    package = tmp_path / "programs" / "piper"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "__main__.py").write_text(textwrap.dedent(PIPER))
    monkeypatch.setenv("PYTHONPATH", str(package.parent))
    monkeypatch.syspath_prepend(str(package.parent))
    sys.modules.pop("piper", None)
    model = tmp_path / "da.onnx"
    model.touch()
    (tmp_path / "da.onnx.json").write_text("{}")
    return model


def said_to(model: Path) -> list[str]:
    return model.read_text().splitlines()


async def test_a_voice_of_piper_speaks_its_language_and_what_is_not_recorded(
    office: Office, clips: Path, piper: Path, speech: CountingSpeech
):
    recorded(clips / "da" / "du-er-nummer.wav", 1_200)
    office.services["speech"] = SpeechTable(clips=clips, piper={"da": piper})
    office.group("main", "1000", ("anna",), language="da", position_every_s=10, queue_cap=1)
    network, switch = office.open()

    @switch.flow("2000")
    async def tell(call: Call) -> None:
        await call.answer()
        await call.say("Hello", lang="en")

    async with switch:
        log = await network.call("1000", hangs_up_after_s=15).until_ended()
        assert heard(log)[:2] == [[PIPER_HZ], [1_200, PIPER_HZ]]
        lines = said_to(piper)
        assert "ét i køen." in lines
        assert len(lines) == len(set(lines))  # each once
        # In another office with the same voice it goes on, and nothing is spoken anew.
        office.group("other", "3000", ("anna",), language="da", queue_cap=1)
        await switch.apply(await switch.plan(office.config()))
        again = await network.call("3000", hangs_up_after_s=5).until_ended()
        assert heard(again)[0] == [PIPER_HZ]
        assert said_to(piper) == lines
        assert heard(await network.call("2000").until_ended()) == [[SPOKEN_HZ]]
    assert speech.spoken[-1] == "Hello"


# Prompts put together for one call.


async def test_a_flow_plays_prompts_by_their_descriptions(office: Office, tmp_path: Path):
    gong = recorded(tmp_path / "gong.wav", 1_000)
    prompt = Sequence([Clip(gong), Say("Welcome", "en"), Tone(1_500, lasts_s=0.5)], gap_s=0.2)
    network, switch = office.open()

    @switch.flow("2000")
    async def tell(call: Call) -> None:
        await call.answer()
        await call.play(Silence(1.0), prompt, gong)

    async with switch:
        log = await network.call("2000").until_ended()
    assert [tones(one.file) for one in log.heard] == [[], [1_000, SPOKEN_HZ, 1_500], [1_000]]
    lengths_s = [one.to_s - one.from_s for one in log.heard]
    # Half a second, a second with 30 ms left at either end of it, half a second, and two gaps.
    assert lengths_s == pytest.approx([1.0, 2.4, 0.5], abs=0.07)


async def test_callers_who_want_the_same_prompt_at_once_wait_for_one_rendering(
    office: Office, speech: CountingSpeech
):
    network, switch = office.open()

    @switch.flow("2000")
    async def tell(call: Call) -> None:
        await call.answer()
        await call.play(Sequence([Say("Welcome", "en"), Tone(1_500)]))

    async with switch:
        callers = [network.call("2000") for _ in range(20)]
        logs = await asyncio.gather(*(caller.until_ended() for caller in callers))
    assert speech.spoken.count("Welcome") == 1
    assert {tuple(log.files()) for log in logs} == {tuple(logs[0].files())}


async def test_files_of_flows_do_not_fill_the_folder_for_good(
    office: Office, tmp_path: Path, speech: CountingSpeech, music: tuple[Path, ...]
):
    """Room for ten seconds of sound, and fifty files of a second each, played one by one."""
    roomy = 10 * 2 * RATE_HZ
    office.store = new_store(tmp_path / "small", speech, music, max_bytes=roomy)
    files = [recorded(tmp_path / f"{n}.wav", 300 + 10 * n, 1.0) for n in range(50)]
    network, switch = office.open()

    @switch.flow("2000")
    async def tell(call: Call) -> None:
        await call.answer()
        for file in files:
            await call.play(file)

    def size() -> int:
        return sum(file.stat().st_size for file in (tmp_path / "small").iterdir())

    async with switch:
        kept = size()  # what the office always has at hand
        log = await network.call("2000").until_ended()
        assert len(log.heard) == 50
        assert size() <= max(roomy, kept) + 12 * 2 * RATE_HZ


async def test_a_file_is_there_when_its_turn_comes(
    office: Office, tmp_path: Path, speech: CountingSpeech, music: tuple[Path, ...]
):
    """Thirty files in one row, while another caller's files push out whatever may be removed."""
    office.store = new_store(tmp_path / "small", speech, music, max_bytes=1)
    row = [recorded(tmp_path / f"row {n}.wav", 1_000 + 10 * n, 1.0) for n in range(30)]
    others = [recorded(tmp_path / f"{n}.wav", 300 + 10 * n, 1.0) for n in range(30)]
    network, switch = office.open()

    @switch.flow("2000")
    async def long_row(call: Call) -> None:
        await call.answer()
        await call.play(*row)

    @switch.flow("3000")
    async def one_by_one(call: Call) -> None:
        await call.answer()
        for file in others:
            await call.play(file)

    async with switch:
        waits = network.call("2000")
        await network.call("3000").until_ended()
        log = await waits.until_ended()
    assert len(log.heard) == 30
    assert sum(one.to_s - one.from_s for one in log.heard) == pytest.approx(30.0)
