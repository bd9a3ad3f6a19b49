"""One message in a voicemail box, and how many a box holds."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from datetime import datetime

import attrs


class MessageState(enum.Enum):
    """How far a message has come."""

    SPEAKING = "speaking"
    """The caller is still at it; or was, when the switch was killed."""

    NEW = "new"
    HEARD = "heard"


@attrs.frozen(kw_only=True)
class Message:
    """What is known of one message; its sound is a WAV file beside it.

    Attributes:
        id: unique in the box.
        box: whose voicemail: a group's id or a member's.
        state: how far it has come.
        received_at: when the caller began to speak, with the offset from UTC.
        file: name of the WAV file in the box's folder.
        call_id: the call in the records.
        caller: number of the caller; empty: unknown. Personal data.
        caller_name: what the caller's phone shows. Personal data.
        language: the language that the caller was spoken to in.
        length_s: how long it is.
        urgent: the caller marked it so.
        mail_to: addresses that it is still to be sent to; none once the outbox has it.
    """

    id: str
    box: str
    state: MessageState
    received_at: datetime
    file: str
    call_id: str = ""
    caller: str = ""
    caller_name: str = ""
    language: str = "en"
    length_s: float = 0.0
    urgent: bool = False
    mail_to: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class BoxCounts:
    """How many messages there are, as phones show it (RFC 3842 section 5.2).

    Attributes:
        new: not yet heard, the urgent ones included.
        old: heard and kept, the urgent ones included.
        new_urgent: urgent ones among the new.
        old_urgent: urgent ones among the old.
    """

    new: int = 0
    old: int = 0
    new_urgent: int = 0
    old_urgent: int = 0

    def __add__(self, other: BoxCounts) -> BoxCounts:
        """Count two boxes together."""
        return BoxCounts(
            new=self.new + other.new,
            old=self.old + other.old,
            new_urgent=self.new_urgent + other.new_urgent,
            old_urgent=self.old_urgent + other.old_urgent,
        )


def counts(messages: Iterable[Message]) -> BoxCounts:
    """Count messages; those still being spoken do not count."""
    listed = list(messages)
    new = [message for message in listed if message.state is MessageState.NEW]
    old = [message for message in listed if message.state is MessageState.HEARD]
    return BoxCounts(
        new=len(new),
        old=len(old),
        new_urgent=sum(message.urgent for message in new),
        old_urgent=sum(message.urgent for message in old),
    )


def in_order(messages: Iterable[Message]) -> tuple[Message, ...]:
    """Sort messages as their owner hears them: urgent ones first, then the oldest first."""
    return tuple(sorted(messages, key=lambda m: (not m.urgent, m.received_at, m.id)))
