"""Groups and members become others while calls wait, ring and talk.

* A conversation always goes on. Its member, if removed, leaves when it is over; a call put back
  to a group that is gone is sent away.
* A phone rings on unless its member was removed or no longer serves the call, or fewer may ring
  at once: then the last in priority stop. Ring times that run do not change.
* Limits of waiting and of offering count from when these began, as if they had always been so.
* Service counts go on, but begin anew where the goal is another.
* Calls waiting for a group that is removed go where it sends what nobody answers.
* Calls waiting above a smaller cap stay; nobody new comes in until there is room.
"""

from __future__ import annotations

import attrs

from softswitch.acd import callers, queueing, ringing, serving, setup, staffing
from softswitch.acd.core import Core
from softswitch.acd.line import Line, Wanting
from softswitch.acd.model import Group, Member
from softswitch.acd.names import ForwardReason, MemberState, OfferOutcome, StopReason
from softswitch.acd.served import Served
from softswitch.acd.state import Agent, HuntGroup


def reconfigure(core: Core, groups: tuple[Group, ...], members: tuple[Member, ...]) -> None:
    """Make these the groups and members.

    Raises:
        ConfigurationError: they do not fit together; nothing has changed.
    """
    setup.check(groups, members, core.strategies)
    core.version += 1
    closed = _replace_groups(core, groups)
    leaving = _replace_members(core, members)
    _join_up(core)
    _line_up_anew(core, closed)
    for group in closed:
        _close(core, group)
    _stop_phones(core)
    _apply_limits(core)
    for agent in leaving:
        _let_go(core, agent)
    for agent in core.agents.values():
        core.wake(agent)


def _replace_groups(core: Core, groups: tuple[Group, ...]) -> list[HuntGroup]:
    """Keep the memory of groups that stay; returns those that do not."""
    old, core.groups = core.groups, {}
    for group in groups:
        if group.id in old:
            known = core.groups[group.id] = old.pop(group.id)
            known.adopt(group, core.strategies[group.strategy])
            known.doors = tuple(False for _ in group.further)
            if known.served.within_s != group.service_within_s:
                known.served = Served(group.service_within_s)
        else:
            setup.add_group(core, group)
    for known in old.values():
        known.adopt(attrs.evolve(known.group, further=()), known.strategy)
        known.doors = ()
        setup.record_staff(core, known.id, ())
    return list(old.values())


def _replace_members(core: Core, members: tuple[Member, ...]) -> list[Agent]:
    """Keep the memory of members who stay; returns those who do not."""
    leaving = dict(core.agents)
    for member in members:
        agent = leaving.pop(member.id, None)
        if agent is None:
            setup.add_member(core, member)
        else:
            agent.adopt(member)
            if agent.retired and member.active:
                agent.active = True
                staffing.record_choice(core, agent)
            agent.retired = False
    for agent in leaving.values():
        was_active = agent.active
        agent.active, agent.paused, agent.retired = False, False, True
        if was_active:
            staffing.record_choice(core, agent)
    return list(leaving.values())


def _join_up(core: Core) -> None:
    """Say anew who serves which group."""
    for agent in core.agents.values():
        agent.groups, agent.seats = [], ()
    for group in core.groups.values():
        setup.staff(core, group)
    setup.settle_in(core)


def _line_up_anew(core: Core, closed: list[HuntGroup]) -> None:
    """Every waiting call stands where the new settings put it."""
    for agent in core.agents.values():
        agent.wanting = Wanting()
    groups = [*core.groups.values(), *closed]
    lines = [(group, list(group.line)) for group in groups]
    for group in groups:
        group.line, group.wanting = Line(), Wanting()
        group.here = (group.wanting,)
    for group, line in lines:
        for entry in line:
            entry.stands_in = ()
            key = queueing.order_key(group, entry.priority, entry.since, entry.number)
            entry.key = key
            group.line.add(entry)
        _look_around(core, group)


def _look_around(core: Core, group: HuntGroup) -> None:
    """Where may the group's calls be answered now?"""
    queueing.reconsider(core, group)
    for entry in group.line:
        kept_for = entry.kept_for
        if kept_for and not (group in kept_for.groups and entry.skills <= kept_for.member.skills):
            queueing.keep_no_longer(core, entry)
        queueing.search_further(core, entry)
        serving.renew_position(core, entry)
    core.seek(group.line)


def _close(core: Core, group: HuntGroup) -> None:
    """Nobody answers for this group any more."""
    for who in [who for who in core.kept_places if who[0] == group.id]:
        callers.drop_place(core, who)
    for entry in list(group.line):
        serving.send_away(core, entry, group.no_answer, ForwardReason.GROUP_CLOSED)


def _stop_phones(core: Core) -> None:
    """Phones ring on only for calls that their members still serve."""
    for offer in list(core.offers.values()):
        if offer.agent not in offer.entry.everybody():
            ringing.stop(core, offer, StopReason.MEMBER_WITHDRAWN, OfferOutcome.WITHDRAWN)


def _apply_limits(core: Core) -> None:
    """How many may ring, and how long a call may be offered and wait."""
    for entry in [entry for group in core.groups.values() for entry in group.line]:
        surplus = len(entry.offers) - entry.group.width
        places = {agent: place for place, agent in enumerate(entry.everybody())}
        ringing_now = sorted(entry.offers.values(), key=lambda offer: places[offer.agent])
        for offer in ringing_now[len(ringing_now) - surplus :] if surplus > 0 else ():
            ringing.stop(core, offer, StopReason.LIMIT_LOWERED, OfferOutcome.WITHDRAWN)
        serving.apply_limits(core, entry)


def _let_go(core: Core, agent: Agent) -> None:
    """A member who was removed goes, at once or when the conversation is over."""
    if agent.entry is not None or agent.id not in core.agents:
        return
    agent.elsewhere = False
    if agent.state is MemberState.PASSIVE:
        staffing.retire(core, agent)
    else:
        staffing.enter(core, agent, MemberState.PASSIVE)
