"""What happened, for reports and people. Immutable; times are the engine's `now` in seconds."""

from __future__ import annotations

import msgspec

from softswitch.acd.model import Target
from softswitch.acd.names import CallOutcome as CallOutcome
from softswitch.acd.names import ForwardReason
from softswitch.acd.names import MemberState as MemberState
from softswitch.acd.names import NotChosen as NotChosen
from softswitch.acd.names import OfferOutcome as OfferOutcome
from softswitch.acd.names import Picked as Picked


class Record(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Base of all records; ``at`` is when it was written."""

    at: float


class OfferRecord(Record, frozen=True, kw_only=True, gc=False):
    """One finished offer, with the reasons for the choice.

    Attributes:
        round: 1 for the first round of offers of this call; a simultaneous ring is one round.
        started_at: when the phone was asked to ring.
        strategy: which strategy chose.
        others: member id and why not, for every member of the group who was not chosen.
        picked: by what the call went before calls of other lines, when a member became free.
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
    picked: Picked = Picked.UNCONTESTED


class LateAnswerRecord(Record, frozen=True, kw_only=True, gc=False):
    """A phone answered just when its offer ended, and got the call all the same.

    The offer's own record, written before, says how it had ended.
    """

    offer_id: str
    call_id: str
    group_id: str
    member_id: str


class CallRecord(Record, frozen=True, kw_only=True, gc=False):
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


class MemberStateRecord(Record, frozen=True, kw_only=True, gc=False):
    """A member's state began."""

    member_id: str
    state: MemberState
    reason: str = ""


class MemberActiveRecord(Record, frozen=True, kw_only=True, gc=False):
    """A member became active or passive, whatever state that leads to and when.

    Who becomes passive in a call stays in that state until the call is over.
    """

    member_id: str
    active: bool


class GroupStaffRecord(Record, frozen=True, kw_only=True, gc=False):
    """Members serve a group from here on, in priority order; nobody one that is gone."""

    group_id: str
    members: tuple[str, ...]


class StrategyFaultRecord(Record, frozen=True, kw_only=True, gc=False):
    """A strategy raised or gave nonsense; the priority list decided instead.

    Attributes:
        fault: what was wrong, for people.
    """

    strategy: str
    group_id: str
    call_id: str
    fault: str


class ConversationRecord(Record, frozen=True, kw_only=True, gc=False):
    """A conversation ended; a call that is put back may have several.

    Attributes:
        started_at: when the member and the caller were connected.
    """

    call_id: str
    group_id: str
    caller: str
    member_id: str
    started_at: float


class CallMovedRecord(Record, frozen=True, kw_only=True, gc=False):
    """A waiting call went to another group's queue. Its `CallRecord` bears the last group."""

    call_id: str
    from_group_id: str
    to_group_id: str
    joined_at: float


class WaitScoreRecord(Record, frozen=True, kw_only=True, gc=False):
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
