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

from softswitch.errors import ConfigurationError, EnvironmentFaultError
from softswitch.ivr.loading import parse_flow
from softswitch.prompts import SystemMessage
from softswitch.switch.call import Call
from softswitch.switch.config import FlowConfig
from softswitch.testing.sounding import duration_s

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


# Flows in files.

FLOW = """\
[flow]
name = "Front"
start = "menu"

[nodes.menu]
kind = "menu"
prompt = { play = "short or long.wav" }
again = ["Say long or short."]
choices = { 1 = "one", 2 = "two" }
spoken = { 1 = ["short", "brief"], 2 = "long" }
timeout_s = 4
otherwise = "hang_up"

[nodes.one]
kind = "say"
text = "This is one."

[nodes.two]
kind = "say"
text = "This is two."
"""


@asynccontextmanager
async def front(office: Office, wav: MakeWav, recogniser: ByLength) -> AsyncIterator[Desk]:
    """An office whose number 5 leads to the flow."""
    wav("short or long", 3.0)
    file = office.folder / "front.toml"
    file.write_text(FLOW)
    office.flows.append(FlowConfig(id="front", file=file, numbers=("5",)))
    office.group("main", "1000", ("anna",))
    network, switch = office.open()
    switch.recogniser = recogniser
    async with switch:
        yield Desk(office, network, switch)


@pytest.mark.parametrize(("length_s", "told"), [(0.5, "This is one."), (1.0, "This is two.")])
async def test_a_flow_of_a_file_goes_where_a_word_leads(
    office: Office, wav: MakeWav, length_s: float, told: str
):
    async with front(office, wav, ByLength()) as desk:
        call = desk.network.call("5")
        call.says = words(office.folder, length_s)
        log = await call.until_ended()
        assert [one.file for one in log.heard[1:]] == [desk.file(told)]
        assert log.heard[0].length_s < 3.0
        (recorded,) = desk.network.recordings
        assert not recorded.path.parent.exists()


async def test_what_is_not_understood_is_asked_again(office: Office, wav: MakeWav):
    async with front(office, wav, ByLength()) as desk:
        call = desk.network.call("5")
        # Said when the prompt is over: 0.2 s are no word.
        call.says = words(office.folder, 0.2, after_s=3.5)
        again = [desk.file(SystemMessage.INVALID_CHOICE), desk.file("Say long or short.")]
        await asyncio.sleep(3.0 + 2.0 + sum(map(duration_s, again)))
        call.press("1")
        log = await call.until_ended()
        assert [one.file for one in log.heard[1:]] == [*again, desk.file("This is one.")]


async def test_a_word_that_began_in_time_is_waited_for(office: Office, wav: MakeWav):
    async with front(office, wav, ByLength()) as desk:
        call = desk.network.call("5")
        # The prompt ends at 3 s, the time for an answer at 7 s; the word lasts until 7.6 s.
        call.says = words(office.folder, 1.0, after_s=6.6)
        log = await call.until_ended()
        assert [one.file for one in log.heard[1:]] == [desk.file("This is two.")]


async def test_a_recogniser_of_the_program_is_what_flows_are_checked_by(office: Office):
    office.group("main", "1000", ("anna",))
    _, switch = office.open()
    switch.recogniser = ByLength()
    text = FLOW.replace('start = "menu"', 'start = "menu"\nlanguage = "da"')
    text = text.replace('{ play = "short or long.wav" }', '"Kort eller lang?"')
    with pytest.raises(ConfigurationError, match="knows no words in 'da'"):
        switch.use("6", parse_flow(text, base=office.folder))
