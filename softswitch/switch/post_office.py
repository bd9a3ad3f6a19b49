"""Letters on their way: on disk, handed in, and tried again ever later until they are taken."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final, TypeAlias

import attrs

from softswitch.errors import EnvironmentFaultError, MisuseError
from softswitch.mail import Delivered, Envelope, Letter, MailServer, Outbox, deliver

log = logging.getLogger(__name__)

FIRST_WAIT_S: Final = 30.0
LONGEST_WAIT_S: Final = 3600.0
"""A letter that is not taken is tried again after half a minute, and then ever later."""

GIVEN_UP_AFTER: Final = timedelta(days=5)
"""As mail systems themselves do (RFC 5321 section 4.5.4.1)."""

Deliver: TypeAlias = Callable[[MailServer, bytes, str, tuple[str, ...]], Awaitable[Delivered]]


@attrs.define(eq=False)
class _Waiting:
    """A letter that waits.

    Attributes:
        due_s: when it is tried next, by the loop's clock.
        tries: how often it was tried in vain since the switch opened.
    """

    envelope: Envelope
    due_s: float
    tries: int = 0

    def again_at(self, now_s: float, *, for_good: bool) -> None:
        """Let it wait, twice as long as before; as long as can be where trying may not help."""
        wait_s = min(FIRST_WAIT_S * 2**self.tries, LONGEST_WAIT_S)
        self.tries = min(self.tries + 1, 16)
        self.due_s = now_s + (LONGEST_WAIT_S if for_good else wait_s)


class PostOffice:
    """Takes letters and sees to it that they arrive."""

    def __init__(
        self,
        outbox: Outbox,
        clock: Callable[[], datetime],
        *,
        handing_in: Deliver = deliver,
    ) -> None:
        """Prepare; nothing is sent before `open`.

        Args:
            outbox: where letters wait.
            clock: the time of day with its offset.
            handing_in: gives a letter to a server.
        """
        self._outbox = outbox
        self._clock = clock
        self._handing_in = handing_in
        self._server: MailServer | None = None
        self._sender = ""
        self._waiting: dict[str, _Waiting] = {}
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def use(self, server: MailServer | None, sender: str) -> None:
        """From here on hand letters to this server; None: to none, and they wait."""
        self._server, self._sender = server, sender
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

    async def post(self, letter: Letter) -> None:
        """Take a letter; it is on the disk when this returns, and will be sent.

        Raises:
            MisuseError: there is no mail server.
            EnvironmentFaultError: it cannot be written.
        """
        if self._server is None:
            raise MisuseError("the office file names no mail server: there is no [mail]")
        try:
            envelope = await asyncio.to_thread(
                self._outbox.post, letter, self._sender, self._clock()
            )
        except OSError as error:
            raise EnvironmentFaultError(
                f"A letter cannot be kept in {self._outbox.folder}: {error}.",
                remedy="See that the folder can be written and the disk has room.",
            ) from error
        self._waiting[envelope.id] = _Waiting(envelope, _now())
        self._news.set()

    async def close(self) -> None:
        """Stop; what was not taken is sent after the next start."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _work(self) -> None:
        while True:
            self._news.clear()
            due = [one for one in self._waiting.values() if one.due_s <= _now()]
            if self._server is not None:
                for one in due:
                    await self._try(self._server, one)
            await self._until_news()

    async def _until_news(self) -> None:
        soonest_s = min((one.due_s for one in self._waiting.values()), default=None)
        wait_s = None if soonest_s is None or self._server is None else soonest_s - _now()
        try:
            async with asyncio.timeout(wait_s):
                await self._news.wait()
        except TimeoutError:
            return

    async def _try(self, server: MailServer, one: _Waiting) -> None:
        try:
            await self._hand_in(server, one)
        except OSError:
            log.exception("letter %s cannot be read or put away", one.envelope.id)
            one.again_at(_now(), for_good=True)

    async def _hand_in(self, server: MailServer, one: _Waiting) -> None:
        envelope = one.envelope
        letter = await asyncio.to_thread(self._outbox.read, envelope)
        done = await self._handing_in(server, letter, envelope.sender, envelope.to)
        if not done.still:
            log.info("letter %s was taken by %s", envelope.id, server.host)
        else:
            log.warning("letter %s was not taken by %s: %s", envelope.id, server.host, done.why)
        if done.still != envelope.to:
            left = await asyncio.to_thread(self._outbox.taken, envelope, done.still)
            if left is None:
                del self._waiting[envelope.id]
                return
            one.envelope = left
        await self._wait_or_give_up(one, for_good=done.for_good)

    async def _wait_or_give_up(self, one: _Waiting, *, for_good: bool) -> None:
        if self._clock() - one.envelope.since < GIVEN_UP_AFTER:
            one.again_at(_now(), for_good=for_good)
            return
        aside = await asyncio.to_thread(self._outbox.give_up, one.envelope)
        del self._waiting[one.envelope.id]
        log.error("letter %s was given up and put aside: %s", one.envelope.id, aside)


def _now() -> float:
    return asyncio.get_running_loop().time()
