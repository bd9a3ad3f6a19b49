"""The line of a group: who stands in it, who wants a phone to ring where, who holds a place."""

from __future__ import annotations

from softswitch.acd.core import Core
from softswitch.acd.deadlines import Due
from softswitch.acd.line import Wanting
from softswitch.acd.model import FurtherGroup
from softswitch.acd.state import Agent, Entry, HuntGroup, Key
from softswitch.acd.tables import CALL_STEPS, CallAction, CallInput, step


def shift(entry: Entry, input_: CallInput) -> CallAction:
    """Something happens to a call.

    Returns:
        What is to be done about it.

    Raises:
        ImpossibleInputError: it cannot happen in the call's state; nothing has changed.
    """
    action, entry.state = step(CALL_STEPS, entry.state, input_)
    return action


def order_key(group: HuntGroup, priority: int, since: float, number: int) -> Key:
    """The order of serving.

    Absolute: priority, then since when the call waits, then number. Weighted: a step of priority
    counts as so many seconds of waiting; as all calls wait at the same pace, the order between
    two of them never changes, and the key need not either.
    """
    if group.priority_worth_s is None:
        return (-priority, since, number)
    return (0.0, since - priority * group.priority_worth_s, number)


def line_up(core: Core, entry: Entry) -> None:
    """The call takes its stand among those not answered yet."""
    entry.group.line.add(entry)
    entry.in_line = True
    reconsider(core, entry.group)
    search_further(core, entry)
    core.look_at(entry)


def step_out(core: Core, entry: Entry) -> None:
    """The call is answered, gone or sent away."""
    if not entry.in_line:
        return
    entry.in_line = False
    entry.group.line.remove(entry)
    refresh(entry)
    give_up_place(entry)
    core.seekers.pop(entry, None)
    reconsider(core, entry.group)


def take_place(entry: Entry) -> None:
    """The call has to wait with no phone ringing for it.

    The place is held against the cap until the call leaves the line, so that a call whose offer
    came to nothing need not compete for it again. A call that rang at once and then comes back
    takes one even above the cap: nobody who was let in is turned away.
    """
    entry.group.places += not entry.has_place
    entry.has_place = True


def give_up_place(entry: Entry) -> None:
    """The place in the queue is for others."""
    entry.group.places -= entry.has_place
    entry.has_place = False


def refresh(entry: Entry) -> None:
    """Keep `Wanting` in step with what the call wants and whom it may be offered to."""
    now_in = _should_stand_in(entry) if entry.wants_phone else ()
    if now_in == entry.stands_in:
        return
    for wanting in entry.stands_in:
        if wanting not in now_in:
            wanting.remove(entry)
    for wanting in now_in:
        if wanting not in entry.stands_in:
            wanting.add(entry)
    entry.stands_in = now_in


def _should_stand_in(entry: Entry) -> tuple[Wanting, ...]:
    if entry.kept_for is not None:
        return (entry.kept_for.wanting,)
    if len(entry.search) == 1:
        return entry.group.here
    return tuple([group.wanting for group in entry.search])


def keep_for(core: Core, entry: Entry, agent: Agent, seconds: float) -> None:
    """For a while the call waits for one member only."""
    entry.kept_for = agent
    core.deadlines.arm((Due.LAST_AGENT, entry.id), core.now + seconds)


def keep_no_longer(core: Core, entry: Entry) -> None:
    """Anybody may answer the call."""
    entry.kept_for = None
    core.deadlines.cancel((Due.LAST_AGENT, entry.id))
    refresh(entry)
    core.look_at(entry)


def reconsider(core: Core, group: HuntGroup) -> None:
    """Queue or staff changed: further groups may have to open or to close for every call."""
    if not group.doors:
        return
    doors = tuple([_is_open(group, further) for further in group.group.further])
    if doors != group.doors:
        group.doors = doors
        for entry in group.line:
            search_further(core, entry)
        core.seek(group.line)


def search_further(core: Core, entry: Entry) -> None:
    """Look where the call may be answered now, and when to look again."""
    entry.search = entry.group.alone
    if entry.group.doors:
        _open_doors(core, entry)
    refresh(entry)


def _open_doors(core: Core, entry: Entry) -> None:
    later, open_now = [], [entry.group]
    for further, is_open in zip(entry.group.group.further, entry.group.doors, strict=True):
        since = entry.joined_at + further.after_s
        if core.now < since:
            later.append(since)
        elif is_open and core.groups[further.group_id] not in open_now:
            open_now.append(core.groups[further.group_id])
    entry.search = tuple(open_now)
    if later:
        core.deadlines.arm((Due.FURTHER_GROUP, entry.id), min(later))


def search_at_once(core: Core, entry: Entry) -> None:
    """Look where a call may be answered that only now joins its line."""
    at_once = further_at_once(core, entry.group) if entry.group.doors else []
    if at_once:
        entry.search = tuple(dict.fromkeys([entry.group, *at_once]))


def further_at_once(core: Core, group: HuntGroup) -> list[HuntGroup]:
    """The further groups where a call that joins now may be answered at once."""
    return [
        core.groups[further.group_id]
        for further in group.group.further
        if further.after_s <= 0 and _is_open(group, further, joining=1)
    ]


def _is_open(group: HuntGroup, further: FurtherGroup, joining: int = 0) -> bool:
    most = further.active_at_most
    staffed = most is not None and group.count_active() > most
    return len(group.line) + joining >= further.waiting_at_least and not staffed


def reorder(core: Core, entry: Entry) -> None:
    """What the key is made of has changed: stand where the call belongs now."""
    for wanting in entry.stands_in:
        wanting.remove(entry)
    entry.stands_in = ()
    entry.group.line.remove(entry)
    entry.key = order_key(entry.group, entry.priority, entry.since, entry.number)
    entry.group.line.add(entry)
    refresh(entry)
    core.look_at(entry)
