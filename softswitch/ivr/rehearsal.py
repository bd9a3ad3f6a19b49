"""A flow walked through without a phone: whoever rehearses is caller, members and data at once.

::

    rehearsal = Rehearsal(flow, PretendWorld(open={"main": True}))
    rehearsal.begin()
    rehearsal.press("1")
    rehearsal.seen            # Heard("Press 1 for ..."), Happened("queue", "sales"), ...
    rehearsal.done("answered")

Prompts are heard to their end in no time; the rehearsal stands still where the caller, or
something outside, has to do something.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import attrs

from softswitch.acd.commands import ForwardReason
from softswitch.errors import MisuseError
from softswitch.ivr import commands as cmd
from softswitch.ivr import events as ev
from softswitch.ivr.expressions import Value
from softswitch.ivr.model import Flow
from softswitch.ivr.prompts import LibrarySound, Welcome
from softswitch.ivr.sayings import as_said
from softswitch.ivr.session import Session
from softswitch.ivr.tables import State
from softswitch.ivr.world import NOTHING_KNOWN, CallFacts
from softswitch.prompts.messages import language as language_of
from softswitch.settings.faults import nearest, one_of

MONDAY_MORNING: Final = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


@attrs.frozen(kw_only=True)
class PretendGroup:
    """How a group stands, in a rehearsal."""

    agents: int = 1
    free: int = 1
    waiting: int = 0
    expected_wait_s: float = 0.0


@attrs.frozen(kw_only=True)
class PretendWorld:
    """The world of a rehearsal; see `softswitch.ivr.world.World`.

    Attributes:
        begins: the local time at the beginning.
        open: for each calendar whether it is open; those not named are.
        special: calendars whose hours differ today from the normal week.
        groups: how groups stand; those not named have one member, who is free.
    """

    begins: datetime = MONDAY_MORNING
    open: Mapping[str, bool] = attrs.field(factory=dict)
    special: tuple[str, ...] = ()
    groups: Mapping[str, PretendGroup] = attrs.field(factory=dict)

    def time_at(self, now: float) -> datetime:
        """Return the local time."""
        return self.begins + timedelta(seconds=now)

    def is_open(self, calendar: str, now: float) -> bool:  # noqa: ARG002 - all day the same
        """Tell whether a calendar is open."""
        return self.open.get(calendar, True)

    def is_special(self, calendar: str, now: float) -> bool:  # noqa: ARG002 - all day the same
        """Tell whether today's hours differ from the normal week."""
        return calendar in self.special

    def opens(self, calendar: str, now: float, language: str) -> str:
        """Return a sentence on eight o'clock the next day."""
        at = self.time_at(now)
        opens = (at + timedelta(days=1)).replace(hour=8, minute=0)
        return "" if self.is_open(calendar, now) else language_of(language).phrases.opens(opens, at)

    def agents(self, group: str) -> int:
        """Return how many members are logged in."""
        return self._group(group).agents

    def agents_free(self, group: str) -> int:
        """Return how many of them are free."""
        return self._group(group).free

    def waiting(self, group: str) -> int:
        """Return how many callers wait."""
        return self._group(group).waiting

    def expected_wait(self, group: str) -> float:
        """Return how many seconds a new caller would wait."""
        return self._group(group).expected_wait_s

    def _group(self, group: str) -> PretendGroup:
        return self.groups.get(group, PretendGroup())


@attrs.frozen
class Heard:
    """Something that the caller heard: words as spoken, a file as ``[name.wav]``.

    A sound of the library is its name in brackets, and what greets callers ``[welcome]``,
    ``[greeting]`` or ``[hotprompt]``, with ``of`` and the group.
    """

    text: str
    language: str


@attrs.frozen
class Happened:
    """Something that the flow did, such as ``looks_up``, ``queue``, ``ends``.

    Attributes:
        what: what it did.
        about: whom or what it concerns.
        details: the settings of the command.
    """

    what: str
    about: str
    details: Mapping[str, object] = attrs.field(factory=dict)

    @property
    def said(self) -> str:
        """What a message says that was sent; empty: nothing, or it is no message."""
        return str(self.details.get("text", ""))


WHAT: Final[Mapping[type[cmd.Command], tuple[str, str]]] = {
    cmd.LookUp: ("looks_up", "source"),
    cmd.QueueFor: ("queue", "group"),
    cmd.DialFor: ("dial", "number"),
    cmd.TransferTo: ("transfer", "number"),
    cmd.TakeMessage: ("voicemail", "box"),
    cmd.PromiseCallBack: ("call_back", "number"),
    cmd.AskSurvey: ("survey", "survey"),
    cmd.SendMessage: ("sends", "to"),
}
"""What commands are called in rehearsals, and which setting says whom they are about."""

OUTCOMES: Final[Mapping[type[cmd.Command], tuple[str, ...]]] = {
    cmd.QueueFor: (
        "answered",
        "forwarded",
        "called_back",
        "refused",
        *(why.value for why in ForwardReason),
    ),
    cmd.DialFor: ("answered", "busy", "no_answer"),
    cmd.TransferTo: ("transferred",),
    cmd.TakeMessage: ("left", "empty"),
    cmd.PromiseCallBack: ("promised", "refused"),
    cmd.AskSurvey: ("finished",),
    cmd.SendMessage: ("sent",),
}
"""How what the runtime does comes out, the usual first, where it does not fail. What a program has
added comes out as the program says."""


class Rehearsal:
    """One walk through a flow.

    Attributes:
        session: the session itself.
        seen: what was heard and what happened, from the beginning.
        waits_for: what has to be answered by `found`, `done`, `recorded` or `fails`; or None.
    """

    def __init__(self, flow: Flow, world: PretendWorld, facts: CallFacts = NOTHING_KNOWN) -> None:
        self.session = Session(flow, world, facts)
        self.seen: list[Heard | Happened] = []
        self.waits_for: cmd.Asking | None = None
        self._listens_for: cmd.ListenFor | None = None
        self._now = 0.0
        self._ended = False

    @property
    def listens(self) -> bool:
        """Whether a key is waited for."""
        return self.session.state in {State.LISTENING, State.PAUSING}

    @property
    def outcomes(self) -> tuple[str, ...]:
        """How what is waited for can come out besides failing; empty: nobody knows."""
        waits = self.waits_for
        if waits is None:
            return ()
        keys = waits.keys if isinstance(waits, cmd.QueueFor) else ()
        return (*OUTCOMES.get(type(waits), ()), *(f"key {key}" for key in keys))

    @property
    def pending(self) -> str:
        """What is under way, as conversations call it; empty: nothing."""
        return _called(self.waits_for) if self.waits_for else ""

    @property
    def over(self) -> bool:
        """Whether the session has ended."""
        return self.session.outcome is not None

    @property
    def at(self) -> str:
        """The node that the caller came to last."""
        return self.session.trail[-1].node if self.session.trail else ""

    def begin(self) -> None:
        """Call."""
        self._tell(ev.Begun())

    def press(self, keys: str) -> None:
        """Press keys, one after the other."""
        for key in keys:
            self._tell(ev.KeyPressed(key=key))

    def say(self, words: str) -> None:
        """Say something; what is none of the words listened for is not understood.

        Raises:
            MisuseError: nothing listens for words here.
        """
        listens = self._listens_for
        if listens is None:
            raise MisuseError("the flow listens for no words here")
        known = (one for one in listens.words if as_said(one) == as_said(words))
        self._tell(ev.Spoken(id=listens.id, words=next(known, "")))

    def stay_silent(self) -> None:
        """Let the time run out that the flow waits for."""
        deadline = self.session.next_deadline()
        if deadline is None:
            raise MisuseError("the flow waits for no time to run out")
        self._now = deadline
        self.waits_for = None
        self.session.advance(deadline)
        self._carry_out()

    def hang_up(self) -> None:
        """Hang up."""
        self.waits_for = None
        self._tell(ev.HungUp())

    def found(self, values: Mapping[str, object] | None) -> None:
        """Answer a look-up; None: there is nothing of the kind."""
        self._tell(ev.LookedUp(id=self._asked(cmd.LookUp), values=values))

    def done(self, outcome: str, values: Mapping[str, Value] | None = None) -> None:
        """Say how what the runtime does came out."""
        self._tell(ev.Done(id=self._asked(cmd.Perform), outcome=outcome, values=values or {}))

    def comes_out(self, outcome: str, values: Mapping[str, Value] | None = None) -> None:
        """Say the same in words that a person has written.

        Raises:
            MisuseError: it does not come out like this, or nothing is waited for.
        """
        known = self.outcomes
        if known and outcome not in known:
            near = nearest(outcome, known)
            allowed = one_of((*known, "failed"))
            message = f"{self.pending} does not come out as {outcome!r}.{near} Allowed: {allowed}"
            raise MisuseError(message)
        self.done(outcome, values)

    def recorded(self, length_s: float, path: str = "recording.wav") -> None:
        """Speak for so long."""
        self._tell(ev.Recorded(id=self._asked(cmd.Record), path=path, length_s=length_s))

    def fails(self, why: str = "it failed") -> None:
        """Let whatever is waited for fail."""
        self._tell(ev.Failed(id=self._asked(cmd.Asking), why=why))

    def _asked(self, kind: type[cmd.Asking]) -> int:
        waits, self.waits_for = self.waits_for, None
        if not isinstance(waits, kind):
            raise MisuseError(f"the flow waits for no {kind.__name__}")
        return waits.id

    def _tell(self, event: ev.SessionEvent) -> None:
        self.session.handle(event, self._now)
        self._carry_out()

    def _carry_out(self) -> None:
        """Do what takes no decision: answer, and hear prompts to their end."""
        ended = self._ended
        while commands := self.session.poll():
            for command in commands:
                answer = self._answer(command)
                if answer is not None:
                    self.session.handle(answer, self._now)
        outcome, self._ended = self.session.outcome, self.over
        if outcome is not None and not ended:
            self.seen.append(Happened("ends", outcome.value))

    def _answer(self, command: cmd.Command) -> ev.SessionEvent | None:
        match command:
            case cmd.Answer() | cmd.OpenEarlyMedia():
                return ev.Answered()
            case cmd.Play():
                self._hear(command.pieces)
                return ev.PromptOver(id=command.id)
            case cmd.ListenFor():
                self._listens_for = command
            case cmd.StopListening():
                self._listens_for = None
            case cmd.Record():
                self.waits_for = command
                self.seen.append(Happened("records", ""))
            case cmd.Asking():
                self._note(command)
            case cmd.GiveUp():
                self.waits_for = None
        return None

    def _note(self, command: cmd.Asking) -> None:
        self.waits_for = command
        about = WHAT.get(type(command), ("", ""))[1]
        details = attrs.asdict(command, recurse=False)
        for pieces in ("pieces", "greeting"):
            self._hear(details.pop(pieces, ()))
        self.seen.append(Happened(_called(command), str(details.get(about, "")), details))

    def _hear(self, pieces: tuple[cmd.Audible, ...]) -> None:
        self.seen.extend(Heard(in_words(piece), _spoken_in(piece)) for piece in pieces)


def _called(command: cmd.Asking) -> str:
    if isinstance(command, cmd.Record):
        return "records"
    return WHAT.get(type(command), (_kind_of(command), ""))[0]


def _kind_of(command: cmd.Asking) -> str:
    node = getattr(command, "node", None)
    return str(getattr(node, "kind", type(command).__name__))


def _spoken_in(piece: cmd.Audible) -> str:
    return piece.language if isinstance(piece, cmd.SpokenMessage | cmd.SpokenWords) else ""


def in_words(piece: cmd.Audible) -> str:
    """Write what is heard, for people to read."""
    match piece:
        case Path():
            return f"[{piece.name}]"
        case LibrarySound():
            return f"[{piece.name}]"
        case Welcome():
            return (
                f"[{piece.part.value} of {piece.group}]" if piece.group else f"[{piece.part.value}]"
            )
        case cmd.SpokenMessage():
            return language_of(piece.language).messages[piece.message]
        case cmd.SpokenWords():
            return "".join(map(_part_in_words, piece.parts))


def _part_in_words(part: cmd.SpokenText | cmd.SpokenValue) -> str:
    if isinstance(part, cmd.SpokenText):
        return part.text
    text = str(part.value)
    return " ".join(text) if part.form == "digits" else text
