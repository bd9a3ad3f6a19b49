"""What is remembered about callers: their places when cut off, and whom they talked to last."""

from __future__ import annotations

from softswitch.acd import queueing
from softswitch.acd.core import Core, GroupAndCaller, KeptPlace
from softswitch.acd.deadlines import Due
from softswitch.acd.state import Agent, Entry


def _who(entry: Entry) -> GroupAndCaller:
    return (entry.group.id, entry.caller)


def _due(who: GroupAndCaller) -> tuple[Due, str]:
    return (Due.FORGET_PLACE, "\0".join(who))


def keep_place(core: Core, entry: Entry) -> None:
    """A waiting caller is gone, and may be back soon; the place in the queue stays taken."""
    seconds = entry.group.group.redial_within_s
    if seconds <= 0 or not entry.caller:
        return
    forget_place(core, _who(entry))
    kept = KeptPlace(since=entry.since, priority=entry.priority, held=entry.has_place)
    entry.has_place = False
    core.kept_places[_who(entry)] = kept
    core.deadlines.arm(_due(_who(entry)), core.now + seconds)


def forget_place(core: Core, who: GroupAndCaller) -> None:
    """The caller did not call again in time."""
    kept = drop_place(core, who)
    if kept is not None:
        core.groups[who[0]].places -= kept.held


def drop_place(core: Core, who: GroupAndCaller) -> KeptPlace | None:
    """There is no such place any more; returns what it was."""
    kept = core.kept_places.pop(who, None)
    if kept is not None:
        core.deadlines.cancel(_due(who))
    return kept


def recall_place(core: Core, entry: Entry) -> None:
    """A caller who was cut off stands where they stood."""
    if not entry.caller:
        return
    kept = drop_place(core, _who(entry))
    if kept is None:
        return
    entry.has_place, entry.since = kept.held, kept.since
    entry.priority = max(entry.priority, kept.priority)
    entry.key = queueing.order_key(entry.group, entry.priority, entry.since, entry.number)


def met(core: Core, entry: Entry, agent: Agent) -> None:
    """The caller talked to this member until now."""
    if entry.caller and entry.group.group.last_agent_within_s > 0:
        core.met.note(_who(entry), (agent.id, core.now))


def recall_member(core: Core, entry: Entry) -> None:
    """Keep a returning caller for the member met last, who must be there for calls.

    Where the caller could not wait for a busy member, anybody may answer at once.
    """
    if not entry.caller:
        return
    group = entry.group
    member_id, until = core.met.get(_who(entry)) or ("", 0.0)
    agent = core.agents.get(member_id)
    if agent is None or agent not in group.agents or not entry.skills <= agent.member.skills:
        return
    late = core.now - until > group.group.last_agent_within_s
    if late or not agent.active or agent.paused:
        return
    full = not entry.has_place and group.places >= group.group.queue_cap
    if agent.is_free(core.now) or (group.group.queue and not full):
        queueing.keep_for(core, entry, agent, group.group.last_agent_wait_s)
