"""A call of the switch to itself, taken out of the network.

A phone that joins two of its calls asks us for a third, from one of ours to the other (REFER with
Replaces); one that sends its partner on to another of our numbers does so too. Such a call leaves
us only to come back: two of PJSIP's calls, two codecs and two jitter buffers for nothing. Once it
is answered its two legs live on as they are, but lead straight to one another.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, NoReturn

from softswitch.errors import MisuseError
from softswitch.sip.native import audio_only, end_call, pj
from softswitch.sip.wiring import Wiring
from softswitch.telephony import DigitMethod, DigitPressed, Reason

if TYPE_CHECKING:
    from softswitch.sip.leg import SipLeg


class Shortcut:
    """Stands where PJSIP's call stood in a leg; what it is told the other leg hears of."""

    def __init__(self, leg: SipLeg, other: SipLeg) -> None:
        self._leg = leg
        self._other = other

    def hangup(self, operation: pj.CallOpParam) -> None:  # noqa: ARG002 - as PJSIP has it
        """End both legs, the other one by its peer."""
        self._leg.became_disconnected(200, "", "")
        self._other.became_disconnected(200, "", _bye(self._leg.end_reason))

    def setHold(self, operation: pj.CallOpParam) -> None:  # noqa: ARG002, N802
        """Put the other leg's party on hold."""
        self._other.got_media(None, held_by_peer=True)

    def reinvite(self, operation: pj.CallOpParam) -> None:  # noqa: ARG002
        """Take the other leg's party off hold."""
        self._other.got_media(None, held_by_peer=False)

    def sendDtmf(self, keys: pj.CallSendDtmfParam) -> None:  # noqa: N802
        """Press keys."""
        info = keys.method == pj.PJSUA_DTMF_METHOD_SIP_INFO
        method = DigitMethod.INFO if info else DigitMethod.RFC4733
        for digit in keys.digits:
            self._other.post(DigitPressed(digit=digit, method=method, duration_ms=keys.duration))

    def answer(self, *_: object) -> NoReturn:
        """Refuse, and whatever else needs a phone at the other end."""
        raise MisuseError(f"{self._leg!r} leads to ourselves: there is no phone to ask")

    xfer = xferReplaces = answer  # noqa: N815 - PJSIP's names


def _bye(reason: Reason | None) -> str:
    return "BYE sip:ourselves SIP/2.0\r\n" + (f"Reason: {reason}\r\n" if reason else "") + "\r\n"


class Shortcuts:
    """Finds calls to ourselves among those that phones ask for, and shortens them.

    Attributes:
        legs: those that lead straight to another; PJSIP has no call for them.
    """

    def __init__(self, wiring: Wiring, *, release: Callable[[SipLeg, pj.Call], None]) -> None:
        """Prepare; ``release`` is given each leg that needs its call no more, and the call."""
        self.legs: set[SipLeg] = set()
        self._wiring = wiring
        self._release = release
        self._asked_for: set[SipLeg] = set()

    def may_come_back(self, leg: SipLeg) -> None:
        """Remember a leg that a phone asked for: it may lead to one of our own numbers."""
        self._asked_for.add(leg)

    def came_in(self, leg: SipLeg) -> None:
        """See whether a leg is the other end of one of those."""
        if not self._asked_for:
            return
        call_id = leg.message.first("Call-ID")
        for ours in self._asked_for:
            if isinstance(ours.native, pj.Call) and ours.native.getInfo().callIdString == call_id:
                ours.loops_to, leg.loops_to = leg, ours

    def shorten_soon(self, leg: SipLeg) -> None:
        """Shorten a call to ourselves when PJSIP is done with what it does now."""
        if leg.loops_to is not None and leg not in self.legs:
            asyncio.get_running_loop().call_soon(self._shorten, leg, leg.loops_to)

    def forget(self, leg: SipLeg) -> None:
        """Take leave of a leg that is over."""
        self._asked_for.discard(leg)
        self.legs.discard(leg)

    def _shorten(self, one: SipLeg, other: SipLeg) -> None:
        if not (one.is_steady() and other.is_steady()):
            return
        calls = {leg: leg.take_shortcut(Shortcut(leg, leg_to)) for leg, leg_to in _both(one, other)}
        self._wiring.join(one, other)
        self._asked_for -= calls.keys()
        self.legs |= calls.keys()
        for leg, call in calls.items():
            if isinstance(call, pj.Call):
                end_call(call, audio_only())
                self._release(leg, call)


def _both(one: SipLeg, other: SipLeg) -> tuple[tuple[SipLeg, SipLeg], tuple[SipLeg, SipLeg]]:
    return (one, other), (other, one)
