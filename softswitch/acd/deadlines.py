"""Times at which something falls due: a heap with a key per deadline and cheap cancelling.

Deadlines at the same time come in the order in which they were set. A cancelled deadline stays
in the heap until it surfaces, or until such leftovers are more than half of it.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable

import attrs

from softswitch.acd.names import Name


class Due(Name):
    """What falls due."""

    RING_TIME = "ring_time"
    ROUND = "round"
    OFFERING_TIME = "offering_time"
    POSITION = "position"
    WRAP_UP = "wrap_up"
    BACK_OFF = "back_off"
    TOO_LONG = "too_long"
    LAST_AGENT = "last_agent"
    FURTHER_GROUP = "further_group"
    CALL_BACK = "call_back"
    FORGET_PLACE = "forget_place"


Key = tuple[Due, str]

_SPARE = 64
"""So many leftovers are never worth a sweep."""


@attrs.define(eq=False)
class Deadlines:
    """At most one deadline for each key."""

    _heap: list[tuple[float, int, Key]] = attrs.field(factory=list)
    _live: dict[Key, tuple[float, int]] = attrs.field(factory=dict)
    _sequence: int = 0

    def __len__(self) -> int:
        return len(self._live)

    def arm(self, key: Key, at: float) -> None:
        """Set or move a deadline.

        Args:
            key: what falls due, and whose.
            at: when, in the engine's seconds.
        """
        self._sequence += 1
        self._live[key] = (at, self._sequence)
        heapq.heappush(self._heap, (at, self._sequence, key))

    def cancel(self, key: Key) -> None:
        """Forget a deadline; one that is not set is no matter."""
        if self._live.pop(key, None):
            self._sweep()

    def cancel_all(self, kinds: Iterable[Due], owner: str) -> None:
        """Forget the deadlines of these kinds that an owner has."""
        for kind in kinds:
            self._live.pop((kind, owner), None)
        self._sweep()

    def _sweep(self) -> None:
        """Make the heap anew where most of it is leftovers."""
        if len(self._heap) > 2 * len(self._live) + _SPARE:
            self._heap = [(at, seq, key) for key, (at, seq) in self._live.items()]
            heapq.heapify(self._heap)

    def next(self) -> float | None:
        """The earliest time at which something falls due; None: nothing ever does."""
        while self._heap:
            at, sequence, key = self._heap[0]
            if self._live.get(key) == (at, sequence):
                return at
            heapq.heappop(self._heap)
        return None

    def pop(self) -> Key:
        """Take the earliest deadline out; `next` has said that there is one."""
        _, _, key = heapq.heappop(self._heap)
        del self._live[key]
        return key

    def get(self, key: Key) -> float | None:
        """When this falls due; None: it does not."""
        found = self._live.get(key)
        return None if found is None else found[0]

    def fork(self) -> Deadlines:
        """The same deadlines, to be changed apart from these."""
        return Deadlines(list(self._heap), dict(self._live), self._sequence)
