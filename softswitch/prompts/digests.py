"""What files hold, in a word each, without reading them again while they are as they were."""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from io import BufferedReader
from pathlib import Path
from typing import Final, TypeAlias

from softswitch.prompts.files import DEFAULT_LIMITS, content_hash, open_sound
from softswitch.prompts.limits import FileLimits

Signature: TypeAlias = tuple[int, int, int, int, int]
"""Device, inode, size, and the times of the last change of content and of anything, in ns."""

KNOWN_MAX: Final = 10_000

_SETTLED_NS: Final = 1_000_000_000


def signature(path: Path) -> Signature | None:
    """Return what changes whenever a file is written; None where there is no file."""
    try:
        state = path.stat()
    except (OSError, ValueError):
        return None
    return _signature(state)


def _signature(state: os.stat_result) -> Signature:
    return (state.st_dev, state.st_ino, state.st_size, state.st_mtime_ns, state.st_ctime_ns)


class Digests:
    """The digests of files. Safe for threads.

    A file that was changed less than a second ago is read each time it is asked for: the kernel
    stamps changes with a coarse clock, and a second one right after the first could look the same.
    """

    def __init__(self, limits: FileLimits = DEFAULT_LIMITS) -> None:
        self._limits = limits
        self._lock = threading.Lock()
        self._known: OrderedDict[Path, tuple[Signature, str]] = OrderedDict()

    def of(self, path: Path) -> tuple[str, Signature, bool]:
        """Return the digest of a file, its signature, and whether that can be relied on.

        Raises:
            PromptError: the file cannot be read, or is none.
        """
        now = signature(path)
        with self._lock:
            known = self._known.get(path)
        if known is not None and known[0] == now:
            return known[1], known[0], True
        with open_sound(path, self._limits) as file:
            return self.of_open(path, file)

    def of_open(self, path: Path, file: BufferedReader) -> tuple[str, Signature, bool]:
        """Return the same of a file that is open, and leave it at its start."""
        found = _signature(os.fstat(file.fileno()))
        with self._lock:
            known = self._known.get(path)
        if known is not None and known[0] == found:
            return known[1], found, True
        settled = _kernel_ns() - max(found[3:]) > _SETTLED_NS
        digest = content_hash(file)
        if settled and _signature(os.fstat(file.fileno())) == found:
            self._remember(path, found, digest)
            return digest, found, True
        return digest, found, False

    def _remember(self, path: Path, found: Signature, digest: str) -> None:
        with self._lock:
            self._known[path] = (found, digest)
            self._known.move_to_end(path)
            while len(self._known) > KNOWN_MAX:
                self._known.popitem(last=False)


def _kernel_ns() -> int:
    """Return the clock by which the kernel stamps files: a new file bears it."""
    handle = os.memfd_create("now")
    try:
        return os.fstat(handle).st_mtime_ns
    finally:
        os.close(handle)
