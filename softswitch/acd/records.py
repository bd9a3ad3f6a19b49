"""What happened, for reports and people. Immutable; times are the engine's `now` in seconds."""

from __future__ import annotations

import attrs

from softswitch.acd.commands import ForwardReason
from softswitch.acd.model import Target
from softswitch.acd.names import Name


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


@attrs.frozen(kw_only=True)
class Record:
    """Base of all records; ``at`` is when it was written."""

    at: float


@attrs.frozen(kw_only=True)
class OfferRecord(Record):
    """One finished offer, with the reasons for the choice.

    Attributes:
        round: 1 for the first round of offers of this call; a simultaneous ring is one round.
        started_at: when the phone was asked to ring.
        strategy: which strategy chose.
        others: member id and why not, for every member of the group who was not chosen.
    """

    offer_id: str
    call_id: str
    group_id: str
    member_id: str
    round: int
    started_at: float
    outcome: OfferOutcome
    strategy: str
    others: tuple[tuple[str, NotChosen], ...] = ()


@attrs.frozen(kw_only=True)
class LateAnswerRecord(Record):
    """A phone answered just when its offer ended, and got the call all the same.

    The offer's own record, written before, says how it had ended.
    """

    offer_id: str
    call_id: str
    group_id: str
    member_id: str


@attrs.frozen(kw_only=True)
class CallRecord(Record):
    """One finished call of a group, written when its last party has gone.

    Attributes:
        joined_at: when the caller asked for the group.
        answered_at: when a member answered, or None.
        ended_at: when it left the engine: hung up, forwarded.
        member_id: who answered, or None.
        offers: how many rounds of offers it took, all put-backs included.
        queued: it had to wait because every active member was busy.
        forward_target: where it went, or None.
        forward_reason: why it went there, or None.
    """

    call_id: str
    group_id: str
    caller: str
    joined_at: float
    answered_at: float | None
    ended_at: float
    outcome: CallOutcome
    member_id: str | None = None
    offers: int = 0
    queued: bool = False
    forward_target: Target | None = None
    forward_reason: ForwardReason | None = None


@attrs.frozen(kw_only=True)
class MemberStateRecord(Record):
    """A member's state began."""

    member_id: str
    state: MemberState
    reason: str = ""


@attrs.frozen(kw_only=True)
class StrategyFaultRecord(Record):
    """A strategy raised or gave nonsense; the priority list decided instead.

    Attributes:
        fault: what was wrong, for people.
    """

    strategy: str
    group_id: str
    call_id: str
    fault: str


@attrs.frozen(kw_only=True)
class ConversationRecord(Record):
    """A conversation ended; a call that is put back may have several.

    Attributes:
        started_at: when the member and the caller were connected.
    """

    call_id: str
    group_id: str
    caller: str
    member_id: str
    started_at: float


@attrs.frozen(kw_only=True)
class CallMovedRecord(Record):
    """A waiting call went to another group's queue. Its `CallRecord` bears the last group."""

    call_id: str
    from_group_id: str
    to_group_id: str
    joined_at: float


@attrs.frozen(kw_only=True)
class WaitScoreRecord(Record):
    """A caller who was told an expected wait was answered: was it true?

    Attributes:
        told_at: when it was told for the first time.
        low_s: the range that was told, from `told_at` on.
        high_s: its other end.
        probability: with which it was told.
        waited_s: seconds from `told_at` to the answer.
        inside: the answer came within the range.
    """

    call_id: str
    group_id: str
    estimator: str
    probability: float
    told_at: float
    low_s: float
    high_s: float
    waited_s: float
    inside: bool
