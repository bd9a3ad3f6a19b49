"""What a sound library holds, as one frozen value.

A *sound* has a name, a kind and versions, of which one is current. A *shelf* says what the office,
or one of its groups, plays: greetings in slots, playlists of which one is active, a hotprompt.
Where a group has no shelf, or nothing on it, the office's counts.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final

import attrs

from softswitch.prompts.library.faults import LibraryError, LibraryFault

OFFICE: Final = ""
"""Stands for the whole office where otherwise a group's id stands."""

PLAYLISTS_MAX: Final = 3
FILES_MAX: Final = 10
"""Playlists of a shelf, and files of a playlist, at most."""

DEFAULT_PLAYLIST: Final = "default"
"""The list that is supplied: it holds the music that comes with the project, and cannot change."""


class SoundKind(enum.Enum):
    """What a sound is for."""

    GREETING = "greeting"
    MUSIC = "music"
    HOTPROMPT = "hotprompt"
    MESSAGE = "message"


class Origin(enum.Enum):
    """How a version came into the library."""

    UPLOAD = "upload"
    PHONE = "phone"


class Slot(enum.Enum):
    """When a greeting is heard: a shelf has one greeting for each, so at most four."""

    OPEN = "open"
    CLOSED = "closed"
    OPEN_SPECIAL = "open-special"
    CLOSED_SPECIAL = "closed-special"

    @classmethod
    def at(cls, *, is_open: bool, special: bool) -> Slot:
        """Return the slot for an hour; special hours are those of days that override the week."""
        if special:
            return cls.OPEN_SPECIAL if is_open else cls.CLOSED_SPECIAL
        return cls.OPEN if is_open else cls.CLOSED

    @property
    def instead(self) -> Slot:
        """The slot whose greeting is heard where this one is empty: that of normal hours."""
        return {Slot.OPEN_SPECIAL: Slot.OPEN, Slot.CLOSED_SPECIAL: Slot.CLOSED}.get(self, self)


@attrs.frozen(kw_only=True)
class Version:
    """One upload or recording of a sound; it never changes.

    Attributes:
        number: 1 for the first.
        file: name of its file in the library's folder.
        length_s: how long it is.
        added_at: when it came, with its offset from UTC.
        origin: uploaded, or recorded by phone.
        source: name of the file that was uploaded; empty for a recording.
    """

    number: int
    file: str
    length_s: float
    added_at: datetime
    origin: Origin = Origin.UPLOAD
    source: str = ""


@attrs.frozen(kw_only=True)
class Sound:
    """One sound with its versions.

    Attributes:
        name: unique in the library.
        kind: what it is for.
        versions: the oldest first, at least one.
        current: number of the version that is heard.
    """

    name: str
    kind: SoundKind
    versions: tuple[Version, ...]
    current: int

    def version(self, number: int | None = None) -> Version:
        """Return a version, the current one when None.

        Raises:
            LibraryError: there is no such version.
        """
        wanted = self.current if number is None else number
        for version in self.versions:
            if version.number == wanted:
                return version
        known = ", ".join(str(version.number) for version in self.versions)
        raise LibraryError(
            f"{self.name!r} has no version {wanted}; there are: {known}.",
            reason=LibraryFault.UNKNOWN_VERSION,
        )


@attrs.frozen(kw_only=True)
class Hotprompt:
    """A message in front of everything, such as one about heavy traffic.

    Attributes:
        sound: name of the sound.
        until: when it ends by itself, with its offset from UTC; None: when it is switched off.
        since: when it begins by itself; None: it has begun.
    """

    sound: str
    until: datetime | None = None
    since: datetime | None = None

    def heard_at(self, now: datetime) -> bool:
        """Whether callers hear it at a time."""
        return not self.over_at(now) and (self.since is None or now >= self.since)

    def over_at(self, now: datetime) -> bool:
        """Whether it has ended by itself at a time."""
        return self.until is not None and now >= self.until


@attrs.frozen(kw_only=True)
class Shelf:
    """What the office, or one group, plays. Names are those of sounds.

    Attributes:
        greetings: by slot.
        playlists: by name; `DEFAULT_PLAYLIST` holds none of the library's sounds.
        active: name of the playlist that is heard; empty: this shelf has no say on music.
        hotprompt: what is heard in front of everything, or None.
    """

    greetings: Mapping[Slot, str] = attrs.field(factory=dict)
    playlists: Mapping[str, tuple[str, ...]] = attrs.field(factory=dict)
    active: str = ""
    hotprompt: Hotprompt | None = None

    def names(self) -> Iterator[str]:
        """Give every sound on the shelf, the playlists that are not active included."""
        yield from self.greetings.values()
        for names in self.playlists.values():
            yield from names
        if self.hotprompt is not None:
            yield self.hotprompt.sound


OFFICE_SHELF: Final = Shelf(playlists=MappingProxyType({DEFAULT_PLAYLIST: ()}), active="default")
"""What an office begins with."""


@attrs.frozen(kw_only=True)
class Catalogue:
    """All that a library knows, as of one change.

    Attributes:
        change: number of the change that led to it; 0 for an empty library.
        sounds: by name.
        shelves: by group id; `OFFICE` for the whole office.
    """

    change: int = 0
    sounds: Mapping[str, Sound] = attrs.field(factory=dict)
    shelves: Mapping[str, Shelf] = attrs.field(factory=dict)

    def sound(self, name: str) -> Sound:
        """Return a sound.

        Raises:
            LibraryError: there is none of that name.
        """
        if name not in self.sounds:
            known = ", ".join(sorted(self.sounds)) or "none"
            raise LibraryError(
                f"The library has no sound {name!r}; there are: {known}.",
                reason=LibraryFault.UNKNOWN_SOUND,
            )
        return self.sounds[name]

    def shelf(self, owner: str = OFFICE) -> Shelf:
        """Return what the office or a group has on its own shelf."""
        return self.shelves.get(owner, Shelf() if owner else OFFICE_SHELF)

    def greeting(self, slot: Slot, owner: str = OFFICE) -> Sound | None:
        """Return what callers of a group are greeted with, or None.

        The group's own greeting goes before the office's, and where special hours have none that
        of normal hours is heard.
        """
        for shelf in (self.shelf(owner), self.shelf()):
            name = shelf.greetings.get(slot) or shelf.greetings.get(slot.instead)
            if name is not None:
                return self.sounds[name]
        return None

    def music(self, owner: str = OFFICE) -> tuple[Sound, ...] | None:
        """Return the active playlist; empty for the default one, None where a shelf has none."""
        shelf = self.shelf(owner)
        if not shelf.active:
            return None
        return tuple(self.sounds[name] for name in shelf.playlists[shelf.active])

    def hotprompts(self, now: datetime, owner: str = OFFICE) -> tuple[Sound, ...]:
        """Return what is heard in front of everything now: the office's, then the group's."""
        shelves = (self.shelf(), self.shelf(owner)) if owner else (self.shelf(),)
        heard = (shelf.hotprompt for shelf in shelves)
        return tuple(self.sounds[hot.sound] for hot in heard if hot and hot.heard_at(now))
