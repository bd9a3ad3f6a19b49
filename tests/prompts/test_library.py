"""The sound library: names, versions, uses, limits."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from library_helpers import NOON, Clock, contents, tone_file

from softswitch.errors import EnvironmentFaultError
from softswitch.prompts import PromptError, PromptFault
from softswitch.prompts.library import (
    LibraryError,
    LibraryFault,
    Origin,
    Slot,
    SoundKind,
    SoundLibrary,
)

GREETING, MUSIC, HOT = SoundKind.GREETING, SoundKind.MUSIC, SoundKind.HOTPROMPT


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def library(tmp_path: Path, clock: Clock) -> SoundLibrary:
    return SoundLibrary(tmp_path / "library", clock)


@pytest.fixture
def file(tmp_path: Path) -> Callable[[float], Path]:
    return lambda hz: tone_file(tmp_path / f"{hz:g}.wav", hz)


def refused(reason: LibraryFault, library: SoundLibrary, act: Callable[[], object]) -> str:
    """Assert that something is refused for a reason and changes nothing; what is said."""
    before = contents(library)
    with pytest.raises(LibraryError) as caught:
        act()
    assert caught.value.reason is reason
    assert contents(library) == before
    return str(caught.value)


# Versions.


def test_an_upload_over_a_known_name_is_a_new_version(library, file, clock):
    library.add("Welcome", file(300), GREETING)
    clock.later(60)
    library.add("Welcome", file(400), GREETING, origin=Origin.PHONE)
    sound = library.read().sound("Welcome")
    assert [(v.number, v.origin, v.source) for v in sound.versions] == [
        (1, Origin.UPLOAD, "300.wav"),
        (2, Origin.PHONE, ""),
    ]
    assert [v.added_at - NOON for v in sound.versions] == [timedelta(0), timedelta(seconds=60)]
    assert [v.length_s for v in sound.versions] == [0.5, 0.5]
    assert library.file(sound).read_bytes() == file(400).read_bytes()
    assert library.file(sound, 1).read_bytes() == file(300).read_bytes()


def test_an_older_version_comes_back_and_the_next_upload_follows_the_newest(library, file):
    for hz in (300, 400, 500):
        library.add("Welcome", file(hz), GREETING)
    assert library.roll_back("Welcome").sound("Welcome").current == 2
    assert library.roll_back("Welcome").sound("Welcome").current == 1
    refused(LibraryFault.UNKNOWN_VERSION, library, lambda: library.roll_back("Welcome"))
    assert library.roll_back("Welcome", 3).sound("Welcome").current == 3
    said = refused(LibraryFault.UNKNOWN_VERSION, library, lambda: library.roll_back("Welcome", 9))
    assert "1, 2, 3" in said
    library.roll_back("Welcome", 1)
    sound = library.add("Welcome", file(600), GREETING).sound("Welcome")
    assert (sound.current, [v.number for v in sound.versions]) == (4, [1, 2, 3, 4])


def test_the_same_content_twice_is_kept_once_and_lives_as_long_as_anybody_names_it(library, file):
    library.add("One", file(300), GREETING)
    library.add("Two", file(300), MUSIC)
    assert len(contents(library)) == 2  # one file and the index
    library.remove("One")
    assert library.file(library.read().sound("Two")).is_file()
    library.remove("Two")
    assert list(contents(library)) == ["index.json"]


def test_the_kind_of_a_sound_stays(library, file):
    library.add("Welcome", file(300), GREETING)
    refused(LibraryFault.WRONG_KIND, library, lambda: library.add("Welcome", file(400), MUSIC))


@pytest.mark.parametrize(
    "name", ["", "  ", "a/b", "a\\b", ".hidden", "-x", 'a"b', "x" * 65, "a\0b"]
)
def test_names_that_are_none(library, file, name):
    refused(LibraryFault.BAD_NAME, library, lambda: library.add(name, file(300), GREETING))


def test_names_are_composed_and_may_be_those_of_people(library, file):
    library.add("  A\u030arets   hilsen på dansk ", file(300), GREETING)
    assert list(library.read().sounds) == ["Årets hilsen på dansk"]


# What is refused leaves the library as it is.


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", PromptFault.EMPTY),
        (b"This is a letter and no sound at all." * 100, PromptFault.UNREADABLE),
        (b"RIFF\xff\xff\xff\xffWAVEfmt ", PromptFault.UNREADABLE),
    ],
)
def test_what_cannot_be_read_is_refused_and_changes_nothing(
    library, file, tmp_path, content, reason
):
    library.add("Welcome", file(300), GREETING)
    before = contents(library)
    broken = tmp_path / "broken.mp3"
    broken.write_bytes(content)
    with pytest.raises(PromptError, match=r"broken\.mp3") as caught:
        library.add("Welcome", broken, GREETING)
    assert caught.value.reason is reason
    assert contents(library) == before


def test_a_file_that_is_not_there(library, tmp_path):
    with pytest.raises(PromptError, match=r"nowhere\.wav"):
        library.add("Welcome", tmp_path / "nowhere.wav", GREETING)
    assert contents(library) == {}


@pytest.mark.parametrize("damage", [b"{", b"[]", b'{"format": 2}', b"\xff", b'{"format": 1}'])
def test_an_index_that_is_none_is_told_with_a_remedy(library, file, damage):
    library.add("Welcome", file(300), GREETING)
    (library.folder / "index.json").write_bytes(damage)
    with pytest.raises(EnvironmentFaultError, match="Put back a copy"):
        library.read()


# Greetings.


def test_four_greetings_one_for_each_hour(library, file):
    for number, slot in enumerate(Slot):
        library.add(slot.value, file(300 + number), GREETING)
        library.activate(slot.value, slot)
    catalogue = library.read()
    assert {slot: catalogue.greeting(slot).name for slot in Slot} == {s: s.value for s in Slot}
    library.add("fifth", file(500), GREETING)
    shelf = library.activate("fifth", Slot.CLOSED).shelf()
    assert shelf.greetings[Slot.CLOSED] == "fifth"
    assert len(shelf.greetings) == 4


def test_special_hours_without_a_greeting_have_that_of_normal_hours(library, file):
    library.add("open", file(300), GREETING)
    catalogue = library.activate("open", Slot.OPEN)
    assert catalogue.greeting(Slot.OPEN_SPECIAL).name == "open"
    assert catalogue.greeting(Slot.CLOSED) is None
    assert catalogue.greeting(Slot.CLOSED_SPECIAL) is None


def test_a_group_has_its_own_greeting_or_the_offices(library, file):
    library.add("office", file(300), GREETING)
    library.add("group", file(400), GREETING)
    library.activate("office", Slot.OPEN)
    catalogue = library.activate("group", Slot.OPEN, "main")
    assert catalogue.greeting(Slot.OPEN, "main").name == "group"
    assert catalogue.greeting(Slot.OPEN, "other").name == "office"
    assert library.deactivate(Slot.OPEN, "main").greeting(Slot.OPEN, "main").name == "office"


@pytest.mark.parametrize(
    ("is_open", "special", "slot"),
    [
        (True, False, Slot.OPEN),
        (False, False, Slot.CLOSED),
        (True, True, Slot.OPEN_SPECIAL),
        (False, True, Slot.CLOSED_SPECIAL),
    ],
)
def test_the_slot_of_an_hour(is_open, special, slot):
    assert Slot.at(is_open=is_open, special=special) is slot


def test_only_a_greeting_greets(library, file):
    library.add("song", file(300), MUSIC)
    refused(LibraryFault.WRONG_KIND, library, lambda: library.activate("song", Slot.OPEN))
    said = refused(LibraryFault.UNKNOWN_SOUND, library, lambda: library.activate("x", Slot.OPEN))
    assert "song" in said


# Removal.


def test_what_is_used_stays_and_every_use_is_named(library, file):
    library.add("w", file(300), GREETING)
    library.activate("w", Slot.CLOSED_SPECIAL)
    library.activate("w", Slot.OPEN, "main")
    said = refused(
        LibraryFault.IN_USE, library, lambda: library.remove("w", also_used=["flow night, step 2"])
    )
    assert said == (
        "'w' is in use and stays: greeting while closed in special hours of the office; "
        "greeting while open of group main; flow night, step 2."
    )
    library.deactivate(Slot.CLOSED_SPECIAL)
    library.deactivate(Slot.OPEN, "main")
    assert library.uses("w") == ()
    library.remove("w")
    assert library.read().sounds == {}
    assert list(contents(library)) == ["index.json"]


def test_music_stays_while_it_is_on_any_list(library, file):
    library.add("song", file(300), MUSIC)
    library.set_playlist("evening", ["song"])
    said = refused(LibraryFault.IN_USE, library, lambda: library.remove("song"))
    assert "playlist 'evening' of the office" in said
    library.set_playlist("evening", [])
    library.remove("song")


# Hotprompts.


def test_a_hotprompt_until_it_is_switched_off(library, file):
    library.add("busy", file(300), HOT)
    catalogue = library.hotprompt_on("busy")
    assert [s.name for s in catalogue.hotprompts(NOON + timedelta(days=999), "main")] == ["busy"]
    refused(LibraryFault.IN_USE, library, lambda: library.remove("busy"))
    assert library.hotprompt_off().hotprompts(NOON) == ()
    library.remove("busy")


def test_a_hotprompt_ends_by_itself(library, file, clock):
    library.add("busy", file(300), HOT)
    until = NOON + timedelta(hours=1)
    catalogue = library.hotprompt_on("busy", until=until)
    assert [s.name for s in catalogue.hotprompts(until - timedelta(seconds=1))] == ["busy"]
    assert catalogue.hotprompts(until) == ()
    clock.later(3600)
    assert library.uses("busy") == ()
    refused(LibraryFault.OVER_ALREADY, library, lambda: library.hotprompt_on("busy", until=until))
    assert library.remove("busy").shelf().hotprompt is None


def test_the_offices_hotprompt_comes_before_the_groups(library, file):
    library.add("office", file(300), HOT)
    library.add("group", file(400), HOT)
    library.hotprompt_on("group", owner="main")
    catalogue = library.hotprompt_on("office")
    assert [s.name for s in catalogue.hotprompts(NOON, "main")] == ["office", "group"]
    assert [s.name for s in catalogue.hotprompts(NOON, "other")] == ["office"]
    assert [s.name for s in catalogue.hotprompts(NOON)] == ["office"]


# Playlists.


@pytest.fixture
def songs(library, file) -> list[str]:
    names = [f"song {number}" for number in range(11)]
    for number, name in enumerate(names):
        library.add(name, file(200 + 10 * number), MUSIC)
    return names


def test_the_default_list_is_there_and_active(library):
    catalogue = library.read()
    assert dict(catalogue.shelf().playlists) == {"default": ()}
    assert catalogue.music() == ()
    assert catalogue.music("main") is None


def test_three_lists_of_ten_files_and_no_more(library, songs):
    library.set_playlist("one", songs[:10])
    library.set_playlist("two", songs[1:])
    refused(LibraryFault.TOO_MANY_FILES, library, lambda: library.set_playlist("two", songs))
    said = refused(
        LibraryFault.TOO_MANY_PLAYLISTS, library, lambda: library.set_playlist("three", songs[:1])
    )
    assert "default, one, two" in said
    library.activate_playlist("one")
    library.remove_playlist("default")
    library.set_playlist("three", songs[:1])
    refused(LibraryFault.TOO_MANY_PLAYLISTS, library, lambda: library.set_playlist("default", []))
    library.remove_playlist("three")
    catalogue = library.set_playlist("default", [])
    assert sorted(catalogue.shelf().playlists) == ["default", "one", "two"]


def test_exactly_one_list_is_active(library, songs):
    library.set_playlist("one", songs[:2])
    catalogue = library.activate_playlist("one")
    assert [sound.name for sound in catalogue.music()] == songs[:2]
    refused(LibraryFault.ACTIVE_PLAYLIST, library, lambda: library.remove_playlist("one"))
    refused(LibraryFault.EMPTY_PLAYLIST, library, lambda: library.set_playlist("one", []))
    library.set_playlist("empty", [])
    refused(LibraryFault.EMPTY_PLAYLIST, library, lambda: library.activate_playlist("empty"))
    refused(LibraryFault.UNKNOWN_PLAYLIST, library, lambda: library.activate_playlist("nope"))
    assert library.activate_playlist("default").music() == ()


def test_the_default_list_holds_what_is_supplied(library, songs):
    refused(
        LibraryFault.DEFAULT_PLAYLIST, library, lambda: library.set_playlist("default", songs[:1])
    )


def test_a_file_listed_twice_counts_once(library, songs):
    catalogue = library.set_playlist("one", [*songs[:10], songs[0]])
    assert catalogue.shelf().playlists["one"] == tuple(songs[:10])


def test_a_group_with_lists_of_its_own_and_back(library, songs):
    library.set_playlist("one", songs[:2], "main")
    assert library.read().music("main") == ()  # the default list, until another is activated
    catalogue = library.activate_playlist("one", "main")
    assert [sound.name for sound in catalogue.music("main")] == songs[:2]
    assert catalogue.music() == ()
    assert library.follow_office("main").music("main") is None


def test_only_music_is_listed(library, file):
    library.add("w", file(300), GREETING)
    refused(LibraryFault.WRONG_KIND, library, lambda: library.set_playlist("one", ["w"]))
