"""One caller on the way through a flow, without clock, socket or sound.

::

    session = Session(flow, world, facts)
    session.handle(Begun(), now)
    for command in session.poll():
        ...                                 # carry it out
    session.next_deadline()                 # call session.advance(now) then
    session.outcome                         # set once it is over

A session ends in exactly one `Outcome`, whatever the caller does and however data and members
behave. Between two things that a caller does it passes `STEPS_MAX` nodes at most.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import attrs

from softswitch.ivr import commands as cmd
from softswitch.ivr import events as ev
from softswitch.ivr.expressions import Value
from softswitch.ivr.model import BACK, HANG_UP, Flow, Node, Source
from softswitch.ivr.tables import Action, Input, State, action
from softswitch.ivr.talk import Frame, Going, Outcome, SessionFault, Talk, Visit
from softswitch.ivr.world import NOTHING_KNOWN, CallFacts, World

STEPS_MAX: Final = 500
"""Nodes passed between two things that the caller does."""

DEPTH_MAX: Final = 8
"""Plans within plans."""

_INPUTS: Final[Mapping[type[ev.SessionEvent], Input]] = {
    ev.Begun: Input.BEGIN,
    ev.Answered: Input.LINE_OPEN,
    ev.KeyPressed: Input.KEY,
    ev.SpeechBegan: Input.SPEECH,
    ev.Spoken: Input.WORDS,
    ev.PromptOver: Input.PROMPT_OVER,
    ev.Recorded: Input.RECORDED,
    ev.LookedUp: Input.RESULT,
    ev.Done: Input.RESULT,
    ev.Failed: Input.RESULT,
    ev.HungUp: Input.HANG_UP,
}


@attrs.frozen(kw_only=True)
class Step:
    """A node that the caller came to.

    Attributes:
        at: when, in the seconds of the session's times.
        flow: name of the plan.
        node: name of the node.
    """

    at: float
    flow: str
    node: str


class Session:
    """A caller in a flow.

    Attributes:
        trail: every node that the caller came to.
    """

    def __init__(
        self,
        flow: Flow,
        world: World,
        facts: CallFacts = NOTHING_KNOWN,
        *,
        variables: Mapping[str, Value] | None = None,
        answered: bool = False,
    ) -> None:
        """Prepare.

        Args:
            flow: one that was checked.
            world: what conditions are about.
            facts: what is known of the call.
            variables: what is remembered from before, besides the flow's own.
            answered: the caller can hear already.
        """
        self._talk = Talk(flow, world, facts)
        self._talk.variables |= variables or {}
        self._talk.answered = answered
        self._steps = 0
        self.trail: list[Step] = []
        self._actions: Mapping[Action, Callable[[Any], None]] = {
            Action.START: self._start,
            Action.GO_ON: lambda _: self._talk.line_open(),
            Action.TAKE_KEY: lambda event: self._take_key(event.key),
            Action.KEEP_KEY: lambda event: self._talk.keep(event.key),
            Action.WAIT_FOR_WORDS: lambda _: self._talk.wait_for_words(),
            Action.TAKE_WORDS: lambda event: self._take_words(event.words),
            Action.NOTHING: self._nothing,
            Action.PROMPT_OVER: lambda _: self._turn(lambda node: node.heard(self._talk)),
            Action.TAKE_RECORDING: self._take_recording,
            Action.TAKE_RESULT: self._take_result,
            Action.TIME_OVER: lambda _: self._time_over(),
            Action.END: self._end,
        }

    @property
    def outcome(self) -> Outcome | None:
        """How it ended, or None while it lasts."""
        return self._talk.outcome

    @property
    def fault(self) -> SessionFault | None:
        """Why it failed, or None."""
        return self._talk.fault

    @property
    def detail(self) -> str:
        """More about the fault, for people to read."""
        return self._talk.detail

    @property
    def state(self) -> State:
        """What it waits for."""
        return self._talk.state

    @property
    def language(self) -> str:
        """What the caller hears."""
        return self._talk.language

    @property
    def variables(self) -> Mapping[str, Value]:
        """What is remembered. Personal data."""
        return dict(self._talk.variables)

    def source(self, name: str) -> Source:
        """Return a source of data of the plan that the caller is in, or of one around it."""
        return self._talk.source(name)

    def handle(self, event: ev.SessionEvent, now: float) -> None:
        """Take what happened.

        Raises:
            ImpossibleInputError: it cannot happen now; nothing has changed.
        """
        talk = self._talk
        if isinstance(event, ev.Failed) and talk.hearing and talk.hearing.id == event.id:
            talk.hearing, talk.speaking = None, False  # keys remain
            return
        spoken = isinstance(event, ev.SpeechBegan | ev.Spoken)
        answered = talk.hearing if spoken else talk.pending
        answers = getattr(event, "id", None)
        if answers is not None and (answered is None or answered.id != answers):
            return
        todo = self._actions[action(talk.state, _INPUTS[type(event)])]
        if answers is not None and not spoken:
            talk.pending = None
        if isinstance(event, ev.KeyPressed) or (isinstance(event, ev.Spoken) and event.words):
            self._steps = 0
        talk.now = now
        todo(event)
        self._settle()

    def advance(self, now: float) -> None:
        """Let the time be ``now``."""
        deadline = self._talk.deadline
        if deadline is not None and now >= deadline and self._talk.state is not State.OPENING:
            self._talk.now = now
            self._actions[action(self._talk.state, Input.TIME)](None)
            self._settle()

    def next_deadline(self) -> float | None:
        """Return when `advance` is to be called, or None while nothing is timed."""
        return None if self._talk.state is State.OPENING else self._talk.deadline

    def poll(self) -> list[cmd.Command]:
        """Return what is to be done, in order; each command is given once."""
        commands, self._talk.commands = self._talk.commands, []
        return commands

    # What inputs mean.

    def _nothing(self, event: object) -> None:
        if isinstance(event, ev.Answered):
            self._talk.answered_meanwhile()

    def _start(self, _: object) -> None:
        self._talk.going = Going(self._talk.flow.start)

    def _end(self, event: ev.HungUp) -> None:
        self._talk.end(Outcome.COMPLETED if event.by_us else Outcome.CALLER_HUNG_UP)

    def _take_key(self, key: str) -> None:
        talk = self._talk
        if talk.state is State.PLAYING and not talk.barge_in:
            talk.keep(key)
        elif not talk.visit.node.uses(talk, key) and self._is_global(key):
            self._jump(key)
        else:
            self._turn(lambda node: node.key(talk, key), may_be_idle=True)

    def _take_words(self, words: str) -> None:
        """Let the node have words; what was not understood, only where an answer is waited for."""
        self._talk.speaking = False
        if words or self._talk.state is State.LISTENING:
            self._turn(lambda node: node.said(self._talk, words), may_be_idle=True)

    def _take_recording(self, event: ev.Recorded) -> None:
        outcome = "recorded" if event.length_s > 0 else "empty"
        values = {"path": event.path, "length_s": event.length_s}
        self._turn(lambda node: node.result(self._talk, outcome, values))

    def _take_result(self, event: ev.LookedUp | ev.Done | ev.Failed) -> None:
        outcome, values = "failed", None
        if isinstance(event, ev.LookedUp):
            outcome, values = ("not_found" if event.values is None else "found"), event.values
        elif isinstance(event, ev.Done):
            outcome, values = event.outcome, event.values
        self._turn(lambda node: node.result(self._talk, outcome, values))

    def _time_over(self) -> None:
        waits = self._talk.state in {State.WAITING, State.RECORDING}
        if waits:
            self._turn(lambda node: node.result(self._talk, "failed", None))
        else:
            self._turn(lambda node: node.time_over(self._talk))

    # How nodes have their turn.

    def _turn(self, hook: Callable[[Node], None], *, may_be_idle: bool = False) -> None:
        talk = self._talk
        talk.wished = False
        try:
            hook(talk.visit.node)
        except Exception as error:  # noqa: BLE001 - a node of anybody's: it ends this session only
            talk.fail(SessionFault.NODE_FAILED, f"{talk.visit.node_id}: {error!r}")
        if not (talk.wished or may_be_idle):
            talk.fail(SessionFault.NODE_IDLE, talk.visit.node_id)

    def _settle(self) -> None:
        """Go on until something outside has to happen."""
        talk = self._talk
        while talk.outcome is None:
            if talk.going is not None:
                going, talk.going = talk.going, None
                self._move(going)
            elif talk.heard_already:
                talk.heard_already = False
                self._turn(lambda node: node.heard(talk))
            elif talk.state is State.LISTENING and talk.kept:
                self._take_key(talk.kept.popleft())
            else:
                return

    def _move(self, going: Going) -> None:
        talk = self._talk
        if going.into is not None:
            if len(talk.frames) >= DEPTH_MAX:
                talk.fail(SessionFault.DEPTH_LIMIT, going.into.name)
                return
            talk.frames.append(Frame(going.into))
            talk.variables = {**going.into.variables, **talk.variables}
            self._enter(going.target)
        elif going.target == BACK:
            self._go_back()
        elif going.target == HANG_UP:
            talk.finish()
        elif going.target == "":
            self._leave_plan()
        else:
            self._enter(going.target)

    def _leave_plan(self) -> None:
        talk = self._talk
        if len(talk.frames) == 1:
            talk.finish()
            return
        talk.frames.pop()
        talk.going = Going(talk.frames[-1].then)
        self._count()

    def _enter(self, node_id: str) -> None:
        talk = self._talk
        node = talk.flow.nodes.get(node_id)
        if node is None:
            talk.fail(SessionFault.NO_SUCH_NODE, node_id)
            return
        if not self._count():
            return
        talk.stop_listening()
        talk.visit = Visit(node_id, node)
        self.trail.append(Step(at=talk.now, flow=talk.flow.name, node=node_id))
        if node.listens:
            history = talk.frames[-1].history
            if node_id in history:  # come back to by a way forward: what lay behind it is over
                del history[history.index(node_id) :]
            history.append(node_id)
        self._turn(lambda node: node.enter(talk))

    def _count(self) -> bool:
        """Count a step, and end the session where there are too many."""
        self._steps += 1
        if self._steps > STEPS_MAX:
            self._talk.fail(SessionFault.STEP_LIMIT, f"{STEPS_MAX} nodes without the caller")
            return False
        return True

    def _go_back(self) -> None:
        """Go to what was asked before what is asked now; at the beginning, ask again."""
        talk = self._talk
        frames = talk.frames
        history = frames[-1].history
        if history and history[-1] == talk.visit.node_id:
            history.pop()
        outer = next((i for i in reversed(range(len(frames))) if frames[i].history), None)
        if outer is None:
            del frames[1:]
            talk.going = Going(talk.flow.start)
            return
        del frames[outer + 1 :]
        talk.going = Going(frames[outer].history[-1])

    def _is_global(self, key: str) -> bool:
        return any(key in frame.flow.keys for frame in self._talk.frames)

    def _jump(self, key: str) -> None:
        """Go where a global key of this plan, or of one around it, leads."""
        talk = self._talk
        while key not in talk.flow.keys and len(talk.frames) > 1:
            talk.frames.pop()
        talk.go(talk.flow.keys[key])
