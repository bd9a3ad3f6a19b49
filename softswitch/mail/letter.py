"""Letters as mail systems want them (RFC 5322, RFC 2045): text, and a file attached."""

from __future__ import annotations

import mimetypes
import tomllib
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Final

import attrs

from softswitch.voicemail import Message

_FALLBACK: Final = "en"


@attrs.frozen(kw_only=True)
class Letter:
    """What is to be sent.

    Attributes:
        id: names the letter for ever: it is sent twice rather than not at all, and mail systems
            recognise it by this.
        to: addresses.
        subject: one line.
        text: what it says.
        attachments: files that go with it.
        urgent: mark it so.
    """

    id: str
    to: tuple[str, ...]
    subject: str
    text: str
    attachments: tuple[Path, ...] = ()
    urgent: bool = False

    def written(self, sender: str, at: datetime) -> bytes:
        """Return it as it travels; see `write`."""
        return write(self, sender, at)


def write(letter: Letter, sender: str, written_at: datetime) -> bytes:
    """Return a letter as it travels. Reads the files attached.

    Args:
        letter: what is to be sent.
        sender: address that it comes from.
        written_at: with its offset from UTC.

    Raises:
        OSError: a file cannot be read.
    """
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"] = sender, ", ".join(letter.to)
    mail["Subject"] = _one_line(letter.subject)
    mail["Date"] = format_datetime(written_at)
    mail["Message-ID"] = f"<{letter.id}@{sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no answers from holidays
    if letter.urgent:
        mail["Importance"], mail["X-Priority"] = "high", "1"
    mail.set_content(letter.text)
    for path in letter.attachments:
        kind, _, inner = (mimetypes.guess_type(path.name)[0] or _ANY).partition("/")
        data = path.read_bytes()
        mail.add_attachment(data, maintype=kind, subtype=inner, filename=path.name)
    return mail.as_bytes()


_ANY: Final = "application/octet-stream"


def _one_line(text: str) -> str:
    """Take out what would break a header: names of callers come from anywhere."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


@cache
def _words() -> dict[str, dict[str, str]]:
    text = resources.files("softswitch.mail").joinpath("words.toml").read_text(encoding="utf-8")
    return {language: dict(table) for language, table in tomllib.loads(text).items()}


def voicemail_letter(message: Message, sound: Path, *, box_name: str) -> Letter:
    """Write the letter about a message, in the language in which the caller was spoken to.

    Args:
        message: the message.
        sound: its recording.
        box_name: what its readers call the box.
    """
    words = _words().get(message.language) or _words()[_FALLBACK]
    values = {
        "box": _one_line(box_name),
        "caller": _caller(message) or words["unknown"],
        "time": f"{message.received_at:%Y-%m-%d %H:%M}",
        "length": f"{int(message.length_s) // 60}:{int(message.length_s) % 60:02}",
    }
    urgent = words["urgent"] if message.urgent else ""
    return Letter(
        id=f"voicemail-{message.id}",
        to=message.mail_to,
        subject=urgent + words["subject"].format(**values),
        text=words["text"].format(**values).lstrip(),
        attachments=(sound,),
        urgent=message.urgent,
    )


def _caller(message: Message) -> str:
    named = f"{message.caller_name} ({message.caller})" if message.caller_name else message.caller
    return _one_line(named if message.caller else message.caller_name)
