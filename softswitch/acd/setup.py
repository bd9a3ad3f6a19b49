"""Groups and members as the administrator wrote them, checked and put to work."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from softswitch.acd.core import Core
from softswitch.acd.estimate import ESTIMATORS
from softswitch.acd.model import Group, Member
from softswitch.acd.names import MemberState
from softswitch.acd.records import GroupStaffRecord, MemberActiveRecord, MemberStateRecord
from softswitch.acd.state import Agent, HuntGroup
from softswitch.acd.strategies import Strategy
from softswitch.errors import ConfigurationError, Fault


def check(
    groups: Iterable[Group], members: Iterable[Member], strategies: Mapping[str, Strategy]
) -> None:
    """See that the parts fit together.

    Raises:
        ConfigurationError: they do not; it holds every fault.
    """
    groups, members = list(groups), list(members)
    known, known_groups = {member.id for member in members}, {group.id for group in groups}
    faults = list(_repeated("members", [member.id for member in members]))
    faults += _repeated("groups", [group.id for group in groups])
    for group in groups:
        faults += _group_faults(group, known, known_groups, strategies)
    if faults:
        raise ConfigurationError(faults)


def add_member(core: Core, member: Member) -> None:
    """A member takes up work, with the choice that is stored."""
    state = MemberState.READY if member.active else MemberState.PASSIVE
    core.agents[member.id] = Agent(member, state, core.now)
    core.emit(MemberStateRecord(at=core.now, member_id=member.id, state=state))
    core.emit(MemberActiveRecord(at=core.now, member_id=member.id, active=member.active))


def add_group(core: Core, group: Group) -> None:
    """A group takes up work, with nobody to serve it yet."""
    core.groups[group.id] = HuntGroup(group, core.strategies[group.strategy])


def staff(core: Core, group: HuntGroup) -> None:
    """The members of a group, who have taken up work, serve it."""
    before = group.agents
    group.man([core.agents[member_id] for member_id in group.group.members])
    if group.agents != before:
        record_staff(core, group.id, group.group.members)
    for agent in group.agents:
        agent.groups.append(group)


def record_staff(core: Core, group_id: str, members: tuple[str, ...]) -> None:
    """Write down who serves a group from now on."""
    core.emit(GroupStaffRecord(at=core.now, group_id=group_id, members=members))


def settle_in(core: Core) -> None:
    """All groups are there: note who else looks for members where."""
    for group in core.groups.values():
        group.impatient = not group.group.queue
    for group in core.groups.values():
        for further in group.group.further:
            core.groups[further.group_id].impatient |= not group.group.queue


def _repeated(path: str, ids: list[str]) -> Iterator[Fault]:
    for found, times in Counter(ids).items():
        if times > 1:
            yield Fault(path=f"{path}.{found}", message="stands here more than once")


def _group_faults(
    group: Group, members: set[str], known_groups: set[str], strategies: Mapping[str, Strategy]
) -> Iterator[Fault]:
    path = f"groups.{group.id}"
    yield from _repeated(f"{path}.members", list(group.members))
    for member_id in group.members:
        if member_id not in members:
            yield _fault(f"{path}.members", member_id, "the id of a member", "no such member")
    if group.strategy not in strategies:
        allowed = ", ".join(sorted(strategies))
        yield _fault(f"{path}.strategy", group.strategy, allowed, "no such strategy")
    for further in group.further:
        if further.group_id not in known_groups or further.group_id == group.id:
            allowed = "the id of another group"
            yield _fault(f"{path}.further", further.group_id, allowed, "no such group")
    if group.expected_wait is not None and group.expected_wait not in ESTIMATORS:
        allowed = ", ".join(ESTIMATORS)
        yield _fault(f"{path}.expected_wait", group.expected_wait, allowed, "no such estimator")
    if not 0 < group.expected_wait_probability < 1:
        odds = group.expected_wait_probability
        where = f"{path}.expected_wait_probability"
        yield _fault(where, odds, "between 0 and 1", "no such probability")
    if not group.ring_time_s > 0:
        yield _fault(f"{path}.ring_time_s", group.ring_time_s, "more than 0", "no ring time")
    if group.simultaneous_limit < 1:
        limit = group.simultaneous_limit
        yield _fault(f"{path}.simultaneous_limit", limit, "1 or more", "nobody could ring")


def _fault(path: str, value: object, allowed: str, message: str) -> Fault:
    return Fault(path=path, value=repr(value), allowed=allowed, message=message)
