"""One thread drives PJSIP: the asyncio loop's, woken by PJSIP's own epoll handle and a tick.

PJSIP's timers, and events born on its media threads (a key by RFC 4733, the end of a file), do
not wake the handle; a tick of 10 ms drives them while there are legs, a slower one while there
are none.
"""

from __future__ import annotations

import asyncio
import ctypes
from collections.abc import Callable
from typing import Final

from softswitch.sip.native import pj

TICK_S: Final = 0.010
"""Tick while there are legs."""

IDLE_TICK_S: Final = 0.100
"""Tick while there are none; a build without an epoll handle always takes `TICK_S`."""

_ROUNDS_AT_ONCE: Final = 64


class Pump:
    """Runs PJSIP's event handling on the loop; after each round lets the switch react."""

    def __init__(
        self, endpoint: pj.Endpoint, *, busy: Callable[[], bool], after: Callable[[], None]
    ) -> None:
        self._endpoint = endpoint
        self._busy = busy
        self._after = after
        self._descriptor: int | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._loop = asyncio.get_running_loop()

    def start(self) -> None:
        """Begin; the endpoint must have been started on this thread."""
        self._descriptor = _epoll_descriptor(self._endpoint)
        if self._descriptor is not None:
            self._loop.add_reader(self._descriptor, self.run)
        self._tick()

    def stop(self) -> None:
        """End; nothing is called any more."""
        if self._descriptor is not None:
            self._loop.remove_reader(self._descriptor)
        if self._timer is not None:
            self._timer.cancel()
        self._descriptor = self._timer = None

    def run(self) -> None:
        """Handle what is there, a bounded number of rounds so that others get their turn."""
        for _ in range(_ROUNDS_AT_ONCE):
            handled = self._endpoint.libHandleEvents(0)
            self._after()
            if handled <= 0:
                break

    def _tick(self) -> None:
        self.run()
        idle = self._descriptor is not None and not self._busy()
        self._timer = self._loop.call_later(IDLE_TICK_S if idle else TICK_S, self._tick)


def _epoll_descriptor(endpoint: pj.Endpoint) -> int | None:
    """Return the descriptor of PJSIP's SIP I/O queue, where the build has epoll."""
    if not hasattr(endpoint, "libGetSipIoqueueHandle"):
        return None
    pointer = endpoint.libGetSipIoqueueHandle()
    if not pointer:
        return None
    return int(ctypes.cast(int(pointer), ctypes.POINTER(ctypes.c_int))[0])
