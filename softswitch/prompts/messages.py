"""What the system says, in every language that there is a file for."""

from __future__ import annotations

import enum
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any, Final

import attrs
import cattrs

from softswitch.errors import ConfigurationError, Fault
from softswitch.prompts.faults import PromptError, PromptFault
from softswitch.prompts.guidance import Guidance
from softswitch.prompts.phrases import Phrases
from softswitch.prompts.pronunciation import digits_for_numbers
from softswitch.prompts.waiting import POSITION_MAX

__all__ = [
    "POSITION_MAX",
    "Guidance",
    "Language",
    "SystemMessage",
    "Voice",
    "language",
    "languages",
]


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
    RECORDING_PIN = "recording_pin"
    RECORDING_WRONG_PIN = "recording_wrong_pin"
    RECORDING_LOCKED = "recording_locked"
    RECORDING_CHOOSE = "recording_choose"
    RECORDING_SPEAK = "recording_speak"
    RECORDING_REVIEW = "recording_review"
    RECORDING_SAVED = "recording_saved"
    RECORDING_NOT_SAVED = "recording_not_saved"
    RECORDING_UNHEARD = "recording_unheard"


@attrs.frozen(kw_only=True)
class Voice:
    """How a language is spoken.

    Attributes:
        name: the synthesiser's name for the voice, such as ``da``.
        words_per_minute: speed, 80-450.
        pitch: height of the voice, 0-99.
        read_as: words that espeak-ng would mispronounce, and what to give it instead.
    """

    name: str
    words_per_minute: int = 150
    pitch: int = 45
    read_as: Mapping[str, str] = attrs.field(factory=dict)


@attrs.frozen(kw_only=True)
class Language:
    """One language: its voice, its sentences and its grammar.

    Attributes:
        code: as used in the office file: ``da``, ``nb``, ``sv``, ``en``.
        name: the language's own name for itself.
        voice: how it is spoken.
        messages: a sentence for every `SystemMessage` and every `Guidance`.
        phrases: sentences with values in them.
    """

    code: str
    name: str
    voice: Voice
    messages: Mapping[SystemMessage | Guidance, str]
    phrases: Phrases

    def position(self, number: int) -> str:
        """Return the sentence that tells a caller the place in the queue, 1 being next.

        Raises:
            PromptError: ``number`` is not from 1 to 9,999.
        """
        return self.phrases.position(number)

    def expected_wait(self, low_s: float, high_s: float) -> str:
        """Return the sentence that tells a range for the wait; see `Waiting.wait`.

        Args:
            low_s: shortest wait in seconds.
            high_s: longest wait in seconds.
        """
        return self.phrases.expected_wait(low_s, high_s)


@cache
def languages() -> Mapping[str, Language]:
    """Return every language by its code, in alphabetical order of the codes."""
    # Not by its name as a package: importing that would take the place of this function.
    folder = resources.files("softswitch.prompts") / "languages"
    files = sorted(
        (file for file in folder.iterdir() if file.name.endswith(".toml")),
        key=lambda file: file.name,
    )
    codes = [file.name.removesuffix(".toml") for file in files]
    return {
        code: parse_language(code, file.read_text(encoding="utf-8"))
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


_OTHER_TABLES: Final = ("name", "voice", "messages", "guidance")


def parse_language(code: str, text: str) -> Language:
    """Read one language's file.

    Raises:
        ConfigurationError: something in it is missing, unknown or of the wrong kind.
    """
    try:
        return _language(code, tomllib.loads(text))
    except KeyError as error:
        messages = [f"{error.args[0]} is missing."]
    except cattrs.BaseValidationError as error:
        messages = cattrs.transform_error(error)
    except (tomllib.TOMLDecodeError, ValueError) as error:
        messages = [str(error)]
    raise ConfigurationError(Fault(path=f"{code}.toml", message=message) for message in messages)


def _language(code: str, table: Mapping[str, Any]) -> Language:
    grammar = {key: value for key, value in table.items() if key not in _OTHER_TABLES}
    phrases = cattrs.Converter(forbid_extra_keys=True).structure(grammar, Phrases)
    messages: dict[SystemMessage | Guidance, str] = {}
    messages |= {message: table["messages"][message.value] for message in SystemMessage}
    messages |= {message: table["guidance"][message.value] for message in Guidance}
    return Language(
        code=code,
        name=table["name"],
        voice=_voice(table["voice"], phrases),
        messages={
            message: phrases.with_digits_in_words(text) for message, text in messages.items()
        },
        phrases=phrases,
    )


def _voice(table: Mapping[str, Any], phrases: Phrases) -> Voice:
    by_digits = table.get("digits_for_numbers", False)
    return Voice(
        name=table["espeak"],
        words_per_minute=table["words_per_minute"],
        pitch=table["pitch"],
        read_as=digits_for_numbers(phrases.numbers) if by_digits else {},
    )
