"""Rendered sounds on disk, by the content of their description.

A sound is a pure function of its description, so a file is written once and never changes.
It is written under a temporary name and then renamed: a reader sees a whole file or none, also
when the process is killed in between; one that was cut short otherwise is found out when it is
first used, and made again. Two threads that want the same sound at once render it once; two
processes may both render it, and either result is right. The folder is kept under a size by
removing what was used longest ago.

A file that somebody is about to play, or plays, stays: not by any list that has to be kept, but
because the path that the cache gave out is still in somebody's hands (`KeptPath`).
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PosixPath
from weakref import WeakValueDictionary

import numpy as np
from numpy.typing import NDArray

from softswitch.errors import EnvironmentFaultError
from softswitch.prompts.wav import TEMPORARY_PREFIX, is_whole, write_wav

ABANDONED_AFTER_S = 3_600.0
"""A temporary file this much older than the newest sound was left by a process that died."""


TIDY_EVERY = 100
"""So many files are written between two looks at the whole folder while it seems small enough."""


class KeptPath(PosixPath):
    """A path whose file the cache that gave it out leaves alone while this object lives.

    Copies made of its text, such as ``Path(str(path))``, keep nothing.
    """

    __slots__ = ("__weakref__",)


class SoundCache:
    """A folder of WAV files: mono, 16 bits, one sample rate.

    Safe for many threads. Several processes may share a folder; each knows only the files that
    are pinned or in use in its own, so they should then agree on a generous size.
    """

    def __init__(self, folder: Path, rate_hz: int, *, max_bytes: int) -> None:
        self._folder = folder
        self._rate_hz = rate_hz
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        self._keys: WeakValueDictionary[str, threading.Lock] = WeakValueDictionary()
        self._pinned: set[str] = set()
        self._in_use: WeakValueDictionary[str, KeptPath] = WeakValueDictionary()
        self._whole: set[str] = set()
        self._bytes = 0
        self._tidy_at = max_bytes
        self._until_tidy = 0

    def get(
        self,
        description: Mapping[str, object],
        render: Callable[[], NDArray[np.int16]],
        *,
        pinned: bool = False,
    ) -> Path:
        """Return the file of the sound that ``description`` tells, rendered if need be.

        Args:
            description: everything that the sound depends on, as JSON can hold it.
            render: makes the sound, shape ``(samples,)``, at the cache's rate.
            pinned: never remove the file while this object lives.

        Returns:
            The file, which is not removed while this very path is held.

        Raises:
            EnvironmentFaultError: the folder cannot be written.
        """
        name = self._name(description)
        path = self._kept(name, pinned=pinned)
        with self._lock_of(name):
            with _disk_faults(self._folder):
                if self._is_there(path):
                    return path
            samples = render()
            with _disk_faults(self._folder):
                self._write(path, samples)
                self._grown(path)
        return path

    def use(self, name: str, *, pinned: bool = False) -> Path | None:
        """Return a file of this cache as `get` does, or None where it is gone meanwhile.

        Args:
            name: that of a file that `get` returned.
            pinned: never remove the file while this object lives.
        """
        path = self._kept(name, pinned=pinned)
        with _disk_faults(self._folder):
            return path if self._is_there(path) else None

    def _kept(self, name: str, *, pinned: bool) -> KeptPath:
        """Return the path of a file, which from now on stays where it is there."""
        with self._lock:
            if pinned:
                self._pinned.add(name)
            path = self._in_use.get(name)
            if path is None:
                path = self._in_use[name] = KeptPath(self._folder / name)
            return path

    def _is_there(self, path: Path) -> bool:
        """Mark a file as just used; False where there is none, or not all of it."""
        if path.name in self._whole:
            return _touch(path)
        try:
            with path.open("rb") as file:
                whole = is_whole(file)
        except FileNotFoundError:
            return False
        if whole:
            self._whole.add(path.name)
        return whole and _touch(path)

    def _name(self, description: Mapping[str, object]) -> str:
        text = json.dumps({**description, "rate_hz": self._rate_hz}, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:32] + ".wav"

    def _lock_of(self, name: str) -> threading.Lock:
        with self._lock:
            lock = self._keys.get(name)
            if lock is None:
                lock = self._keys[name] = threading.Lock()
            return lock

    def _write(self, path: Path, samples: NDArray[np.int16]) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        write_wav(path, samples, self._rate_hz)
        self._whole.add(path.name)

    def _grown(self, newest: Path) -> None:
        """Tidy when the folder may be too large: looking at every file each time takes too long."""
        with self._lock:
            self._bytes += newest.stat().st_size
            self._until_tidy -= 1
            if self._bytes > self._tidy_at or self._until_tidy < 0:
                self._bytes = self._tidy(newest)
                self._until_tidy = TIDY_EVERY
                self._tidy_at = max(self._max_bytes, self._bytes + self._max_bytes // 10)

    def _tidy(self, newest: Path) -> int:
        """Remove what a dead process left, then the least recently used beyond the size.

        A tenth of the size is made free at once, so that it is some time to the next look.

        Returns:
            How many bytes are left.
        """
        now_s = newest.stat().st_mtime
        files = {path: stat for path in self._folder.iterdir() if (stat := _stat(path))}
        for path, stat in files.items():
            if path.name.startswith(TEMPORARY_PREFIX) and stat.st_mtime < now_s - ABANDONED_AFTER_S:
                path.unlink(missing_ok=True)
        sounds = {path: stat for path, stat in files.items() if path.suffix == ".wav"}
        left = sum(stat.st_size for stat in sounds.values())
        enough = self._max_bytes - self._max_bytes // 10 if left > self._max_bytes else left
        for path in sorted(sounds, key=lambda path: sounds[path].st_mtime):
            if left <= enough:
                break
            if path.name not in self._pinned and path.name not in self._in_use:
                path.unlink(missing_ok=True)
                self._whole.discard(path.name)
                left -= sounds[path].st_size
        return left


@contextmanager
def _disk_faults(folder: Path) -> Iterator[None]:
    """Turn what the disk refuses into an error with a remedy."""
    try:
        yield
    except OSError as error:
        raise EnvironmentFaultError(
            f"Sounds cannot be kept in {folder}: {error.strerror or error}.",
            remedy="Check that the folder may be written and that the disk has room.",
        ) from error


def _touch(path: Path) -> bool:
    """Mark the file as just used; False where there is none."""
    try:
        os.utime(path)
    except FileNotFoundError:
        return False
    return True


def _stat(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except FileNotFoundError:
        return None
