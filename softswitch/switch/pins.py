"""PINs of boxes and members: each kept as a hash in a file of its own, wrong tries counted."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Final

from softswitch.prompts.library import PinGuard, PinVerdict

FOLDER: Final = "pins"
"""In an office's data folder."""


class Pins:
    """Guards of PINs, by owner: ``member-anna``, ``group-main``."""

    def __init__(self, folder: Path, clock: Callable[[], datetime]) -> None:
        """Set up.

        Args:
            folder: of the files; made when needed.
            clock: the time, with its offset from UTC.
        """
        self._folder = folder
        self._clock = clock

    def _guard(self, owner: str) -> PinGuard:
        return PinGuard(self._folder / f"{owner}.json", self._clock)

    async def new(self, owner: str, pin: str | None = None) -> str:
        """Set a PIN, a random one when None, and return it: it is kept nowhere.

        Raises:
            LibraryError: it is not 4 to 12 digits.
            EnvironmentFaultError: it cannot be stored.
        """
        return await asyncio.to_thread(self._guard(owner).new, pin)

    async def check(self, owner: str, pin: str) -> PinVerdict:
        """Say whether a PIN is right; wrong ones are counted.

        Raises:
            EnvironmentFaultError: it cannot be read.
        """
        return await asyncio.to_thread(self._guard(owner).try_pin, pin)
