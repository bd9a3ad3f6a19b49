"""Where PJSIP's objects end, at a moment that is safe.

A call object is dropped right after the round of events in which it ended, since its number will be
given to another call; a player only when no callback of it can be under way any more.
"""

from __future__ import annotations

from collections import deque
from typing import Any, Final

PLAYER_REST_S: Final = 0.25
"""Long enough for the end-of-file event of a stopped player to have come through."""


class Graveyard:
    """Holds the last reference of objects that are over."""

    def __init__(self) -> None:
        self._calls: list[Any] = []
        self._players: deque[tuple[float, Any]] = deque()

    def bury_call(self, native: object) -> None:
        """Drop a call object at the end of this round."""
        self._calls.append(native)

    def bury_player(self, native: object, now: float) -> None:
        """Drop a player when it has rested."""
        self._players.append((now + PLAYER_REST_S, native))

    def drop_calls(self) -> None:
        """Drop what ended in the round that is over. Must not run inside a callback."""
        self._calls.clear()

    def drop_players(self, now: float) -> None:
        """Drop players that have rested long enough."""
        while self._players and self._players[0][0] <= now:
            self._players.popleft()

    def clear(self) -> None:
        """Drop all, at shutdown."""
        self._calls.clear()
        self._players.clear()
