"""What is over, kept in mind for a while."""

from __future__ import annotations

from typing import Generic, TypeVar

K = TypeVar("K")
T = TypeVar("T")


class Lately(Generic[K, T]):
    """The things that were noted last.

    They go into one table; when that is full it becomes the table of older ones, and those that
    were older still are forgotten. So forgetting costs nothing.

    Args:
        room: so many are remembered at least, and at most twice as many.
    """

    def __init__(self, room: int) -> None:
        self._room = room
        self._old: dict[K, T] = {}
        self._new: dict[K, T] = {}

    def note(self, key: K, thing: T) -> None:
        """Remember a thing, in place of what had the same key."""
        if len(self._new) >= self._room:
            self._old, self._new = self._new, {}
        self._new[key] = thing

    def get(self, key: K) -> T | None:
        """The thing that has this key; None: none had lately."""
        found = self._new.get(key)
        return self._old.get(key) if found is None else found

    @property
    def tables(self) -> tuple[dict[K, T], dict[K, T]]:
        """The older things and the newer ones. For reading."""
        return (self._old, self._new)

    def fill(self, older: dict[K, T], newer: dict[K, T]) -> None:
        """Remember what another one remembered."""
        self._old, self._new = older, newer
