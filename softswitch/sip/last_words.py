"""Reasons that PJSIP would forget to give (RFC 3326).

A Reason is said with the CANCEL or BYE that we ask PJSIP to send. There are two that it sends
later, by itself and without: a CANCEL that had to wait for the phone's first sign of life (RFC
3261 section 9.1), and the BYE to a phone whose 200 crossed our CANCEL.
"""

from __future__ import annotations

import time
from collections import deque
from typing import Final

from softswitch.sip.c_pjsip import CInterface, Text
from softswitch.sip.outgoing import OutgoingMessages

_REMEMBERED_S: Final = 64.0
"""Twice as long as an INVITE that was cancelled may take to end (64 T1, RFC 3261 section 9.1)."""

_PRIORITY: Final = 255
_CANCEL, _BYE = 1, 3
"""`pjsip_method_e`."""

_REASON, _CALL_ID = Text.of(b"Reason"), Text.of(b"Call-ID")


class LastWords:
    """Puts the Reason that a call owes into every CANCEL and BYE of it that has none."""

    def __init__(self, pjsip: CInterface, messages: OutgoingMessages) -> None:
        self._messages = messages
        self._owed: dict[str, str] = {}
        self._since: deque[tuple[float, str]] = deque()
        if messages.offset is not None:
            pjsip.listen("last-words", _PRIORITY, on_tx_request=self._complete)

    def owe(self, call_id: str, reason: str) -> None:
        """Remember why a call is ended, for as long as messages may go out that should say so."""
        now = time.monotonic()
        while self._since and self._since[0][0] < now - _REMEMBERED_S:
            self._owed.pop(self._since.popleft()[1], None)
        self._owed[call_id] = reason
        self._since.append((now, call_id))

    def _complete(self, data: int) -> bool:
        if not self._owed:
            return False
        message = self._messages.message(data)
        if message.line.request.method.id in (_CANCEL, _BYE):
            reason = self._owed.get(self._messages.header(message, _CALL_ID))
            if reason and not self._messages.header(message, _REASON):
                self._messages.add_header(data, _REASON, reason)
        return False
