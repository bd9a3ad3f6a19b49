"""Why a sound could not be had, in a word for the program and a sentence for a person."""

from __future__ import annotations

import enum

from softswitch.errors import SoftswitchError


class PromptFault(enum.Enum):
    """The kinds of refusal."""

    UNKNOWN_LANGUAGE = "unknown_language"
    NOTHING_TO_SAY = "nothing_to_say"
    TEXT_TOO_LONG = "text_too_long"
    BAD_POSITION = "bad_position"
    UNSPEAKABLE = "unspeakable"
    SPEECH_FAILED = "speech_failed"
    NOT_A_FILE = "not_a_file"
    UNREADABLE = "unreadable"
    EMPTY = "empty"
    TOO_LONG = "too_long"
    TOO_MANY_CHANNELS = "too_many_channels"
    BAD_RATE = "bad_rate"
    BAD_GAIN = "bad_gain"


class PromptError(SoftswitchError):
    """A sound is refused or cannot be made; nothing was stored.

    Attributes:
        reason: which kind of refusal this is. The message is one sentence for a person.
    """

    def __init__(self, message: str, *, reason: PromptFault) -> None:
        super().__init__(message)
        self.reason = reason
