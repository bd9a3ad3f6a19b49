"""Letters on disk that no mail server has taken yet.

A letter is two files: what travels (``.eml``), and an envelope (``.json``) that says to whom. The
envelope is written last and removed first, so that a process killed at any moment leaves a letter
whole or not at all; an ``.eml`` without an envelope is cleared away by the next start.
"""

from __future__ import annotations

import json
import logging
from datetime import datetime
from pathlib import Path
from typing import Final

import attrs
import cattrs
from cattrs.preconf.json import make_converter

from softswitch.durable import flush_folder, write_whole
from softswitch.mail.letter import Letter, write

log = logging.getLogger(__name__)

_CONVERTER: Final = make_converter(forbid_extra_keys=True)
_LETTER, _ENVELOPE = ".eml", ".json"
REFUSED: Final = "undelivered"
"""Folder of letters that were given up."""


@attrs.frozen(kw_only=True)
class Envelope:
    """What a mail server is told of a letter.

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

    def __init__(self, folder: Path) -> None:
        """Set up; the folder is made when needed."""
        self.folder = folder

    def post(self, letter: Letter, sender: str, now: datetime) -> Envelope:
        """Keep a letter until it is taken; it is on the disk when this returns.

        The same letter posted twice is one.

        Raises:
            OSError: it cannot be written, or a file attached cannot be read.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        envelope = Envelope(id=letter.id, sender=sender, to=letter.to, since=now)
        write_whole(self._file(envelope, _LETTER), write(letter, sender, now))
        self._seal(envelope)
        return envelope

    def waiting(self) -> tuple[Envelope, ...]:
        """Return every letter that waits, the oldest first; clear away what was never finished."""
        found: list[Envelope] = []
        for path in self.folder.glob(f"*{_ENVELOPE}"):
            try:
                found.append(_CONVERTER.loads(path.read_bytes(), Envelope))
            except (OSError, ValueError, TypeError, cattrs.BaseValidationError) as error:
                log.error("%s is no envelope and is left aside: %s", path, error)  # noqa: TRY400 - a fault of the file, not of the program
        for path in self.folder.glob(f"*{_LETTER}"):
            if not path.with_suffix(_ENVELOPE).exists():
                path.unlink()
        return tuple(sorted(found, key=lambda envelope: (envelope.since, envelope.id)))

    def read(self, envelope: Envelope) -> bytes:
        """Return a letter as it travels.

        Raises:
            OSError: it cannot be read.
        """
        return self._file(envelope, _LETTER).read_bytes()

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
        self._file(envelope, _LETTER).unlink(missing_ok=True)
        flush_folder(self.folder)
        return None

    def give_up(self, envelope: Envelope) -> Path:
        """Put a letter aside that nobody takes; return where it is from now on.

        Raises:
            OSError: it cannot be moved.
        """
        aside = self.folder / REFUSED
        aside.mkdir(exist_ok=True)
        for kind in (_LETTER, _ENVELOPE):
            self._file(envelope, kind).replace(aside / f"{envelope.id}{kind}")
        flush_folder(self.folder)
        return aside / f"{envelope.id}{_LETTER}"

    def _seal(self, envelope: Envelope) -> None:
        text = json.dumps(_CONVERTER.unstructure(envelope), ensure_ascii=False)
        write_whole(self._file(envelope, _ENVELOPE), text.encode())

    def _file(self, envelope: Envelope, kind: str) -> Path:
        return self.folder / f"{envelope.id}{kind}"
