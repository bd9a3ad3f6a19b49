"""What a simulated phone remembers: what it heard, whom it talked with, when it rang.

All times are virtual seconds of the loop.
"""

from __future__ import annotations

import enum
from pathlib import Path

import attrs

from softswitch.telephony import Ended, Reason


@attrs.frozen(kw_only=True)
class Heard:
    """One uninterrupted stretch of sound.

    Attributes:
        file: the file that was played; None for a tone.
        tone_hz: frequencies of the tone; empty for a file.
        from_s, to_s: when the phone heard it.
        offset_s: place in the file where the stretch begins, in seconds from its start.
    """

    file: Path | None = None
    tone_hz: tuple[float, ...] = ()
    from_s: float
    to_s: float
    offset_s: float = 0.0

    @property
    def length_s(self) -> float:
        """How long it was heard."""
        return self.to_s - self.from_s


@attrs.frozen(kw_only=True)
class Talked:
    """A stretch of time in which two phones heard each other.

    Attributes:
        other: address or number of the phone at the other end.
        from_s, to_s: from when to when.
    """

    other: str
    from_s: float
    to_s: float


class RingingStopped(enum.Enum):
    """Why a phone no longer rings."""

    ANSWERED = "answered"
    REFUSED = "refused"
    CANCELLED = "cancelled"


@attrs.frozen(kw_only=True)
class Rang:
    """One ringing of a phone.

    Attributes:
        caller: number shown.
        from_s, to_s: from when to when.
        stopped: why it no longer rings.
        reason: Reason header of the CANCEL, or None.
    """

    caller: str
    from_s: float
    to_s: float
    stopped: RingingStopped
    reason: Reason | None = None


@attrs.frozen(kw_only=True)
class Recorded:
    """One file that the switch recorded. The simulation writes its header, but no sound.

    Attributes:
        path: the file.
        parties: addresses or numbers of the phones that were recorded.
        from_s, to_s: from when to when.
    """

    path: Path
    parties: tuple[str, ...]
    from_s: float
    to_s: float


@attrs.frozen(kw_only=True)
class Notice:
    """News that the switch sent to a phone unasked.

    Attributes:
        target: the address that it was sent to.
        event: the package, such as ``message-summary``.
        body: what it says.
        at_s: when.
    """

    target: str
    event: str
    body: str
    at_s: float


@attrs.define
class Logbook:
    """Everything that one call at one phone left behind.

    Attributes:
        heard: stretches of sound, in the order in which they ended.
        talked: stretches of talk, in the order in which they ended.
        rang: the ringing of this phone, or None while it rings and for calls it made itself.
        ringing_heard: the switch told the caller that it rings (180).
        digits: key presses that the switch sent.
        held_at, resumed_at: when the switch put the phone on hold and took it off.
        asked_to_call: whom the switch asked it to call instead (REFER), or "".
        answered_at: when the call was answered.
        ended_at: when the call was over.
        ended: how the switch saw its end.
        reason: Reason header that came with the switch's BYE, CANCEL or refusal.
        status: final SIP status: 200 for an answered call.
    """

    heard: list[Heard] = attrs.field(factory=list)
    talked: list[Talked] = attrs.field(factory=list)
    rang: Rang | None = None
    ringing_heard: bool = False
    digits: str = ""
    held_at: list[float] = attrs.field(factory=list)
    resumed_at: list[float] = attrs.field(factory=list)
    asked_to_call: str = ""
    answered_at: float | None = None
    ended_at: float | None = None
    ended: Ended | None = None
    reason: Reason | None = None
    status: int | None = None

    def files(self) -> list[Path]:
        """Return the files heard, one entry a stretch."""
        return [stretch.file for stretch in self.heard if stretch.file is not None]

    def stretches(self, file: Path) -> list[Heard]:
        """Return the stretches of one file."""
        return [stretch for stretch in self.heard if stretch.file == file]
