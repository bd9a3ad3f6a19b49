"""A leg with what everybody needs who deals with it: waiting, watching, sound, keys.

`softswitch.switch.call.Call` adds what flows do with it.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from softswitch.errors import CallEndedError
from softswitch.telephony import (
    Dialled,
    DigitPressed,
    Direction,
    Ended,
    Identity,
    Leg,
    LegEvent,
    LegState,
    Playback,
    PlaybackEnded,
    Reason,
    Recording,
    Replaced,
    TransferRequested,
)

if TYPE_CHECKING:
    from softswitch.switch.house import House

Watcher = Callable[["Party", LegEvent], None]


class Party:
    """A leg, its keys, its sound and those who wait for it.

    Attributes:
        id: unique for ever.
        leg: the leg underneath, for what this class does not offer.
        hops: how often the call was sent on inside the switch.
        visits: how many queues it has been in.
        in_conversation: somebody else follows what its phone asks for.
        others: calls that were dialled for this one.
    """

    leg: Leg

    def __init__(self, house: House) -> None:
        """Make a call that has no leg yet."""
        self.id = house.new_id()
        self.hops = 0
        self.visits = 0
        self.in_conversation = False
        self.others: list[Party] = []
        self._answering = False
        self._house = house
        self._ended: Ended | None = None
        self._pressed: deque[str] = deque()
        self._waits: set[asyncio.Future[None]] = set()
        self._key_waits: set[asyncio.Future[None]] = set()
        self._watchers: list[Watcher] = []
        self._playbacks: dict[str, Callable[[], None]] = {}

    @property
    def caller(self) -> Identity:
        """The party at the other end. Personal data."""
        return self.leg.remote

    @property
    def dialled(self) -> Dialled:
        """What was dialled."""
        return self.leg.dialled

    @property
    def answered(self) -> bool:
        """Whether the call is answered and not over."""
        return self.leg.state is LegState.ANSWERED

    @property
    def ended(self) -> Ended | None:
        """How the call ended, or None while it lives."""
        return self._ended

    def ring(self) -> None:
        """Tell the caller that it rings; answered calls and repetitions are left as they are."""
        waits = self.leg.direction is Direction.INCOMING and self.leg.state is LegState.NEW
        if waits and not self._answering:
            self.leg.ring()

    def answer_soon(self) -> None:
        """Answer without waiting; sound may be started at once."""
        incoming = self.leg.direction is Direction.INCOMING
        if incoming and not self.answered and not self._answering:
            self._answering = True
            self.leg.answer()

    def hang_up(self, reason: Reason | None = None, *, status: int | None = None) -> None:
        """End the call; one that has ended is left as it is.

        Args:
            reason: why, for the phone (RFC 3326).
            status: what an incoming call is refused with that was never answered, 300 to 699.
                One that was answered, or that we dialled, ends without it.
        """
        if self._ended is None:
            self.leg.hang_up(reason, status=status)

    async def until_ended(self) -> Ended:
        """Return when the call is over."""
        while self._ended is None:
            with contextlib.suppress(CallEndedError), self.waiting() as never:
                await never
        return self._ended

    def record(self, path: Path, *, other: Party | None = None) -> Recording:
        """Write what is said to a WAV file until it is stopped or the call ends.

        Args:
            path: the file; its folder must exist. A file that is there is written over.
            other: a call whose sound is written too, both on one channel.
        """
        return self.leg.record(path, other=None if other is None else other.leg)

    async def play_ready(self, files: list[Path], *, barge_in: bool = True) -> None:
        """Play files that are in the bridge's form already."""
        with self.waiting() as over:
            playback = self.leg.play(files)
            self._playbacks[playback.id] = lambda: _settle(over)
            if barge_in:
                self._key_waits.add(over)
            try:
                await over
            finally:
                self._key_waits.discard(over)
                self.forget_playback(playback)
                playback.stop()

    async def next_key(self, timeout_s: float) -> str | None:
        """Return the next key, or None when none comes in time. Personal data."""
        with self.waiting() as arrived:
            if self._pressed:
                return self._pressed.popleft()
            self._key_waits.add(arrived)
            try:
                async with asyncio.timeout(timeout_s):
                    await arrived
            except TimeoutError:
                return None
            finally:
                self._key_waits.discard(arrived)
        return self._pressed.popleft()

    @property
    def key_waits(self) -> bool:
        """Whether a key was pressed that nobody has taken yet."""
        return bool(self._pressed)

    def take_back_key(self) -> None:
        """Let the key pressed last mean nothing more: somebody has done what it stands for."""
        if self._pressed:
            self._pressed.pop()

    def watch(self, watcher: Watcher) -> None:
        """Give every event from now on to ``watcher`` as well."""
        self._watchers.append(watcher)

    def unwatch(self, watcher: Watcher) -> None:
        """Give it no more."""
        if watcher in self._watchers:
            self._watchers.remove(watcher)

    def take_keys(self) -> str:
        """Return the keys pressed that nobody has taken yet, and forget them. Personal data."""
        keys = "".join(self._pressed)
        self._pressed.clear()
        return keys

    def start_playback(self, file: Path, over: Callable[[], None]) -> Playback:
        """Play one file and call ``over`` when it has come to its end by itself."""
        return self.start_playing([file], over)

    def start_playing(self, files: list[Path], over: Callable[[], None]) -> Playback:
        """Play files and call ``over`` when the last has come to its end by itself."""
        playback = self.leg.play(files)
        self._playbacks[playback.id] = over
        return playback

    def forget_playback(self, playback: Playback) -> None:
        """Call nobody when this playback ends."""
        self._playbacks.pop(playback.id, None)

    @contextmanager
    def waiting(self) -> Iterator[asyncio.Future[None]]:
        """Give a future to wait for, which gets `CallEndedError` when the call ends first.

        Raises:
            CallEndedError: the call is over.
        """
        self.check_alive()
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waits.add(future)
        try:
            yield future
        finally:
            self._waits.discard(future)
            future.cancel()

    def _take(self, leg: Leg) -> None:
        self.leg = leg
        if self._ended is None:
            self._house.calls[leg.id] = self

    def check_alive(self) -> None:
        """Raise `CallEndedError` when the call is over."""
        if self._ended is not None:
            raise CallEndedError(f"call {self.id} is over")

    def _on_event(self, event: LegEvent) -> None:
        if isinstance(event, DigitPressed):
            self._press(event.digit)
        elif isinstance(event, PlaybackEnded):
            self._playbacks.pop(event.playback_id, _nothing)()
        elif isinstance(event, Ended):
            self._end(event)
        elif isinstance(event, TransferRequested | Replaced) and not self.in_conversation:
            event.leg.hang_up()
        for watcher in tuple(self._watchers):
            watcher(self, event)

    def _press(self, digit: str) -> None:
        self._pressed.append(digit)
        for future in tuple(self._key_waits):
            _settle(future)

    def _end(self, ended: Ended) -> None:
        self._ended = ended
        self._playbacks.clear()
        if hasattr(self, "leg"):
            self._house.calls.pop(self.leg.id, None)
        for future in tuple(self._waits):
            if not future.done():
                future.set_exception(CallEndedError(f"call {self.id} ended: {ended.why.value}"))


def _settle(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


def _nothing() -> None:
    """Nobody waits for this playback."""
