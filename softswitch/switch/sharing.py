"""Work that several callers want at once, done once and off the loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Result = TypeVar("Result")


class InFlight(Generic[Result]):
    """Work in threads, one piece for each key at a time.

    Whoever asks for a key while its work goes on waits for that, and occupies no thread: twenty
    callers who are told the same place leave room for the twenty-first, who is told another.
    """

    def __init__(self) -> None:
        self._running: dict[Hashable, asyncio.Task[Result]] = {}

    async def get(self, key: Hashable, work: Callable[[], Result]) -> Result:
        """Return what ``work`` returns, called in a thread unless that goes on already.

        A caller who gives up stops waiting; the work goes on for the others.

        Args:
            key: names the work.
            work: called without the loop; may raise, then everybody who waits gets that.
        """
        task = self._running.get(key)
        if task is None:
            task = asyncio.create_task(asyncio.to_thread(work))
            self._running[key] = task
            task.add_done_callback(lambda done: self._finished(key, done))
        return await asyncio.shield(task)

    def _finished(self, key: Hashable, task: asyncio.Task[Result]) -> None:
        del self._running[key]
        if not task.cancelled():
            task.exception()  # known, even if everybody who waited has gone
