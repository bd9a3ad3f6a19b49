"""The members of a group in priority order: at any time who is ready, and why the others are not.

Kept in step with each change of a member's state, so that a decision need not ask every member.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from softswitch.acd.names import MemberState, NotChosen

if TYPE_CHECKING:
    from softswitch.acd.state import Agent, HuntGroup

Note = tuple[str, NotChosen]
"""A member's id and why the member was not chosen."""

NOT_READY: Final[dict[MemberState, NotChosen]] = {
    MemberState.PASSIVE: NotChosen.PASSIVE,
    MemberState.PAUSED: NotChosen.PAUSED,
    MemberState.RINGING: NotChosen.RINGING,
    MemberState.IN_CALL: NotChosen.IN_CALL,
    MemberState.WRAP_UP: NotChosen.WRAP_UP,
}

_READY: Final = MemberState.READY
"""Looked up once: up to Python 3.11 a member of an enumeration is no plain attribute."""


class Seat:
    """A member's place in a group.

    Attributes:
        group: the group.
        place: from 0 for the first of its list.
    """

    def __init__(self, group: HuntGroup, place: int) -> None:
        self.group, self.place = group, place


class Roster:
    """Members in priority order.

    Attributes:
        agents: the members.
        passed_over: why a ready member is not chosen, where nothing else speaks against it.
        by_idle: the ready ones stand by how long they have been idle, the longest first.
        ready: those of them who are ready, in the same order or, where the longest idle is to be
            rung, by idle time. For reading.
        back_off_until: from here on no offer that came to nothing keeps a member from the next.
    """

    def __init__(self, agents: list[Agent], passed_over: NotChosen, *, by_idle: bool) -> None:
        self.agents, self.passed_over = agents, passed_over
        self.by_idle = by_idle
        self.ready: list[Agent] = []
        self._are_ready = 0  # a bit for each place
        self._latest = float("-inf")  # no ready member has been idle since later than this
        self._notes: list[Note] = [(agent.id, passed_over) for agent in agents]
        until = [agent.back_off_until for agent in agents]
        self.back_off_until = max(until, default=float("-inf"))

    def note(self, agent: Agent, seat: Seat) -> None:
        """The state of the member who has this seat is another, or noted for the first time."""
        place, ready = seat.place, agent.state is _READY
        bit = 1 << place
        if ready is not bool(self._are_ready & bit):
            self._are_ready ^= bit
            if not ready:
                self.ready.remove(agent)
            elif self.by_idle:
                self.ready.insert(self._idle_place(agent, seat), agent)
            else:
                self.ready.insert((self._are_ready & (bit - 1)).bit_count(), agent)
        self._notes[place] = (agent.id, self.passed_over if ready else NOT_READY[agent.state])

    def _idle_place(self, agent: Agent, seat: Seat) -> int:
        """Where a member stands among the ready ones, by idle time: most often as the last."""
        at = len(self.ready)
        if agent.idle_since > self._latest:
            self._latest = agent.idle_since
            return at
        while at and _idle_longer(agent, seat, self.ready[at - 1]):
            at -= 1
        return at

    def others(self, places: list[int]) -> tuple[Note, ...]:
        """Why each of those was not chosen who have none of these places, by their states."""
        notes = self._notes.copy()
        if len(places) > 1:
            places = sorted(places, reverse=True)
        for place in places:
            del notes[place]
        return tuple(notes)


def _idle_longer(agent: Agent, seat: Seat, other: Agent) -> bool:
    """Whether the member who has this seat goes before another; the list decides between equals."""
    if agent.idle_since != other.idle_since:
        return agent.idle_since < other.idle_since
    return seat.place < other.place_in(seat.group)


def as_listed(ready: list[Agent], room: int) -> list[Agent]:
    """The first of the list."""
    return ready[:room]


def longest_idle(ready: list[Agent], _room: int) -> list[Agent]:
    """Whoever has been idle longest; the list decides between equals."""
    found = ready[0]
    for agent in ready:
        if agent.idle_since < found.idle_since:
            found = agent
    return [found]
