"""What the queue engine wants done. The runtime carries these out and reports back by events."""

from __future__ import annotations

import attrs

from softswitch.acd.estimate import Expectation
from softswitch.acd.model import Target
from softswitch.acd.names import Name


class StopReason(Name):
    """Why a phone stops ringing, or is released just after it answered; a caller's too."""

    ANSWERED_ELSEWHERE = "answered_elsewhere"
    CALLER_GONE = "caller_gone"
    RING_TIME_OVER = "ring_time_over"
    CALL_FORWARDED = "call_forwarded"
    MEMBER_WITHDRAWN = "member_withdrawn"
    CALL_MOVED = "call_moved"
    LIMIT_LOWERED = "limit_lowered"
    MEMBER_GONE = "member_gone"


class ForwardReason(Name):
    """Why a call goes to a target instead of a member."""

    QUEUE_FULL = "queue_full"
    NO_QUEUE = "no_queue"
    NOBODY_ACTIVE = "nobody_active"
    OFFERS_EXHAUSTED = "offers_exhausted"
    OFFERING_TIME_OVER = "offering_time_over"
    WAITED_TOO_LONG = "waited_too_long"
    CALLER_CHOICE = "caller_choice"
    WITHDRAWN = "withdrawn"
    GROUP_CLOSED = "group_closed"


@attrs.frozen(kw_only=True)
class Command:
    """Base of everything that `Engine.poll` gives as a thing to do."""


@attrs.frozen(kw_only=True)
class StartWaiting(Command):
    """The call waits: say "please hold the line", then play music.

    Comes after the `RingMember` commands of the same moment, so that no phone waits for a prompt.
    """

    call_id: str
    group_id: str


@attrs.frozen(kw_only=True)
class TellPosition(Command):
    """Pause the music and tell the caller the place in the queue, 1 for the first.

    Attributes:
        expected: how long the caller still has to wait, where the group tells it and knows.
    """

    call_id: str
    position: int
    expected: Expectation | None = None


@attrs.frozen(kw_only=True)
class RingMember(Command):
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


@attrs.frozen(kw_only=True)
class StopRinging(Command):
    """Cancel the ringing of an offer."""

    offer_id: str
    member_id: str
    reason: StopReason


@attrs.frozen(kw_only=True)
class Connect(Command):
    """Cut any prompt or music and bridge caller and member."""

    offer_id: str
    call_id: str
    member_id: str


@attrs.frozen(kw_only=True)
class ReleaseMember(Command):
    """Say goodbye politely to a member who answered too late, and hang up."""

    offer_id: str
    member_id: str
    reason: StopReason


@attrs.frozen(kw_only=True)
class Forward(Command):
    """Send the call elsewhere; the engine has let go of it.

    A target of kind GROUP is carried out by the engine's user as a new `CallJoined`.
    """

    call_id: str
    group_id: str
    target: Target
    reason: ForwardReason


@attrs.frozen(kw_only=True)
class DialCaller(Command):
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


@attrs.frozen(kw_only=True)
class DialCallerFirst(Command):
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


@attrs.frozen(kw_only=True)
class StopDialling(Command):
    """Dial the caller no longer: nobody is there for the call any more.

    Attributes:
        attempt: the `DialCaller` or `DialCallerFirst` that is over.
    """

    call_id: str
    attempt: int
    reason: StopReason


@attrs.frozen(kw_only=True)
class ReleaseCaller(Command):
    """A caller who was dialled back answered too late: apologise, and hang up.

    The place is kept, and the caller is dialled again.

    Attributes:
        attempt: which dialling the caller answered; None: it was not told.
    """

    call_id: str
    attempt: int | None
    reason: StopReason
