"""An administrator records a greeting by phone, under virtual time."""

from __future__ import annotations

import asyncio
import wave
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import attrs
import numpy as np
import pytest
from office_builder import Office

from softswitch.prompts import SystemMessage
from softswitch.prompts.library import Origin, Slot
from softswitch.switch import Switch
from softswitch.switch.recording_flow import name_of
from softswitch.testing import SimulatedTelephony
from softswitch.testing.phones import PhoneCall
from softswitch.testing.sounding import duration_s

pytestmark = pytest.mark.virtual_time

PIN = "314159"
RECORDING = "1099"


@pytest.fixture
def speech(tmp_path: Path) -> Callable[[float], Path]:
    """Make a WAV file that begins with a second of silence and goes on with a tone."""

    def make(length_s: float) -> Path:
        path = tmp_path / f"speech-{length_s}.wav"
        time_s = np.arange(round(8000 * length_s)) / 8000
        tone = np.round(8000 * np.sin(2 * np.pi * 400 * time_s))
        sound = np.concatenate([np.zeros(8000), tone]).astype("<i2")
        with wave.open(str(path), "wb") as file:
            file.setparams((1, 2, 8000, 0, "NONE", ""))
            file.writeframes(sound.tobytes())
        return path

    return make


@attrs.frozen
class Desk:
    """An open office whose main number nobody answers, and whoever calls it."""

    office: Office
    network: SimulatedTelephony
    switch: Switch

    def spoken(self, message: SystemMessage) -> Path:
        return self.office.store.system(message, "en")

    async def answer(self, call: PhoneCall, question: SystemMessage, keys: str) -> None:
        await call.until_hears(self.spoken(question))
        call.press(keys)

    async def let_in(self, says: Path | None = None) -> PhoneCall:
        call = self.network.call(RECORDING, caller="admin")
        call.says = says
        await self.answer(call, SystemMessage.RECORDING_PIN, f"{PIN}#")
        return call

    async def speak(self, call: PhoneCall, seconds: float) -> None:
        """Skip the instructions, speak after the tone, and press the hash key."""
        await self.answer(call, SystemMessage.RECORDING_SPEAK, "#")
        await call.until_hears(self.office.store.beep())
        await asyncio.sleep(duration_s(self.office.store.beep()) + seconds)
        call.press("#")

    async def first_heard(self) -> Path | None:
        """What a caller to the main number hears first."""
        log = await self.network.call("1000", hangs_up_after_s=1).until_ended()
        return log.heard[0].file


@asynccontextmanager
async def open_desk(office: Office) -> AsyncIterator[Desk]:
    office.group("main", "1000", ("anna",))
    office.recording_number = RECORDING
    network, switch = office.open()
    async with switch:
        await switch.sounds.new_pin(PIN)
        yield Desk(office, network, switch)


async def test_a_saved_greeting_is_heard_by_the_next_caller(office: Office, speech):
    async with open_desk(office) as desk:
        before = await desk.first_heard()
        call = await desk.let_in(speech(3.0))
        await desk.answer(call, SystemMessage.RECORDING_CHOOSE, "1")
        await desk.speak(call, 4.0)
        await desk.answer(call, SystemMessage.RECORDING_REVIEW, "3")
        log = await call.until_ended()
        greeting = await desk.first_heard()
        sound = desk.switch.sounds.catalogue.sound(name_of(Slot.OPEN))
        assert log.stretches(desk.spoken(SystemMessage.RECORDING_SAVED))
        assert before == desk.spoken(SystemMessage.PLEASE_HOLD)
        assert greeting == await desk.switch.sounds.sound(sound.name)
        # The second of silence is gone but for the margin that speech keeps.
        assert duration_s(greeting) == pytest.approx(3.0, abs=0.1)
        assert sound.version().origin is Origin.PHONE


async def test_listen_and_record_again(office: Office, speech):
    async with open_desk(office) as desk:
        call = await desk.let_in(speech(2.0))
        await desk.answer(call, SystemMessage.RECORDING_CHOOSE, "2")
        await desk.speak(call, 3.0)
        await desk.answer(call, SystemMessage.RECORDING_REVIEW, "1")
        await asyncio.sleep(4.0)
        call.says = speech(5.0)
        await desk.answer(call, SystemMessage.RECORDING_REVIEW, "2")
        await desk.speak(call, 6.0)
        await desk.answer(call, SystemMessage.RECORDING_REVIEW, "3")
        log = await call.until_ended()
        known = {desk.spoken(message) for message in SystemMessage} | {desk.office.store.beep()}
        (listened,) = [heard for heard in log.heard if heard.file not in known]
        assert listened.to_s - listened.from_s == pytest.approx(2.0, abs=0.1)
        (sound,) = desk.switch.sounds.catalogue.sounds.values()
        assert desk.switch.sounds.catalogue.shelf().greetings == {Slot.CLOSED: sound.name}
        assert [version.length_s for version in sound.versions] == [pytest.approx(5.0, abs=0.1)]


async def test_recording_twice_makes_two_versions(office: Office, speech):
    async with open_desk(office) as desk:
        for length_s in (1.0, 2.0):
            call = await desk.let_in(speech(length_s))
            await desk.answer(call, SystemMessage.RECORDING_CHOOSE, "3")
            await desk.speak(call, length_s + 1.0)
            await desk.answer(call, SystemMessage.RECORDING_REVIEW, "3")
            await call.until_ended()
        (sound,) = desk.switch.sounds.catalogue.sounds.values()
        assert sound.current == 2
        assert [round(version.length_s) for version in sound.versions] == [1, 2]


@pytest.mark.parametrize("leave", ["*", "hang up", "say nothing"])
async def test_what_is_not_saved_leaves_everything_as_it_was(office: Office, speech, leave: str):
    async with open_desk(office) as desk:
        call = await desk.let_in(speech(2.0))
        await desk.answer(call, SystemMessage.RECORDING_CHOOSE, "1")
        await desk.speak(call, 3.0)
        await call.until_hears(desk.spoken(SystemMessage.RECORDING_REVIEW))
        if leave == "hang up":
            call.hang_up()
        elif leave == "*":
            call.press("*")
        log = await call.until_ended()
        told = bool(log.stretches(desk.spoken(SystemMessage.RECORDING_NOT_SAVED)))
        assert told is (leave != "hang up")
        assert desk.switch.sounds.catalogue.sounds == {}


async def test_a_recording_of_nothing_is_asked_for_again(office: Office, speech):
    async with open_desk(office) as desk:
        call = await desk.let_in(None)
        await desk.answer(call, SystemMessage.RECORDING_CHOOSE, "1")
        await desk.speak(call, 3.0)
        await call.until_hears(desk.spoken(SystemMessage.RECORDING_UNHEARD))
        call.says = speech(2.0)
        await desk.speak(call, 3.0)
        await desk.answer(call, SystemMessage.RECORDING_REVIEW, "3")
        await call.until_ended()
        assert list(desk.switch.sounds.catalogue.sounds) == [name_of(Slot.OPEN)]


async def test_wrong_pins_lock_the_number_for_longer_and_longer(office: Office):
    async with open_desk(office) as desk:

        async def keyed(pin: str) -> bool:
            """Whether one call with this PIN, tried once, comes to the choice of greetings."""
            call = desk.network.call(RECORDING, caller="somebody")
            await desk.answer(call, SystemMessage.RECORDING_PIN, f"{pin}#")
            await asyncio.sleep(1)
            asked = desk.spoken(SystemMessage.RECORDING_CHOOSE) in call.hears_now
            locked = desk.spoken(SystemMessage.RECORDING_LOCKED) in call.hears_now
            call.hang_up()
            await call.until_ended()
            outcomes.append("in" if asked else "locked" if locked else "wrong")
            return asked

        outcomes: list[str] = []
        for _ in range(3):
            await keyed("000000")
        await keyed(PIN)  # right, but locked
        await asyncio.sleep(30)
        await keyed("000000")
        await asyncio.sleep(31)
        await keyed(PIN)  # the second lock lasts a minute
        await asyncio.sleep(31)
        await keyed(PIN)
        assert outcomes == ["wrong", "wrong", "wrong", "locked", "wrong", "locked", "in"]


async def test_three_wrong_pins_end_the_call(office: Office):
    async with open_desk(office) as desk:
        call = desk.network.call(RECORDING, caller="somebody")
        for _ in range(3):
            await desk.answer(call, SystemMessage.RECORDING_PIN, "000000#")
            await call.until_hears(desk.spoken(SystemMessage.RECORDING_WRONG_PIN))
        log = await call.until_ended()
        assert log.heard[-1].file == desk.spoken(SystemMessage.RECORDING_LOCKED)


async def test_without_a_pin_nobody_comes_in(office: Office):
    office.group("main", "1000", ("anna",))
    office.recording_number = RECORDING
    network, switch = office.open()
    async with switch:
        call = network.call(RECORDING, caller="somebody", presses=((3, "0000#"), (9, "1234#")))
        log = await call.until_ended()
    assert not log.stretches(office.store.system(SystemMessage.RECORDING_CHOOSE, "en"))
