"""Times at which something falls due: a heap with a key per deadline and cheap cancelling.

Deadlines at the same time come in the order in which they were set. A cancelled deadline stays
in the heap until it surfaces, or until such leftovers are more than half of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from heapq import heapify, heappop, heappush
from typing import Any, Final

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
_Deadline = tuple[Any, ...]
"""When, number, what, whose. Of no given length: machine code takes a tuple of given length apart
whenever it is touched, and then it is no longer the same one."""

_SPARE: Final = 64
"""So many leftovers are never worth a sweep."""


class Deadlines:
    """At most one deadline for each key."""

    def __init__(self) -> None:
        self._heap: list[_Deadline] = []
        self._live: dict[str, dict[Due, _Deadline]] = {}
        self._count = 0
        self._sequence = 0

    def __len__(self) -> int:
        return self._count

    def arm(self, key: Key, at: float) -> None:
        """Set or move a deadline.

        Args:
            key: what falls due, and whose.
            at: when, in the engine's seconds.
        """
        kind, owner = key
        self._sequence += 1
        mine = self._live.get(owner)
        if mine is None:
            mine = self._live[owner] = {}
        self._count += kind not in mine
        deadline: _Deadline = (at, self._sequence, kind, owner)
        mine[kind] = deadline
        heappush(self._heap, deadline)

    def cancel(self, key: Key) -> None:
        """Forget a deadline; one that is not set is no matter."""
        kind, owner = key
        mine = self._live.get(owner)
        if mine is not None and kind in mine:
            self._drop(mine, kind, owner)
            self._sweep()

    def cancel_all(self, kinds: tuple[Due, ...], owner: str) -> None:
        """Forget the deadlines of these kinds that an owner has."""
        mine = self._live.get(owner)
        if mine is None:
            return
        for kind in kinds:
            if kind in mine:
                self._drop(mine, kind, owner)
        self._sweep()

    def _drop(self, mine: dict[Due, _Deadline], kind: Due, owner: str) -> None:
        del mine[kind]
        self._count -= 1
        if not mine:
            del self._live[owner]

    def _sweep(self) -> None:
        """Make the heap anew where most of it is leftovers."""
        if len(self._heap) > 2 * self._count + _SPARE:
            self._heap = [deadline for mine in self._live.values() for deadline in mine.values()]
            heapify(self._heap)

    def next(self) -> float | None:
        """The earliest time at which something falls due; None: nothing ever does."""
        while self._heap:
            first = self._heap[0]
            mine = self._live.get(first[3])
            if mine is not None and mine.get(first[2]) is first:
                at: float = first[0]
                return at
            heappop(self._heap)
        return None

    def pop(self) -> Key:
        """Take the earliest deadline out; `next` has said that there is one."""
        _, _, kind, owner = heappop(self._heap)
        self._drop(self._live[owner], kind, owner)
        return (kind, owner)

    def get(self, key: Key) -> float | None:
        """When this falls due; None: it does not."""
        found = self._live.get(key[1], {}).get(key[0])
        at: float | None = None if found is None else found[0]
        return at

    @property
    def sequence(self) -> int:
        """How many were ever set."""
        return self._sequence

    def all(self) -> Iterator[tuple[Key, float, int]]:
        """Every deadline: what falls due, when, and the number under which it was set."""
        for mine in self._live.values():
            for at, sequence, kind, owner in mine.values():
                yield (kind, owner), at, sequence

    @classmethod
    def of(cls, live: Iterable[tuple[Key, float, int]], sequence: int) -> Deadlines:
        """The deadlines that `all` told, after so many were ever set."""
        made = cls()
        made._sequence = sequence
        for (kind, owner), at, number in live:
            deadline: _Deadline = (at, number, kind, owner)
            made._live.setdefault(owner, {})[kind] = deadline
            made._heap.append(deadline)
        made._count = len(made._heap)
        heapify(made._heap)
        return made

    def fork(self) -> Deadlines:
        """The same deadlines, to be changed apart from these."""
        twin = Deadlines()
        twin._heap, twin._count = list(self._heap), self._count
        twin._live = {owner: dict(mine) for owner, mine in self._live.items()}
        twin._sequence = self._sequence
        return twin
