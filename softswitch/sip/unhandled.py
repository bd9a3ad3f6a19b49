"""An answer for requests that no part of PJSIP feels called to answer.

PJSIP drops such requests (a REGISTER, a REFER outside a call, a method it does not know) in
silence, so that their sender repeats them for half a minute. RFC 3261 section 8.2.1 wants an
answer. pjsua2 has no door to them; a module of low priority sees what all others have left.
"""

from __future__ import annotations

import re
from typing import Final

from softswitch.sip.c_pjsip import CInterface

_LAST: Final = 255
"""Priority after every module of PJSIP's own (PJSIP_MOD_PRIORITY_APPLICATION is 64)."""

_METHOD: Final = re.compile(rb"Request msg ([^/]+)/")
_OF_A_CALL: Final = frozenset((b"BYE", b"INFO", b"NOTIFY", b"PRACK", b"UPDATE"))
_NO_SUCH_CALL: Final = 481
"""RFC 3261 section 12.2.2."""

_NOT_IMPLEMENTED: Final = 501


class Unhandled:
    """Answers what is left over, from PJSIP's start to its end."""

    def __init__(self, pjsip: CInterface) -> None:
        self._pjsip = pjsip
        pjsip.listen("unhandled", _LAST, on_rx_request=self._answer)

    def _answer(self, request: int) -> bool:
        """Answer one request; an ACK takes no answer."""
        told = _METHOD.match(self._pjsip.call.pjsip_rx_data_get_info(request) or b"")
        method = told[1] if told else b""
        if method == b"ACK":
            return False
        status = _NO_SUCH_CALL if method in _OF_A_CALL else _NOT_IMPLEMENTED
        self._pjsip.respond(request, status)
        return True
