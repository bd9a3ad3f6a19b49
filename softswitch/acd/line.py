"""Lines of calls in the order in which they are to be served."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator
from itertools import chain
from operator import attrgetter
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from softswitch.acd.state import Entry

_key = attrgetter("key")


@attrs.define(eq=False)
class Line:
    """Calls sorted by `Entry.key`; a place is found by halving, never by walking the line."""

    _calls: list[Entry] = attrs.field(factory=list)

    def __len__(self) -> int:
        return len(self._calls)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._calls)

    def add(self, entry: Entry) -> None:
        """Put a call where its key belongs."""
        if self._calls and self._calls[-1].key > entry.key:
            insort(self._calls, entry, key=_key)
        else:
            self._calls.append(entry)

    def remove(self, entry: Entry) -> None:
        """Take a call out, which is in the line."""
        del self._calls[self._index(entry)]

    def position(self, entry: Entry) -> int:
        """The place of a call that is in the line, 1 for the first."""
        return self._index(entry) + 1

    def _index(self, entry: Entry) -> int:
        if self._calls[0] is entry:
            return 0
        return bisect_left(self._calls, entry.key, key=_key)


@attrs.define(eq=False)
class Wanting:
    """Calls that want one more phone to ring, in a line for each set of skills asked for.

    A free member so finds the first suitable call without walking past unsuitable ones.
    """

    _lines: dict[frozenset[str], Line] = attrs.field(factory=dict)

    def __iter__(self) -> Iterator[Entry]:
        return chain.from_iterable(self._lines.values())

    def add(self, entry: Entry) -> None:
        """The call wants a phone."""
        line = self._lines.get(entry.skills)
        if line is None:
            line = self._lines[entry.skills] = Line()
        line.add(entry)

    def remove(self, entry: Entry) -> None:
        """The call, which is here, wants none any more."""
        line = self._lines[entry.skills]
        line.remove(entry)
        if not line:
            del self._lines[entry.skills]

    def suited_to(self, skills: frozenset[str]) -> list[Line]:
        """The lines whose calls ask for no more than these skills."""
        return [line for asked, line in self._lines.items() if asked <= skills]
