"""What an administrator decides: groups, members and where calls go instead.

Values are validated by `softswitch.switch.rules`, whatever they come from; here they are data.
"""

from __future__ import annotations

import attrs

from softswitch.acd.names import NoAnswerAction as NoAnswerAction
from softswitch.acd.names import TargetKind as TargetKind


@attrs.frozen
class Target:
    """Where a call goes instead.

    Attributes:
        kind: what is there.
        value: the number to dial, the group's id, or the voicemail's group id (empty: the
            group's own); empty for the standard message and for hanging up.
    """

    kind: TargetKind
    value: str = ""


@attrs.frozen(kw_only=True)
class Member:
    """A person who takes calls, at any dialable address.

    Attributes:
        id: unique in the office.
        address: SIP URI or number to dial.
        name: for people to read.
        active: whether the member takes calls to begin with.
        skills: what the member can do and which languages; a call may ask for some of them.
    """

    id: str
    address: str
    name: str = ""
    active: bool = True
    skills: frozenset[str] = frozenset()


@attrs.frozen(kw_only=True)
class FurtherGroup:
    """A group whose members join the search while a call waits, all conditions being met.

    The conditions are read anew whenever they may have changed, not frozen when a call joins.

    Attributes:
        group_id: whose members answer too.
        after_s: the call has waited for at least so many seconds.
        waiting_at_least: so many calls of its own group are unanswered, itself included.
        active_at_most: no more members of its own group than this are active; None: any number.
    """

    group_id: str
    after_s: float = 0.0
    waiting_at_least: int = 0
    active_at_most: int | None = None


@attrs.frozen(kw_only=True)
class Group:
    """A hunt group with its queue.

    Attributes:
        id: unique in the office.
        members: member ids in priority order, at most 25.
        strategy: name of a strategy in `softswitch.acd.strategies`.
        ring_time_s: seconds one offer rings, 15-40.
        simultaneous_limit: how many phones ring at most at once, 1-10.
        max_offers: offers (a simultaneous ring counts as one) before `no_answer`; None: no limit.
        max_offering_s: seconds of offering before `no_answer`; None: no limit.
        no_answer: where a call goes that ran out of offers or time.
        queue: whether calls wait when every active member is busy.
        queue_cap: how many calls wait at most.
        overflow: where a call goes that finds the queue full.
        no_queue: where a call goes when `queue` is off and every active member is busy.
        nobody_active: where a call goes when no member is active; None: treated like all busy.
        position_every_s: seconds between two queue-position messages to a waiting caller; 0:
            there are none.
        wrap_up_s: seconds a member is left alone after a call.
        auto_ready: whether the wrap-up ends by itself; else it lasts until the member is ready,
            and `wrap_up_s` is only what an expected wait counts with.
        service_within_s: seconds within which calls should be answered: the service goal.
        weight: between groups that compete for a member, the higher weight is served first.
        rejected_back_off_s: seconds in which a member who rejected an offer gets no other.
        busy_back_off_s: the same for a phone that was busy.
        unreachable_back_off_s: the same for a phone that could not be reached.
        no_answer_back_off_s: the same for a phone that rang its whole time.
        no_answer_action: what becomes of a member who did not answer.
        priority_worth_s: seconds of waiting that one step of priority counts for; None: priority
            is absolute.
        further: groups whose members may join the search for a waiting call.
        max_wait_s: seconds of waiting before `too_long`; None: no limit.
        too_long: where a call goes that waited for `max_wait_s`.
        last_agent_within_s: a caller who returns within so many seconds of a conversation is
            kept for the same member; 0: never.
        last_agent_wait_s: for so long at most; then anybody may answer.
        redial_within_s: a caller cut off while waiting who calls again within so many seconds
            gets the old place back; 0: never.
        customer_first: a caller who asked to be called back is dialled before a member is rung.
        call_back_attempts: how often a caller who asked to be called back is dialled.
        expected_wait: name of an estimator in `softswitch.acd.estimate`, whose estimate goes along
            with the position; None: callers are told no wait.
        expected_wait_probability: how probable it shall be that the wait falls into the range told.
        call_back_retry_s: seconds between two of these attempts.
    """

    id: str
    members: tuple[str, ...]
    strategy: str = "priority"
    ring_time_s: float = 20.0
    simultaneous_limit: int = 10
    max_offers: int | None = None
    max_offering_s: float | None = None
    no_answer: Target = Target(TargetKind.VOICEMAIL)
    queue: bool = True
    queue_cap: int = 10
    overflow: Target = Target(TargetKind.VOICEMAIL)
    no_queue: Target = Target(TargetKind.MESSAGE)
    nobody_active: Target | None = None
    position_every_s: float = 30.0
    wrap_up_s: float = 0.0
    auto_ready: bool = True
    service_within_s: float = 20.0
    weight: int = 0
    rejected_back_off_s: float = 5.0
    busy_back_off_s: float = 5.0
    unreachable_back_off_s: float = 5.0
    no_answer_back_off_s: float = 0.0
    no_answer_action: NoAnswerAction = NoAnswerAction.NOTHING
    priority_worth_s: float | None = None
    further: tuple[FurtherGroup, ...] = ()
    max_wait_s: float | None = None
    too_long: Target = Target(TargetKind.VOICEMAIL)
    last_agent_within_s: float = 0.0
    last_agent_wait_s: float = 60.0
    redial_within_s: float = 0.0
    customer_first: bool = False
    call_back_attempts: int = 3
    call_back_retry_s: float = 300.0
    expected_wait: str | None = None
    expected_wait_probability: float = 0.8
