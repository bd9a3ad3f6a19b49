"""An answer for callers who find every call taken that PJSIP has room for.

PJSIP refuses them by itself with 486, as if one person were busy. RFC 3261 section 21.5.4 has 503
with Retry-After for a server that is full, which lets a proxy try the next one.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Final

from softswitch.sip.c_pjsip import CInterface

_PRIORITY: Final = 63
"""Just before pjsua (64), after dialogs (32) and transactions (16) have taken what is theirs."""

_UNAVAILABLE: Final = 503
_INVITE: Final = b"Request msg INVITE"


class _Headers(ctypes.Structure):
    """`pjsip_hdr` as the head of a list, big enough for the whole of it (pjsip/sip_msg.h)."""

    _fields_ = (
        ("previous", ctypes.c_void_p),
        ("next", ctypes.c_void_p),
        ("rest", ctypes.c_byte * 64),
    )


class FullHouse:
    """Answers 503 to a new call while there is no room for it."""

    def __init__(
        self, pjsip: CInterface, *, retry_after_s: int, on_refusal: Callable[[], None]
    ) -> None:
        self._pjsip = pjsip
        self._on_refusal = on_refusal
        self._room: int = pjsip.call.pjsua_call_get_max_count()
        self._headers = self._retry_after(retry_after_s)
        pjsip.listen("full-house", _PRIORITY, on_rx_request=self._refuse)

    def _retry_after(self, seconds: int) -> _Headers:
        """Return a list of one header, which PJSIP copies into each answer."""
        pool = self._pjsip.call.pjsua_pool_create(b"full-house", 512, 512)
        head = _Headers()
        head.previous = head.next = ctypes.addressof(head)
        header = self._pjsip.call.pjsip_retry_after_hdr_create(pool, seconds)
        self._pjsip.call.pj_list_insert_before(ctypes.addressof(head), header)
        return head

    def _refuse(self, request: int) -> bool:
        if self._pjsip.call.pjsua_call_get_count() < self._room:
            return False
        if not (self._pjsip.call.pjsip_rx_data_get_info(request) or b"").startswith(_INVITE):
            return False
        self._on_refusal()
        self._pjsip.respond(request, _UNAVAILABLE, ctypes.addressof(self._headers))
        return True
