"""What an administrator decides: groups, members and where calls go instead.

Values are validated where they are read (`softswitch.switch.config`); here they are data.
"""

from __future__ import annotations

import enum

import attrs


class TargetKind(enum.Enum):
    """Where a call can be sent that no member takes."""

    VOICEMAIL = "voicemail"
    NUMBER = "number"
    GROUP = "group"
    MESSAGE = "message"
    HANG_UP = "hang_up"


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
        active: the choice a member starts with where none is stored.
    """

    id: str
    address: str
    name: str = ""
    active: bool = True


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
        position_every_s: seconds between two queue-position messages to a waiting caller.
        wrap_up_s: seconds a member is left alone after a call.
        weight: between groups that compete for a member, the higher weight is served first.
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
    weight: int = 0
