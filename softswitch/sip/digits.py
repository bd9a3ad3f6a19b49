"""Key presses, from and to PJSIP."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from softswitch.errors import MisuseError
from softswitch.sip.native import pj
from softswitch.telephony import DigitMethod, DigitPressed

KEYS: Final = frozenset("0123456789*#ABCD")
_DIGIT_MS: Final = 160
_LONGEST_MS: Final = 60_000
_NO_EVENTS: Final = 220_107
"""PJMEDIA_RTP_EREMNORFC2833 of pjmedia/errno.h."""

_METHODS: Final = MappingProxyType(
    {
        DigitMethod.RFC4733: pj.PJSUA_DTMF_METHOD_RFC2833,
        DigitMethod.INFO: pj.PJSUA_DTMF_METHOD_SIP_INFO,
    }
)
_METHOD_OF: Final = MappingProxyType({number: method for method, number in _METHODS.items()})


def check_keys(digits: str) -> None:
    """Raise `MisuseError` on what are no keys."""
    if not digits or not set(digits) <= KEYS:
        raise MisuseError(f"keys are 0-9 * # A-D, not {digits!r}")


def takes_events(native: pj.Call) -> bool:
    """Tell whether the phone has agreed to be sent keys by RFC 4733, or has no sound yet.

    PJSIP does not show what its SDP says, but refuses to send even no key at all where it did not.
    """
    try:
        native.dialDtmf("")
    except pj.Error as error:
        return bool(error.status != _NO_EVENTS)
    return True


def go_as_tones(native: object, method: DigitMethod) -> bool:
    """Tell whether keys go as sound: that is wanted, or the phone does not take RFC 4733."""
    if method is DigitMethod.RFC4733 and isinstance(native, pj.Call):
        return not takes_events(native)
    return method is DigitMethod.INBAND


def digit_parameters(digits: str, method: DigitMethod) -> pj.CallSendDtmfParam:
    """Return what PJSIP needs to send keys by RFC 4733 or INFO."""
    parameters = pj.CallSendDtmfParam()
    parameters.digits, parameters.duration = digits, _DIGIT_MS
    parameters.method = _METHODS[method]
    return parameters


def digit_pressed(told: pj.OnDtmfDigitParam) -> DigitPressed | None:
    """Return the key that a phone sent; None for what is none, since an INFO may hold anything."""
    digit = told.digit.upper()
    if digit not in KEYS:
        return None
    duration = told.duration if 0 < told.duration < _LONGEST_MS else None
    method = _METHOD_OF.get(told.method, DigitMethod.RFC4733)
    return DigitPressed(digit=digit, method=method, duration_ms=duration)
