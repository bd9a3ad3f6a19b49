"""The engine's own kind of enumeration: names that are looked up many times for each call."""

from __future__ import annotations

import enum


class Name(enum.Enum):
    """An enumeration whose members are told apart by what they are, not by what they are called.

    Python hashes the name of a member, by a function of its own, each time that it is looked up in
    a table. There is only one object for each member, so its identity is as good and costs nothing.
    """

    __hash__ = object.__hash__


class TargetKind(Name):
    """Where a call can be sent that no member takes."""

    VOICEMAIL = "voicemail"
    NUMBER = "number"
    GROUP = "group"
    MESSAGE = "message"
    HANG_UP = "hang_up"


class NoAnswerAction(Name):
    """What becomes of a member who was ready and did not answer for the whole ring time."""

    NOTHING = "nothing"
    PAUSE = "pause"
    LOG_OUT = "log_out"
    LOG_OUT_UNLESS_LAST = "log_out_unless_last"


class OfferFailure(Name):
    """Why a phone that was rung did not take the call."""

    REJECTED = "rejected"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    UNREACHABLE = "unreachable"


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


class CallOutcome(Name):
    """How a call that joined a group ended. Every call has exactly one."""

    ANSWERED = "answered"
    ABANDONED = "abandoned"
    FORWARDED = "forwarded"
    CALLED_BACK = "called_back"
    REFUSED = "refused"


class OfferOutcome(Name):
    """How an offer ended. Every offer has exactly one."""

    ANSWERED = "answered"
    ANSWERED_ELSEWHERE = "answered_elsewhere"
    REJECTED = "rejected"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    UNREACHABLE = "unreachable"
    CALLER_GONE = "caller_gone"
    WITHDRAWN = "withdrawn"


class MemberState(Name):
    """What a member is doing."""

    PASSIVE = "passive"
    READY = "ready"
    RINGING = "ringing"
    IN_CALL = "in_call"
    WRAP_UP = "wrap_up"
    PAUSED = "paused"


class NotChosen(Name):
    """Why a member was not offered a call."""

    PASSIVE = "passive"
    PAUSED = "paused"
    RINGING = "ringing"
    IN_CALL = "in_call"
    WRAP_UP = "wrap_up"
    LOWER_IN_LIST = "lower_in_list"
    LESS_IDLE = "less_idle"
    LIMIT_REACHED = "limit_reached"
    JUST_TRIED = "just_tried"
    RANKED_LOWER = "ranked_lower"
    UNSKILLED = "unskilled"
    KEPT_FOR_LAST_AGENT = "kept_for_last_agent"


class Picked(Name):
    """What decided for a call, when a member became free whom calls of several lines wanted.

    A group has a line of calls, and one more for each set of skills that calls ask for. The first
    calls of these lines are compared: by the weight of the group, then by priority, then by wait.

    Attributes:
        UNCONTESTED: nothing had to be compared: no call of another line wanted the member, or the
            call came when the member was free already.
        WAIT_WITH_PRIORITY: a group counts priority as seconds of waiting, and they made a part of
            the wait (`Group.priority_worth_s`).
        FIRST_COME: all else was equal.
    """

    UNCONTESTED = "uncontested"
    WEIGHT = "weight"
    PRIORITY = "priority"
    WAIT = "wait"
    WAIT_WITH_PRIORITY = "wait_with_priority"
    FIRST_COME = "first_come"
