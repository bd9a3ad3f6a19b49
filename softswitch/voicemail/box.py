"""A voicemail box on disk: for each message a WAV file, and a JSON file that says what it is.

The JSON file is written before the first word is recorded and replaced whole with every change. So
a switch that is killed while a caller speaks finds the message again when it starts: marked as
being spoken, with a file whose header tells no length. `MessageBox.recover` mends both.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import attrs
import cattrs
from cattrs.preconf.json import make_converter

from softswitch.durable import flush_folder, write_whole
from softswitch.voicemail.message import Message, MessageState
from softswitch.voicemail.sound import has_speech, repair

log = logging.getLogger(__name__)

_CONVERTER: Final = make_converter()


class MessageBox:
    """One folder of messages. Its methods read and write files: call them in a thread."""

    def __init__(self, folder: Path) -> None:
        """Set up; the folder is made when needed."""
        self.folder = folder

    def sound(self, message: Message) -> Path:
        """Return where the sound of a message is."""
        return self.folder / message.file

    def store(self, message: Message) -> None:
        """Keep a message as it is now; it is on the disk when this returns.

        Raises:
            OSError: it cannot be written; what was kept before still is.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps(_CONVERTER.unstructure(message), ensure_ascii=False, indent=1)
        write_whole(self._card(message), text.encode())

    def remove(self, message: Message) -> None:
        """Remove a message and its sound.

        Raises:
            OSError: they cannot be removed.
        """
        self._card(message).unlink(missing_ok=True)
        self.sound(message).unlink(missing_ok=True)
        if self.folder.is_dir():
            flush_folder(self.folder)

    def read(self) -> tuple[Message, ...]:
        """Return every message; what cannot be read is told of and left aside."""
        return tuple(sorted(self._cards(), key=lambda message: (message.received_at, message.id)))

    def recover(self) -> tuple[Message, ...]:
        """Return every message after a start; those that were cut short are finished.

        One in which nobody says anything is removed.
        """
        found = (self._finished(message) for message in self.read())
        return tuple(message for message in found if message is not None)

    def _finished(self, message: Message) -> Message | None:
        if message.state is not MessageState.SPEAKING:
            return message
        sound = self.sound(message)
        length_s = repair(sound)
        if not (length_s and has_speech(sound)):
            self.remove(message)
            return None
        log.warning("a message in box %s was cut short and is kept: %s", message.box, sound)
        finished = attrs.evolve(message, state=MessageState.NEW, length_s=length_s)
        self.store(finished)
        return finished

    def _cards(self) -> Iterator[Message]:
        for path in self.folder.glob("*.json"):
            try:
                yield _CONVERTER.loads(path.read_bytes(), Message)
            except (OSError, ValueError, TypeError, cattrs.BaseValidationError) as error:
                log.error("%s describes no message and is left aside: %s", path, error)  # noqa: TRY400 - a fault of the file, not of the program

    def _card(self, message: Message) -> Path:
        return self.folder / f"{message.id}.json"
