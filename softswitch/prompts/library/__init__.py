"""The office's own sounds: kept with every version, and put to use as greetings and music.

`SoundLibrary` is the door. What it holds is one frozen value, a `Catalogue`
(`softswitch.prompts.library.model`); every change is a pure function from one catalogue to the
next (`softswitch.prompts.library.rules`), so that another place to keep it, such as a database,
needs only what `softswitch.prompts.library.folder` does: read one and replace it, whole.
"""

from softswitch.prompts.library.faults import LibraryError, LibraryFault
from softswitch.prompts.library.library import SoundLibrary
from softswitch.prompts.library.model import (
    DEFAULT_PLAYLIST,
    FILES_MAX,
    OFFICE,
    PLAYLISTS_MAX,
    Catalogue,
    Hotprompt,
    Origin,
    Shelf,
    Slot,
    Sound,
    SoundKind,
    Version,
)
from softswitch.prompts.library.pin import PinGuard, PinVerdict
from softswitch.prompts.library.uses import uses_of

__all__ = [
    "DEFAULT_PLAYLIST",
    "FILES_MAX",
    "OFFICE",
    "PLAYLISTS_MAX",
    "Catalogue",
    "Hotprompt",
    "LibraryError",
    "LibraryFault",
    "Origin",
    "PinGuard",
    "PinVerdict",
    "Shelf",
    "Slot",
    "Sound",
    "SoundKind",
    "SoundLibrary",
    "Version",
    "uses_of",
]
