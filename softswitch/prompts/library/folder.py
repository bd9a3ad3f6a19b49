"""A sound library on disk: one folder of sound files, and an index that says what they are.

The index is replaced whole: written under a temporary name, flushed to the disk, renamed. A sound
file is in place and on the disk before the index names it, and is removed only after the index has
forgotten it. So whoever is killed at any moment leaves the library as it was or as it was to be,
with at worst a file that nobody names, which the next change removes. Changes of several processes
wait for each other (``flock``); reading waits for nobody.
"""

from __future__ import annotations

import fcntl
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final, Literal

import attrs
import cattrs
from cattrs.preconf.json import make_converter

from softswitch.durable import flush_folder
from softswitch.errors import EnvironmentFaultError
from softswitch.prompts.library.model import Catalogue
from softswitch.prompts.library.rules import Change

INDEX: Final = "index.json"
_LOCK: Final = ".lock"
_INCOMING: Final = ".incoming-"
_WRITING: Final = ".writing-"
_MODE: Final = 0o644
_BLOCK: Final = 1 << 20

_CONVERTER: Final = make_converter(forbid_extra_keys=True)


@attrs.frozen(kw_only=True)
class _Index:
    """What the file holds. Another shape of it will have another format."""

    format: Literal[1] = 1
    catalogue: Catalogue


class LibraryFolder:
    """Where a library is kept. Safe for threads and processes."""

    def __init__(self, folder: Path) -> None:
        """Set up; nothing is read or made before it is needed."""
        self.folder = folder

    def read(self) -> Catalogue:
        """Return the catalogue as it is now; an empty one where there is no library yet.

        Raises:
            EnvironmentFaultError: the index cannot be read, or is none.
        """
        with self._disk_faults():
            try:
                text = (self.folder / INDEX).read_bytes()
            except FileNotFoundError:
                return Catalogue()
        return _read_index(text, self.folder / INDEX)

    def change(self, change: Change, *, bring: Path | None = None, name: str = "") -> Catalogue:
        """Replace the catalogue by what ``change`` makes of it.

        Args:
            change: from one catalogue to the next; what it raises leaves everything as it was.
            bring: a file from `incoming` that moves in, first of all.
            name: what it is called in the folder.

        Returns:
            The new catalogue, which is on the disk.

        Raises:
            EnvironmentFaultError: the folder cannot be written.
        """
        with self._disk_faults(), self._locked():
            catalogue = change(self.read())
            if bring is not None:
                bring.replace(self.folder / name)
            self._write(catalogue)
            self._tidy(catalogue)
        return catalogue

    @contextmanager
    def incoming(self, original: IO[bytes], size_max: int) -> Iterator[Path]:
        """Copy a file into the folder under a name of its own for as long as the block lasts.

        What is checked is then what moves in, whatever happens to the original meanwhile.

        Args:
            original: open to read; at most a little over ``size_max`` bytes of it are copied.
            size_max: in bytes.

        Raises:
            EnvironmentFaultError: the folder cannot be written.
        """
        with self._disk_faults(), self._locked():
            handle, temporary = tempfile.mkstemp(prefix=_INCOMING, dir=self.folder)
            fcntl.flock(handle, fcntl.LOCK_SH)
        try:
            with os.fdopen(handle, "wb") as copy, self._disk_faults():
                while copy.tell() <= size_max and (block := original.read(_BLOCK)):
                    copy.write(block)
                _flush(copy)
                yield Path(temporary)
        finally:
            Path(temporary).unlink(missing_ok=True)

    def _write(self, catalogue: Catalogue) -> None:
        plain = _CONVERTER.unstructure(_Index(catalogue=catalogue))
        handle, temporary = tempfile.mkstemp(prefix=_WRITING, dir=self.folder)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(plain, file, ensure_ascii=False, indent=1)
                _flush(file)
            Path(temporary).replace(self.folder / INDEX)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
        flush_folder(self.folder)

    def _tidy(self, catalogue: Catalogue) -> None:
        """Remove files that nobody names, and copies whose makers have died."""
        named = {v.file for sound in catalogue.sounds.values() for v in sound.versions}
        for path in self.folder.iterdir():
            if path.name.startswith(_INCOMING):
                _remove_if_abandoned(path)
            elif path.name not in named and path.name not in (INDEX, _LOCK) and path.is_file():
                path.unlink(missing_ok=True)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / _LOCK).open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    @contextmanager
    def _disk_faults(self) -> Iterator[None]:
        """Turn what the disk refuses into an error with a remedy."""
        try:
            yield
        except OSError as error:
            raise EnvironmentFaultError(
                f"The sound library in {self.folder} cannot be used: {error.strerror or error}.",
                remedy="Check that the folder may be read and written and that the disk has room.",
            ) from error


def _flush(file: IO[Any]) -> None:
    """Put a file on the disk, for whoever may read the folder."""
    file.flush()
    os.fchmod(file.fileno(), _MODE)
    os.fsync(file.fileno())


def _remove_if_abandoned(path: Path) -> None:
    """Remove a copy on which nobody holds a lock any more."""
    try:
        with path.open("rb") as copy:
            fcntl.flock(copy, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink(missing_ok=True)
    except (BlockingIOError, FileNotFoundError):
        return


def _read_index(text: bytes, path: Path) -> Catalogue:
    try:
        catalogue = _CONVERTER.loads(text, _Index).catalogue
        _check_names(catalogue)
    except (ValueError, TypeError, AttributeError, cattrs.BaseValidationError) as error:
        raise EnvironmentFaultError(
            f"{path} is not the index of a sound library that this version can read.",
            remedy="Put back a copy of it, or move the folder away to begin with an empty library.",
        ) from error
    return catalogue


def _check_names(catalogue: Catalogue) -> None:
    """Refuse what only an index that was written by hand can hold."""
    named = {name for shelf in catalogue.shelves.values() for name in shelf.names()}
    if unknown := named - set(catalogue.sounds):
        raise ValueError(f"unknown sounds: {unknown}")
    for sound in catalogue.sounds.values():
        if sound.current not in [version.number for version in sound.versions]:
            raise ValueError(f"{sound.name} has no version {sound.current}")
