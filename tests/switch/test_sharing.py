"""Speech for many callers at once: off the loop, each sentence once."""

import asyncio
import threading
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from softswitch.acd import Group, Member
from softswitch.prompts import PromptError, SoundStore, Voice
from softswitch.switch import GroupConfig, OfficeConfig
from softswitch.switch.sharing import InFlight
from softswitch.switch.sounds import OfficeSounds

CALLERS = 40  # more than there are threads


class SlowSpeech:
    """Speaks each text when it is let, and counts."""

    id = "slow"

    def __init__(self) -> None:
        self.may_speak = threading.Event()
        self.spoken: list[str] = []

    def speak(self, text: str, voice: Voice) -> tuple[NDArray[np.float32], int]:
        del voice
        self.spoken.append(text)
        if "at once" not in text:
            assert self.may_speak.wait(30)
        return np.ones(800, np.float32), 8_000


@pytest.fixture
def speech() -> SlowSpeech:
    return SlowSpeech()


@pytest.fixture
def sounds(tmp_path: Path, speech: SlowSpeech) -> OfficeSounds:
    anna = Member(id="anna", address="sip:anna@192.0.2.1")
    group = GroupConfig(numbers=("1000",), engine=Group(id="main", members=("anna",)))
    config = OfficeConfig(name="Office", members=(anna,), groups=(group,))
    return OfficeSounds(SoundStore(tmp_path, 8_000, speech=speech), config)


@pytest.mark.asyncio
async def test_the_same_words_are_spoken_once_and_hold_up_nobody(
    sounds: OfficeSounds, speech: SlowSpeech
):
    waiting = [asyncio.create_task(sounds.position(50, "en")) for _ in range(CALLERS)]
    waiting += [asyncio.create_task(sounds.spoken("Hello", "en")) for _ in range(CALLERS)]
    # Eighty callers wait for speech; another's words are spoken meanwhile, and the loop runs.
    other = await asyncio.wait_for(sounds.spoken("Spoken at once", "en"), 20)
    assert other.exists()
    assert not any(task.done() for task in waiting)
    speech.may_speak.set()
    paths = await asyncio.wait_for(asyncio.gather(*waiting), 20)
    assert len(set(paths)) == 2
    assert sorted(speech.spoken) == [
        "Hello",
        "Spoken at once",
        "You are number fifty in the queue.",
    ]


@pytest.mark.asyncio
async def test_a_caller_who_hangs_up_does_not_stop_the_words_for_others(
    sounds: OfficeSounds, speech: SlowSpeech
):
    first, second = (asyncio.create_task(sounds.spoken("Hello", "en")) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    speech.may_speak.set()
    assert (await asyncio.wait_for(second, 20)).exists()
    assert first.cancelled()
    assert speech.spoken == ["Hello"]


@pytest.mark.asyncio
async def test_a_failure_is_told_to_all_and_not_kept():
    shared = InFlight[int]()
    calls: list[int] = []

    def work() -> int:
        calls.append(1)
        if len(calls) == 1:
            raise ZeroDivisionError
        return 7

    found = await asyncio.gather(*(shared.get("a", work) for _ in range(3)), return_exceptions=True)
    assert [type(one) for one in found] == [ZeroDivisionError] * 3
    assert await shared.get("a", work) == 7


@pytest.mark.asyncio
async def test_a_text_that_cannot_be_spoken_is_refused(sounds: OfficeSounds):
    with pytest.raises(PromptError):
        await sounds.spoken(" ", "en")
