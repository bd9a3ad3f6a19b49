"""What may change in a sound library, and how: functions from one catalogue to the next.

Each refuses what the rules forbid by raising `LibraryError`, and then nothing has changed.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import TypeAlias

import attrs

from softswitch.prompts.library.faults import LibraryError, LibraryFault
from softswitch.prompts.library.model import (
    DEFAULT_PLAYLIST,
    FILES_MAX,
    OFFICE_SHELF,
    PLAYLISTS_MAX,
    Catalogue,
    Hotprompt,
    Shelf,
    Slot,
    Sound,
    SoundKind,
    Version,
)
from softswitch.prompts.library.uses import owner_words, uses_of

NAME_MAX = 64

Change: TypeAlias = Callable[[Catalogue], Catalogue]


def clean_name(name: str) -> str:
    """Return a name as the library keeps it: composed (Unicode NFC), single spaces.

    Raises:
        LibraryError: it is empty, longer than 64 characters, or holds what cannot be printed or
            would look like a path.
    """
    clean = " ".join(unicodedata.normalize("NFC", name).split())
    odd = [sign for sign in clean if not sign.isprintable() or sign in '/\\"']
    if not 1 <= len(clean) <= NAME_MAX or odd or clean.startswith((".", "-")):
        raise LibraryError(
            f"{name!r} cannot be a name; allowed: 1 to {NAME_MAX} letters, digits, spaces and "
            "signs, none of them a slash or a quotation mark, the first no dot or dash.",
            reason=LibraryFault.BAD_NAME,
        )
    return clean


def add(
    catalogue: Catalogue, name: str, kind: SoundKind, make: Callable[[int], Version]
) -> Catalogue:
    """Add a sound, or a version to the one that has this name; the version becomes current.

    Args:
        catalogue: as it is.
        name: of the sound.
        kind: what it is for; one that is there must be of this kind.
        make: makes the version from its number.
    """
    known = catalogue.sounds.get(name)
    if known is None:
        return _with_sound(catalogue, Sound(name=name, kind=kind, versions=(make(1),), current=1))
    _of_kind(known, kind)
    version = make(known.versions[-1].number + 1)
    versions = (*known.versions, version)
    return _with_sound(catalogue, attrs.evolve(known, versions=versions, current=version.number))


def roll_back(catalogue: Catalogue, name: str, number: int | None = None) -> Catalogue:
    """Let a version be current again: the one before the current one when ``number`` is None."""
    sound = catalogue.sound(name)
    if number is None:
        older = [v.number for v in sound.versions if v.number < sound.current]
        if not older:
            raise LibraryError(
                f"{name!r} has no version older than {sound.current}.",
                reason=LibraryFault.UNKNOWN_VERSION,
            )
        number = older[-1]
    return _with_sound(catalogue, attrs.evolve(sound, current=sound.version(number).number))


def remove(
    catalogue: Catalogue, name: str, now: datetime, *, also_used: Iterable[str] = ()
) -> Catalogue:
    """Remove a sound with all its versions, unless it is used somewhere.

    Args:
        catalogue: as it is.
        name: of the sound.
        now: the time: a hotprompt that is over does not count as use.
        also_used: where it is used outside of the library, such as in call flows, in words.
    """
    catalogue.sound(name)
    uses = (*uses_of(catalogue, name, now), *also_used)
    if uses:
        raise LibraryError(
            f"{name!r} is in use and stays: {'; '.join(uses)}.", reason=LibraryFault.IN_USE
        )
    sounds = {key: sound for key, sound in catalogue.sounds.items() if key != name}
    shelves = {owner: _without_hot(shelf, name) for owner, shelf in catalogue.shelves.items()}
    return _next(catalogue, sounds=sounds, shelves=shelves)


def _without_hot(shelf: Shelf, name: str) -> Shelf:
    hot = shelf.hotprompt
    return attrs.evolve(shelf, hotprompt=None) if hot and hot.sound == name else shelf


# Greetings and hotprompts.


def activate(catalogue: Catalogue, name: str, slot: Slot, owner: str) -> Catalogue:
    """Let a greeting be heard in a slot, instead of the one that was."""
    _of_kind(catalogue.sound(name), SoundKind.GREETING)
    shelf = catalogue.shelf(owner)
    greetings = {**shelf.greetings, slot: name}
    return _with_shelf(catalogue, owner, attrs.evolve(shelf, greetings=greetings))


def deactivate(catalogue: Catalogue, slot: Slot, owner: str) -> Catalogue:
    """Let nothing be heard in a slot; one that is empty is left as it is."""
    shelf = catalogue.shelf(owner)
    greetings = {key: name for key, name in shelf.greetings.items() if key != slot}
    return _with_shelf(catalogue, owner, attrs.evolve(shelf, greetings=greetings))


def switch_hotprompt(
    catalogue: Catalogue, owner: str, hotprompt: Hotprompt | None, now: datetime
) -> Catalogue:
    """Switch a hotprompt on, or with None whatever there is off."""
    if hotprompt is not None:
        _of_kind(catalogue.sound(hotprompt.sound), SoundKind.HOTPROMPT)
        _check_times(hotprompt, now)
    shelf = attrs.evolve(catalogue.shelf(owner), hotprompt=hotprompt)
    return _with_shelf(catalogue, owner, shelf)


def _check_times(hotprompt: Hotprompt, now: datetime) -> None:
    if hotprompt.over_at(now):
        raise LibraryError(
            f"The hotprompt would end at {hotprompt.until}, and that is past.",
            reason=LibraryFault.OVER_ALREADY,
        )
    if hotprompt.since is not None and hotprompt.over_at(hotprompt.since):
        raise LibraryError(
            f"The hotprompt would end at {hotprompt.until}, before it begins at {hotprompt.since}.",
            reason=LibraryFault.OVER_ALREADY,
        )


# Playlists.


def set_playlist(catalogue: Catalogue, title: str, names: Iterable[str], owner: str) -> Catalogue:
    """Make a playlist, or give the one of this title other files; each file counts once.

    The default list can only be put back where it was removed.
    """
    files = tuple(dict.fromkeys(names))
    for name in files:
        _of_kind(catalogue.sound(name), SoundKind.MUSIC)
    shelf = _musical(catalogue.shelf(owner))
    _check_playlist(shelf, title, files, owner)
    playlists = {**shelf.playlists, title: files}
    return _with_shelf(catalogue, owner, attrs.evolve(shelf, playlists=playlists))


def _check_playlist(shelf: Shelf, title: str, files: tuple[str, ...], owner: str) -> None:
    if title == DEFAULT_PLAYLIST and files:
        raise LibraryError(
            f"The playlist {title!r} is supplied and holds no files of yours; choose another name.",
            reason=LibraryFault.DEFAULT_PLAYLIST,
        )
    if len(files) > FILES_MAX:
        raise LibraryError(
            f"The playlist {title!r} would have {len(files)} files; at most {FILES_MAX} are taken.",
            reason=LibraryFault.TOO_MANY_FILES,
        )
    if title not in shelf.playlists and len(shelf.playlists) >= PLAYLISTS_MAX:
        raise LibraryError(
            f"{owner_words(owner).capitalize()} has {PLAYLISTS_MAX} playlists already, which is "
            f"as many as there may be: {', '.join(sorted(shelf.playlists))}.",
            reason=LibraryFault.TOO_MANY_PLAYLISTS,
        )
    if title == shelf.active and title != DEFAULT_PLAYLIST and not files:
        raise LibraryError(
            f"The playlist {title!r} is heard and must keep at least one file.",
            reason=LibraryFault.EMPTY_PLAYLIST,
        )


def activate_playlist(catalogue: Catalogue, title: str, owner: str) -> Catalogue:
    """Let a playlist be the one that waiting callers hear."""
    shelf = _musical(catalogue.shelf(owner))
    if not _playlist(shelf, title) and title != DEFAULT_PLAYLIST:
        raise LibraryError(
            f"The playlist {title!r} has no files.", reason=LibraryFault.EMPTY_PLAYLIST
        )
    return _with_shelf(catalogue, owner, attrs.evolve(shelf, active=title))


def remove_playlist(catalogue: Catalogue, title: str, owner: str) -> Catalogue:
    """Remove a playlist that is not the active one; its sounds stay in the library."""
    shelf = catalogue.shelf(owner)
    _playlist(shelf, title)
    if title == shelf.active:
        raise LibraryError(
            f"The playlist {title!r} is the one that is heard; activate another one first.",
            reason=LibraryFault.ACTIVE_PLAYLIST,
        )
    playlists = {key: names for key, names in shelf.playlists.items() if key != title}
    return _with_shelf(catalogue, owner, attrs.evolve(shelf, playlists=playlists))


def follow_office(catalogue: Catalogue, owner: str) -> Catalogue:
    """Take a group's playlists away: it follows the office, and the office the default list."""
    if not owner:
        return activate_playlist(catalogue, DEFAULT_PLAYLIST, owner)
    shelf = attrs.evolve(catalogue.shelf(owner), playlists={}, active="")
    return _with_shelf(catalogue, owner, shelf)


def _musical(shelf: Shelf) -> Shelf:
    """Give the shelf of a group that had no say on music the lists that every shelf begins with."""
    if shelf.active:
        return shelf
    return attrs.evolve(shelf, playlists=OFFICE_SHELF.playlists, active=OFFICE_SHELF.active)


def _playlist(shelf: Shelf, title: str) -> tuple[str, ...]:
    if title not in shelf.playlists:
        raise LibraryError(
            f"There is no playlist {title!r}; there are: {', '.join(sorted(shelf.playlists))}.",
            reason=LibraryFault.UNKNOWN_PLAYLIST,
        )
    return shelf.playlists[title]


# How a catalogue is changed.


def _of_kind(sound: Sound, kind: SoundKind) -> None:
    if sound.kind is not kind:
        raise LibraryError(
            f"{sound.name!r} is of kind {sound.kind.value}; this needs one of kind {kind.value}.",
            reason=LibraryFault.WRONG_KIND,
        )


def _with_sound(catalogue: Catalogue, sound: Sound) -> Catalogue:
    return _next(catalogue, sounds={**catalogue.sounds, sound.name: sound})


def _with_shelf(catalogue: Catalogue, owner: str, shelf: Shelf) -> Catalogue:
    return _next(catalogue, shelves={**catalogue.shelves, owner: shelf})


def _next(
    catalogue: Catalogue,
    *,
    sounds: Mapping[str, Sound] | None = None,
    shelves: Mapping[str, Shelf] | None = None,
) -> Catalogue:
    return Catalogue(
        change=catalogue.change + 1,
        sounds=catalogue.sounds if sounds is None else sounds,
        shelves=catalogue.shelves if shelves is None else shelves,
    )
