"""What callers hear of the sound library: greetings, hotprompts, music in stretches of 30 s."""

from __future__ import annotations

import asyncio
import itertools
import wave
from collections import defaultdict
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from office_builder import OPENED, MakeWav, Office

from softswitch.acd.model import Target, TargetKind
from softswitch.hours import parse_span
from softswitch.prompts import SystemMessage
from softswitch.prompts.library import LibraryError, Slot, SoundKind, SoundLibrary
from softswitch.switch import Call, Switch
from softswitch.switch.hours_tables import HoursTable, OpenSpans, OpenTable, SpecialTable
from softswitch.switch.sound_desk import LIBRARY_FOLDER, SoundDesk
from softswitch.testing import Heard, SimulatedTelephony
from softswitch.testing.logbook import Logbook

pytestmark = pytest.mark.virtual_time

GREETING, MUSIC, HOT = SoundKind.GREETING, SoundKind.MUSIC, SoundKind.HOTPROMPT


async def added(desk: SoundDesk, name: str, file: Path, kind: SoundKind) -> Path:
    """Add a sound and return it as callers hear it."""
    await desk.change(lambda library: library.add(name, file, kind))
    return await desk.sound(name)


async def call_of(network: SimulatedTelephony, seconds: float, number: str = "1000") -> Logbook:
    return await network.call(number, hangs_up_after_s=seconds).until_ended()


def played(log: Logbook, files: tuple[Path, ...]) -> list[Heard]:
    """Stretches of music in the order in which they were heard."""
    return [heard for heard in log.heard if heard.file in files]


# Greetings and hotprompts.


async def test_hotprompt_greeting_and_then_the_queue(office: Office, wav: MakeWav):
    office.group("main", "1000", ("anna",))
    network, switch = office.open()
    hold = office.store.system(SystemMessage.PLEASE_HOLD, "en")
    async with switch:
        welcome = await added(switch.sounds, "welcome", wav("w", 4), GREETING)
        busy = await added(switch.sounds, "busy", wav("b", 3), HOT)
        await switch.sounds.change(lambda library: library.activate("welcome", Slot.OPEN))
        until = OPENED + timedelta(minutes=5)
        await switch.sounds.change(lambda library: library.hotprompt_on("busy", until=until))
        log = await call_of(network, 20)
        assert [heard.file for heard in log.heard[:3]] == [busy, welcome, hold]
        assert [heard.from_s for heard in log.heard[:3]] == [0.0, 3.0, 7.0]
        await asyncio.sleep(299 - 20)
        assert (await call_of(network, 1)).heard[0].file == busy
        assert (await call_of(network, 1)).heard[0].file == welcome  # five minutes are over
        await switch.sounds.change(lambda library: library.deactivate(Slot.OPEN))
        assert (await call_of(network, 1)).heard[0].file == hold


async def test_phones_ring_while_the_hotprompt_is_heard_and_it_is_cut_by_the_answer(
    office: Office, wav: MakeWav
):
    office.group("main", "1000", ("anna",))
    network, switch = office.open()
    anna = office.phone(network, "anna", answers_after_s=2, hangs_up_after_s=5)
    async with switch:
        busy = await added(switch.sounds, "busy", wav("b", 30), HOT)
        await switch.sounds.change(lambda library: library.hotprompt_on("busy"))
        log = await network.call("1000").until_ended()
    assert [(heard.file, heard.to_s) for heard in log.heard] == [(busy, 2.0)]
    assert anna.rang[0].from_s == 0.0


async def test_the_librarys_greeting_goes_before_that_of_the_settings(office: Office, wav: MakeWav):
    office.group("main", "1000", ("anna",), greeting=wav("file", 2))
    network, switch = office.open()
    configured = office.store.prepare_file(wav("file", 2))
    async with switch:
        assert (await call_of(network, 1)).heard[0].file == configured
        own = await added(switch.sounds, "welcome", wav("w", 4), GREETING)
        await switch.sounds.change(lambda library: library.activate("welcome", Slot.OPEN, "main"))
        assert (await call_of(network, 1)).heard[0].file == own
        await switch.sounds.change(lambda library: library.deactivate(Slot.OPEN, "main"))
        assert (await call_of(network, 1)).heard[0].file == configured


async def test_a_new_version_is_heard_by_the_next_caller_and_an_old_one_after_a_roll_back(
    office: Office, wav: MakeWav
):
    office.group("main", "1000", ("anna",))
    network, switch = office.open()
    async with switch:
        first = await added(switch.sounds, "welcome", wav("one", 2), GREETING)
        await switch.sounds.change(lambda library: library.activate("welcome", Slot.OPEN))
        second = await added(switch.sounds, "welcome", wav("two", 2), GREETING)
        assert (await call_of(network, 1)).heard[0].file == second
        await switch.sounds.change(lambda library: library.roll_back("welcome"))
        assert (await call_of(network, 1)).heard[0].file == first
        assert await switch.sounds.preview("welcome", 2) == second


async def test_what_another_process_changes_is_heard_after_a_refresh(office: Office, wav: MakeWav):
    office.group("main", "1000", ("anna",))
    network, switch = office.open()
    async with switch:
        other = SoundLibrary(office.config().data_dir / LIBRARY_FOLDER, lambda: OPENED)
        other.add("welcome", wav("w", 2), GREETING)
        other.activate("welcome", Slot.OPEN)
        await switch.sounds.refresh()
        log = await call_of(network, 1)
        assert log.heard[0].file == await switch.sounds.sound("welcome")


async def test_the_library_outlives_the_switch(office: Office, wav: MakeWav):
    office.group("main", "1000", ("anna",))
    network, switch = office.open()
    async with switch:
        welcome = await added(switch.sounds, "welcome", wav("w", 2), GREETING)
        await switch.sounds.change(lambda library: library.activate("welcome", Slot.OPEN))
    network, switch = office.open()
    async with switch:
        assert (await call_of(network, 1)).heard[0].file == welcome


async def test_a_damaged_library_keeps_no_office_closed(office: Office, caplog):
    office.group("main", "1000", ("anna",))
    folder = office.config().data_dir / LIBRARY_FOLDER
    folder.mkdir(parents=True)
    (folder / "index.json").write_text("damaged")
    network, switch = office.open()
    async with switch:
        log = await call_of(network, 1)
    assert log.heard[0].file == office.store.system(SystemMessage.PLEASE_HOLD, "en")
    assert "without its sound library" in caplog.text


async def test_a_sound_whose_file_is_lost_is_passed_over(office: Office, wav: MakeWav, caplog):
    office.group("main", "1000", ("anna",))
    network, switch = office.open()
    async with switch:
        await added(switch.sounds, "welcome", wav("w", 2), GREETING)
        catalogue = await switch.sounds.change(lambda lib: lib.activate("welcome", Slot.OPEN))
    lost = office.config().data_dir / LIBRARY_FOLDER / catalogue.sound("welcome").version().file
    lost.unlink()
    network, switch = office.open()
    async with switch:
        log = await call_of(network, 1)
    assert log.heard[0].file == office.store.system(SystemMessage.PLEASE_HOLD, "en")
    assert "'welcome' cannot be played" in caplog.text


async def test_a_refused_change_changes_nothing(office: Office, wav: MakeWav):
    office.group("main", "1000", ("anna",))
    network, switch = office.open()
    async with switch:
        welcome = await added(switch.sounds, "welcome", wav("w", 2), GREETING)
        await switch.sounds.change(lambda library: library.activate("welcome", Slot.OPEN))
        with pytest.raises(LibraryError, match="in use"):
            await switch.sounds.change(lambda library: library.remove("welcome"))
        assert (await call_of(network, 1)).heard[0].file == welcome


# Music.


async def musical(switch: Switch, wav: MakeWav, *lengths: float) -> tuple[Path, ...]:
    """Make a playlist of files of these lengths the active one."""
    desk = switch.sounds
    files = [
        await added(desk, f"song {n}", wav(f"song-{n}", length), MUSIC)
        for n, length in enumerate(lengths)
    ]
    names = list(desk.catalogue.sounds)
    await desk.change(lambda library: library.set_playlist("ours", names))
    await desk.change(lambda library: library.activate_playlist("ours"))
    return tuple(files)


async def test_a_file_of_two_minutes_is_heard_as_four_stretches(office: Office, wav: MakeWav):
    office.group("main", "1000", ("anna",), position_every_s=30.0)
    network, switch = office.open()
    async with switch:
        files = await musical(switch, wav, 120.0)
        log = await call_of(network, 300)
    stretches = played(log, files)
    assert [(h.offset_s, h.to_s - h.from_s) for h in stretches[:5]] == [
        (pytest.approx(offset), pytest.approx(30.0)) for offset in (0, 30, 60, 90, 0)
    ]
    # Between two of them the position is said, and nothing else is heard.
    for one, other in itertools.pairwise(stretches[:4]):
        between = [h.file for h in log.heard if one.to_s <= h.from_s < other.from_s]
        assert between == [office.store.position(1, "en")]


async def test_every_file_comes_whole_once_a_round_and_never_twice_running(
    office: Office, wav: MakeWav
):
    lengths = (7.0, 45.0, 31.0, 100.0, 30.0, 12.5)
    office.group("main", "1000", ("anna",), position_every_s=30.0)
    network, switch = office.open(seed=3)
    async with switch:
        files = await musical(switch, wav, *lengths)
        log = await call_of(network, 3600)
    whole: list[Path] = []
    heard_s: defaultdict[int, float] = defaultdict(float)
    for stretch in played(log, files):
        if stretch.offset_s == 0.0:
            whole.append(stretch.file)
        assert stretch.file == whole[-1]
        assert stretch.offset_s == pytest.approx(heard_s[len(whole)])
        heard_s[len(whole)] += stretch.to_s - stretch.from_s
    by_file = dict(zip(files, lengths, strict=True))
    for nth, file in enumerate(whole[:-1], start=1):
        assert heard_s[nth] == pytest.approx(by_file[file])
    assert len(whole) > 60
    for start in range(0, len(whole) - 5, 6):
        assert set(whole[start : start + 6]) == set(files)
    assert all(one != other for one, other in itertools.pairwise(whole))
    assert len({tuple(whole[i : i + 6]) for i in range(0, 60, 6)}) > 5  # the order is random


async def test_music_between_two_positions_adds_up_to_30_s_over_file_changes(
    office: Office, wav: MakeWav
):
    office.group("main", "1000", ("anna",), position_every_s=30.0)
    network, switch = office.open()
    position = office.store.position(1, "en")
    async with switch:
        files = await musical(switch, wav, 11.0, 13.0, 17.0)
        log = await call_of(network, 600)
    said = [heard.from_s for heard in log.heard if heard.file == position]
    for one, other in itertools.pairwise(said):
        music_s = sum(h.to_s - h.from_s for h in played(log, files) if one <= h.from_s < other)
        assert music_s == pytest.approx(30.0)
    assert len(said) > 10


async def test_each_caller_has_a_place_of_ones_own(office: Office, wav: MakeWav):
    office.group("main", "1000", ("anna",), position_every_s=0)
    network, switch = office.open()
    async with switch:
        files = await musical(switch, wav, 100.0)
        first = network.call("1000", hangs_up_after_s=90)
        await asyncio.sleep(40)
        second = network.call("1000", hangs_up_after_s=20)
        logs = [await first.until_ended(), await second.until_ended()]
    assert [played(log, files)[0].offset_s for log in logs] == [0.0, 0.0]


async def test_lists_by_group_settings_office_and_supply(office: Office, wav: MakeWav):
    """The group's list in the library, else its settings, else the office's, else the default."""
    office.group("main", "1000", ("anna",), music=(wav("settings", 50),))
    office.group("other", "2000", ("bo",))
    network, switch = office.open()

    async def heard(number: str) -> Path:
        log = await call_of(network, 10, number)
        return next(h.file for h in log.heard if h.to_s - h.from_s > 5 or h is log.heard[-1])

    async with switch:
        supplied = office.store.default_music()
        assert await heard("2000") in supplied
        assert await heard("1000") not in supplied
        (ours,) = await musical(switch, wav, 60.0)
        assert await heard("2000") == ours
        assert await heard("1000") != ours
        desk = switch.sounds
        await desk.change(lambda library: library.set_playlist("mine", ["song 0"], "main"))
        assert await heard("1000") in supplied  # a shelf of its own begins with the default list
        await desk.change(lambda library: library.activate_playlist("mine", "main"))
        assert await heard("1000") == ours


async def test_whoever_waits_goes_on_hearing_the_list_that_was(office: Office, wav: MakeWav):
    office.group("main", "1000", ("anna",), position_every_s=0)
    network, switch = office.open()
    async with switch:
        (before,) = await musical(switch, wav, 20.0)
        call = network.call("1000", hangs_up_after_s=60)
        await asyncio.sleep(10)
        await switch.sounds.change(lambda library: library.activate_playlist("default"))
        log = await call.until_ended()
    assert sum(h.to_s - h.from_s for h in played(log, (before,))) > 55


async def test_the_greeting_of_the_hour(office: Office, wav: MakeWav):
    """Open and closed, normal and special hours: four greetings, one for each."""
    nine_to_four = OpenSpans([parse_span("09:00-16:00")])
    ten_to_two = OpenSpans([parse_span("10:00-14:00")])
    special = SpecialTable(name="Stocktaking", date=date(2026, 3, 3), open=ten_to_two)
    office.timezone = "UTC"
    office.hours["main"] = HoursTable(week=(OpenTable(open=nine_to_four),), special=(special,))
    office.group("main", "1000", ("anna",), hours="main", closed=Target(TargetKind.HANG_UP))
    network, switch = office.open()
    async with switch:
        files = {}
        for slot in Slot:
            files[slot] = await added(switch.sounds, slot.value, wav(slot.value, 2), GREETING)
            await switch.sounds.change(lambda lib, slot=slot: lib.activate(slot.value, slot))
        heard = []
        for at_h in (0.5, 1.5, 25.5, 26.5, 32.5, 49.5):  # from Monday at 8:00
            await asyncio.sleep(at_h * 3600 - asyncio.get_running_loop().time())
            heard.append((await call_of(network, 1)).heard[0].file)
    assert heard == [
        files[slot]
        for slot in (
            Slot.CLOSED,
            Slot.OPEN,
            Slot.CLOSED_SPECIAL,
            Slot.OPEN_SPECIAL,
            Slot.CLOSED_SPECIAL,
            Slot.OPEN,
        )
    ]


async def test_a_closed_group_without_a_greeting_says_so_after_the_hotprompt(
    office: Office, wav: MakeWav
):
    """The greeting of the settings is for those who come while it is open."""
    office.timezone = "UTC"
    office.hours["main"] = HoursTable(
        week=(OpenTable(open=OpenSpans([parse_span("09:00-16:00")])),)
    )
    office.group(
        "main",
        "1000",
        ("anna",),
        hours="main",
        closed=Target(TargetKind.MESSAGE),
        greeting=wav("settings", 2),
    )
    network, switch = office.open()
    async with switch:
        storm = await added(switch.sounds, "storm", wav("s", 3), HOT)
        await switch.sounds.change(lambda library: library.hotprompt_on("storm"))
        log = await network.call("1000", hangs_up_after_s=30).until_ended()
    closed = office.store.system(SystemMessage.CLOSED, "en")
    assert [heard.file for heard in log.heard[:2]] == [storm, closed]


async def test_a_flow_plays_sounds_by_name_and_keeps_them_from_being_removed(
    office: Office, wav: MakeWav
):
    office.group("main", "1000", ("anna",))
    network, switch = office.open()

    @switch.flow("2")
    async def tell(call: Call) -> None:
        await call.answer()
        await call.play_welcome("main")
        await call.play_welcome()
        await call.play_sound("prices")

    async with switch:
        desk = switch.sounds
        ours = await added(desk, "ours", wav("o", 2), GREETING)
        group = await added(desk, "group", wav("g", 3), GREETING)
        prices = await added(desk, "prices", wav("p", 4), SoundKind.MESSAGE)
        await desk.change(lambda library: library.activate("ours", Slot.OPEN))
        await desk.change(lambda library: library.activate("group", Slot.OPEN, "main"))
        log = await network.call("2").until_ended()
        assert [(h.file, h.from_s) for h in log.heard] == [(group, 0), (ours, 3), (prices, 5)]
        desk.also_used(lambda name: ["flow 2"] if name == "prices" else [])
        assert desk.uses("prices") == ("flow 2",)
        assert desk.uses("ours") == ("greeting while open of the office",)
        with pytest.raises(LibraryError, match="in use and stays: flow 2"):
            await desk.remove("prices")
        await desk.change(lambda library: library.deactivate(Slot.OPEN))
        assert "ours" not in (await desk.remove("ours")).sounds


async def test_what_is_uploaded_too_quiet_is_heard_as_loud_as_the_system(
    office: Office, tmp_path: Path
):
    office.group("main", "1000", ("anna",))
    _, switch = office.open()
    time_s = np.arange(16_000) / 8000
    quiet = np.round(60 * np.sin(2 * np.pi * 500 * time_s)).astype("<i2")
    with wave.open(str(tmp_path / "quiet.wav"), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(quiet.tobytes())
    async with switch:
        levels = {}
        for kind in (GREETING, HOT, MUSIC):
            ready = await added(switch.sounds, kind.value, tmp_path / "quiet.wav", kind)
            with wave.open(str(ready)) as file:
                samples = np.frombuffer(file.readframes(file.getnframes()), "<i2") / 32768
            levels[kind] = 10 * np.log10(np.mean(samples**2))
    assert levels == {
        GREETING: pytest.approx(-20, abs=0.2),
        HOT: pytest.approx(-20, abs=0.2),
        MUSIC: pytest.approx(-26, abs=0.2),
    }
