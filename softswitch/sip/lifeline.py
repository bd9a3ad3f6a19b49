"""Noticing phones that vanished: no BYE, no sound, not even RTCP."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from softswitch.sip.native import pj
from softswitch.sip.statistics import packets_heard
from softswitch.telephony import EndReason, LegState

if TYPE_CHECKING:
    from softswitch.sip.leg import SipLeg

_logger = logging.getLogger("softswitch.sip")
_LOOKS_PER_TIMEOUT: Final = 4


class Lifeline:
    """Looks at every answered leg a few times per timeout and ends those that fell silent.

    A leg whose phone put us on hold is left alone: it may well send nothing (RFC 3264 section
    8.4); the session timer finds it if it is gone.
    """

    def __init__(self, legs: Mapping[str, SipLeg], *, timeout_s: float) -> None:
        self._legs = legs
        self._timeout_s = timeout_s
        self._heard: dict[str, tuple[int, float]] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._loop = asyncio.get_running_loop()

    def start(self) -> None:
        """Begin to look, unless the timeout is 0."""
        if self._timeout_s > 0:
            self._timer = self._loop.call_later(self._timeout_s / _LOOKS_PER_TIMEOUT, self._look)

    def stop(self) -> None:
        """Look no more."""
        if self._timer is not None:
            self._timer.cancel()

    def _look(self) -> None:
        now = self._loop.time()
        present = {}
        for leg in list(self._legs.values()):
            if leg.state is LegState.ANSWERED and not leg.is_held_by_peer:
                present[leg.id] = self._look_at(leg, now)
        self._heard = present
        self.start()

    def _look_at(self, leg: SipLeg, now: float) -> tuple[int, float]:
        """Return (packets, since when there were no more of them)."""
        packets = packets_heard(leg.native) if isinstance(leg.native, pj.Call) else 0
        before, since = self._heard.get(leg.id, (-1, now))
        if packets != before:
            return packets, now
        if now - since >= self._timeout_s:
            _logger.warning("%r: nothing heard for %.0f s, ending it", leg, now - since)
            leg.lose(EndReason.MEDIA_LOST)
        return packets, since
