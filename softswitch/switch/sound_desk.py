"""The sound library at work in a running switch: what callers hear of it, and changes to it.

What is on the library's shelves is made ready to be played whenever the library changes, so that
a call that comes in is greeted at once, without a look at the disk. A change made through the desk
is heard by the next caller. One made by another process, such as ``softswitch sounds``, is taken up
by `SoundDesk.refresh`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

import attrs

from softswitch.errors import SoftswitchError
from softswitch.prompts import MUSIC_DBFS, SPEECH_DBFS, Clip, SoundStore
from softswitch.prompts.library import (
    OFFICE,
    Catalogue,
    PinGuard,
    PinVerdict,
    Slot,
    Sound,
    SoundKind,
    SoundLibrary,
    uses_of,
)

log = logging.getLogger(__name__)

LIBRARY_FOLDER: Final = "library"
PIN_FILE: Final = "recording-pin.json"
"""Where an office keeps its library, and the hash of its PIN, in its data folder."""


@attrs.frozen(kw_only=True)
class _Ready:
    """A catalogue with files of its sounds that can be played at once.

    Attributes:
        files: by name: of everything on the shelves, and of what was asked for by its name.
    """

    catalogue: Catalogue = attrs.field(factory=Catalogue)
    files: dict[str, Path] = attrs.field(factory=dict)

    def of(self, sounds: Iterable[Sound | None]) -> tuple[Path, ...]:
        """Return the files of sounds; those that cannot be played are left out."""
        ready = (self.files.get(sound.name) for sound in sounds if sound is not None)
        return tuple(file for file in ready if file is not None)


class SoundDesk:
    """The office's own sounds, from the side of calls and of those who change them."""

    def __init__(self, library: SoundLibrary, store: SoundStore, guard: PinGuard) -> None:
        """Set up; nothing is heard before `open`.

        Args:
            library: the sounds.
            store: makes them playable.
            guard: knows the PIN for recording by phone.
        """
        self._library = library
        self._guard = guard
        self._store = store
        self._elsewhere: list[Callable[[str], Iterable[str]]] = []
        self._ready = _Ready()
        self._turn = asyncio.Lock()

    # What callers hear.

    def greeting(self, group_id: str, slot: Slot) -> tuple[Path, ...]:
        """Return the greeting that the library has for callers of a group; empty for none."""
        return self._ready.of([self._ready.catalogue.greeting(slot, group_id)])

    def hotprompts(self, group_id: str, now: datetime) -> tuple[Path, ...]:
        """Return what is heard in front of everything."""
        return self._ready.of(self._ready.catalogue.hotprompts(now, group_id))

    def music(self, group_id: str) -> tuple[Path, ...] | None:
        """Return the active list of a group, or of the office for `OFFICE`.

        Returns:
            The files; none for the default list; None where the shelf has no list.
        """
        sounds = self._ready.catalogue.music(group_id)
        return None if sounds is None else self._ready.of(sounds)

    async def sound(self, name: str) -> Path:
        """Return a sound by its name, ready to be played; from then on it is `at_hand`.

        Raises:
            LibraryError: there is none of that name.
            PromptError: its file cannot be used.
        """
        ready = self._ready
        sound = ready.catalogue.sound(name)
        if name not in ready.files:
            ready.files[name] = await asyncio.to_thread(self._playable, sound)
        return ready.files[name]

    def at_hand(self, name: str) -> Path | None:
        """Return a sound that can be played at once; None: `sound` has to make it ready."""
        return self._ready.files.get(name)

    # What administrators do.

    @property
    def catalogue(self) -> Catalogue:
        """What the library holds, as callers hear it now."""
        return self._ready.catalogue

    async def change(self, change: Callable[[SoundLibrary], Catalogue]) -> Catalogue:
        """Change the library; the next caller hears it.

        ::

            await desk.change(lambda library: library.activate("Welcome", Slot.OPEN))

        Raises:
            LibraryError: it is refused; nothing has changed.
            PromptError: a file cannot be used; nothing has changed.
            EnvironmentFaultError: the library cannot be read or written.
        """
        async with self._turn:
            catalogue = await asyncio.to_thread(change, self._library)
            await self._make_ready(catalogue)
        return catalogue

    def also_used(self, uses: Callable[[str], Iterable[str]]) -> None:
        """Let ``uses`` say, in words, where else a sound is used by its name, such as in flows."""
        self._elsewhere.append(uses)

    def uses(self, name: str) -> tuple[str, ...]:
        """Return every place where a sound is used, in words.

        Raises:
            LibraryError: there is none of that name.
        """
        catalogue = self._ready.catalogue
        inside = uses_of(catalogue, catalogue.sound(name).name, self._library.now)
        return (*inside, *(use for uses in self._elsewhere for use in uses(name)))

    async def remove(self, name: str) -> Catalogue:
        """Remove a sound with all its versions, unless it is used anywhere.

        Raises:
            LibraryError: it is used, or there is none.
            EnvironmentFaultError: the library cannot be read or written.
        """
        elsewhere = tuple(use for uses in self._elsewhere for use in uses(name))
        return await self.change(lambda library: library.remove(name, also_used=elsewhere))

    async def preview(self, name: str, number: int | None = None) -> Path:
        """Return any version of a sound as callers would hear it, the current one when None.

        Raises:
            LibraryError: there is no such sound or version.
            PromptError: its file cannot be used.
        """
        sound = self._ready.catalogue.sound(name)
        return await asyncio.to_thread(self._playable, sound, number)

    async def new_pin(self, pin: str | None = None) -> str:
        """Set the PIN for recording by phone, a random one when None; it is told only here.

        Raises:
            LibraryError: it is not 4 to 12 digits.
            EnvironmentFaultError: it cannot be stored.
        """
        return await asyncio.to_thread(self._guard.new, pin)

    async def try_pin(self, pin: str) -> PinVerdict:
        """Say whether a PIN is right; wrong ones are counted.

        Raises:
            EnvironmentFaultError: the PIN cannot be read.
        """
        return await asyncio.to_thread(self._guard.try_pin, pin)

    async def refresh(self) -> None:
        """Take up what others have changed in the library.

        Raises:
            EnvironmentFaultError: it cannot be read; callers hear what they heard before.
        """
        async with self._turn:
            catalogue = await asyncio.to_thread(self._library.read)
            if catalogue != self._ready.catalogue:
                await self._make_ready(catalogue)
                log.info("callers hear the sound library as of change %s", catalogue.change)

    async def open(self) -> None:
        """Begin. A library that cannot be read keeps no office closed: it is left aside."""
        try:
            await self.refresh()
        except SoftswitchError:
            log.exception("the office opens without its sound library")

    # How it works.

    async def _make_ready(self, catalogue: Catalogue) -> None:
        asked_for = {name for name in self._ready.files if name in catalogue.sounds}
        wanted = sorted({*_on_shelves(catalogue), *asked_for})
        self._ready = await asyncio.to_thread(self._prepare, catalogue, wanted)

    def _prepare(self, catalogue: Catalogue, names: Iterable[str]) -> _Ready:
        files: dict[str, Path] = {}
        for name in names:
            try:
                files[name] = self._playable(catalogue.sounds[name])
            except (SoftswitchError, KeyError) as error:
                log.error("the sound %r cannot be played: %s", name, error)  # noqa: TRY400 - said
        return _Ready(catalogue=catalogue, files=files)

    def _playable(self, sound: Sound, number: int | None = None) -> Path:
        return playable(self._library, self._store, sound, number)


def playable(
    library: SoundLibrary, store: SoundStore, sound: Sound, number: int | None = None
) -> Path:
    """Return a version of a sound as callers hear it. Reads and writes files.

    All speech is as loud as the system's own messages, and music well below.

    Raises:
        LibraryError: there is no such version.
        PromptError: its file cannot be used.
    """
    file = library.file(sound, number)
    if sound.kind is SoundKind.MUSIC:
        return store.prepare_file(file, level_dbfs=MUSIC_DBFS)
    return store.prompt(Clip(file, level_dbfs=SPEECH_DBFS), pinned=True)


def _on_shelves(catalogue: Catalogue) -> Iterator[str]:
    """Tell every sound that calls may need at once."""
    for owner in {OFFICE, *catalogue.shelves}:
        shelf = catalogue.shelf(owner)
        yield from shelf.greetings.values()
        yield from shelf.playlists.get(shelf.active, ())
        if shelf.hotprompt is not None:
            yield shelf.hotprompt.sound
