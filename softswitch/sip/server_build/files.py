"""Where the build keeps what it made and fetched, and checksums of it.

::

    $XDG_CACHE_HOME/softswitch/pjsip/     (~/.cache/... where that is unset)
    ├── sources/   tarballs, by checksum and name; `latest` names the one used last
    ├── wheels/    finished wheels, one folder each, named by fingerprint
    └── logs/      one folder for each build, one file for each step
"""

from __future__ import annotations

import datetime as dt
import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import attrs

_LOGS_KEPT = 10


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@attrs.frozen(kw_only=True)
class Tarball:
    """A source tarball on this machine.

    Attributes:
        path: where it lies.
        sha256: of its bytes, in hexadecimal.
    """

    path: Path
    sha256: str

    @classmethod
    def at(cls, path: Path) -> Tarball:
        """The tarball at ``path``."""
        return cls(path=path, sha256=sha256_of(path))


@attrs.frozen
class Cache:
    """The folder that survives from one build to the next.

    Attributes:
        root: created when first needed.
    """

    root: Path

    @classmethod
    def of_user(cls) -> Cache:
        """The cache of the user who runs this (XDG base directory specification)."""
        base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        return cls(Path(base) / "softswitch" / "pjsip")

    def latest_source(self) -> Tarball | None:
        """The tarball used last, if it is still there and whole."""
        note = self.root / "sources" / "latest"
        if not note.is_file():
            return None
        path = note.with_name(note.read_text(encoding="utf-8"))
        if not path.is_file():
            return None
        tarball = Tarball.at(path)
        return tarball if path.name.startswith(tarball.sha256[:16]) else None

    def keep_source(self, tarball: Tarball) -> Tarball:
        """Copy a tarball that made a working wheel here, and use it from now on."""
        folder = self.root / "sources"
        folder.mkdir(parents=True, exist_ok=True)
        name = tarball.path.name.removeprefix(f"{tarball.sha256[:16]}-")
        kept = folder / f"{tarball.sha256[:16]}-{name}"
        if kept != tarball.path:
            shutil.copyfile(tarball.path, kept)
        (folder / "latest").write_text(kept.name, encoding="utf-8")
        return Tarball(path=kept, sha256=tarball.sha256)

    def wheel(self, fingerprint: str) -> Path | None:
        """The wheel made earlier from the same ingredients."""
        return next(self._wheel_folder(fingerprint).glob("*.whl"), None)

    def keep_wheel(self, wheel: Path, fingerprint: str) -> Path:
        """Move a finished wheel here, in one step: nobody ever sees half of it."""
        folder = self._wheel_folder(fingerprint)
        folder.mkdir(parents=True, exist_ok=True)
        partial = shutil.copyfile(wheel, folder / "partial")
        return partial.replace(folder / wheel.name)

    def _wheel_folder(self, fingerprint: str) -> Path:
        return self.root / "wheels" / fingerprint

    def new_log_folder(self) -> Path:
        """An empty folder for the logs of one build; the oldest ones make room."""
        logs = self.root / "logs"
        logs.mkdir(parents=True, exist_ok=True)
        for old in sorted(logs.iterdir())[: -_LOGS_KEPT + 1]:
            shutil.rmtree(old, ignore_errors=True)
        now = dt.datetime.now(tz=dt.UTC)
        folder = logs / f"{now:%Y%m%d-%H%M%S-%f}"
        folder.mkdir()
        return folder

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Wait until no other process builds; others wait for us meanwhile."""
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
