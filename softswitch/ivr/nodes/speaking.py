"""Nodes that let the caller hear something, and those that merely pass time or end the call."""

from __future__ import annotations

import attrs

from softswitch.ivr import fields as f
from softswitch.ivr.model import Node, node_kind
from softswitch.ivr.prompts import Prompt
from softswitch.ivr.talk import Talk


@attrs.frozen(kw_only=True)
class Speaking(Node):
    """Base of those that play a prompt and go on; a key pressed meanwhile cuts it, and is kept.

    Attributes:
        barge_in: keys cut the prompt.
        next: what follows.
    """

    barge_in: bool = f.truth(default=True)
    next: str = f.leads_to()

    def spoken(self) -> Prompt:
        """Return what is heard."""
        raise NotImplementedError

    def enter(self, talk: Talk) -> None:
        """Play."""
        talk.play(self.spoken(), barge_in=self.barge_in)

    def key(self, talk: Talk, key: str) -> None:
        """Cut the prompt."""
        talk.keep(key)
        talk.go(self.next)

    def heard(self, talk: Talk) -> None:
        """Go on."""
        talk.go(self.next)


@node_kind("play")
@attrs.frozen(kw_only=True)
class Play(Speaking):
    """Plays sound files.

    Attributes:
        file: a path, a list of them, or a table with one for each language.
    """

    file: Prompt = f.files()

    def spoken(self) -> Prompt:
        """Return the files."""
        return self.file


@node_kind("say")
@attrs.frozen(kw_only=True)
class Say(Speaking):
    """Speaks a text, or plays any prompt.

    Attributes:
        text: the prompt.
    """

    text: Prompt = f.heard(required=True)

    def spoken(self) -> Prompt:
        """Return the prompt."""
        return self.text


@node_kind("wait")
@attrs.frozen(kw_only=True)
class Wait(Node):
    """Lets time pass in silence; keys are kept."""

    seconds: float = f.number(1.0, 0.1, 600)
    next: str = f.leads_to()

    def enter(self, talk: Talk) -> None:
        """Pause."""
        talk.pause(self.seconds)

    def time_over(self, talk: Talk) -> None:
        """Go on."""
        talk.go(self.next)


@node_kind("answer")
@attrs.frozen(kw_only=True)
class Answer(Node):
    """Answers the call, for flows that begin with early media.

    Without early media a call is answered when first something is to be heard.
    """

    next: str = f.leads_to()

    def enter(self, talk: Talk) -> None:
        """Answer."""
        talk.answer()

    def heard(self, talk: Talk) -> None:
        """Go on."""
        talk.go(self.next)


@node_kind("hang_up")
@attrs.frozen(kw_only=True)
class HangUp(Node):
    """Ends the call; one that was never answered is refused with a SIP status."""

    status: int = f.whole(480, 400, 699)

    def enter(self, talk: Talk) -> None:
        """Hang up."""
        talk.finish(status=self.status)
