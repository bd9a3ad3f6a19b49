"""What happens to a leg. Frozen facts; whoever listens may keep them."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

import attrs

from softswitch.telephony.reason import Reason

if TYPE_CHECKING:
    from softswitch.telephony.leg import Leg


class EndedBy(enum.Enum):
    """Whose doing the end of a leg was."""

    US = "us"
    PEER = "peer"
    NETWORK = "network"


class EndReason(enum.Enum):
    """Why a leg ended: the one list used in events, records and logs."""

    NORMAL = "normal"
    CANCELLED = "cancelled"
    REJECTED = "rejected"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    UNREACHABLE = "unreachable"
    NOT_FOUND = "not_found"
    COMPLETED_ELSEWHERE = "completed_elsewhere"
    MEDIA_LOST = "media_lost"
    SESSION_EXPIRED = "session_expired"
    CAPACITY = "capacity"
    TRANSFERRED = "transferred"
    REPLACED = "replaced"
    PROTOCOL_ERROR = "protocol_error"
    SHUTDOWN = "shutdown"


class DigitMethod(enum.Enum):
    """How a key press travelled."""

    RFC4733 = "rfc4733"
    INFO = "info"
    INBAND = "inband"


@attrs.frozen(kw_only=True)
class LegEvent:
    """Base of everything that happens to a leg."""


@attrs.frozen(kw_only=True)
class Ringing(LegEvent):
    """The dialled phone rings (180)."""


@attrs.frozen(kw_only=True)
class EarlyMedia(LegEvent):
    """The far end sends sound before it answers (183 with SDP)."""


@attrs.frozen(kw_only=True)
class Answered(LegEvent):
    """The leg is answered: by us for an incoming leg, by the peer for an outgoing one."""


@attrs.frozen(kw_only=True)
class MediaReady(LegEvent):
    """Sound can flow; posted again after each renegotiation."""


@attrs.frozen(kw_only=True)
class DigitPressed(LegEvent):
    """A key was pressed. Personal data.

    Attributes:
        digit: one of ``0123456789*#ABCD``.
        method: how it travelled.
        duration_ms: how long, or None where the phone does not tell.
    """

    digit: str
    method: DigitMethod
    duration_ms: int | None = None


@attrs.frozen(kw_only=True)
class HeldByPeer(LegEvent):
    """The far end put us on hold (RFC 3264 section 8.4)."""


@attrs.frozen(kw_only=True)
class ResumedByPeer(LegEvent):
    """The far end took us off hold."""


@attrs.frozen(kw_only=True)
class TransferRequested(LegEvent):
    """The phone asks us to connect its partner elsewhere (REFER, RFC 3515).

    The adapter has accepted and already dials; the phone is told of the progress by it. Once
    ``leg`` is answered the partner belongs to it and this leg can be hung up; should ``leg`` end
    unanswered, everything stays as it was.

    Attributes:
        target: what the phone asked to have dialled.
        leg: the new leg to the target, ringing or not yet.
    """

    target: str
    leg: Leg


@attrs.frozen(kw_only=True)
class Replaced(LegEvent):
    """Another phone takes this leg's place (INVITE with Replaces, RFC 3891).

    The adapter has answered ``leg`` and ends this one; its partner belongs to ``leg`` now. So
    a consulted transfer ends, and a call is picked up.

    Attributes:
        leg: the incoming leg that takes over.
    """

    leg: Leg


@attrs.frozen(kw_only=True)
class TransferProgress(LegEvent):
    """How a transfer that we asked of this phone goes (NOTIFY, RFC 3515 section 2.4.4).

    Attributes:
        status: SIP status the phone reports.
        final: nothing more will be reported.
    """

    status: int
    final: bool


@attrs.frozen(kw_only=True)
class PlaybackEnded(LegEvent):
    """A playback came to its end by itself; one that was stopped does not report.

    Attributes:
        playback_id: `Playback.id`.
    """

    playback_id: str


@attrs.frozen(kw_only=True)
class Ended(LegEvent):
    """The leg is over. The last event of a leg.

    Attributes:
        by: whose doing.
        why: the named reason.
        status: SIP status: final response for a leg never answered, 200 for a normal BYE.
        reason: the Reason header that came along, or None.
        text: the status's own words.
    """

    by: EndedBy
    why: EndReason
    status: int = 0
    reason: Reason | None = None
    text: str = ""
