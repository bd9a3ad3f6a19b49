"""Lines of calls in the order in which they are to be served."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator
from itertools import chain
from operator import attrgetter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from softswitch.acd.state import Agent, Entry

_key = attrgetter("key")


class Line:
    """Calls sorted by `Entry.key`; a place is found by halving, never by walking the line.

    Who leaves at the front is left standing there until half of the line is gone, so that nobody
    has to move up each time.
    """

    def __init__(self, calls: Iterable[Entry] = ()) -> None:
        self._calls: list[Entry] = list(calls)
        self._gone = 0

    def __len__(self) -> int:
        return len(self._calls) - self._gone

    def __iter__(self) -> Iterator[Entry]:
        for place in range(self._gone, len(self._calls)):
            yield self._calls[place]

    def add(self, entry: Entry) -> None:
        """Put a call where its key belongs."""
        if self and self._calls[-1].key > entry.key:
            insort(self._calls, entry, self._gone, key=_key)
        else:
            self._calls.append(entry)

    def remove(self, entry: Entry) -> None:
        """Take a call out, which is in the line."""
        index = self._index(entry)
        if index > self._gone:
            del self._calls[index]
            return
        self._gone += 1
        if self._gone * 2 > len(self._calls):
            del self._calls[: self._gone]
            self._gone = 0

    def position(self, entry: Entry) -> int:
        """The place of a call that is in the line, 1 for the first."""
        return self._index(entry) - self._gone + 1

    def _index(self, entry: Entry) -> int:
        if self._calls[self._gone] is entry:
            return self._gone
        return bisect_left(self._calls, entry.key, self._gone, key=_key)


class Wanting:
    """Calls that want one more phone to ring, in a line for each set of skills asked for.

    A free member so finds the first suitable call without walking past unsuitable ones.
    """

    def __init__(self) -> None:
        self._count = 0
        self._anybody = Line()
        self._lines: dict[frozenset[str], Line] = {}

    def __iter__(self) -> Iterator[Entry]:
        return chain(self._anybody, *self._lines.values())

    def add(self, entry: Entry) -> None:
        """The call wants a phone."""
        self._count += 1
        if not entry.skills:
            self._anybody.add(entry)
            return
        line = self._lines.get(entry.skills)
        if line is None:
            line = self._lines[entry.skills] = Line()
        line.add(entry)

    def remove(self, entry: Entry) -> None:
        """The call, which is here, wants none any more."""
        self._count -= 1
        if not entry.skills:
            self._anybody.remove(entry)
            return
        line = self._lines[entry.skills]
        line.remove(entry)
        if not line:
            del self._lines[entry.skills]

    def firsts(self, agent: Agent, now: float) -> list[Entry]:
        """Of each line that the member has the skills for, the first call that may ring there."""
        suited: list[Line] = []
        if not self._count:
            return []
        if self._lines:
            suited = [line for asked, line in self._lines.items() if asked <= agent.member.skills]
        if self._anybody:
            suited.append(self._anybody)
        return [call for line in suited if (call := _first(line, agent, now)) is not None]


def _first(line: Line, agent: Agent, now: float) -> Entry | None:
    for entry in line:
        if not entry.refused_by(agent, now):
            return entry
    return None
