"""What checks of conformance need: phones about a network, and ears that do not forget."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Final, Protocol, TypeVar

from softswitch.telephony import (
    Answered,
    Ended,
    EndedBy,
    EndReason,
    Leg,
    LegEvent,
    MediaReady,
    Telephony,
)

WAIT_S: Final = 8.0
"""How long anything may take that has to come."""

BEAT_S: Final = 0.3
"""How long sound is left to flow."""

MOMENT_S: Final = 0.1
"""Scripted phones take their time between an ACK and the next request."""

V = TypeVar("V")
E = TypeVar("E", bound=LegEvent)


class NotConformingError(AssertionError):
    """The network did something else than it has to."""


class FarEnd(Protocol):
    """A phone out there, in a call with the network or about to be."""

    @property
    def address(self) -> str:
        """What the network dials to reach it."""

    def say(self, hz: int) -> None:
        """Let a tone sound from now on, for the other end to hear."""

    def press(self, keys: str) -> None:
        """Press keys."""

    async def hears(self, hz: int) -> bool:
        """Listen for a moment; return whether this tone is heard at its end."""

    async def digits(self, count: int) -> str:
        """Return the keys that the network sent, once there are so many."""

    async def until_over(self) -> None:
        """Return when the call is over at this end too."""

    async def status(self) -> int:
        """Return the final status of the INVITE: for one that calls what it was answered."""

    async def reason(self) -> str:
        """Return the Reason header of the BYE, CANCEL or refusal that ended the call, or ""."""

    async def retry_after(self) -> str:
        """Return the Retry-After header of the refusal, or ""."""

    async def holds(self, count: int) -> tuple[bool, ...]:
        """Return whether it was put on hold (True) or taken off each time it was told, in order.

        Waits until it was told so often.
        """

    async def asked_to_call(self) -> str:
        """Return whom it was asked to call instead of us, once it was."""


class World(Protocol):
    """A network, and phones about it.

    Scripted phones have to know beforehand what will happen to them, so their habits are told when
    they are made; None means never.
    """

    def network(
        self, *, capacity: int | None = None, media_timeout_s: float | None = None
    ) -> AbstractAsyncContextManager[Telephony]:
        """Return a network that has been started, and is stopped at the end.

        Args:
            capacity: how many legs it may have.
            media_timeout_s: how long a phone may be silent.
        """

    def caller(
        self,
        network: Telephony,
        number: str = "1000",
        *,
        hangs_up_after_s: float | None = None,
        gives_up_after_s: float | None = None,
        refused_with: int | None = None,
        holds_for_s: float | None = None,
        transfers_to: str | None = None,
        takes_place_of: FarEnd | None = None,
        vanishes: bool = False,
    ) -> AbstractAsyncContextManager[FarEnd]:
        """Return a phone that calls the network.

        Args:
            network: whom it calls.
            number: what it dials.
            hangs_up_after_s: seconds after the answer.
            gives_up_after_s: seconds after it has heard that it rings.
            refused_with: the status that the network will refuse it with.
            holds_for_s: soon after the answer it holds us for so long, and hangs up in the end.
            transfers_to: soon after the answer it asks us to dial this address for its partner,
                and hangs up when it knows what came of it.
            takes_place_of: it takes the place of this caller, who talks to the network.
            vanishes: it is gone without a word once it is answered.
        """

    def phone(
        self,
        *,
        answers_after_s: float | None = None,
        refuses_with: int | None = None,
        takes_transfers: bool = False,
        vanishes: bool = False,
    ) -> AbstractAsyncContextManager[FarEnd]:
        """Return a phone that can be called, and rings at once.

        Args:
            answers_after_s: seconds of ringing; with neither of the two it only rings.
            refuses_with: a status.
            takes_transfers: it will be asked to call somebody else, and says that it did.
            vanishes: it is gone without a word once it has answered, or once it rings.
        """

    def tone(self, hz: int, length_s: float) -> Path:
        """Return a WAV file of a tone."""

    @property
    def folder(self) -> Path:
        """Where files may be written."""


Check = Callable[[World], Awaitable[None]]


class Ears:
    """Everything that one leg tells."""

    def __init__(self) -> None:
        self.told: list[LegEvent] = []
        self._news = asyncio.Event()

    def __call__(self, event: LegEvent) -> None:
        """Take an event."""
        self.told.append(event)
        self._news.set()

    def all(self, kind: type[E]) -> list[E]:
        """Return those of a kind."""
        return [event for event in self.told if isinstance(event, kind)]

    async def next(self, kind: type[E], *, nth: int = 1) -> E:
        """Return the nth of a kind; waits for it.

        Raises:
            NotConformingError: it does not come.
        """
        try:
            async with asyncio.timeout(WAIT_S):
                while len(self.all(kind)) < nth:
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise NotConformingError(f"no {kind.__name__} came, only {self.told}") from None
        return self.all(kind)[nth - 1]

    async def ended(self, by: EndedBy, why: EndReason, status: int) -> None:
        """See that the leg ends so: once, and with nothing after it."""
        ended = await self.next(Ended)
        await asyncio.sleep(BEAT_S)
        same("the end", (ended.by, ended.why, ended.status), (by, why, status))
        same("how often it ended", len(self.all(Ended)), 1)
        same("the last event", type(self.told[-1]), Ended)


class Gate:
    """Takes incoming legs, each with ears."""

    def __init__(self, network: Telephony) -> None:
        self._arrived: asyncio.Queue[tuple[Leg, Ears]] = asyncio.Queue()
        network.on_incoming(self._take)

    def _take(self, leg: Leg) -> None:
        ears = Ears()
        leg.listen(ears)
        self._arrived.put_nowait((leg, ears))

    async def next(self) -> tuple[Leg, Ears]:
        """Return the next leg; waits for it."""
        try:
            async with asyncio.timeout(WAIT_S):
                return await self._arrived.get()
        except TimeoutError:
            raise NotConformingError("no call came in") from None

    async def answered(self) -> tuple[Leg, Ears]:
        """Return the next leg, answered and with sound; the phone has had a moment to see it."""
        leg, ears = await self.next()
        leg.answer()
        await ears.next(Answered)
        await ears.next(MediaReady)
        await asyncio.sleep(MOMENT_S)
        return leg, ears


def same(what: str, found: V, expected: V) -> None:
    """See that two values are the same.

    Raises:
        NotConformingError: they are not.
    """
    if found != expected:
        raise NotConformingError(f"{what}: {found!r} instead of {expected!r}")


def refused(what: str, kind: type[Exception], act: Callable[[], object]) -> None:
    """See that something raises.

    Raises:
        NotConformingError: it does not.
    """
    try:
        act()
    except kind:
        return
    raise NotConformingError(f"{what} does not raise {kind.__name__}")
