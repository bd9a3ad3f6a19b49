"""The members of a group in priority order: at any time who is ready, and why the others are not.

Kept in step with each change of a member's state, so that a decision need not ask every member.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import attrs

from softswitch.acd.records import MemberState, NotChosen

if TYPE_CHECKING:
    from softswitch.acd.state import Agent

Note = tuple[str, NotChosen]
"""A member's id and why the member was not chosen."""

NOT_READY: Mapping[MemberState, NotChosen] = {
    MemberState.PASSIVE: NotChosen.PASSIVE,
    MemberState.PAUSED: NotChosen.PAUSED,
    MemberState.RINGING: NotChosen.RINGING,
    MemberState.IN_CALL: NotChosen.IN_CALL,
    MemberState.WRAP_UP: NotChosen.WRAP_UP,
}

_READY = MemberState.READY
"""Looked up once: up to Python 3.11 a member of an enumeration is no plain attribute."""


@attrs.define(eq=False)
class Roster:
    """Members in priority order.

    Attributes:
        agents: the members.
        passed_over: why a ready member is not chosen, where nothing else speaks against it.
        ready: those of them who are ready, in the same order. For reading.
        back_off_until: from here on no offer that came to nothing keeps a member from the next.
    """

    agents: list[Agent]
    passed_over: NotChosen
    ready: list[Agent] = attrs.field(init=False, factory=list)
    back_off_until: float = attrs.field(init=False)
    _places: dict[Agent, int] = attrs.field(init=False)
    _ready: list[int] = attrs.field(init=False, factory=list)
    _notes: list[Note] = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self._places = {agent: place for place, agent in enumerate(self.agents)}
        self._notes = [(agent.id, self.passed_over) for agent in self.agents]
        until = [agent.back_off_until for agent in self.agents]
        self.back_off_until = max(until, default=float("-inf"))
        for agent in self.agents:
            self.note(agent)

    def note(self, agent: Agent) -> None:
        """The member's state is another."""
        place, state = self._places[agent], agent.state
        at = bisect_left(self._ready, place)
        if at < len(self._ready) and self._ready[at] == place:
            del self._ready[at], self.ready[at]
        if state is _READY:
            self._ready.insert(at, place)
            self.ready.insert(at, agent)
            self._notes[place] = (agent.id, self.passed_over)
        else:
            self._notes[place] = (agent.id, NOT_READY[state])

    def others(self, chosen: Iterable[Agent]) -> tuple[Note, ...]:
        """Why each of the others was not chosen, as far as their states tell."""
        notes = self._notes.copy()
        for place in sorted((self._places[agent] for agent in chosen), reverse=True):
            del notes[place]
        return tuple(notes)
