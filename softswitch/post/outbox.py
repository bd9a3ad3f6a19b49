"""Letters and texts on disk that nobody has taken yet.

Each is two files: what travels (``.eml`` of a letter, ``.txt`` of a text), and an envelope
(``.json``) that says to whom. The envelope is written last and removed first, so that a process
killed at any moment leaves a letter whole or not at all; what has no envelope is cleared away by
the next start.
"""

from __future__ import annotations

import json
import logging
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Final, Protocol

import attrs
import cattrs
from cattrs.preconf.json import make_converter

from softswitch.durable import flush_folder, write_whole

log = logging.getLogger(__name__)

_CONVERTER: Final = make_converter(forbid_extra_keys=True)
_ENVELOPE: Final = ".json"
REFUSED: Final = "undelivered"
"""Folder of letters that were given up."""


class Item(Protocol):
    """Something that can be posted: a letter, a text."""

    @property
    def id(self) -> str:
        """Names it for ever; also a file name."""

    @property
    def to(self) -> tuple[str, ...]:
        """Addresses."""

    def written(self, sender: str, at: datetime) -> bytes:
        """Return it as it travels; OSError: a file that goes with it cannot be read."""


@attrs.frozen(kw_only=True)
class Envelope:
    """What is told of a letter to whoever takes it.

    Attributes:
        id: that of the letter.
        sender: address that it comes from.
        to: addresses that have not taken it yet.
        since: when it was posted.
    """

    id: str
    sender: str
    to: tuple[str, ...]
    since: datetime


class Outbox:
    """A folder of letters. Its methods read and write files: call them in a thread."""

    def __init__(self, folder: Path, suffix: str = ".eml") -> None:
        """Set up; the folder is made when needed.

        Args:
            folder: the folder, for one kind of things alone.
            suffix: of the files that hold what travels.
        """
        self.folder = folder
        self._suffix = suffix

    def post(self, letter: Item, sender: str, now: datetime) -> Envelope:
        """Keep a letter until it is taken; it is on the disk when this returns.

        The same letter posted twice is one.

        Raises:
            OSError: it cannot be written, or a file attached cannot be read.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        envelope = Envelope(id=letter.id, sender=sender, to=letter.to, since=now)
        write_whole(self._file(envelope, self._suffix), letter.written(sender, now))
        self._seal(envelope)
        return envelope

    def waiting(self) -> tuple[Envelope, ...]:
        """Return every letter that waits, the oldest first; clear away what was never finished."""
        found: list[Envelope] = []
        for path in self.folder.glob(f"*{_ENVELOPE}"):
            try:
                envelope = _CONVERTER.loads(path.read_bytes(), Envelope)
                if self._file(envelope, self._suffix).exists():
                    found.append(envelope)
                else:  # killed while it was given up, or somebody took it out of the folder
                    log.warning("%s is an envelope alone: put aside", self.give_up(envelope))
            except (OSError, ValueError, TypeError, cattrs.BaseValidationError) as error:
                log.error("%s is no envelope and is left aside: %s", path, error)  # noqa: TRY400 - a fault of the file, not of the program
        for path in self.folder.glob(f"*{self._suffix}"):
            if not path.with_suffix(_ENVELOPE).exists():
                path.unlink()
        return tuple(sorted(found, key=lambda envelope: (envelope.since, envelope.id)))

    def read(self, envelope: Envelope) -> bytes:
        """Return a letter as it travels.

        Raises:
            OSError: it cannot be read.
        """
        return self._file(envelope, self._suffix).read_bytes()

    def taken(self, envelope: Envelope, still: tuple[str, ...] = ()) -> Envelope | None:
        """Note that a letter was taken, but for some addresses; return what is left of it.

        Raises:
            OSError: it cannot be written.
        """
        if still:
            left = attrs.evolve(envelope, to=still)
            self._seal(left)
            return left
        self._file(envelope, _ENVELOPE).unlink(missing_ok=True)
        self._file(envelope, self._suffix).unlink(missing_ok=True)
        flush_folder(self.folder)
        return None

    def give_up(self, envelope: Envelope) -> Path:
        """Put a letter aside that nobody takes; return where it is from now on.

        Raises:
            OSError: it cannot be moved.
        """
        aside = self.folder / REFUSED
        aside.mkdir(exist_ok=True)
        for kind in (self._suffix, _ENVELOPE):
            with suppress(FileNotFoundError):
                self._file(envelope, kind).replace(aside / f"{envelope.id}{kind}")
        flush_folder(self.folder)
        return aside / f"{envelope.id}{self._suffix}"

    def _seal(self, envelope: Envelope) -> None:
        text = json.dumps(_CONVERTER.unstructure(envelope), ensure_ascii=False)
        write_whole(self._file(envelope, _ENVELOPE), text.encode())

    def _file(self, envelope: Envelope, kind: str) -> Path:
        return self.folder / f"{envelope.id}{kind}"
