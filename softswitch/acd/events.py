"""What the queue engine is told. Frozen, keyword-only; ids are the caller's own strings."""

from __future__ import annotations

import msgspec

from softswitch.acd.model import Group, Member, Target
from softswitch.acd.names import OfferFailure as OfferFailure


class EngineEvent(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Base of everything that `Engine.handle` takes."""


class CallJoined(EngineEvent, frozen=True, kw_only=True, gc=False):
    """A caller asks for a member of a group.

    Attributes:
        call_id: unique for ever.
        group_id: the group asked for.
        caller: number of the caller for the records. Personal data.
        priority: the higher is served first; first come first served within equal priority.
        skills: only members who have all of these are offered the call.
    """

    call_id: str
    group_id: str
    caller: str = ""
    priority: int = 0
    skills: frozenset[str] = frozenset()


class CallHungUp(EngineEvent, frozen=True, kw_only=True, gc=False):
    """The caller hung up or vanished: while waiting (abandoned) or while talking (over)."""

    call_id: str


class OfferRinging(EngineEvent, frozen=True, kw_only=True, gc=False):
    """The member's phone says that it rings."""

    offer_id: str


class OfferAnswered(EngineEvent, frozen=True, kw_only=True, gc=False):
    """The member's phone answered, and its call lives.

    Too late is fine. Where the caller still waits and the member has nothing else to do they are
    connected all the same; else the engine says `ReleaseMember`.
    """

    offer_id: str


class OfferFailed(EngineEvent, frozen=True, kw_only=True, gc=False):
    """The member's phone will not take the call."""

    offer_id: str
    failure: OfferFailure


class MemberHungUp(EngineEvent, frozen=True, kw_only=True, gc=False):
    """The member left the conversation: hung up, was transferred away, or vanished.

    Attributes:
        call_id: the conversation, where it is known: a report about a call that is no longer the
            member's is then told apart from one about the next call. None: the member's own call
            (`MemberBusyElsewhere`) if there is one, else the conversation.
    """

    member_id: str
    call_id: str | None = None


class MemberActivated(EngineEvent, frozen=True, kw_only=True, gc=False):
    """The member becomes active in every group."""

    member_id: str


class MemberDeactivated(EngineEvent, frozen=True, kw_only=True, gc=False):
    """The member becomes passive in every group; a call in progress goes on."""

    member_id: str


class MemberPaused(EngineEvent, frozen=True, kw_only=True, gc=False):
    """The member wants no calls for now."""

    member_id: str
    reason: str = ""


class MemberReady(EngineEvent, frozen=True, kw_only=True, gc=False):
    """The member ends a pause or a wrap-up early."""

    member_id: str


class MemberBusyElsewhere(EngineEvent, frozen=True, kw_only=True, gc=False):
    """The member talks outside the queue (own call); `MemberHungUp` ends it.

    May come during a conversation too: the member is then free when both are over.
    """

    member_id: str


class CallLeft(EngineEvent, frozen=True, kw_only=True, gc=False):
    """A waiting caller chose by a key to go elsewhere."""

    call_id: str
    target: Target


class CallWithdrawn(EngineEvent, frozen=True, kw_only=True, gc=False):
    """An attendant or a program takes a waiting call out of the queue and sends it elsewhere."""

    call_id: str
    target: Target


class CallMoved(EngineEvent, frozen=True, kw_only=True, gc=False):
    """A waiting call goes to another group's queue; the time waited counts there.

    A full queue there does not hinder it: whoever moves the call has decided.
    """

    call_id: str
    group_id: str


class CallReprioritised(EngineEvent, frozen=True, kw_only=True, gc=False):
    """A waiting call gets another priority; the time waited counts on."""

    call_id: str
    priority: int


class MusicPlays(EngineEvent, frozen=True, kw_only=True, gc=False):
    """Music plays to this waiting caller, from its start or again after something was said.

    The next position message is due `Group.position_every_s` from here. Whoever never tells this
    has positions told from joining on, and then every so many seconds. Too late is fine.
    """

    call_id: str


class CallPutBack(EngineEvent, frozen=True, kw_only=True, gc=False):
    """The member puts the caller back in the queue, with the place kept.

    The caller waits since joining for the first time, and is offered to others before being
    offered to the same member.
    """

    call_id: str


class CallBackAsked(EngineEvent, frozen=True, kw_only=True, gc=False):
    """A waiting caller will hang up and be called back when it would be their turn.

    From here on `CallHungUp` does not end the call. When a member has answered, `DialCaller`
    asks for the caller to be dialled.

    Attributes:
        number: where to call. Personal data.
    """

    call_id: str
    number: str


class CallBackAnswered(EngineEvent, frozen=True, kw_only=True, gc=False):
    """The caller who was dialled back answered. Too late is fine: see `ReleaseCaller`.

    Attributes:
        attempt: that of the command to dial, where it is known: a report of an earlier one is
            then told apart. None: the latest.
    """

    call_id: str
    attempt: int | None = None


class CallBackFailed(EngineEvent, frozen=True, kw_only=True, gc=False):
    """The caller who was dialled back did not answer; the member is free again.

    Attributes:
        attempt: that of the command to dial, where it is known. None: the latest.
    """

    call_id: str
    attempt: int | None = None


class TargetsChanged(EngineEvent, frozen=True, kw_only=True, gc=False):
    """From here on the group's unanswered calls go elsewhere: a slot of its week begins or ends.

    The engine knows no weekdays. Whoever knows them looks into the group's
    `softswitch.hours.StandardWeek` when it changes and tells; so a log replays without a calendar.
    Calls that wait now go there too. A new configuration leaves this as it is.

    Attributes:
        no_answer: where they go; None: to the group's own `no_answer`.
    """

    group_id: str
    no_answer: Target | None


class CountingBegins(EngineEvent, frozen=True, kw_only=True, gc=False):
    """The service counts of all groups begin anew, as at midnight. Calls in progress count.

    Attributes:
        day: what is counted from here on, in the words of who tells it: the date. The engine
            only repeats it, in `EngineSnapshot.counting`.
    """

    day: str = ""


class Reconfigured(EngineEvent, frozen=True, kw_only=True, gc=False):
    """Groups and members become these, whole or not at all.

    Usually made by `Engine.plan`, which tells the effect beforehand, and told by `Engine.apply`.
    """

    groups: tuple[Group, ...]
    members: tuple[Member, ...]
