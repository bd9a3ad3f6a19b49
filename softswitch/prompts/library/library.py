"""The sound library of an office: what an administrator does with sounds.

Synchronous; reads and writes files, and decodes what is uploaded: call it from a thread. Several
processes may work on one folder, such as a switch and the command line.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path

import attrs

from softswitch.prompts import files
from softswitch.prompts.library import rules
from softswitch.prompts.library.folder import LibraryFolder
from softswitch.prompts.library.model import (
    OFFICE,
    Catalogue,
    Hotprompt,
    Origin,
    Slot,
    Sound,
    SoundKind,
    Version,
)
from softswitch.prompts.library.uses import uses_of

CHECK_RATE_HZ = 8_000
"""Rate at which an upload is decoded to see that it can be."""

_NAME_LENGTH = 32
_SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,5}")


class SoundLibrary:
    """Sounds with names and versions, and what they are used for."""

    def __init__(self, folder: Path, clock: Callable[[], datetime]) -> None:
        """Set up; nothing is read or made before it is needed.

        Args:
            folder: of the library alone; made when needed.
            clock: the time of day with its offset, for when versions came and hotprompts end.
        """
        self._kept = LibraryFolder(folder)
        self._clock = clock

    @property
    def folder(self) -> Path:
        """Where it is."""
        return self._kept.folder

    @property
    def now(self) -> datetime:
        """The time by the library's clock."""
        return self._clock()

    def read(self) -> Catalogue:
        """Return what the library holds now.

        Raises:
            EnvironmentFaultError: it cannot be read.
        """
        return self._kept.read()

    def file(self, sound: Sound, number: int | None = None) -> Path:
        """Return the file of a version, of the current one when None, as it was uploaded."""
        return self.folder / sound.version(number).file

    def uses(self, name: str) -> tuple[str, ...]:
        """Return where a sound is used in the library, in words."""
        catalogue = self.read()
        return uses_of(catalogue, catalogue.sound(name).name, self._clock())

    def add(
        self,
        name: str,
        source: Path,
        kind: SoundKind,
        *,
        origin: Origin = Origin.UPLOAD,
        then: rules.Change = lambda catalogue: catalogue,
    ) -> Catalogue:
        """Take a sound file in; where the name is known it becomes the sound's new version.

        Args:
            name: of the sound.
            source: WAV, MP3, WMA or whatever else `softswitch.prompts.files` reads; it is copied.
            kind: what the sound is for; that of a known sound must be the same.
            origin: how it came.
            then: a further change in one with this, such as its activation.

        Raises:
            PromptError: the file cannot be used; the library is unchanged.
            LibraryError: name or kind are refused; the library is unchanged.
            EnvironmentFaultError: the library cannot be written.
        """
        clean = rules.clean_name(name)
        uploaded = source.name if origin is Origin.UPLOAD else ""
        with (
            files.open_sound(source) as original,
            self._kept.incoming(original, files.DEFAULT_LIMITS.file_bytes) as copy,
        ):
            first = _first_version(copy, source, self._clock())
            first = attrs.evolve(first, origin=origin, source=uploaded)

            def change(catalogue: Catalogue) -> Catalogue:
                def make(number: int) -> Version:
                    return attrs.evolve(first, number=number)

                return then(rules.add(catalogue, clean, kind, make))

            return self._kept.change(change, bring=copy, name=first.file)

    def remove(self, name: str, *, also_used: Iterable[str] = ()) -> Catalogue:
        """Remove a sound and all its versions; refused while it is used, saying where."""
        now = self._clock()
        return self._kept.change(lambda c: rules.remove(c, name, now, also_used=also_used))

    def roll_back(self, name: str, number: int | None = None) -> Catalogue:
        """Let another version be current: the one before when ``number`` is None."""
        return self._kept.change(lambda c: rules.roll_back(c, name, number))

    def activate(self, name: str, slot: Slot, owner: str = OFFICE) -> Catalogue:
        """Let a greeting be heard in a slot by callers of the office, or of a group."""
        return self._kept.change(lambda c: rules.activate(c, name, slot, owner))

    def deactivate(self, slot: Slot, owner: str = OFFICE) -> Catalogue:
        """Let no greeting be heard in a slot."""
        return self._kept.change(lambda c: rules.deactivate(c, slot, owner))

    def hotprompt_on(
        self,
        name: str,
        *,
        until: datetime | None = None,
        since: datetime | None = None,
        owner: str = OFFICE,
    ) -> Catalogue:
        """Let a message be heard in front of everything.

        Args:
            name: of the sound.
            until: when it ends by itself; None: when it is switched off.
            since: when it begins by itself; None: now.
            owner: the office or a group.
        """
        hot = Hotprompt(sound=name, until=until, since=since)
        return self._kept.change(lambda c: rules.switch_hotprompt(c, owner, hot, self._clock()))

    def hotprompt_off(self, owner: str = OFFICE) -> Catalogue:
        """Let it be heard no more."""
        return self._kept.change(lambda c: rules.switch_hotprompt(c, owner, None, self._clock()))

    def set_playlist(self, title: str, names: Iterable[str], owner: str = OFFICE) -> Catalogue:
        """Make a playlist or give it other files."""
        clean, files_of_it = rules.clean_name(title), tuple(names)
        return self._kept.change(lambda c: rules.set_playlist(c, clean, files_of_it, owner))

    def activate_playlist(self, title: str, owner: str = OFFICE) -> Catalogue:
        """Let a playlist be the one that waiting callers hear."""
        return self._kept.change(lambda c: rules.activate_playlist(c, title, owner))

    def remove_playlist(self, title: str, owner: str = OFFICE) -> Catalogue:
        """Remove a playlist; its sounds stay."""
        return self._kept.change(lambda c: rules.remove_playlist(c, title, owner))

    def follow_office(self, owner: str) -> Catalogue:
        """Take the playlists of a group away, so that its callers hear the office's."""
        return self._kept.change(lambda c: rules.follow_office(c, owner))


def _first_version(copy: Path, source: Path, added_at: datetime) -> Version:
    """Decode a file to see that it can be, and describe it."""
    with files.open_sound(copy) as file:
        digest = files.content_hash(file)
        samples = files.decode(file, str(source), CHECK_RATE_HZ)
    return Version(
        number=1,
        file=f"{digest[:_NAME_LENGTH]}{_suffix(source)}",
        length_s=round(len(samples) / CHECK_RATE_HZ, 3),
        added_at=added_at,
    )


def _suffix(source: Path) -> str:
    """Return what a file name ends in, where that is harmless."""
    return source.suffix.lower() if _SUFFIX.fullmatch(source.suffix) else ""
