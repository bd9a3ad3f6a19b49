"""Letters and texts on their way: on disk, handed in, and tried again ever later until taken."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final, Generic, Protocol, TypeVar

import attrs

from softswitch.errors import EnvironmentFaultError, MisuseError
from softswitch.post import Delivered, Envelope, Item, Outbox

log = logging.getLogger(__name__)

FIRST_WAIT_S: Final = 30.0
LONGEST_WAIT_S: Final = 3600.0
"""A letter that is not taken is tried again after half a minute, and then ever later."""

GIVEN_UP_AFTER: Final = timedelta(days=5)
"""As mail systems themselves do (RFC 5321 section 4.5.4.1)."""

CLOSING_S: Final = 3.0
"""How long a try that is under way may take when the switch closes: once taken, not sent again."""


class Server(Protocol):
    """Where letters are handed in."""

    @property
    def host(self) -> str:
        """Its name, for the log."""


_S = TypeVar("_S", bound=Server)


@attrs.frozen(kw_only=True)
class Ware:
    """What is posted, for messages.

    Attributes:
        name: what one of them is called.
        table: the table of the office file that names who takes it.
    """

    name: str
    table: str


LETTERS: Final = Ware(name="letter", table="mail")
TEXTS: Final = Ware(name="text message", table="sms")


@attrs.define(eq=False)
class _Waiting:
    """A letter that waits.

    Attributes:
        due_s: when it is tried next, by the loop's clock.
        tries: how often it was tried in vain since the switch opened.
        taken: everybody has taken it, and the disk is still to learn that.
    """

    envelope: Envelope
    due_s: float
    tries: int = 0
    taken: bool = False

    def again_at(self, now_s: float, *, for_good: bool, least_s: float = 0.0) -> None:
        """Let it wait, twice as long as before; as long as can be where trying may not help."""
        wait_s = LONGEST_WAIT_S if for_good else min(FIRST_WAIT_S * 2**self.tries, LONGEST_WAIT_S)
        self.tries = min(self.tries + 1, 16)
        self.due_s = now_s + max(wait_s, min(least_s, LONGEST_WAIT_S))


class PostOffice(Generic[_S]):
    """Takes letters, or texts, and sees to it that they arrive."""

    def __init__(
        self,
        outbox: Outbox,
        clock: Callable[[], datetime],
        *,
        handing_in: Callable[[_S, bytes, Envelope], Awaitable[Delivered]],
        ware: Ware = LETTERS,
    ) -> None:
        """Prepare; nothing is sent before `open`.

        Args:
            outbox: where letters wait.
            clock: the time of day with its offset.
            handing_in: gives a letter to a server; raises nothing.
            ware: what is posted.
        """
        self._outbox = outbox
        self._clock = clock
        self._handing_in = handing_in
        self._ware = ware
        self._server: _S | None = None
        self._sender = ""
        self._kept_for = GIVEN_UP_AFTER
        self._closing = False
        self._waiting: dict[str, _Waiting] = {}
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def use(self, server: _S | None, sender: str, kept_for: timedelta = GIVEN_UP_AFTER) -> None:
        """From here on hand letters to this server, for so long; None: to none, and they wait."""
        self._server, self._sender, self._kept_for = server, sender, kept_for
        self._news.set()

    @property
    def can_send(self) -> bool:
        """Whether there is a server."""
        return self._server is not None

    @property
    def waiting(self) -> tuple[Envelope, ...]:
        """The letters that nobody has taken yet."""
        return tuple(one.envelope for one in self._waiting.values())

    async def open(self) -> None:
        """Take up what waits on the disk, and begin to send."""
        for envelope in await asyncio.to_thread(self._outbox.waiting):
            self._waiting[envelope.id] = _Waiting(envelope, _now())
        self._task = asyncio.create_task(self._work(), name="post office")

    async def post(self, letter: Item) -> None:
        """Take a letter; it is on the disk when this returns, and will be sent.

        Raises:
            MisuseError: there is no server.
            EnvironmentFaultError: it cannot be written.
        """
        if self._server is None:
            raise MisuseError(f"nobody takes a {self._ware.name}: there is no [{self._ware.table}]")
        try:
            envelope = await asyncio.to_thread(
                self._outbox.post, letter, self._sender, self._clock()
            )
        except OSError as error:
            raise EnvironmentFaultError(
                f"A {self._ware.name} cannot be kept in {self._outbox.folder}: {error}.",
                remedy="See that the folder can be written and the disk has room.",
            ) from error
        self._waiting[envelope.id] = _Waiting(envelope, _now())
        self._news.set()

    async def close(self) -> None:
        """Stop; what was not taken is sent after the next start."""
        if self._task is None:
            return
        self._closing = True
        self._news.set()
        await asyncio.wait([self._task], timeout=CLOSING_S)
        self._task.cancel()
        await asyncio.wait([self._task])

    async def _work(self) -> None:
        while not self._closing:
            self._news.clear()
            for one in [one for one in self._waiting.values() if one.due_s <= _now()]:
                if self._server is not None and not self._closing:
                    await self._try(self._server, one)
            await self._until_news()

    async def _until_news(self) -> None:
        if self._closing:
            return
        soonest_s = min((one.due_s for one in self._waiting.values()), default=None)
        wait_s = None if soonest_s is None or self._server is None else soonest_s - _now()
        try:
            async with asyncio.timeout(wait_s):
                await self._news.wait()
        except TimeoutError:
            return

    async def _try(self, server: _S, one: _Waiting) -> None:
        """Try one; whatever goes wrong with it, others are tried all the same."""
        try:
            if not one.taken:
                await self._hand_in(server, one)
            if one.taken:
                await asyncio.to_thread(self._outbox.taken, one.envelope)
                del self._waiting[one.envelope.id]
        except Exception:
            name, letter = self._ware.name, one.envelope.id
            log.exception("%s %s cannot be read, handed in or put away", name, letter)
            one.again_at(_now(), for_good=True)

    async def _hand_in(self, server: _S, one: _Waiting) -> None:
        envelope, name = one.envelope, self._ware.name
        letter = await asyncio.to_thread(self._outbox.read, envelope)
        done = await self._handing_in(server, letter, envelope)
        if not done.still:
            log.info("%s %s was taken by %s", name, envelope.id, server.host)
            one.taken = True
            return
        log.warning("%s %s was not taken by %s: %s", name, envelope.id, server.host, done.why)
        if done.still != envelope.to:
            one.envelope = attrs.evolve(envelope, to=done.still)
            await asyncio.to_thread(self._outbox.taken, envelope, done.still)
        await self._wait_or_give_up(one, done)

    async def _wait_or_give_up(self, one: _Waiting, done: Delivered) -> None:
        if not done.hopeless and self._clock() - one.envelope.since < self._kept_for:
            one.again_at(_now(), for_good=done.for_good, least_s=done.wait_s)
            return
        aside = await asyncio.to_thread(self._outbox.give_up, one.envelope)
        del self._waiting[one.envelope.id]
        log.error("%s %s was given up and put aside: %s", self._ware.name, one.envelope.id, aside)


def _now() -> float:
    return asyncio.get_running_loop().time()
