"""A session driven by hand, one event at a time."""

from __future__ import annotations

from collections.abc import Mapping

from softswitch.ivr import commands as cmd
from softswitch.ivr import events as ev
from softswitch.ivr.model import Flow, Node
from softswitch.ivr.rehearsal import PretendWorld, in_words
from softswitch.ivr.session import Session
from softswitch.ivr.world import CallFacts


def flow_of(nodes: Mapping[str, Node], **settings: object) -> Flow:
    """A flow that begins at its first node."""
    return Flow(name="test", start=next(iter(nodes)), nodes=nodes, **settings)  # type: ignore[arg-type] # as given


class Steps:
    """What a driver does, written out.

    Attributes:
        now: the time, in seconds.
        last: the command that waits for an answer.
        hearing: what words are listened for; None: none are.
        log: every command but `Play`, and the words of those.
    """

    def __init__(
        self, flow: Flow, world: PretendWorld | None = None, facts: CallFacts | None = None
    ) -> None:
        self.session = Session(flow, world or PretendWorld(), facts or CallFacts())
        self.now = 0.0
        self.last: cmd.Asking | None = None
        self.hearing: cmd.ListenFor | None = None
        self.log: list[object] = []

    def begin(self) -> Steps:
        return self.tell(ev.Begun()).tell(ev.Answered())

    def tell(self, event: ev.SessionEvent) -> Steps:
        self.session.handle(event, self.now)
        self._note()
        return self

    def _note(self) -> None:
        for command in self.session.poll():
            if isinstance(command, cmd.Asking):
                self.last = command
            if isinstance(command, cmd.ListenFor):
                assert self.hearing is None
                self.hearing = command
            elif isinstance(command, cmd.StopListening):
                assert self.hearing is not None
                self.hearing = None
            if isinstance(command, cmd.Play):
                self.log += map(in_words, command.pieces)
            else:
                self.log.append(command)

    def press(self, keys: str) -> Steps:
        for key in keys:
            self.tell(ev.KeyPressed(key=key))
        return self

    def say(self, words: str) -> Steps:
        """Say what is made out as these words; empty: as none."""
        assert self.hearing is not None
        self.tell(ev.SpeechBegan(id=self.hearing.id))
        return self.tell(ev.Spoken(id=self.hearing.id, words=words))

    def heard(self) -> Steps:
        """Let the prompt come to its end."""
        assert self.last is not None
        return self.tell(ev.PromptOver(id=self.last.id))

    def after(self, seconds: float) -> Steps:
        self.now += seconds
        self.session.advance(self.now)
        self._note()
        return self

    def news(self) -> list[object]:
        """Return what was logged since this was asked last."""
        news, self.log = self.log, []
        return news

    @property
    def nodes(self) -> list[str]:
        return [step.node for step in self.session.trail]
