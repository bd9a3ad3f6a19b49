"""What PJSIP is taught about good SIP through its C interface, from its start to its end."""

from __future__ import annotations

import logging
from collections.abc import Callable

from softswitch.sip.c_pjsip import CInterface
from softswitch.sip.corrections import Corrections
from softswitch.sip.full_house import FullHouse
from softswitch.sip.last_words import LastWords
from softswitch.sip.outgoing import OutgoingMessages
from softswitch.sip.subscriptions import Subscriptions
from softswitch.sip.unhandled import Unhandled

_logger = logging.getLogger("softswitch.sip")


class Etiquette:
    """Holds all of it. Where a build shows no C functions it does nothing, and says so once."""

    def __init__(self, *, retry_after_s: int, on_refusal: Callable[[], None]) -> None:
        self._last_words: LastWords | None = None
        self._pjsip = pjsip = CInterface.of_running_pjsip()
        if pjsip is None:
            _logger.warning("this PJSIP shows no C functions: it answers in its own manner")
            return
        messages = OutgoingMessages(pjsip)
        self._last_words = LastWords(pjsip, messages)
        self._kept = (
            Corrections(pjsip, messages),
            FullHouse(pjsip, retry_after_s=retry_after_s, on_refusal=on_refusal),
            Subscriptions(pjsip),
            Unhandled(pjsip),
        )

    def owe_reason(self, call_id: str, reason: str) -> None:
        """See to it that whatever ends this call tells the reason."""
        if self._last_words is not None:
            self._last_words.owe(call_id, reason)

    def stop_repeating(self, transaction: int) -> None:
        """Send the INVITE of a transaction that nobody has answered no more.

        The transaction lives on (timer B, RFC 3261 section 17.1.1.2), so that PJSIP can end what a
        late response tells of.
        """
        if self._pjsip is not None:
            self._pjsip.call.pjsip_tsx_stop_retransmit(transaction)
