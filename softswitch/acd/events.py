"""What the queue engine is told. Frozen, keyword-only; ids are the caller's own strings."""

from __future__ import annotations

import enum

import attrs


class OfferFailure(enum.Enum):
    """Why a phone that was rung did not take the call."""

    REJECTED = "rejected"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    UNREACHABLE = "unreachable"


@attrs.frozen(kw_only=True)
class EngineEvent:
    """Base of everything that `Engine.handle` takes."""


@attrs.frozen(kw_only=True)
class CallJoined(EngineEvent):
    """A caller asks for a member of a group.

    Attributes:
        call_id: unique for ever.
        group_id: the group asked for.
        caller: number of the caller for the records. Personal data.
        priority: the higher is served first; first come first served within equal priority.
    """

    call_id: str
    group_id: str
    caller: str = ""
    priority: int = 0


@attrs.frozen(kw_only=True)
class CallHungUp(EngineEvent):
    """The caller hung up or vanished: while waiting (abandoned) or while talking (over)."""

    call_id: str


@attrs.frozen(kw_only=True)
class OfferRinging(EngineEvent):
    """The member's phone says that it rings."""

    offer_id: str


@attrs.frozen(kw_only=True)
class OfferAnswered(EngineEvent):
    """The member's phone answered. Too late is fine: the engine then says `ReleaseMember`."""

    offer_id: str


@attrs.frozen(kw_only=True)
class OfferFailed(EngineEvent):
    """The member's phone will not take the call."""

    offer_id: str
    failure: OfferFailure


@attrs.frozen(kw_only=True)
class MemberHungUp(EngineEvent):
    """The member left the conversation: hung up, was transferred away, or vanished."""

    member_id: str


@attrs.frozen(kw_only=True)
class MemberActivated(EngineEvent):
    """The member becomes active in every group."""

    member_id: str


@attrs.frozen(kw_only=True)
class MemberDeactivated(EngineEvent):
    """The member becomes passive in every group; a call in progress goes on."""

    member_id: str


@attrs.frozen(kw_only=True)
class MemberPaused(EngineEvent):
    """The member wants no calls for now."""

    member_id: str
    reason: str = ""


@attrs.frozen(kw_only=True)
class MemberReady(EngineEvent):
    """The member ends a pause or a wrap-up early."""

    member_id: str


@attrs.frozen(kw_only=True)
class MemberBusyElsewhere(EngineEvent):
    """The member talks outside the queue (own call); `MemberHungUp` ends it."""

    member_id: str
