"""What a flow lets its callers hear: files, words, sentences of the system, language by language.

In a flow file a text is spoken, and a table says anything else::

    prompt = "Welcome to Fjordby."
    prompt = { play = "welcome.wav" }
    prompt = { da = "Velkommen.", en = "Welcome." }
    prompt = [{ play = "gong.wav" }, "Your case {case:digits} is {status}."]
    prompt = { message = "invalid_choice" }
    prompt = ["Tryk 1 for dansk.", { say = "For English, press 2.", language = "en" }]
    prompt = { sound = "Harbour closed" }
    prompt = { welcome = true }
    prompt = { greeting = "sales" }

In Python a `str` is spoken too and a `Path` is played.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, TypeAlias

import attrs

from softswitch.errors import MisuseError
from softswitch.ivr.expressions import Template
from softswitch.prompts.messages import SystemMessage

ANY_LANGUAGE: Final = ""


@attrs.frozen
class Sound:
    """A sound file; relative to the folder of the flow's file."""

    file: Path


@attrs.frozen
class Words:
    """A text that is spoken, with slots for values.

    Attributes:
        text: the text.
        language: how it is spoken; empty: in the caller's language.
    """

    text: Template
    language: str = ""


@attrs.frozen
class Message:
    """A sentence that the system knows in every language."""

    message: SystemMessage


@attrs.frozen
class LibrarySound:
    """A sound of the office's library, in the version that is current when it is heard."""

    name: str


class WelcomePart(enum.Enum):
    """What of a welcome is heard.

    WELCOME: hotprompts, then the greeting. HOTPROMPT, GREETING: the one without the other.
    """

    WELCOME = "welcome"
    HOTPROMPT = "hotprompt"
    GREETING = "greeting"


@attrs.frozen(kw_only=True)
class Welcome:
    """What the library has for callers at this hour; where it has nothing, nothing is heard.

    Attributes:
        part: how much of it.
        group: whose callers; empty: the office's.
        hours: the calendar by which greetings are chosen; empty: that of the group, and without
            one it is always open.
    """

    part: WelcomePart = WelcomePart.WELCOME
    group: str = ""
    hours: str = ""


Piece: TypeAlias = Sound | Words | Message | LibrarySound | Welcome


@attrs.frozen
class Prompt:
    """Pieces one after the other.

    Attributes:
        spoken: the pieces by language; under `ANY_LANGUAGE` those for every other language.
    """

    spoken: Mapping[str, tuple[Piece, ...]]

    def pieces(self, language: str) -> tuple[Piece, ...]:
        """Return what is heard in a language; nothing where there is nothing in it."""
        return self.spoken.get(language, self.spoken.get(ANY_LANGUAGE, ()))

    def everything(self) -> Iterator[tuple[str, Piece]]:
        """Give every piece with its language."""
        for language, pieces in self.spoken.items():
            for piece in pieces:
                yield language, piece


def prompt_of(given: object) -> Prompt:
    """Make a prompt of what a program gives: a text, a path, a sentence, a list, or by language.

    Raises:
        MisuseError: nothing that can be heard.
        ExpressionError: a slot in a text is wrong.
    """
    if isinstance(given, Prompt):
        return given
    if isinstance(given, Mapping):
        return Prompt({str(code): tuple(_pieces(inner)) for code, inner in given.items()})
    return Prompt({ANY_LANGUAGE: tuple(_pieces(given))})


def _pieces(given: object) -> Iterator[Piece]:
    match given:
        case Sound() | Words() | Message() | LibrarySound() | Welcome():
            yield given
        case SystemMessage():
            yield Message(given)
        case str():
            yield Words(Template(given))
        case Path():
            yield Sound(given)
        case Sequence():
            for one in given:
                yield from _pieces(one)
        case _:
            raise MisuseError(f"{given!r} cannot be heard")
