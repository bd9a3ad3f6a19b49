"""Who hears whom: connections of the conference bridge as they should be.

PJSIP forgets the connections of a call whose stream is renegotiated. Here they are kept as a wish
between nodes and made again whenever a node gets a new port.

Two nodes may be joined into a passage: whoever sends to one end is heard by those who hear the
other. Neither end has a port then; connections that lead through are made past them.
"""

from __future__ import annotations

import contextlib
from collections import defaultdict
from collections.abc import Iterator
from typing import Protocol, TypeAlias

from softswitch.sip.native import pj


class Node(Protocol):
    """Anything with sound: a leg, a player, a tone, a recorder."""

    def port(self) -> pj.AudioMedia | None:
        """Port on the bridge, or None while there is none."""


Wire: TypeAlias = tuple[Node, Node]
"""Who speaks, and who hears it."""


class Wiring:
    """The connections that are wanted, and the means to make them so."""

    def __init__(self) -> None:
        self._wires: defaultdict[Node, set[Wire]] = defaultdict(set)
        self._other_end: dict[Node, Node] = {}
        self._past: set[Wire] = set()

    def connect(self, source: Node, sink: Node) -> None:
        """Let ``sink`` hear ``source``, now or as soon as both have a port."""
        wire = (source, sink)
        if wire not in self._wires[source]:
            self._wires[source].add(wire)
            self._wires[sink].add(wire)
            _make(wire)
            self._changed(source, sink)

    def disconnect(self, source: Node, sink: Node) -> None:
        """Let ``sink`` no longer hear ``source``."""
        wire = (source, sink)
        if wire in self._wires.get(source, ()):
            self._forget(wire)
            _break(wire)
            self._changed(source, sink)

    def sources(self, sink: Node) -> list[Node]:
        """Return whom ``sink`` is meant to hear."""
        return [source for source, heard_by in self._wires.get(sink, ()) if heard_by is sink]

    def join(self, one: Node, other: Node) -> None:
        """Make two nodes, which have no port from now on, the ends of a passage."""
        self._other_end |= {one: other, other: one}
        self._changed(one)

    def refresh(self, node: Node) -> None:
        """Make the connections of a node again after it got a new port."""
        for wire in self._wires.get(node, ()):
            _make(wire)
        for wire in self._past:
            if node in wire:
                _make(wire)

    def drop(self, node: Node) -> None:
        """Take a node out of everything."""
        for wire in list(self._wires.get(node, ())):
            self._forget(wire)
            _break(wire)
            self._changed(*wire)
        self._wires.pop(node, None)
        other = self._other_end.pop(node, None)
        if other is not None:
            del self._other_end[other]
            self._lead_past()

    def _forget(self, wire: Wire) -> None:
        for node in wire:
            wires = self._wires[node]
            wires.discard(wire)
            if not wires:
                del self._wires[node]

    def _changed(self, *nodes: Node) -> None:
        if any(node in self._other_end for node in nodes):
            self._lead_past()

    def _lead_past(self) -> None:
        """Make the connections through passages that are wanted now, and break all others."""
        wanted = {
            (source, sink)
            for end in self._other_end
            for source in self.sources(end)
            if source not in self._other_end
            for sink in self._beyond(end, set())
        }
        for wire in self._past - wanted:
            if wire not in self._wires.get(wire[0], ()):
                _break(wire)
        for wire in wanted - self._past:
            _make(wire)
        self._past = wanted

    def _beyond(self, end: Node, seen: set[Node]) -> Iterator[Node]:
        """Yield who hears what is sent to an end, through further passages too."""
        if end in seen:
            return
        seen.add(end)
        out = self._other_end[end]
        for source, sink in self._wires.get(out, ()):
            if source is out and sink in self._other_end:
                yield from self._beyond(sink, seen)
            elif source is out:
                yield sink


def _make(wire: Wire) -> None:
    source, sink = wire[0].port(), wire[1].port()
    if source is not None and sink is not None:
        source.startTransmit(sink)


def _break(wire: Wire) -> None:
    source, sink = wire[0].port(), wire[1].port()
    if source is not None and sink is not None:
        with contextlib.suppress(pj.Error):  # it was broken by PJSIP before us
            source.stopTransmit(sink)
