"""The members of a group in priority order: at any time who is ready, and why the others are not.

Kept in step with each change of a member's state, so that a decision need not ask every member.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, Final

from softswitch.acd.names import MemberState, NotChosen

if TYPE_CHECKING:
    from softswitch.acd.state import Agent

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


class Roster:
    """Members in priority order.

    Attributes:
        agents: the members.
        passed_over: why a ready member is not chosen, where nothing else speaks against it.
        ready: those of them who are ready, in the same order. For reading.
        back_off_until: from here on no offer that came to nothing keeps a member from the next.
    """

    def __init__(self, agents: list[Agent], passed_over: NotChosen) -> None:
        self.agents = agents
        self.passed_over = passed_over
        self.ready: list[Agent] = []
        self._ready: list[int] = []
        self._is_ready = [False] * len(agents)
        self._places = {agent: place for place, agent in enumerate(self.agents)}
        self._reasons = [_reasons(agent.id, passed_over) for agent in agents]
        self._notes = [reasons[_READY] for reasons in self._reasons]
        until = [agent.back_off_until for agent in self.agents]
        self.back_off_until = max(until, default=float("-inf"))
        for agent in self.agents:
            self.note(agent)

    def note(self, agent: Agent) -> None:
        """The member's state is another."""
        place, ready = self._places[agent], agent.state is _READY
        if ready is not self._is_ready[place]:
            self._is_ready[place] = ready
            at = bisect_left(self._ready, place)
            if ready:
                self._ready.insert(at, place)
                self.ready.insert(at, agent)
            else:
                del self._ready[at], self.ready[at]
        self._notes[place] = self._reasons[place][agent.state]

    def others(self, chosen: list[Agent]) -> tuple[Note, ...]:
        """Why each of the others was not chosen, as far as their states tell."""
        notes = self._notes.copy()
        places = [self._places[agent] for agent in chosen]
        if len(places) > 1:
            places.sort(reverse=True)
        for place in places:
            del notes[place]
        return tuple(notes)


def _reasons(member_id: str, passed_over: NotChosen) -> dict[MemberState, Note]:
    """What is noted of a member in each state: made once, however many records keep it."""
    return {
        state: (member_id, passed_over if state is _READY else NOT_READY[state])
        for state in MemberState
    }


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
