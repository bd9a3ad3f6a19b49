"""How often somebody may do something: so many times in any stretch of so long."""

from __future__ import annotations

from collections import deque
from typing import Final

KEYS_MAX: Final = 20_000
"""So many are remembered; beyond that the one seen first is forgotten."""


class Allowance:
    """Remembers when each of many did something."""

    def __init__(self, window_s: float) -> None:
        """Set up.

        Args:
            window_s: the stretch.
        """
        self._window_s = window_s
        self._times: dict[str, deque[float]] = {}

    def wait_s(self, key: str, most: int, now_s: float) -> float:
        """Return how long until it may be done again; 0: it may be done now."""
        times = self._times.get(key)
        while times and times[0] <= now_s - self._window_s:
            times.popleft()
        if not times or len(times) < most:
            return 0.0
        return times[len(times) - most] + self._window_s - now_s

    def count(self, key: str, now_s: float) -> None:
        """Remember that it was done."""
        times = self._times.pop(key, None)
        if times is None:
            times = deque()
            if len(self._times) >= KEYS_MAX:
                del self._times[next(iter(self._times))]
        self._times[key] = times
        times.append(now_s)

    def undo(self, key: str) -> None:
        """Forget what was counted last."""
        if times := self._times.get(key):
            times.pop()

    def take(self, key: str, most: int, now_s: float) -> float:
        """Do it if it may be done; return as `wait_s` does."""
        wait_s = self.wait_s(key, most, now_s)
        if wait_s <= 0:
            self.count(key, now_s)
        return wait_s
