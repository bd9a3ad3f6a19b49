"""What the system says, in every language that there is a file for."""

from __future__ import annotations

import enum
import math
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

import attrs

from softswitch.prompts.faults import PromptError, PromptFault

POSITION_MAX = 9_999
"""The largest place in a queue that is spoken."""


class SystemMessage(enum.Enum):
    """The sentences that an office needs before it has recorded any of its own."""

    PLEASE_HOLD = "please_hold"
    STANDARD = "standard"
    LEAVE_MESSAGE = "leave_message"
    ANSWERED_ELSEWHERE = "answered_elsewhere"
    CLOSED = "closed"
    INVALID_CHOICE = "invalid_choice"
    GOODBYE = "goodbye"
    WILL_CALL_BACK = "will_call_back"


@attrs.frozen(kw_only=True)
class Voice:
    """How a language is spoken.

    Attributes:
        name: the synthesiser's name for the voice, such as ``da``.
        words_per_minute: speed, 80-450.
        pitch: height of the voice, 0-99.
    """

    name: str
    words_per_minute: int = 150
    pitch: int = 45


@attrs.frozen(kw_only=True)
class Language:
    """One language: its voice and its sentences.

    Attributes:
        code: as used in the office file: ``da``, ``nb``, ``sv``, ``en``.
        name: the language's own name for itself.
        voice: how it is spoken.
        messages: a sentence for every `SystemMessage`.
        position_sentence: holds ``{number}``.
        position_words: numbers that are not spoken as their digits would be.
        wait_sentences: for an expected wait: under a minute, at most so many minutes, between
            two numbers of minutes.
    """

    code: str
    name: str
    voice: Voice
    messages: Mapping[SystemMessage, str]
    position_sentence: str
    position_words: Mapping[int, str]
    wait_sentences: tuple[str, str, str]

    def position(self, number: int) -> str:
        """Return the sentence that tells a caller the place in the queue, 1 being next.

        Raises:
            PromptError: ``number`` is not from 1 to 9,999.
        """
        if not 1 <= number <= POSITION_MAX:
            raise PromptError(
                f"There is no place {number} in a queue; places go from 1 to {POSITION_MAX}.",
                reason=PromptFault.BAD_POSITION,
            )
        return self.position_sentence.format(
            number=self.position_words.get(number, str(number)),
        )

    def expected_wait(self, low_s: float, high_s: float) -> str:
        """Return the sentence that tells a range for the wait, in whole minutes.

        The range is rounded outwards, so that what is said is at least as true as what was found.

        Args:
            low_s: shortest wait in seconds.
            high_s: longest wait in seconds.
        """
        low, high = math.floor(low_s / 60), max(math.ceil(high_s / 60), 1)
        under_a_minute, at_most, between = self.wait_sentences
        if high == 1:
            return under_a_minute
        return (between if low else at_most).format(low=low, high=high)


@cache
def languages() -> Mapping[str, Language]:
    """Return every language by its code, in alphabetical order of the codes."""
    folder = resources.files("softswitch.prompts.languages")
    files = sorted(
        (file for file in folder.iterdir() if file.name.endswith(".toml")),
        key=lambda file: file.name,
    )
    codes = [file.name.removesuffix(".toml") for file in files]
    return {
        code: _language(code, tomllib.loads(file.read_text(encoding="utf-8")))
        for code, file in zip(codes, files, strict=True)
    }


def language(code: str) -> Language:
    """Return the language with ``code``.

    Raises:
        PromptError: there is none; the message names those that there are.
    """
    found = languages().get(code)
    if found is None:
        raise PromptError(
            f"There is no language {code!r}; choose one of {', '.join(languages())}.",
            reason=PromptFault.UNKNOWN_LANGUAGE,
        )
    return found


def _language(code: str, table: Mapping[str, Any]) -> Language:
    voice, wait = table["voice"], table["expected_wait"]
    return Language(
        code=code,
        name=table["name"],
        voice=Voice(
            name=voice["espeak"],
            words_per_minute=voice["words_per_minute"],
            pitch=voice["pitch"],
        ),
        messages={message: table["messages"][message.value] for message in SystemMessage},
        position_sentence=table["position"]["sentence"],
        position_words={int(n): word for n, word in table["position"]["words"].items()},
        wait_sentences=(wait["under_a_minute"], wait["at_most"], wait["between"]),
    )
