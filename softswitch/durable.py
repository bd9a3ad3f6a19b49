"""Small files that are there whole or not at all, whenever the machine is switched off."""

from __future__ import annotations

import logging
import os
from pathlib import Path

log = logging.getLogger(__name__)


def write_whole(path: Path, data: bytes, *, mode: int = 0o666) -> None:
    """Replace a file by another; at any moment one of the two is there, and on the disk.

    Args:
        path: the file.
        data: what it holds from now on.
        mode: who may do what with it, less what the process's umask takes away.

    Raises:
        OSError: it cannot be written; what stood there before stands there still.
    """
    fresh = path.with_name(f".{path.name}.new")
    fresh.unlink(missing_ok=True)
    with open(fresh, "wb", opener=lambda name, flags: os.open(name, flags, mode)) as file:
        file.write(data)
        flush(file.fileno())
    fresh.replace(path)
    flush_folder(path.parent)


def put_aside(path: Path) -> None:
    """Keep a file that cannot be read, for somebody to look at: the next one would replace it."""
    aside = path.with_name(f"{path.name}.unreadable")
    try:
        path.replace(aside)
    except OSError as error:
        log.error("%s cannot be put aside: %s", path, error)  # noqa: TRY400 - a fault of the disk, not of the program
    else:
        log.error("%s is kept as %s", path, aside)


def flush(handle: int) -> None:
    """Put what was written to a file on the disk."""
    os.fsync(handle)


def flush_folder(folder: Path) -> None:
    """Put the names of a folder on the disk: a file made, renamed or removed stays so."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
