"""What a session wants done. Whoever drives it carries these out in order and reports by events.

Those with an id are answered by an event with the same id, unless they are given up before.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias

import attrs

from softswitch.ivr.expressions import Value
from softswitch.ivr.prompts import LibrarySound, Welcome
from softswitch.prompts.messages import SystemMessage


@attrs.frozen
class SpokenText:
    """Words to be spoken as they stand."""

    text: str


@attrs.frozen
class SpokenValue:
    """A value to be spoken in a form of the language, such as ``digits`` or ``date``.

    Attributes:
        currency: of an amount, as in ISO 4217; empty: the language's own.
        today: the date on which it is said, for forms that depend on it; None: they do not.
    """

    value: Value
    form: str
    currency: str = ""
    today: dt.date | None = None


@attrs.frozen
class SpokenWords:
    """One sentence: words and values in it, to be spoken in one go."""

    parts: tuple[SpokenText | SpokenValue, ...]
    language: str


@attrs.frozen
class SpokenMessage:
    """A sentence that the system knows."""

    message: SystemMessage
    language: str


Audible: TypeAlias = Path | SpokenMessage | SpokenWords | LibrarySound | Welcome
"""Something that is heard: a sound file, speech in a language, or what the library has now."""


@attrs.frozen(kw_only=True)
class Command:
    """Base of everything that a session wants."""


@attrs.frozen(kw_only=True)
class Asking(Command):
    """Base of commands that an event with the same id answers."""

    id: int = 0


@attrs.frozen(kw_only=True)
class Answer(Command):
    """Answer the call; `Answered` follows."""


@attrs.frozen(kw_only=True)
class OpenEarlyMedia(Command):
    """Let the caller hear before the call is answered; `Answered` follows."""


@attrs.frozen(kw_only=True)
class Play(Asking):
    """Play pieces one after the other; `PromptOver` follows."""

    pieces: tuple[Audible, ...]


@attrs.frozen(kw_only=True)
class StopPlaying(Command):
    """Cut whatever is playing; no event follows."""


@attrs.frozen(kw_only=True)
class Record(Asking):
    """Record the caller; `Recorded` follows.

    Attributes:
        length_max_s: it ends by itself after so many seconds.
        silence_s: it ends by itself when the caller says nothing for so long; 0: it does not.
        beep: let a tone be heard first.
    """

    length_max_s: float
    silence_s: float = 0.0
    beep: bool = True


@attrs.frozen(kw_only=True)
class StopRecording(Command):
    """Finish the recording; `Recorded` follows."""


@attrs.frozen(kw_only=True)
class ListenFor(Command):
    """Make out words until `StopListening`; `SpeechBegan` and `Spoken` follow, with its id.

    Nothing follows where nothing can make out words of the language, and `Failed` where that came
    to nothing: keys remain.

    Attributes:
        words: what may be said.
        language: that it is said in.
    """

    id: int = 0
    words: tuple[str, ...]
    language: str


@attrs.frozen(kw_only=True)
class StopListening(Command):
    """Listen for words no more; no event follows."""


class Meanwhile(enum.Enum):
    """What a caller hears who waits for data."""

    SILENCE = "silence"
    MUSIC = "music"


@attrs.frozen(kw_only=True)
class LookUp(Asking):
    """Get outside data; `LookedUp` or `Failed` follows.

    Attributes:
        source: the name of the source in the flow.
        arguments: what is asked about.
        meanwhile: what the caller hears.
        pieces: said first, once; music follows where it is wanted.
    """

    source: str
    arguments: Mapping[str, Value]
    meanwhile: Meanwhile = Meanwhile.SILENCE
    pieces: tuple[Audible, ...] = ()


@attrs.frozen(kw_only=True)
class GiveUp(Command):
    """Drop what command ``id`` asked for; no event is waited for any more."""

    id: int


@attrs.frozen(kw_only=True)
class Perform(Asking):
    """Base of what the runtime does as a whole, with the caller; `Done` or `Failed` follows.

    A program that adds a kind of node may add commands of its own below this.
    """


@attrs.frozen(kw_only=True)
class QueueFor(Perform):
    """Let the caller wait for a member of a group and talk.

    Outcomes: ``answered`` (the member hung up first), ``forwarded``, ``called_back``.

    Attributes:
        stay: keep the caller after the conversation.
        returns: a caller whom nobody answers comes back, with the reason as outcome (the values of
            `softswitch.acd.commands.ForwardReason`), and is not sent where the group says.
        keys: keys by which a waiting caller comes back; the outcome is ``key`` and the key.
    """

    group: str
    priority: int = 0
    skills: tuple[str, ...] = ()
    greeting: tuple[Audible, ...] = ()
    stay: bool = False
    returns: bool = False
    keys: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class DialFor(Perform):
    """Call somebody and connect the two. Outcomes: ``answered``, ``busy``, ``no_answer``."""

    number: str
    ring_time_s: float = 30.0
    trunk: str = ""


@attrs.frozen(kw_only=True)
class TransferTo(Perform):
    """Ask the caller's phone to call another number instead. Outcomes: ``transferred``."""

    number: str


@attrs.frozen(kw_only=True)
class TakeMessage(Perform):
    """Let the caller leave a message in a voicemail box. Outcome: ``left``, ``empty``."""

    box: str
    language: str = ""
    greeting: tuple[Audible, ...] = ()
    email: str = ""


@attrs.frozen(kw_only=True)
class PromiseCallBack(Perform):
    """Note that somebody of a group calls a number back. Outcomes: ``promised``, ``refused``."""

    group: str
    number: str
    priority: int = 0


@attrs.frozen(kw_only=True)
class AskSurvey(Perform):
    """Ask the questions of a survey. Outcome: ``finished``."""

    survey: str
    language: str = ""


@attrs.frozen(kw_only=True)
class SendMessage(Perform):
    """Send a text. Outcome: ``sent``.

    Attributes:
        by: ``email`` or ``sms``.
        attach: a file to send along; empty: none.
    """

    by: str
    to: str
    subject: str = ""
    text: str = ""
    attach: str = ""


@attrs.frozen(kw_only=True)
class RunOwn(Perform):
    """Run what a program has added; see `softswitch.ivr.model.OwnNode`."""

    node: object
    variables: Mapping[str, Value]


@attrs.frozen(kw_only=True)
class HangUp(Command):
    """End the call.

    Attributes:
        status: what a caller is refused with who was never answered (RFC 3261 section 21).
    """

    status: int = 480
