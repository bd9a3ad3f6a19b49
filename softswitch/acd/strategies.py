"""Who is offered a call: plain functions over a typed snapshot.

A strategy ranks the free members, best first; the engine rings the first of them, or as many of
them as may ring at once. A strategy of one's own is a function and a name::

    def most_experienced_first(situation: Situation) -> Sequence[str]:
        return sorted(situation.member_ids, key=seniority.__getitem__, reverse=True)

    Engine(groups, members, strategies={**DEFAULT_STRATEGIES, "senior": most_experienced_first})

One that raises, or names somebody who is not free, or names nobody, does no harm: the priority
list decides instead and a `StrategyFaultRecord` tells of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import attrs

from softswitch.acd.names import NotChosen
from softswitch.acd.roster import as_listed, longest_idle

if TYPE_CHECKING:
    from softswitch.acd.state import Agent


@attrs.frozen(kw_only=True)
class Candidate:
    """A free member.

    Attributes:
        place: in the priority list, 1 for the first.
        idle_s: seconds since the end of the last answered call, or since becoming active.
        skills: what the member can do, and languages.
    """

    member_id: str
    place: int
    idle_s: float
    skills: frozenset[str] = frozenset()


@attrs.frozen(kw_only=True)
class Situation:
    """What a strategy sees.

    Attributes:
        waited_s: seconds since the call joined.
        round: number of the round of offers that is to start or goes on, from 1.
        candidates: the free members who may be rung, in priority order; at least one.
        ringing: how many phones ring for this call already.
    """

    call_id: str
    group_id: str
    caller: str
    priority: int
    waited_s: float
    round: int
    candidates: tuple[Candidate, ...]
    ringing: int = 0

    @property
    def member_ids(self) -> tuple[str, ...]:
        """The candidates' ids, in priority order."""
        return tuple(candidate.member_id for candidate in self.candidates)


Rank = Callable[[Situation], Sequence[str]]


@attrs.frozen(kw_only=True)
class Strategy:
    """A way to choose.

    Attributes:
        rank: gives member ids, best first.
        many: rings as many at once as the group's limit allows, and whoever becomes free later.
        passed_over: the reason noted for a free member who was not chosen.
        shortcut: ranks the engine's own members as `rank` ranks candidates, without a snapshot
            of them; for the strategies that come with the engine.
    """

    rank: Rank
    many: bool = False
    passed_over: NotChosen = NotChosen.RANKED_LOWER
    shortcut: Callable[[list[Agent], int], list[Agent]] | None = None


def by_priority(situation: Situation) -> Sequence[str]:
    """The first free member of the list."""
    return situation.member_ids


def by_idle_time(situation: Situation) -> Sequence[str]:
    """Whoever has been idle longest; the list decides between equals."""
    ranked = sorted(situation.candidates, key=lambda candidate: -candidate.idle_s)
    return [candidate.member_id for candidate in ranked]


DEFAULT_STRATEGIES: Mapping[str, Strategy | Rank] = {
    "priority": Strategy(rank=by_priority, shortcut=as_listed, passed_over=NotChosen.LOWER_IN_LIST),
    "longest_idle": Strategy(
        rank=by_idle_time, shortcut=longest_idle, passed_over=NotChosen.LESS_IDLE
    ),
    "simultaneous": Strategy(
        rank=by_priority, shortcut=as_listed, many=True, passed_over=NotChosen.LIMIT_REACHED
    ),
}


def as_strategy(strategy: Strategy | Rank) -> Strategy:
    """A plain function becomes a strategy that rings one phone at a time."""
    return strategy if isinstance(strategy, Strategy) else Strategy(rank=strategy)


def ranked(strategy: Strategy, situation: Situation) -> tuple[Sequence[str], str]:
    """Ask a strategy, and the priority list where its answer is unusable.

    Returns:
        Member ids, best first, at least one; and what was wrong with the strategy, or "".
    """
    try:
        answer = list(strategy.rank(situation))
        fault = _fault(answer, situation.member_ids)
    except Exception as error:  # noqa: BLE001 -- a plug-in may raise anything, and loses no call
        fault = f"raised {type(error).__name__}: {error}"
    return (by_priority(situation), fault) if fault else (answer, "")


def _fault(answer: list[str], free: tuple[str, ...]) -> str:
    """What is wrong with a strategy's answer; "" where nothing is."""
    if not answer:
        return "chose nobody although somebody is free"
    known = set(free)
    if stranger := next((repr(chosen) for chosen in answer if chosen not in known), ""):
        return f"chose {stranger}, who is not among the free members"
    return "" if len(set(answer)) == len(answer) else "chose a member twice"
