"""What one waiting caller hears: messages, and music between them.

A message pauses the music; afterwards the music goes on where it stopped. Files come in random
order, each to its end before the next. Everything is cut by `WaitingSound.stop` at once,
whatever is being said.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from softswitch.errors import CallEndedError
from softswitch.telephony import Playback

if TYPE_CHECKING:
    from softswitch.switch.party import Party


class WaitingSound:
    """The sound of one call that waits. Needs a call that is answered."""

    def __init__(
        self,
        call: Party,
        playlist: Iterator[Path],
        *,
        plays: Callable[[], None] = lambda: None,
    ) -> None:
        """Prepare; nothing is heard yet.

        Args:
            call: who hears it.
            playlist: endless music.
            plays: called whenever music begins to be heard: at first, and after each message.
        """
        self._call = call
        self._playlist = playlist
        self._plays = plays
        self._to_say: deque[Path] = deque()
        self._saying: Playback | None = None
        self._background: Playback | None = None
        self._wants_music = False
        self._stopped = False
        self._silence: asyncio.Future[None] | None = None

    @property
    def fresh(self) -> bool:
        """Whether there has been no music yet, and nothing was stopped."""
        return not self._stopped and not self._wants_music

    def say(self, *messages: Path) -> None:
        """Say messages, after those that are still to be said."""
        self._to_say.extend(messages)
        self._go_on()

    def cut(self) -> None:
        """Say no more of what is being said or still to be said; the music goes on."""
        self._to_say.clear()
        if self._saying is not None:
            self._call.forget_playback(self._saying)
            self._saying.stop()
            self._said()

    def start_music(self) -> None:
        """Let music play whenever nothing is said."""
        if not self._wants_music:
            self._wants_music = True
            self._go_on()

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
        self._tell_silence()

    def _go_on(self) -> None:
        """Say what is to be said, else let the background be heard."""
        if self._stopped or self._saying is not None:
            return
        if self._to_say:
            self._say_next()
        elif self._wants_music:
            self._play_on()
            self._plays()

    def _play_on(self) -> None:
        if self._background is not None:
            self._background.resume()
        else:
            self._background = self._start(next(self._playlist), self._piece_over)

    def _say_next(self) -> None:
        if self._background is not None:
            self._background.pause()
        self._saying = self._start(self._to_say.popleft(), self._said)

    def _start(self, file: Path, over: Callable[[], None]) -> Playback | None:
        """Begin to play, but for a call that ended a moment ago: its `Ended` is on the way."""
        try:
            return self._call.start_playback(file, over)
        except CallEndedError:
            self._stopped = True
            self._to_say.clear()
            return None

    def _said(self) -> None:
        self._saying = None
        self._go_on()
        if self._saying is None:
            self._tell_silence()

    def _tell_silence(self) -> None:
        if self._silence is not None and not self._silence.done():
            self._silence.set_result(None)

    def _piece_over(self) -> None:
        """One piece follows another without a pause, so the music has not begun anew.

        A piece may come to its end at the very moment at which a message pauses it.
        """
        self._background = None
        if self._saying is None:
            self._play_on()

    def _drop_background(self) -> None:
        if self._background is not None:
            self._call.forget_playback(self._background)
            self._background.stop()
            self._background = None
