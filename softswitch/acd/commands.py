"""What the queue engine wants done. The runtime carries these out and reports back by events."""

from __future__ import annotations

import msgspec

from softswitch.acd.estimate import Expectation
from softswitch.acd.model import Target
from softswitch.acd.names import ForwardReason as ForwardReason
from softswitch.acd.names import StopReason as StopReason


class Command(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Base of everything that `Engine.poll` gives as a thing to do."""


class StartWaiting(Command, frozen=True, kw_only=True, gc=False):
    """The call waits: say "please hold the line", then play music.

    Comes after the `RingMember` commands of the same moment, so that no phone waits for a prompt.
    """

    call_id: str
    group_id: str


class TellPosition(Command, frozen=True, kw_only=True, gc=False):
    """Pause the music and tell the caller the place in the queue, 1 for the first.

    Attributes:
        expected: how long the caller still has to wait, where the group tells it and knows.
    """

    call_id: str
    position: int
    expected: Expectation | None = None


class RingMember(Command, frozen=True, kw_only=True, gc=False):
    """Ring a member's phone for a call. Answer by Offer… events.

    Attributes:
        ring_time_s: when it is over the engine itself says `StopRinging`.
    """

    offer_id: str
    call_id: str
    group_id: str
    member_id: str
    address: str
    ring_time_s: float


class StopRinging(Command, frozen=True, kw_only=True, gc=False):
    """Cancel the ringing of an offer."""

    offer_id: str
    member_id: str
    reason: StopReason


class Connect(Command, frozen=True, kw_only=True, gc=False):
    """Cut any prompt or music and bridge caller and member."""

    offer_id: str
    call_id: str
    member_id: str


class ReleaseMember(Command, frozen=True, kw_only=True, gc=False):
    """Say goodbye politely to a member who answered too late, and hang up."""

    offer_id: str
    member_id: str
    reason: StopReason


class Forward(Command, frozen=True, kw_only=True, gc=False):
    """Send the call elsewhere; the engine has let go of it.

    A target of kind GROUP is carried out by the engine's user as a new `CallJoined`.
    """

    call_id: str
    group_id: str
    target: Target
    reason: ForwardReason


class DialCaller(Command, frozen=True, kw_only=True, gc=False):
    """A member is on the line for a caller who asked to be called back: dial the caller.

    Answer by `CallBackAnswered`, upon which `Connect` follows, or by `CallBackFailed`.

    Attributes:
        number: where to call. Personal data.
        attempt: counts the times this caller was dialled, from 1.
    """

    offer_id: str
    call_id: str
    member_id: str
    number: str
    attempt: int


class DialCallerFirst(Command, frozen=True, kw_only=True, gc=False):
    """A member is free for a caller who asked to be called back: dial the caller.

    Answer by `CallBackAnswered`, upon which the caller waits in the old place (`StartWaiting`)
    and phones ring, or by `CallBackFailed`.

    Attributes:
        number: where to call. Personal data.
        attempt: counts the times this caller was dialled, from 1.
    """

    call_id: str
    number: str
    attempt: int


class StopDialling(Command, frozen=True, kw_only=True, gc=False):
    """Dial the caller no longer: nobody is there for the call any more.

    Attributes:
        attempt: the `DialCaller` or `DialCallerFirst` that is over.
    """

    call_id: str
    attempt: int
    reason: StopReason


class ReleaseCaller(Command, frozen=True, kw_only=True, gc=False):
    """A caller who was dialled back answered too late: apologise, and hang up.

    The place is kept, and the caller is dialled again.

    Attributes:
        attempt: which dialling the caller answered; None: it was not told.
    """

    call_id: str
    attempt: int | None
    reason: StopReason
