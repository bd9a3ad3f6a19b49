"""Flows whose callers hear the sound library: sounds by name, greetings of the hour, hotprompts."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import pytest
from office_builder import MakeWav, Office

from softswitch.errors import ConfigurationError
from softswitch.hours import parse_span
from softswitch.ivr import nodes as n
from softswitch.ivr.model import Flow
from softswitch.ivr.prompts import LibrarySound, Welcome, WelcomePart
from softswitch.prompts.library import LibraryError, Slot, SoundKind
from softswitch.switch import Call, Switch
from softswitch.switch.config import FlowConfig
from softswitch.switch.hours_tables import HoursTable, OpenSpans, OpenTable
from softswitch.testing import SimulatedTelephony
from softswitch.testing.logbook import Logbook

pytestmark = pytest.mark.virtual_time

GREETING, HOT, MESSAGE = SoundKind.GREETING, SoundKind.HOTPROMPT, SoundKind.MESSAGE

NEWS = """\
[flow]
name = "News"
start = "news"

[nodes.news]
kind = "say"
text = [{ sound = "news" }, "Goodbye."]
"""


@pytest.fixture
def news(office: Office, tmp_path: Path) -> Path:
    """A flow behind number 2000 that plays a sound of the library."""
    file = tmp_path / "news.toml"
    file.write_text(NEWS)
    office.group("sales", "1000", ("anna",))
    office.flows.append(FlowConfig(id="news", file=file, numbers=("2000",)))
    return file


def write(file: Path, text: str) -> None:
    file.write_text(text)


async def take_in(switch: Switch, name: str, file: Path, kind: SoundKind = MESSAGE) -> Path:
    await switch.sounds.change(lambda library: library.add(name, file, kind))
    return await switch.sounds.sound(name)


async def heard_by(network: SimulatedTelephony, number: str = "2000") -> list[Path]:
    log: Logbook = await network.call(number).until_ended()
    return [one.file for one in log.heard]


@pytest.mark.usefixtures("news")
async def test_a_sound_by_its_name_is_that_of_the_moment(office: Office, wav: MakeWav):
    goodbye = office.store.say("Goodbye.", "en")
    network, switch = office.open()
    async with switch:
        first = await take_in(switch, "news", wav("one", 2))
        assert await heard_by(network) == [first, goodbye]
        second = await take_in(switch, "news", wav("two", 3))
        assert switch.sounds.at_hand("news") == second  # the next caller waits for nothing
        log = await network.call("2000").until_ended()
    assert [one.file for one in log.heard] == [second, goodbye]
    assert log.heard[1].from_s - log.heard[0].from_s == pytest.approx(3.0)


async def test_a_sound_that_a_flow_plays_is_not_removed(office: Office, wav: MakeWav, news: Path):
    plan = Flow(name="Prices", start="p", nodes={"p": n.Say(text=LibrarySound("prices"))})
    network, switch = office.open()
    switch.use("3000", plan)
    async with switch:
        await take_in(switch, "news", wav("one", 2))
        await take_in(switch, "prices", wav("two", 2))
        await heard_by(network, "3000")
        with pytest.raises(LibraryError) as refused:
            await switch.sounds.remove("news")
        assert str(refused.value) == "'news' is in use and stays: node 'news' of flow news."
        assert switch.sounds.uses("prices") == ("node 'p' of flow Prices",)
        write(news, NEWS.replace('{ sound = "news" }, ', ""))
        await switch.flows.change("news")
        await switch.sounds.remove("news")
        assert set(switch.sounds.catalogue.sounds) == {"prices"}


async def test_a_flow_is_changed_only_to_sounds_that_there_are(
    office: Office, wav: MakeWav, news: Path
):
    network, switch = office.open()
    async with switch:
        sound = await take_in(switch, "news", wav("one", 2))
        await switch.flows.change("news")
        write(news, NEWS.replace('"news" }', '"old news" }'))
        with pytest.raises(ConfigurationError) as refused:
            await switch.flows.change("news")
        [fault] = refused.value.faults
        assert (fault.path, fault.value, fault.allowed) == (
            "nodes.news.text", "'old news'", "news"
        )  # fmt: skip
        assert (await heard_by(network))[0] == sound
        lost = Flow(name="x", start="p", nodes={"p": n.Say(text=LibrarySound("lost"))})
        with pytest.raises(ConfigurationError, match="The library has no sound of this name"):
            switch.use("3000", lost)


@pytest.mark.usefixtures("news")
async def test_an_office_opens_without_the_sound_and_says_so(
    office: Office, caplog: pytest.LogCaptureFixture
):
    network, switch = office.open()
    with caplog.at_level(logging.ERROR):
        async with switch:
            heard = await heard_by(network)
    assert heard == [office.store.say("Goodbye.", "en")]
    assert "a flow cannot play the sound 'news'" in caplog.text


def front(*welcomes: Welcome) -> Flow:
    """A flow that greets, and then says that it is over."""
    return Flow(
        name="Front", start="w",
        nodes={"w": n.Play(file=list(welcomes), next="b"), "b": n.Say(text="Over.")},
    )  # fmt: skip


async def test_hotprompt_then_the_greeting_of_the_hour_then_the_flow(office: Office, wav: MakeWav):
    spans = OpenSpans((parse_span("09:00-15:00"),))  # the office opens at 08:00
    office.hours["desk"] = HoursTable(week=[OpenTable(open=spans)])
    over = office.store.say("Over.", "en")
    network, switch = office.open()
    switch.use("2000", front(Welcome(hours="desk")))
    async with switch:
        assert await heard_by(network) == [over]  # the library has nothing yet
        day = await take_in(switch, "day", wav("d", 2), GREETING)
        night = await take_in(switch, "night", wav("n", 2), GREETING)
        busy = await take_in(switch, "busy", wav("b", 2), HOT)
        await switch.sounds.change(lambda library: library.activate("day", Slot.OPEN))
        await switch.sounds.change(lambda library: library.activate("night", Slot.CLOSED))
        await switch.sounds.change(lambda library: library.hotprompt_on("busy"))
        assert await heard_by(network) == [busy, night, over]
        await asyncio.sleep(3600)
        assert await heard_by(network) == [busy, day, over]
        await switch.sounds.change(lambda library: library.hotprompt_off())
        assert await heard_by(network) == [day, over]


async def test_greetings_of_a_group_and_each_part_by_itself(office: Office, wav: MakeWav):
    office.group("sales", "1000", ("anna",))
    over = office.store.say("Over.", "en")
    greeting = Welcome(part=WelcomePart.GREETING, group="sales")
    hotprompt = Welcome(part=WelcomePart.HOTPROMPT, group="sales")
    network, switch = office.open()
    switch.use("2001", front(greeting))
    switch.use("2002", front(hotprompt))
    switch.use("2003", front(Welcome(group="sales")))
    async with switch:
        ours = await take_in(switch, "ours", wav("o", 2), GREETING)
        sales = await take_in(switch, "sales", wav("s", 2), GREETING)
        busy = await take_in(switch, "busy", wav("b", 2), HOT)
        await switch.sounds.change(lambda library: library.activate("ours", Slot.OPEN))
        assert await heard_by(network, "2001") == [ours, over]
        await switch.sounds.change(lambda library: library.activate("sales", Slot.OPEN, "sales"))
        await switch.sounds.change(lambda lib: lib.hotprompt_on("busy", owner="sales"))
        assert await heard_by(network, "2001") == [sales, over]
        assert await heard_by(network, "2002") == [busy, over]
        assert await heard_by(network, "2003") == [busy, sales, over]


async def test_a_caller_is_greeted_while_phones_ring(office: Office, wav: MakeWav):
    office.group("sales", "1000", ("anna",))
    network, switch = office.open()
    plan = Flow(
        name="x", start="q", nodes={"q": n.Queue(group="sales", greeting=Welcome(group="sales"))}
    )
    switch.use("2000", plan)
    anna = office.phone(network, "anna", answers_after_s=3, hangs_up_after_s=5)
    async with switch:
        ours = await take_in(switch, "ours", wav("o", 30), GREETING)
        await switch.sounds.change(lambda library: library.activate("ours", Slot.OPEN))
        log = await network.call("2000").until_ended()
    assert [(one.file, one.from_s, one.to_s) for one in log.heard] == [(ours, 0.0, 3.0)]
    assert anna.rang[0].from_s == 0.0


async def test_a_key_cuts_a_sound_of_the_library_and_counts(office: Office, wav: MakeWav):
    network, switch = office.open()
    menu = n.Menu(prompt=LibrarySound("menu"), choices={"1": "b"}, otherwise="b")
    plan = Flow(name="x", start="m", nodes={"m": menu, "b": n.Say(text="Over.")})
    switch.use("2000", plan)
    async with switch:
        await take_in(switch, "menu", wav("m", 20))
        log = await network.call("2000", presses=[(1.5, "1")]).until_ended()
    menu_heard, over = log.heard
    assert (menu_heard.from_s, menu_heard.to_s) == (0.0, 1.5)
    assert over.file == office.store.say("Over.", "en")


async def test_a_function_hears_them_too(office: Office, wav: MakeWav):
    network, switch = office.open()

    @switch.flow("2000")
    async def greet(call: Call) -> None:
        await call.answer()
        await call.play_welcome()
        await call.do(n.Say(text=LibrarySound("news")))

    async with switch:
        ours = await take_in(switch, "ours", wav("o", 2), GREETING)
        news = await take_in(switch, "news", wav("n", 2))
        await switch.sounds.change(lambda library: library.activate("ours", Slot.OPEN))
        assert await heard_by(network) == [ours, news]
