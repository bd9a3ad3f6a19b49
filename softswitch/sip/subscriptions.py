"""An answer for phones that subscribe to something outside of a call.

Nobody is told of presence, dialogs or waiting messages by subscription (phones are told of
messages unasked, `softswitch.sip.notices`). PJSIP accepts subscriptions to presence from anybody,
and refuses all others without saying which there are. RFC 6665 section 4.2.1.1 wants 489 with
Allow-Events, which lets a phone leave it at that.
"""

from __future__ import annotations

from typing import Final

from softswitch.sip.c_pjsip import CInterface, Text

_PRIORITY: Final = 63
"""Just before pjsua (64), after dialogs (32), which have taken what is within calls."""

_BAD_EVENT: Final = 489
_SUBSCRIBE: Final = b"Request msg SUBSCRIBE/"

ALLOW_EVENTS: Final = (Text.of(b"Allow-Events"), "refer")
"""The one package that there is: what becomes of a transfer (RFC 3515)."""


class Subscriptions:
    """Refuses all of them, from PJSIP's start to its end."""

    def __init__(self, pjsip: CInterface) -> None:
        self._pjsip = pjsip
        name, value = ALLOW_EVENTS
        self._value = Text.of(value.encode())
        header = pjsip.call.pjsip_generic_string_hdr_create(
            pjsip.pool("subscriptions"), name, self._value
        )
        self._headers = pjsip.headers(header)
        pjsip.listen("subscriptions", _PRIORITY, on_rx_request=self._refuse)

    def _refuse(self, request: int) -> bool:
        if not (self._pjsip.call.pjsip_rx_data_get_info(request) or b"").startswith(_SUBSCRIBE):
            return False
        self._pjsip.respond(request, _BAD_EVENT, self._headers)
        return True
