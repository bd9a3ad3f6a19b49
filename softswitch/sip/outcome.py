"""Why a leg ended, from the SIP status it ended with. The one table of this."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from softswitch.telephony import EndReason

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
