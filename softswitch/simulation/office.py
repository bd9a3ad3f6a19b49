"""What is simulated: an office's groups and members by their own rules, and how phones answer."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

import attrs

from softswitch.acd.model import Group, Member
from softswitch.acd.strategies import DEFAULT_STRATEGIES, Rank, Strategy
from softswitch.errors import MisuseError
from softswitch.simulation.distributions import AT_ONCE, Distribution
from softswitch.simulation.traffic import Traffic


@attrs.frozen(kw_only=True)
class Office:
    """Groups and members as the engine takes them.

    Attributes:
        numbers: which group is reached by which dialled number, for calls sent on to one.
        strategies: by the name that groups give.
    """

    groups: tuple[Group, ...]
    members: tuple[Member, ...]
    numbers: Mapping[str, str] = attrs.field(factory=dict)
    strategies: Mapping[str, Strategy | Rank] = attrs.field(factory=lambda: DEFAULT_STRATEGIES)

    def group(self, group_id: str) -> Group:
        """A group by its id.

        Raises:
            MisuseError: there is none.
        """
        found = {group.id: group for group in self.groups}.get(group_id)
        if found is None:
            known = ", ".join(group.id for group in self.groups)
            raise MisuseError(f"There is no group {group_id}; there are: {known}.")
        return found

    def with_agents(self, group_id: str, agents: int) -> Office:
        """The same office with so many members in a group, all of them active.

        The first of the list stay; when there are not enough, new ones join who serve no other
        group.

        Raises:
            MisuseError: there is no such group.
        """
        group = self.group(group_id)
        kept = group.members[:agents]
        taken = {member.id for member in self.members}
        names = (f"extra-{number}" for number in itertools.count(1))
        fresh = (name for name in names if name not in taken)
        new = tuple(next(fresh) for _ in range(agents - len(kept)))
        groups = tuple(
            attrs.evolve(g, members=kept + new) if g is group else g for g in self.groups
        )
        members = tuple(attrs.evolve(m, active=m.active or m.id in kept) for m in self.members)
        extra = tuple(Member(id=name, address=f"sip:{name}@simulated.invalid") for name in new)
        return attrs.evolve(self, groups=groups, members=members + extra)


@attrs.frozen(kw_only=True)
class Answering:
    """What a phone does that rings.

    Attributes:
        after: how long it rings before its member answers; longer than the ring time is too late.
        missed: the probability that nobody answers it at all.
    """

    after: Distribution = AT_ONCE
    missed: float = attrs.field(
        default=0.0, validator=[attrs.validators.ge(0), attrs.validators.lt(1)]
    )


@attrs.frozen(kw_only=True)
class Experiment:
    """One question put to the simulation.

    Attributes:
        traffic: who calls.
        answering: how phones answer.
        within_s: the time of the service goal, in seconds.
        warm_up_s: for so long nothing is counted, to begin with a busy office.
    """

    office: Office
    traffic: Traffic
    answering: Answering = attrs.field(factory=Answering)
    within_s: float = 20.0
    warm_up_s: float = 0.0
