"""Bringing calls and members together, until nothing more can be done at this instant.

Between two instants no free member and no call that could be rung for them stand beside each
other. So only members who have just become free and calls that have just changed are looked at:

* a member who becomes free takes the call of the group with the highest weight, among those the
  first of the line: highest priority, then longest wait;
* a call that changes is offered to the members who are free and were not wanted by others.
"""

from __future__ import annotations

from softswitch.acd import callers, calling_back, choosing, queueing, ringing, serving
from softswitch.acd.core import Core
from softswitch.acd.deadlines import Due
from softswitch.acd.model import Target
from softswitch.acd.names import ForwardReason, Picked
from softswitch.acd.state import UNCONTESTED, Agent, Entry, Key

Precedence = tuple[int, Key]


def settle(core: Core) -> None:
    """Offer calls until no free member is left whom a call wants, or no such call."""
    while core.idlers or core.seekers:
        while core.idlers:
            agent = next(iter(core.idlers))
            del core.idlers[agent]
            _employ(core, agent)
        if len(core.seekers) == 1:
            serve(core, core.seekers.popitem()[0])
        elif core.seekers:
            batch, core.seekers = core.seekers, {}
            for entry in sorted(batch, key=precedence):
                serve(core, entry)
    if core.newcomers:
        serving.welcome(core)


def precedence(entry: Entry) -> Precedence:
    """Which of several calls is served first: the smaller."""
    return (-entry.group.group.weight, entry.key)


def admit(core: Core, entry: Entry) -> None:
    """A new call: let in, or sent elsewhere at once."""
    core.calls[entry.id] = entry
    queueing.search_at_once(core, entry)
    callers.recall_place(core, entry)
    refusal = _refusal(core, entry)
    if refusal is None:
        callers.recall_member(core, entry)
        serving.let_in(core, entry)
    else:
        serving.send_away(core, entry, *refusal)


def _refusal(core: Core, entry: Entry) -> tuple[Target, ForwardReason] | None:
    group = entry.group
    if away := _nobody_active(entry):
        return away
    if choosing.pool(core, entry):
        return None
    if not group.group.queue:
        return (group.group.no_queue, ForwardReason.NO_QUEUE) if _all_busy(entry) else None
    if not entry.has_place and group.places >= group.group.queue_cap:
        return (group.group.overflow, ForwardReason.QUEUE_FULL)
    return None


def _nobody_active(entry: Entry) -> tuple[Target, ForwardReason] | None:
    target = entry.group.nobody_active
    if target is None or any(agent.active for agent in entry.staff()):
        return None
    return (target, ForwardReason.NOBODY_ACTIVE)


def _all_busy(entry: Entry) -> bool:
    """Whether nobody is ready; a member who only has just refused is ready again soon."""
    return not entry.ready()


def _employ(core: Core, agent: Agent) -> None:
    """Find calls for a member until one rings there, or no call is left for the member."""
    while agent.is_free(core.now) and (calls := _calls_for(agent, core.now)):
        if len(calls) == 1:
            serve(core, calls[0])
        else:
            entry = min(calls, key=precedence)
            serve(core, entry, _picked(entry, calls))


def _calls_for(agent: Agent, now: float) -> list[Entry]:
    """The first call of each line that wants this member; one that stands in two comes twice."""
    found = agent.wanting.firsts(agent, now)
    for seat in agent.seats:
        found += seat.group.wanting.firsts(agent, now)
    return found


def _picked(entry: Entry, calls: list[Entry]) -> Picked:
    """By what a call goes before the next one of these."""
    others = [call for call in calls if call is not entry]
    if not others:
        return UNCONTESTED
    other = min(others, key=precedence)
    if entry.group.group.weight != other.group.group.weight:
        return Picked.WEIGHT
    if entry.key[0] != other.key[0]:
        return Picked.PRIORITY
    if entry.key[1] == other.key[1]:
        return Picked.FIRST_COME
    plain = entry.key[1] == entry.since and other.key[1] == other.since
    return Picked.WAIT if plain else Picked.WAIT_WITH_PRIORITY


def serve(core: Core, entry: Entry, picked: Picked = UNCONTESTED) -> None:
    """Do for a call what can be done now: send it away, ring phones, or let it wait."""
    if away := (_nobody_active(entry) or _offers_exhausted(core, entry)):
        serving.send_away(core, entry, *away)
    elif entry.wants_phone:
        free = choosing.pool(core, entry)
        if free and entry.dials_first:
            calling_back.dial_first(core, entry, choosing.first_listed(entry, free))
        elif free:
            _ring(core, entry, free, picked)
        elif not entry.offers:
            _wait(core, entry)


def _offers_exhausted(core: Core, entry: Entry) -> tuple[Target, ForwardReason] | None:
    limit = entry.group.max_offers
    if limit is None or entry.round < limit or not entry.round_over(core.now):
        return None
    return (entry.group.no_answer, ForwardReason.OFFERS_EXHAUSTED)


def _wait(core: Core, entry: Entry) -> None:
    group, busy = entry.group.group, _all_busy(entry)
    if group.queue:
        entry.queued |= busy
        queueing.take_place(entry)
    elif busy:
        serving.send_away(core, entry, group.no_queue, ForwardReason.NO_QUEUE)


def _ring(core: Core, entry: Entry, free: list[Agent], picked: Picked) -> None:
    if entry.round_over(core.now):
        _begin_round(core, entry)
    chosen = choosing.choose(core, entry, free)
    others = choosing.reasons(core, entry, chosen)
    for agent in chosen:
        ringing.ring(core, entry, agent, others, picked)


def _begin_round(core: Core, entry: Entry) -> None:
    """One more round of offers, which the limits count."""
    group = entry.group
    entry.round += 1
    entry.round_ends_at = core.now + group.ring_time_s
    if entry.round == 1:
        entry.offered_from = core.now
        if group.max_offering_s is not None:
            core.deadlines.arm((Due.OFFERING_TIME, entry.id), core.now + group.max_offering_s)
    if group.many:
        entry.tried.clear()
        core.deadlines.arm((Due.ROUND, entry.id), entry.round_ends_at)
