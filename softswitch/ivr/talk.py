"""What a node knows of its call, and what it can ask for.

A node's hook expresses exactly one wish: play, listen, record, look up, perform, pause, go on to
another node, or finish. Whatever still runs from the wish before is ended by the new one.
"""

from __future__ import annotations

import enum
from collections import deque
from collections.abc import Iterator
from typing import Any, Final

import attrs

from softswitch.ivr import commands as cmd
from softswitch.ivr.answers import fitted
from softswitch.ivr.expressions import Expression, Template, Value, holds
from softswitch.ivr.expressions.expression import Slot
from softswitch.ivr.model import Flow, Node, Source
from softswitch.ivr.prompts import LibrarySound, Message, Piece, Prompt, Sound, Welcome, Words
from softswitch.ivr.tables import AFTER, State, Wish
from softswitch.ivr.world import CallFacts, World
from softswitch.prompts.messages import SystemMessage

RECORDING_GRACE_S: Final = 10.0
"""How much longer than its full length a recording may take to be reported."""


WORDS_MAX_S: Final = 10.0
"""How long words that have begun are waited for: until they are over and made out."""


class Outcome(enum.Enum):
    """How a session ended.

    COMPLETED: the flow came to its end, and the caller was hung up. CALLER_HUNG_UP: the caller did
    first. TRANSFERRED: the caller's phone calls somebody else now. FAILED: a fault ended it.
    """

    COMPLETED = "completed"
    CALLER_HUNG_UP = "caller_hung_up"
    TRANSFERRED = "transferred"
    FAILED = "failed"


class SessionFault(enum.Enum):
    """Why a session failed.

    STEP_LIMIT: too many nodes without the caller doing anything. DEPTH_LIMIT: plans within plans.
    NO_SUCH_NODE: a target that is none. NODE_FAILED: a node raised an exception. NODE_IDLE: a node
    asked for nothing.
    """

    STEP_LIMIT = "step_limit"
    DEPTH_LIMIT = "depth_limit"
    NO_SUCH_NODE = "no_such_node"
    NODE_FAILED = "node_failed"
    NODE_IDLE = "node_idle"


@attrs.define
class Visit:
    """One stay at a node.

    Attributes:
        attempts: how often the caller was asked.
        digits: keyed so far.
        stage: for nodes that do several things one after the other.
    """

    node_id: str
    node: Node
    attempts: int = 0
    digits: str = ""
    stage: str = ""


@attrs.define
class Frame:
    """A plan that the caller is in.

    Attributes:
        history: the nodes at which the caller was asked something, the latest last.
        then: where the outer plan goes on when this one is over.
    """

    flow: Flow
    then: str = ""
    history: list[str] = attrs.field(factory=list)


@attrs.frozen
class Going:
    """On the way to another node."""

    target: str
    into: Flow | None = None


class Talk:
    """A session as its nodes see it.

    Attributes:
        now: the time of what happens now, in seconds.
        facts: what is known of the call.
        language: what the caller hears.
        variables: what is remembered; ``digits`` and ``priority`` too.
        visit: the stay at the present node.
    """

    def __init__(self, flow: Flow, world: World, facts: CallFacts) -> None:
        self.now = 0.0
        self.facts = facts
        self.language = flow.language
        self.variables: dict[str, Value] = {"digits": "", "priority": 0, **flow.variables}
        self.visit: Visit
        self.state = State.NEW
        self.answered = False
        self.frames = [Frame(flow)]
        self.kept: deque[str] = deque()
        self.commands: list[cmd.Command] = []
        self.deadline: float | None = None
        self.pending: cmd.Asking | None = None
        self.hearing: cmd.ListenFor | None = None
        self.speaking = False
        self.going: Going | None = None
        self.wished = False
        self.barge_in = True
        self.heard_already = False
        self.outcome: Outcome | None = None
        self.fault: SessionFault | None = None
        self.detail = ""
        self._world = world
        self._ids = 0
        self._postponed: tuple[cmd.Asking, Wish] | None = None
        self._early = False
        self._timeout_s = 0.0
        self._recording_s = 0.0

    @property
    def flow(self) -> Flow:
        """The plan that the caller is in."""
        return self.frames[-1].flow

    # What it knows.

    def value_of(self, name: str) -> Value:
        """Return what a name in an expression stands for."""
        if name in self.variables:
            return self.variables[name]
        if name == "language":
            return self.language
        if name in _TIMES:
            moment = self._world.time_at(self.now)
            times = (moment.time(), moment.date(), _DAYS[moment.weekday()])
            return times[_TIMES.index(name)]
        fact: Value = getattr(self.facts, name)
        return fact

    def ask(self, question: str, about: tuple[Value, ...]) -> Value:
        """Answer a question in an expression."""
        first = str(about[0])
        match question:
            case "open" | "closed":
                return self._world.is_open(first, self.now) is (question == "open")
            case "special":
                return self._world.is_special(first, self.now)
            case "opens":
                return self._world.opens(first, self.now, self.language)
            case "length":
                return len(first)
            case "starts_with":
                return first.startswith(str(about[1]))
            case _:
                answer: Value = getattr(self._world, question)(first)
                return answer

    def holds(self, condition: Expression) -> bool:
        """Tell whether a condition holds now."""
        return holds(condition, self)

    def text(self, template: Template) -> str:
        """Return a text with its values filled in, to be written."""
        return "".join(
            str(v.value if isinstance(v, cmd.SpokenValue) else v.text)
            for v in self._spoken(template)
        )

    def audible(self, *prompts: Prompt | SystemMessage | None) -> tuple[cmd.Audible, ...]:
        """Return prompts as they are played now, in the caller's language."""
        return tuple(self._audible(prompts))

    def _audible(self, prompts: tuple[Prompt | SystemMessage | None, ...]) -> Iterator[cmd.Audible]:
        for prompt in prompts:
            if isinstance(prompt, SystemMessage):
                yield cmd.SpokenMessage(prompt, self.language)
            elif prompt is not None:
                yield from map(self._piece, prompt.pieces(self.language))

    def _piece(self, piece: Piece) -> cmd.Audible:
        match piece:
            case Sound():
                return piece.file
            case LibrarySound() | Welcome():
                return piece
            case Message():
                return cmd.SpokenMessage(piece.message, self.language)
            case Words():
                parts = tuple(self._spoken(piece.text))
                return cmd.SpokenWords(parts, piece.language or self.language)

    def _spoken(self, template: Template) -> Iterator[cmd.SpokenText | cmd.SpokenValue]:
        for piece in template.pieces:
            if isinstance(piece, Slot):
                yield self._value(piece)
            else:
                yield cmd.SpokenText(piece)

    def _value(self, slot: Slot) -> cmd.SpokenValue:
        today = self._world.time_at(self.now).date() if slot.form in _SAID_FROM_TODAY else None
        return cmd.SpokenValue(slot.expression.value(self), slot.form, slot.currency, today)

    def fitted(self, variable: str, given: object) -> Value | None:
        """Return a value from outside as a variable can hold it, or None where it cannot."""
        value = fitted(given, self.variables[variable])
        choices = next(
            (f.flow.choices[variable] for f in self.frames if variable in f.flow.choices), None
        )
        return value if choices is None or value in choices else None

    def source(self, name: str) -> Source:
        """Return a source of data, of this plan or one around it."""
        return next(f.flow.sources[name] for f in reversed(self.frames) if name in f.flow.sources)

    def sub_flow(self, name: str) -> Flow:
        """Return a further plan."""
        return self.flow.sub_flows[name]

    # Keys.

    def keep(self, key: str) -> None:
        """Keep a key for the next node that listens."""
        self.kept.append(key)

    def forget_keys(self) -> None:
        """Drop what was keyed ahead."""
        self.kept.clear()

    # Words.

    def listen_for(self, words: tuple[str, ...]) -> None:
        """Listen for words besides keys, as long as the caller is at this node; no wish of a turn.

        `Node.said` follows each time that something is said. Words are not heard before the call
        is answered: with early media keys alone count.
        """
        if words:
            self.hearing = cmd.ListenFor(words=words, language=self.language)
            self._begin_listening()

    def _begin_listening(self) -> None:
        if self.hearing is not None and not self.hearing.id and self.answered and not self._early:
            self._ids += 1
            self.hearing = attrs.evolve(self.hearing, id=self._ids)
            self.commands.append(self.hearing)

    def stop_listening(self) -> None:
        """Listen for words no more."""
        if self.hearing is not None and self.hearing.id:
            self.commands.append(cmd.StopListening())
        self.hearing, self.speaking = None, False

    def wait_for_words(self) -> None:
        """Let what has begun to be said come to its end."""
        self.speaking = True
        if self.deadline is not None:
            self.deadline = max(self.deadline, self.now + WORDS_MAX_S)

    # What it can ask for: one thing a turn.

    def play(
        self,
        *prompts: Prompt | SystemMessage | None,
        barge_in: bool = True,
        skipped_by_keys: bool = False,
    ) -> None:
        """Play prompts; `Node.heard` follows.

        Args:
            prompts: None and prompts without anything in this language are passed over.
            barge_in: keys pressed meanwhile reach the node at once, else they are kept.
            skipped_by_keys: keys that were kept already make it needless.
        """
        pieces = self.audible(*prompts)
        if not pieces or (skipped_by_keys and barge_in and self.kept):
            self._wish()
            self.heard_already = True
            return
        self._wish()
        self.barge_in = barge_in
        play = cmd.Play(pieces=pieces)
        if self.answered:
            self._ask(play, Wish.PLAY)
        else:
            self._postponed = play, Wish.PLAY
            self._open()

    def listen(self, timeout_s: float) -> None:
        """Wait for a key; `Node.key` or `Node.time_over` follows."""
        self._wish()
        self.deadline = self.now + (max(timeout_s, WORDS_MAX_S) if self.speaking else timeout_s)
        if self.answered:
            self.state = AFTER[Wish.LISTEN]
        else:
            self._timeout_s = timeout_s
            self._open()

    def record(self, *, length_max_s: float, silence_s: float = 0.0, beep: bool = True) -> None:
        """Record the caller; `Node.result` follows with ``recorded``, ``empty`` or ``failed``."""
        self._wish()
        record = cmd.Record(length_max_s=length_max_s, silence_s=silence_s, beep=beep)
        self._recording_s = length_max_s + RECORDING_GRACE_S
        if self.answered and not self._early:
            self._ask(record, Wish.RECORD)
            self.deadline = self.now + self._recording_s
        else:
            self._postponed = record, Wish.RECORD
            self._open(charged=True)

    def stop_recording(self) -> None:
        """Let the recording end; its `Node.result` follows."""
        self.commands.append(cmd.StopRecording())

    def look_up(self, what: cmd.LookUp, timeout_s: float) -> None:
        """Get data; `Node.result` follows with ``found``, ``not_found`` or ``failed``."""
        self._wish()
        self._ask(what, Wish.LOOK_UP)
        self.deadline = self.now + timeout_s

    def perform(self, what: cmd.Perform) -> None:
        """Let the runtime do something with the caller; `Node.result` follows."""
        self._wish()
        self._ask(what, Wish.PERFORM)

    def pause(self, seconds: float) -> None:
        """Let time pass; `Node.time_over` follows."""
        self._wish()
        self.state = AFTER[Wish.PAUSE]
        self.deadline = self.now + seconds

    def answer(self) -> None:
        """Answer, also where early media is open; `Node.heard` follows once that is done."""
        self._wish()
        if self.answered and not self._early:
            self.heard_already = True
        else:
            self._open(charged=True)

    def go(self, target: str) -> None:
        """Go on to another node; empty: this plan is over."""
        self._wish()
        self.going = Going(target)

    def go_into(self, flow: Flow, then: str) -> None:
        """Go through a further plan, and on to ``then`` afterwards."""
        self._wish()
        self.frames[-1].then = then
        self.going = Going(flow.start, into=flow)

    def finish(self, outcome: Outcome = Outcome.COMPLETED, *, status: int = 480) -> None:
        """End the session and the call."""
        self._wish()
        self.stop_listening()
        self.commands.append(cmd.HangUp(status=status))
        self._be_over(outcome)

    def end(self, outcome: Outcome) -> None:
        """End the session of a call that is over; what the runtime does notices by itself."""
        if isinstance(self.pending, cmd.Perform):
            self.pending = None
        self._wish()
        self.stop_listening()
        self._be_over(outcome)

    def _be_over(self, outcome: Outcome) -> None:
        self.kept.clear()
        self.outcome = outcome
        self.state = AFTER[Wish.END]

    def fail(self, fault: SessionFault, detail: str = "") -> None:
        """End the session because of a fault."""
        self.fault, self.detail = fault, detail
        self.finish(Outcome.FAILED, status=500)

    def line_open(self) -> None:
        """Go on with what had to wait until the caller could hear."""
        self.answered = True
        self._begin_listening()
        postponed, self._postponed = self._postponed, None
        if postponed is not None:
            self._ask(*postponed)
            if postponed[1] is Wish.RECORD:
                self.deadline = self.now + self._recording_s
        elif self.deadline is not None:
            self.state, self.deadline = AFTER[Wish.LISTEN], self.now + self._timeout_s
        else:
            self.heard_already = True

    def answered_meanwhile(self) -> None:
        """The call was answered, perhaps by whoever had it: nothing is early from now on."""
        self.answered, self._early = True, False
        self._begin_listening()

    def _open(self, *, charged: bool = False) -> None:
        """Let the caller hear; from then on the call may be ``charged``."""
        self._early = self.frames[0].flow.early_media and not charged
        self.state = AFTER[Wish.OPEN]
        self.commands.append(cmd.OpenEarlyMedia() if self._early else cmd.Answer())

    def _ask(self, command: Any, wish: Wish) -> None:  # noqa: ANN401 - any kind of Asking
        self._ids += 1
        self.pending = attrs.evolve(command, id=self._ids)
        self.commands.append(self.pending)
        self.state = AFTER[wish]

    def _wish(self) -> None:
        """End what still runs: a new wish takes its place."""
        self.wished = True
        self.going, self.deadline, self.heard_already = None, None, False
        pending, self.pending, self._postponed = self.pending, None, None
        if isinstance(pending, cmd.Play):
            self.commands.append(cmd.StopPlaying())
        elif isinstance(pending, cmd.Record):
            self.commands.append(cmd.StopRecording())
        elif pending is not None:
            self.commands.append(cmd.GiveUp(id=pending.id))


_SAID_FROM_TODAY: Final = ("day",)
_TIMES: Final = ("time", "date", "weekday")
_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
