"""A network under test, and ears for what its legs report."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from softswitch.sip import Listener, SipConfig, SipTelephony
from softswitch.sip.c_pjsip import CInterface
from softswitch.telephony import Leg, LegEvent
from softswitch.testing.peers.ports import free_port

E = TypeVar("E", bound=LegEvent)
WAIT_S = 5.0


class Observer:
    """Keeps every event of one leg; waits for one of a kind."""

    def __init__(self, then: Callable[[LegEvent], None] | None = None) -> None:
        self.events: list[LegEvent] = []
        self._changed = asyncio.Event()
        self._then = then

    def __call__(self, event: LegEvent) -> None:
        self.events.append(event)
        self._changed.set()
        if self._then is not None:
            self._then(event)

    def all(self, kind: type[E]) -> list[E]:
        return [event for event in self.events if isinstance(event, kind)]

    async def next(self, kind: type[E], *, nth: int = 1, timeout_s: float = WAIT_S) -> E:
        async with asyncio.timeout(timeout_s):
            while len(self.all(kind)) < nth:
                self._changed.clear()
                await self._changed.wait()
        return self.all(kind)[nth - 1]


class Door:
    """Takes incoming legs in, each with an observer already listening."""

    def __init__(self, network: SipTelephony) -> None:
        self._arrived: asyncio.Queue[tuple[Leg, Observer]] = asyncio.Queue()
        network.on_incoming(self._take)

    def _take(self, leg: Leg) -> None:
        observer = Observer()
        leg.listen(observer)
        self._arrived.put_nowait((leg, observer))

    async def next(self) -> tuple[Leg, Observer]:
        async with asyncio.timeout(WAIT_S):
            return await self._arrived.get()


@asynccontextmanager
async def running(**settings: object) -> AsyncIterator[SipTelephony]:
    """A started network on a free port of 127.0.0.1."""
    settings.setdefault("listen", (Listener(address="127.0.0.1", port=free_port()),))
    network = SipTelephony(SipConfig(**settings))  # type: ignore[arg-type]
    await network.start()
    try:
        yield network
    finally:
        await network.stop()


def calls_of_pjsip() -> int:
    """How many calls PJSIP itself says it has."""
    pjsip = CInterface.of_running_pjsip()
    assert pjsip is not None
    return int(pjsip.call.pjsua_call_get_count())
