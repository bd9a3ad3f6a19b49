"""Row D6: words instead of keys; and keys as ever, whatever the recogniser does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray
from office_builder import MakeWav, Office
from service_desk import Desk

from softswitch.errors import EnvironmentFaultError
from softswitch.switch.call import Call

pytestmark = pytest.mark.virtual_time

RATE_HZ = 8000
PHRASES = {"1": "short", "2": "long"}


class ByLength:
    """Takes half a second of sound for one word and a second for another: a recogniser too."""

    def __init__(self, *, broken: bool = False) -> None:
        self.broken = broken
        self.asked = 0

    def knows(self, language: str) -> bool:
        return language == "en"

    def choose(
        self, samples: NDArray[np.int16], rate_hz: int, phrases: Mapping[str, str], _language: str
    ) -> str | None:
        self.asked += 1
        if self.broken:
            raise EnvironmentFaultError("broken", remedy="mend")
        loud_s = float(np.count_nonzero(samples)) / rate_hz
        words = {0.5: "short", 1.0: "long"}
        said = next((word for s, word in words.items() if abs(s - loud_s) < 0.1), "")
        return {phrase: key for key, phrase in phrases.items()}.get(said)


def words(folder: Path, *seconds: float, after_s: float = 1.0) -> Path:
    """Silence, then sounds of these lengths with silence between them."""
    pieces: list[NDArray[np.int16]] = []
    for length_s in seconds:
        time_s = np.arange(round(RATE_HZ * length_s)) / RATE_HZ
        tone = np.round(8000 * np.cos(2 * np.pi * 410 * time_s)).astype(np.int16)
        pieces += [np.zeros(round(RATE_HZ * after_s), np.int16), np.where(tone == 0, 1, tone)]
    path = folder / f"words-{seconds}.wav"
    soundfile.write(str(path), np.concatenate(pieces), RATE_HZ, subtype="PCM_16")
    return path


@asynccontextmanager
async def menu(
    office: Office, wav: MakeWav, recogniser: ByLength | None, *, lang: str = "en"
) -> AsyncIterator[tuple[Desk, list[str | None]]]:
    """A flow at number 5 that asks for 1 or 2, twice at most."""
    office.group("main", "1000", ("anna",), language=lang)
    network, switch = office.open()
    switch.recogniser = recogniser
    chosen: list[str | None] = []
    prompt = wav("short or long", 3.0)

    @switch.flow("5")
    async def flow(call: Call) -> None:
        await call.answer()
        choices = {"1": "one", "2": "two"}
        chosen.append(
            await call.menu(prompt, choices, spoken=PHRASES, attempts=2, timeout_s=4, lang=lang)
        )

    async with switch:
        yield Desk(office, network, switch), chosen


async def test_a_word_stands_for_a_key_and_cuts_the_prompt(office: Office, wav: MakeWav):
    async with menu(office, wav, ByLength()) as (desk, chosen):
        call = desk.network.call("5")
        call.says = words(office.folder, 1.0)
        log = await call.until_ended()
    assert chosen == ["two"]
    # Said from 1 to 2 s; half a second of silence ends it; looked at every quarter of a second.
    assert 2.5 <= log.heard[0].to_s <= 2.8
    assert log.heard[0].length_s < 3.0


async def test_a_word_that_is_none_is_passed_over(office: Office, wav: MakeWav):
    recogniser = ByLength()
    async with menu(office, wav, recogniser) as (desk, chosen):
        call = desk.network.call("5")
        call.says = words(office.folder, 0.2, 0.5)
        await call.until_ended()
    assert chosen == ["one"]
    assert recogniser.asked == 2


@pytest.mark.parametrize("recogniser", [None, ByLength(), ByLength(broken=True)])
async def test_keys_always_remain(office: Office, wav: MakeWav, recogniser: ByLength | None):
    async with menu(office, wav, recogniser) as (desk, chosen):
        call = desk.network.call("5")
        call.says = words(office.folder, 1.0, after_s=2.0)
        await asyncio.sleep(1.0)
        call.press("1")
        await call.until_ended()
    assert chosen == ["one"]


async def test_a_broken_recogniser_leaves_the_menu_to_keys(office: Office, wav: MakeWav):
    async with menu(office, wav, ByLength(broken=True)) as (desk, chosen):
        call = desk.network.call("5")
        call.says = words(office.folder, 1.0)
        await asyncio.sleep(5.0)
        call.press("2")
        await call.until_ended()
    assert chosen == ["two"]


async def test_a_language_that_it_does_not_know_is_not_listened_to(office: Office, wav: MakeWav):
    recogniser = ByLength()
    async with menu(office, wav, recogniser, lang="da") as (desk, chosen):
        call = desk.network.call("5")
        call.says = words(office.folder, 1.0)
        await call.until_ended()
        assert desk.network.recordings == []
    assert (chosen, recogniser.asked) == ([None], 0)


async def test_nothing_is_kept_of_what_was_said(office: Office, wav: MakeWav):
    async with menu(office, wav, ByLength()) as (desk, _):
        call = desk.network.call("5")
        call.says = words(office.folder, 1.0)
        await call.until_ended()
        (recorded,) = desk.network.recordings
    assert not recorded.path.exists()
    assert not recorded.path.parent.exists()


async def test_hanging_up_ends_the_listening(office: Office, wav: MakeWav):
    async with menu(office, wav, ByLength()) as (desk, chosen):
        call = desk.network.call("5")
        call.says = words(office.folder, 1.0)
        await asyncio.sleep(0.5)
        call.hang_up()
        await asyncio.sleep(5)
    assert chosen == []
