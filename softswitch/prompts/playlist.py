"""The order in which music is played to one caller."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, MutableSequence
from pathlib import Path
from typing import Any, Protocol

from softswitch.errors import MisuseError


class Shuffler(Protocol):
    """What is needed of a random generator; `random.Random` has it."""

    def shuffle(self, x: MutableSequence[Any], /) -> None:
        """Put ``x`` in random order, in place."""


class Playlist(Iterator[Path]):
    """An endless iterator over files in random order.

    In every round each file comes once, and no file comes twice in a row, also where one
    round meets the next (but for a list of a single file). Of the orders that this allows each
    is as likely as any other. A file that is listed twice counts once.

    Each caller has a playlist of one's own: take the next file when the one before it has
    been heard to its end. Pausing and going on within a file is the player's part.
    """

    def __init__(self, files: Iterable[Path], rng: Shuffler) -> None:
        """Start before the first round.

        Args:
            files: what to play, at least one.
            rng: decides; the same generator state gives the same order.

        Raises:
            MisuseError: there are no files.
        """
        self._files = tuple(dict.fromkeys(files))
        if not self._files:
            raise MisuseError("A playlist needs at least one file.")
        self._rng = rng
        self._coming: list[Path] = []
        self._last: Path | None = None

    def __next__(self) -> Path:
        if not self._coming:
            self._coming = self._round()
        self._last = self._coming.pop(0)
        return self._last

    def _round(self) -> list[Path]:
        """Return all files, any of them first but the one just heard."""
        firsts = [file for file in self._files if file != self._last] or list(self._files)
        self._rng.shuffle(firsts)
        first = firsts[0]
        rest = [file for file in self._files if file != first]
        self._rng.shuffle(rest)
        return [first, *rest]
