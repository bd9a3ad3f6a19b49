"""A second engine memory that goes its own way from here: for trying out what would happen."""

from __future__ import annotations

import copy
from typing import TypeVar

from softswitch.acd.core import Core
from softswitch.acd.line import Line, Wanting
from softswitch.acd.state import Agent, Entry, HuntGroup, Offer, PastOffer, Told

Node = TypeVar("Node", Agent, Entry, HuntGroup, Offer)


def fork(core: Core) -> Core:
    """Copy everything that changes; what is frozen is shared.

    Objects point at each other across thousands of groups, so the copying goes by a list of what
    is still to do and not by recursion.
    """
    copier = _Copier()
    twin = Core(core.now, core.strategies)
    twin.sequence, twin.version, twin.counting = core.sequence, core.version, core.counting
    twin.groups = {key: copier.of(group) for key, group in core.groups.items()}
    twin.agents = {key: copier.of(agent) for key, agent in core.agents.items()}
    twin.calls = {key: copier.of(entry) for key, entry in core.calls.items()}
    twin.offers = {key: copier.of(offer) for key, offer in core.offers.items()}
    twin.past_calls.fill(*(dict(table) for table in core.past_calls.tables))
    twin.met.fill(*(dict(table) for table in core.met.tables))
    twin.past_offers.fill(*(_apart(table) for table in core.past_offers.tables))
    twin.kept_places = dict(core.kept_places)
    twin.deadlines = core.deadlines.fork()
    copier.work()
    return twin


def _apart(table: dict[str, PastOffer]) -> dict[str, PastOffer]:
    return {key: past.fork() for key, past in table.items()}


class _Copier:
    def __init__(self) -> None:
        self.copies: dict[object, object] = {}
        self.fresh: list[Agent | Entry | HuntGroup | Offer] = []

    def of(self, node: Node) -> Node:
        """The copy of an object, which may still point at originals."""
        found = self.copies.get(node)
        if found is None:
            found = self.copies[node] = copy.copy(node)
            if isinstance(found, Agent):
                found.seats = ()
            self.fresh.append(found)
        return found  # type: ignore[return-value]

    def maybe(self, node: Node | None) -> Node | None:
        return None if node is None else self.of(node)

    def work(self) -> None:
        """Let every copy point at copies."""
        while self.fresh:
            node = self.fresh.pop()
            if isinstance(node, Agent):
                self._agent(node)
            elif isinstance(node, Entry):
                self._entry(node)
            elif isinstance(node, HuntGroup):
                self._group(node)
            else:
                node.entry, node.agent = self.of(node.entry), self.of(node.agent)

    def _agent(self, agent: Agent) -> None:
        agent.groups = [self.of(group) for group in agent.groups]
        agent.offer, agent.entry = self.maybe(agent.offer), self.maybe(agent.entry)
        agent.expecting = self.maybe(agent.expecting)
        agent.wanting = self._wanting(agent.wanting)

    def _group(self, group: HuntGroup) -> None:
        group.man([self.of(agent) for agent in group.agents])
        group.line = Line([self.of(entry) for entry in group.line])
        group.wanting = self._wanting(group.wanting)
        group.served = group.served.fork()
        group.alone, group.here = (group,), (group.wanting,)

    def _entry(self, entry: Entry) -> None:
        entry.group = self.of(entry.group)
        entry.search = tuple([self.of(group) for group in entry.search])
        entry.stands_in = tuple([self._wanting(wanting) for wanting in entry.stands_in])
        entry.offers = {key: self.of(offer) for key, offer in entry.offers.items()}
        entry.tried, told = list(entry.tried), entry.told
        entry.told = None if told is None else Told(told.at, told.first, told.latest)
        entry.expecting = self.maybe(entry.expecting)
        entry.kept_for, entry.agent = self.maybe(entry.kept_for), self.maybe(entry.agent)

    def _wanting(self, wanting: Wanting) -> Wanting:
        found = self.copies.get(wanting)
        if found is None:
            found = self.copies[wanting] = Wanting()
            for entry in wanting:
                found.add(self.of(entry))
        return found  # type: ignore[return-value]
