"""Who hears whom: connections of the conference bridge as they should be.

PJSIP forgets the connections of a call whose stream is renegotiated. Here they are kept as a wish
between nodes and made again whenever a node gets a new port.
"""

from __future__ import annotations

import contextlib
from collections import defaultdict
from typing import Protocol

from softswitch.sip.native import pj


class Node(Protocol):
    """Anything with sound: a leg, a player, a tone, a recorder."""

    def port(self) -> pj.AudioMedia | None:
        """Port on the bridge, or None while there is none."""


class Wiring:
    """The connections that are wanted, and the means to make them so."""

    def __init__(self) -> None:
        self._wires: defaultdict[Node, set[tuple[Node, Node]]] = defaultdict(set)

    def connect(self, source: Node, sink: Node) -> None:
        """Let ``sink`` hear ``source``, now or as soon as both have a port."""
        wire = (source, sink)
        if wire not in self._wires[source]:
            self._wires[source].add(wire)
            self._wires[sink].add(wire)
            _make(wire)

    def disconnect(self, source: Node, sink: Node) -> None:
        """Let ``sink`` no longer hear ``source``."""
        wire = (source, sink)
        if wire in self._wires.get(source, ()):
            self._forget(wire)
            _break(wire)

    def sources(self, sink: Node) -> list[Node]:
        """Return whom ``sink`` is meant to hear."""
        return [source for source, heard_by in self._wires.get(sink, ()) if heard_by is sink]

    def refresh(self, node: Node) -> None:
        """Make the connections of a node again after it got a new port."""
        for wire in self._wires.get(node, ()):
            _make(wire)

    def drop(self, node: Node) -> None:
        """Take a node out of everything."""
        for wire in list(self._wires.get(node, ())):
            self._forget(wire)
            _break(wire)
        self._wires.pop(node, None)

    def _forget(self, wire: tuple[Node, Node]) -> None:
        for node in wire:
            wires = self._wires[node]
            wires.discard(wire)
            if not wires:
                del self._wires[node]


def _make(wire: tuple[Node, Node]) -> None:
    source, sink = wire[0].port(), wire[1].port()
    if source is not None and sink is not None:
        source.startTransmit(sink)


def _break(wire: tuple[Node, Node]) -> None:
    source, sink = wire[0].port(), wire[1].port()
    if source is not None and sink is not None:
        with contextlib.suppress(pj.Error):  # it was broken by PJSIP before us
            source.stopTransmit(sink)
