"""What callers are told of the wait to come, learned from what was and scored against what is."""

from __future__ import annotations

from typing import Final

import attrs

from softswitch.acd import queueing
from softswitch.acd.core import Core
from softswitch.acd.estimate import Expectation, Leeway, QueueView, expect
from softswitch.acd.names import MemberState
from softswitch.acd.records import WaitScoreRecord
from softswitch.acd.state import Entry, HuntGroup, Told

_MEMORY: Final = 0.02
"""Weight of the newest conversation in the mean, once there are many: about the last hundred."""
_DOUBT: Final = _MEMORY / (2 - _MEMORY)
"""Variance of such a mean over its square, where holding times are exponential."""
_ENOUGH: Final = 3
"""Conversations from which a mean is worth telling."""

_USUAL: Final = "queue_length"
"""Estimator for questions about groups whose callers are told no wait."""

_AWAY: Final = (MemberState.PASSIVE, MemberState.PAUSED)


def learn(core: Core, entry: Entry, answered_at: float) -> None:
    """A conversation is over."""
    group = entry.group
    held_s = core.now - answered_at + group.wrap_up_s
    group.conversations += 1
    weight = max(1 / group.conversations, _MEMORY)
    group.holding_s += weight * (held_s - group.holding_s)


def expected(core: Core, entry: Entry) -> Expectation | None:
    """The wait to be told to a call in line; None: the group tells none, or cannot know yet.

    Never more than this caller was told before: who only waits does not hear the promise rise.
    """
    told, leeway = entry.told, _leeway(entry.group)
    if leeway is None or entry.group.conversations < _ENOUGH:
        return None
    position = entry.group.line.position(entry)
    found = expect(_view(entry.group, position, entry.joined_at, core.now), leeway)
    if told is None:
        return found
    high_s = min(found.high_s, told.latest.high_s)
    return attrs.evolve(found, low_s=min(found.low_s, high_s), high_s=high_s)


def tell(core: Core, entry: Entry) -> Expectation | None:
    """The same, and the caller hears it now."""
    found = expected(core, entry)
    if found is not None:
        if entry.told is None:
            entry.told = Told(core.now, found, found)
        entry.told.latest = found
    return found


def expected_for_new(core: Core, group: HuntGroup, now: float) -> Expectation | None:
    """The wait of a caller who would join now, without priority or wishes.

    Returns:
        Zero to zero where a member would be rung at once; None: it cannot be known yet.
    """
    leeway = _of(group, group.group.expected_wait or _USUAL)
    searched = [group, *queueing.further_at_once(core, group)]
    if any(agent.is_free(now) for one in searched for agent in one.agents):
        sure, by = leeway.probability, leeway.estimator
        return Expectation(low_s=0.0, high_s=0.0, probability=sure, estimator=by)
    if group.conversations < _ENOUGH:
        return None
    key = queueing.order_key(group, 0, now, core.sequence + 1)
    position = 1 + sum(entry.key < key for entry in group.line)
    return expect(_view(group, position, now, now), leeway)


def _leeway(group: HuntGroup) -> Leeway | None:
    """What was learned of the ranges that the group's settings ask for; None: they ask for none."""
    estimator = group.group.expected_wait
    return None if estimator is None else _of(group, estimator)


def _of(group: HuntGroup, estimator: str) -> Leeway:
    """What was learned of the ranges of an estimator, if it is the one that was in use."""
    odds = group.group.expected_wait_probability
    known = group.leeway
    if known is None or (known.estimator, known.probability) != (estimator, odds):
        return Leeway(estimator=estimator, probability=odds)
    return known


def score(core: Core, entry: Entry) -> None:
    """The wait is over: remember it, hold what was told first against it, and learn from it."""
    if entry.queued:
        entry.group.last_wait_s = core.now - entry.joined_at
    told = entry.told
    if told is None:
        return
    waited_s = core.now - told.at
    leeway = _leeway(entry.group)
    if leeway is not None and leeway.is_of(told.first):
        entry.group.leeway = leeway.after(told.first, waited_s)
    core.emit(
        WaitScoreRecord(
            at=core.now,
            call_id=entry.id,
            group_id=entry.group.id,
            estimator=told.first.estimator,
            probability=told.first.probability,
            told_at=told.at,
            low_s=told.first.low_s,
            high_s=told.first.high_s,
            waited_s=waited_s,
            inside=told.first.low_s <= waited_s <= told.first.high_s,
        )
    )


def _view(group: HuntGroup, position: int, joined_at: float, now: float) -> QueueView:
    """The line as a call sees it that joined at some time and stands at this place, from 1."""
    head = next(iter(group.line), None)
    return QueueView(
        position=position,
        servers=max(_at_work(group), 1),
        holding_s=group.holding_s,
        holding_doubt=max(1 / group.conversations, _DOUBT),
        last_wait_s=group.last_wait_s,
        head_wait_s=0.0 if head is None else now - head.joined_at,
        waited_s=now - joined_at,
    )


def _at_work(group: HuntGroup) -> int:
    return sum(agent.state not in _AWAY for agent in group.agents)
