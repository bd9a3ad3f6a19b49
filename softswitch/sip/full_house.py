"""An answer for callers who find every call taken that PJSIP has room for.

PJSIP refuses them by itself with 486, as if one person were busy. RFC 3261 section 21.5.4 has 503
with Retry-After for a server that is full, which lets a proxy try the next one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from softswitch.sip.c_pjsip import CInterface

_PRIORITY: Final = 63
"""Just before pjsua (64), after dialogs (32) and transactions (16) have taken what is theirs."""

_UNAVAILABLE: Final = 503
_INVITE: Final = b"Request msg INVITE"


class FullHouse:
    """Answers 503 to a new call while there is no room for it."""

    def __init__(
        self, pjsip: CInterface, *, retry_after_s: int, on_refusal: Callable[[], None]
    ) -> None:
        self._pjsip = pjsip
        self._on_refusal = on_refusal
        self._room: int = pjsip.call.pjsua_call_get_max_count()
        pool = pjsip.pool("full-house")
        retry_after = pjsip.call.pjsip_retry_after_hdr_create(pool, retry_after_s)
        self._headers = pjsip.headers(retry_after)
        pjsip.listen("full-house", _PRIORITY, on_rx_request=self._refuse)

    def _refuse(self, request: int) -> bool:
        if self._pjsip.call.pjsua_call_get_count() < self._room:
            return False
        if not (self._pjsip.call.pjsip_rx_data_get_info(request) or b"").startswith(_INVITE):
            return False
        self._on_refusal()
        self._pjsip.respond(request, _UNAVAILABLE, self._headers)
        return True
