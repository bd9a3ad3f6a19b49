"""What one waiting caller hears: messages, and music between them.

A message pauses the music; afterwards the music goes on where it stopped. Files come in random
order, each to its end before the next. Everything is cut by `WaitingSound.stop` at once,
whatever is being said.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from softswitch.switch.sounds import RING_TONE_HZ, RING_TONE_OFF_MS, RING_TONE_ON_MS
from softswitch.telephony import Playback

if TYPE_CHECKING:
    from softswitch.switch.party import Party


class WaitingSound:
    """The sound of one call that waits. Needs a call that is answered."""

    def __init__(self, call: Party, playlist: Iterator[Path]) -> None:
        self._call = call
        self._playlist = playlist
        self._to_say: deque[Path] = deque()
        self._saying: Playback | None = None
        self._background: Playback | None = None
        self._wants_music = False
        self._stopped = False
        self._silence: asyncio.Future[None] | None = None

    def say(self, message: Path) -> None:
        """Say a message, after those that are still to be said."""
        self._to_say.append(message)
        self._go_on()

    def start_music(self) -> None:
        """Let music play whenever nothing is said; a ringing tone ends."""
        if self._wants_music or self._stopped:
            return
        self._wants_music = True
        self._drop_background()
        self._go_on()

    def start_ring_tone(self) -> None:
        """Let a ringing tone sound until there is music."""
        if self._background is None and not self._wants_music and not self._stopped:
            self._background = self._call.leg.play_tone(
                RING_TONE_HZ, on_ms=RING_TONE_ON_MS, off_ms=RING_TONE_OFF_MS, repeat=None
            )
            if self._saying is not None:
                self._background.pause()

    async def until_said(self) -> None:
        """Return when everything has been said that was to be said.

        Raises:
            CallEndedError: the call ended first.
        """
        while self._saying is not None:
            with self._call.waiting() as self._silence:
                await self._silence

    def stop(self) -> None:
        """Fall silent for good."""
        self._stopped = True
        self._to_say.clear()
        self._drop_background()
        if self._saying is not None:
            self._call.forget_playback(self._saying)
            self._saying.stop()
            self._saying = None

    def _go_on(self) -> None:
        """Say what is to be said, else let the background be heard."""
        if self._stopped or self._saying is not None:
            return
        if self._to_say:
            self._say_next()
        elif self._background is not None:
            self._background.resume()
        elif self._wants_music:
            self._background = self._call.start_playback(next(self._playlist), self._piece_over)

    def _say_next(self) -> None:
        if self._background is not None:
            self._background.pause()
        self._saying = self._call.start_playback(self._to_say.popleft(), self._said)

    def _said(self) -> None:
        self._saying = None
        self._go_on()
        if self._saying is None and self._silence is not None and not self._silence.done():
            self._silence.set_result(None)

    def _piece_over(self) -> None:
        self._background = None
        self._go_on()

    def _drop_background(self) -> None:
        if self._background is not None:
            self._call.forget_playback(self._background)
            self._background.stop()
            self._background = None
