"""Why a change to the sound library is refused, in a word and in a sentence."""

from __future__ import annotations

import enum

from softswitch.errors import SoftswitchError


class LibraryFault(enum.Enum):
    """The kinds of refusal."""

    BAD_NAME = "bad_name"
    UNKNOWN_SOUND = "unknown_sound"
    UNKNOWN_VERSION = "unknown_version"
    UNKNOWN_PLAYLIST = "unknown_playlist"
    WRONG_KIND = "wrong_kind"
    IN_USE = "in_use"
    TOO_MANY_PLAYLISTS = "too_many_playlists"
    TOO_MANY_FILES = "too_many_files"
    EMPTY_PLAYLIST = "empty_playlist"
    ACTIVE_PLAYLIST = "active_playlist"
    DEFAULT_PLAYLIST = "default_playlist"
    OVER_ALREADY = "over_already"
    BAD_PIN = "bad_pin"


class LibraryError(SoftswitchError):
    """A change is refused; the library is as it was.

    Attributes:
        reason: which kind of refusal this is. The message is one sentence for a person.
    """

    def __init__(self, message: str, *, reason: LibraryFault) -> None:
        super().__init__(message)
        self.reason = reason
