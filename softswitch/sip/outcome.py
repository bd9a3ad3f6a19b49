"""Why a leg ended, from the SIP status it ended with. The one table of this."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from softswitch.sip import headers
from softswitch.telephony import Direction, Ended, EndedBy, EndReason

_UNANSWERED: Final = MappingProxyType(
    {
        401: EndReason.REJECTED,
        403: EndReason.REJECTED,
        404: EndReason.NOT_FOUND,
        407: EndReason.REJECTED,
        408: EndReason.UNREACHABLE,
        410: EndReason.NOT_FOUND,
        480: EndReason.NO_ANSWER,
        484: EndReason.NOT_FOUND,
        486: EndReason.BUSY,
        487: EndReason.CANCELLED,
        488: EndReason.PROTOCOL_ERROR,
        503: EndReason.CAPACITY,
        600: EndReason.BUSY,
        603: EndReason.REJECTED,
        604: EndReason.NOT_FOUND,
        607: EndReason.REJECTED,
    }
)
"""Final responses to an INVITE (RFC 3261 section 21, RFC 8197), as a switch reads them."""

_ANSWERED: Final = MappingProxyType(
    {
        200: EndReason.NORMAL,
        408: EndReason.SESSION_EXPIRED,
        481: EndReason.SESSION_EXPIRED,
    }
)
"""What ends an answered leg: BYE counts as 200; a refresh without answer as 408 or 481."""


def end_reason(status: int, *, answered: bool) -> EndReason:
    """Return the named reason for the status that a leg ended with."""
    if answered:
        return _ANSWERED.get(status, EndReason.PROTOCOL_ERROR)
    if status in _UNANSWERED:
        return _UNANSWERED[status]
    if status >= 600:
        return EndReason.REJECTED
    return EndReason.UNREACHABLE if status >= 500 else EndReason.PROTOCOL_ERROR


def told_by_peer(start_line: str, status: int) -> bool:
    """Tell whether the message that ended a leg says so itself.

    It does when it is a request, which is a BYE, or a response of that status. A 200 that cannot be
    used ends a leg with a status of our own making.
    """
    if not start_line.startswith("SIP/"):
        return bool(start_line)
    return start_line.split(" ")[1:2] == [str(status)]


def status_told(asked: int, why: EndReason, direction: Direction) -> int:
    """Say what an unanswered leg that we end comes to in SIP.

    603 is how PJSIP refuses a caller, 487 follows CANCEL. A ring time that is over counts as 408
    (RFC 3261 section 16.8), whatever follows our CANCEL, and so does silence (section 8.1.3.1).
    """
    if why in (EndReason.NO_ANSWER, EndReason.UNREACHABLE):
        return 408
    return 487 if direction is Direction.OUTGOING else asked or 603


def not_by_us(status: int, text: str, message: str, *, answered: bool, incoming: bool) -> Ended:
    """Return what is told of a leg that ended.

    Args:
        status: what PJSIP says it ended with.
        text: that status in words.
        message: the SIP message that ended it, or empty.
        answered: it had been answered.
        incoming: its phone had called us.
    """
    found = headers.parse_message(message)
    why = end_reason(status, answered=answered)
    from_peer = told_by_peer(found.start_line, status) and why is not EndReason.SESSION_EXPIRED
    if incoming and not answered:
        from_peer = why is EndReason.CANCELLED
    if not answered and not from_peer and why is not EndReason.PROTOCOL_ERROR:
        why = EndReason.UNREACHABLE
    by = EndedBy.PEER if from_peer else EndedBy.NETWORK
    reason = headers.parse_reason(found.first("Reason"))
    return Ended(by=by, why=why, status=status, reason=reason, text=text)
