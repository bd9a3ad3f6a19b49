"""Waiting for files to change without looking again and again: inotify(7) on an asyncio loop."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

_IN_MODIFY = 0x002
_IN_CREATE = 0x100
_libc = ctypes.CDLL(None, use_errno=True)


class FolderWatch:
    """Wakes those who wait whenever a file in ``folder`` appears or grows."""

    def __init__(self, folder: Path) -> None:
        self._loop = asyncio.get_running_loop()
        self._waiting: set[asyncio.Future[None]] = set()
        self._fd = _libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        mask = _IN_MODIFY | _IN_CREATE
        if self._fd < 0 or _libc.inotify_add_watch(self._fd, os.fsencode(folder), mask) < 0:
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code), str(folder))
        self._loop.add_reader(self._fd, self._readable)

    def _readable(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while os.read(self._fd, 65536):
                pass
        self.wake()

    def wake(self) -> None:
        """Let everybody who waits look again."""
        waiting, self._waiting = self._waiting, set()
        for future in waiting:
            if not future.done():
                future.set_result(None)

    async def until(self, probe: Callable[[], T | None], timeout_s: float) -> T:
        """Call ``probe`` now and after each change until it gives something.

        Raises:
            TimeoutError: nothing came within ``timeout_s`` seconds.
        """
        async with asyncio.timeout(timeout_s):
            while (value := probe()) is None:
                change = self._loop.create_future()
                self._waiting.add(change)
                await change
        return value

    def close(self) -> None:
        """Stop watching; those who still wait are woken."""
        if self._fd >= 0:
            self._loop.remove_reader(self._fd)
            os.close(self._fd)
            self._fd = -1
        self.wake()
