"""One switch writes to a data folder at a time: a second one is refused before it begins."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import Final

from softswitch.errors import EnvironmentFaultError

NAME: Final = ".in-use"


class FolderLock:
    """Holds a folder for this process; a process that dies lets go of it."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME
        self._handle: int | None = None

    def take(self) -> None:
        """Hold the folder, which must exist.

        Raises:
            EnvironmentFaultError: another switch holds it.
            OSError: it cannot be written.
        """
        handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            raise EnvironmentFaultError(
                f"Another switch is running on the data folder {self._path.parent}.",
                remedy="Stop it, or give this office a `data_dir` of its own.",
            ) from None
        self._handle = handle

    def release(self) -> None:
        """Let go, where it is held."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None
