"""Answers within a call where PJSIP says 500 and the standards know better.

500 tells that the server is broken, and some phones end the call over it. It is what PJSIP answers
to a request that no part of it feels called to answer, and to an offer without a codec that we
have.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from softswitch.sip.c_pjsip import CInterface, Text
from softswitch.sip.outgoing import Capability, OutgoingMessages
from softswitch.sip.subscriptions import ALLOW_EVENTS

_PRIORITY: Final = 255
_BROKEN: Final = 500
_UNCLAIMED: Final = b"Unhandled by dialog usages"
"""PJSIP's own words (sip_dialog.c), which tell such a 500 from a true one."""

_NO_CODEC: Final = b"SDP negotiation failed"
"""Also PJSIP's own words (sip_inv.c)."""

_BETTER: Final[Mapping[tuple[bytes, bytes], int]] = MappingProxyType(
    {
        (_NO_CODEC, b"INVITE"): 488,  # RFC 3261 section 14.2
        (_UNCLAIMED, b"OPTIONS"): 200,  # section 11.2
        (_UNCLAIMED, b"INFO"): 415,  # RFC 6086 section 4.2.2: a body that means nothing to us
        (_UNCLAIMED, b"NOTIFY"): 489,  # RFC 6665 section 8.3.2: of no event that we know
        (_UNCLAIMED, b"SUBSCRIBE"): 489,  # likewise
    }
)
_UNKNOWN_METHOD: Final = 501  # RFC 3261 section 21.5.2

_METHOD: Final = re.compile(rb"Response msg \d+/([^/]+)/")
_WITH: Final[Mapping[int, tuple[Text, str]]] = MappingProxyType(
    {
        415: (Text.of(b"Accept"), "application/dtmf-relay"),  # RFC 3261 section 21.4.13
        489: ALLOW_EVENTS,  # RFC 6665 section 8.2.2
    }
)
"""Headers that such an answer should have."""


class Corrections:
    """Rewrites such a 500 on its way out."""

    def __init__(self, pjsip: CInterface, messages: OutgoingMessages) -> None:
        self._pjsip = pjsip
        self._messages = messages
        if messages.offset is not None:
            pjsip.listen("corrections", _PRIORITY, on_tx_response=self._correct)

    def _correct(self, data: int) -> bool:
        line = self._messages.message(data).line.status
        if line.code == _BROKEN:
            self._replace(data, line.reason.read())
        return False

    def _replace(self, data: int, words: bytes) -> None:
        told = _METHOD.match(self._pjsip.call.pjsip_tx_data_get_info(data) or b"")
        method = told[1] if told else b""
        other = _UNKNOWN_METHOD if words == _UNCLAIMED else _BROKEN
        status = _BETTER.get((words, method), other)
        if status == _BROKEN:
            return
        self._messages.set_status(data, status)
        if status in _WITH:
            self._messages.add_header(data, *_WITH[status])
        if method == b"OPTIONS":
            for kind in Capability:
                self._messages.add_capability(data, kind)
