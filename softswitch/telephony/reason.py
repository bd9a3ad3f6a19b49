"""The Reason header: why a call or a ring ended (RFC 3326)."""

from __future__ import annotations

from typing import Final

import attrs


@attrs.frozen(kw_only=True)
class Reason:
    """One Reason header value.

    Attributes:
        protocol: ``SIP`` (cause is a SIP status) or ``Q.850`` (cause is an ITU-T Q.850 cause).
        cause: the number.
        text: words for people; never parsed.
    """

    protocol: str = "SIP"
    cause: int
    text: str = ""

    def __str__(self) -> str:
        """Return the header value as RFC 3326 section 2 writes it."""
        quoted = self.text.replace("\\", "\\\\").replace('"', '\\"')
        text = f';text="{quoted}"' if self.text else ""
        return f"{self.protocol};cause={self.cause}{text}"


COMPLETED_ELSEWHERE: Final = Reason(cause=200, text="Call completed elsewhere")
"""Tells a phone that stops ringing that nobody missed this call (RFC 3326 section 3.1)."""
