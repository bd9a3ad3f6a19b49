"""What a session is told. Frozen facts; each is given together with the time at which it happened.

Events that answer a command carry its id: one that answers a command given up meanwhile is late,
and means nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from softswitch.ivr.expressions import Value


@attrs.frozen(kw_only=True)
class SessionEvent:
    """Base of everything that happens to a session."""


@attrs.frozen(kw_only=True)
class Begun(SessionEvent):
    """The call is there; it rings or is answered."""


@attrs.frozen(kw_only=True)
class Answered(SessionEvent):
    """The call is answered, or sound before the answer is open: the caller can hear."""


@attrs.frozen(kw_only=True)
class KeyPressed(SessionEvent):
    """The caller pressed a key. Personal data.

    Attributes:
        key: one of ``0123456789*#ABCD``.
    """

    key: str


@attrs.frozen(kw_only=True)
class SpeechBegan(SessionEvent):
    """The caller, whose words are listened to, has begun to speak; `Spoken` follows."""

    id: int


@attrs.frozen(kw_only=True)
class Spoken(SessionEvent):
    """The caller said something. Personal data.

    Attributes:
        words: which of the words that are listened for; empty: none that was understood.
    """

    id: int
    words: str


@attrs.frozen(kw_only=True)
class PromptOver(SessionEvent):
    """A prompt came to its end by itself."""

    id: int


@attrs.frozen(kw_only=True)
class Recorded(SessionEvent):
    """A recording is finished, because it was told to stop or had its full length.

    Attributes:
        path: the file.
        length_s: how long it is; 0: nobody spoke.
    """

    id: int
    path: str
    length_s: float


@attrs.frozen(kw_only=True)
class LookedUp(SessionEvent):
    """Outside data arrived.

    Attributes:
        values: what was found, by the names in the answer; None: there is nothing of the kind.
    """

    id: int
    values: Mapping[str, object] | None


@attrs.frozen(kw_only=True)
class Done(SessionEvent):
    """What the runtime was asked to do is over, and the caller is still there.

    Attributes:
        outcome: how it went, in a word that the node knows.
        values: what came of it, for variables of those names; see the node's documentation.
    """

    id: int
    outcome: str
    values: Mapping[str, Value] = attrs.field(factory=dict)


@attrs.frozen(kw_only=True)
class Failed(SessionEvent):
    """What the runtime was asked to do, look up or play came to nothing.

    Attributes:
        why: for people to read.
    """

    id: int
    why: str


@attrs.frozen(kw_only=True)
class HungUp(SessionEvent):
    """The call is over: the caller hung up, or the line broke.

    Attributes:
        by_us: the runtime ended it, as a group does that has sent the caller elsewhere.
    """

    by_us: bool = False
