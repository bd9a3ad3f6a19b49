"""Whom to ring for a call, and why not the others."""

from __future__ import annotations

from softswitch.acd.core import Core
from softswitch.acd.names import MemberState, NotChosen
from softswitch.acd.records import StrategyFaultRecord
from softswitch.acd.roster import NOT_READY, Note
from softswitch.acd.state import Agent, Entry
from softswitch.acd.strategies import Candidate, Situation, ranked


def pool(core: Core, entry: Entry) -> list[Agent]:
    """The free members who may be rung for a call now, in the order of the group's roster or lists.

    The roster of a group that rings the longest idle stands by idle time.
    """
    now = core.now
    if entry.kept_for is not None:
        return [entry.kept_for] if entry.kept_for.is_free(now) else []
    ready = entry.ready()
    if entry.takes_anybody(now):
        return ready
    free = (agent for agent in ready if agent.is_free(now))
    return [agent for agent in free if not entry.refused_by(agent, now)]


def choose(core: Core, entry: Entry, free: list[Agent]) -> list[Agent]:
    """The members to ring now, best first; at least one.

    Where one phone rings at a time the list is gone through before anybody is rung again, and
    nobody is rung twice in a row while another is free. Rung all at once, all ring again.
    """
    strategy = entry.group.strategy
    if free is entry.group.roster.ready:
        return free[: entry.group.width - len(entry.offers)]
    if entry.tried and not entry.group.many:
        free = _not_tried(entry, free)
    room = entry.group.width - len(entry.offers)
    if strategy.shortcut is not None:
        return strategy.shortcut(free, room)
    situation = _situation(core, entry, free)
    member_ids, fault = ranked(strategy, situation)
    if fault:
        _report(core, entry, fault)
    return [core.agents[member_id] for member_id in member_ids[:room]]


def first_listed(entry: Entry, free: list[Agent]) -> Agent:
    """Who of some members comes first in the lists of the groups searched."""
    return next(agent for agent in entry.everybody() if agent in free)


def reasons(core: Core, entry: Entry, chosen: list[Agent]) -> tuple[Note, ...]:
    """Why each of the group's other members was not chosen."""
    group = entry.group
    if entry.takes_anybody(core.now):
        return group.roster.others([agent.place_in(group) for agent in chosen])
    others = (agent for agent in entry.everybody() if agent not in chosen)
    return tuple((agent.id, _reason(core, entry, agent)) for agent in others)


def _not_tried(entry: Entry, free: list[Agent]) -> list[Agent]:
    """Those whose turn it is; when everybody who is free had a turn, the list begins anew."""
    fresh = [agent for agent in free if agent.id not in entry.tried]
    if fresh:
        return fresh
    del entry.tried[:-1]
    return [agent for agent in free if agent.id not in entry.tried] or free


def _situation(core: Core, entry: Entry, free: list[Agent]) -> Situation:
    places = {agent: place for place, agent in enumerate(entry.everybody(), start=1)}
    return Situation(
        call_id=entry.id,
        group_id=entry.group.id,
        caller=entry.caller,
        priority=entry.priority,
        waited_s=core.now - entry.joined_at,
        round=entry.round,
        ringing=len(entry.offers),
        candidates=tuple(
            Candidate(
                member_id=agent.id,
                place=places[agent],
                idle_s=core.now - agent.idle_since,
                skills=agent.member.skills,
            )
            for agent in free
        ),
    )


def _reason(core: Core, entry: Entry, agent: Agent) -> NotChosen:
    if agent.state is not MemberState.READY:
        return NOT_READY[agent.state]
    if not entry.skills <= agent.member.skills:
        return NotChosen.UNSKILLED
    if entry.kept_for is not None:
        return NotChosen.KEPT_FOR_LAST_AGENT
    if not agent.is_free(core.now) or agent.id in entry.tried:
        return NotChosen.JUST_TRIED
    return entry.group.strategy.passed_over


def _report(core: Core, entry: Entry, fault: str) -> None:
    group = entry.group
    core.emit(
        StrategyFaultRecord(
            at=core.now,
            strategy=group.group.strategy,
            group_id=group.id,
            call_id=entry.id,
            fault=fault,
        )
    )
