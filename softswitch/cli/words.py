"""How numbers, durations, states and outcomes are written for people."""

from __future__ import annotations

import re
from typing import Final

from softswitch.acd.records import CallOutcome, MemberState

_IN_PAIRS: Final = re.compile(r"(\+4[57])(\d\d)(\d\d)(\d\d)(\d\d)")

STATES: Final = {
    MemberState.READY: "free",
    MemberState.RINGING: "rings",
    MemberState.IN_CALL: "talks",
    MemberState.WRAP_UP: "wrap-up",
    MemberState.PAUSED: "paused",
    MemberState.PASSIVE: "off",
}
"""What a member is doing, in a word or two."""

OUTCOMES: Final = {
    CallOutcome.ANSWERED: "answered",
    CallOutcome.ABANDONED: "gave up",
    CallOutcome.FORWARDED: "sent on",
    CallOutcome.CALLED_BACK: "called back",
    CallOutcome.REFUSED: "refused",
}
"""How a call ended, in a word or two."""


def number(caller: str) -> str:
    """Write a telephone number: Danish and Norwegian ones in pairs, all others as they are."""
    pairs = _IN_PAIRS.fullmatch(caller)
    return " ".join(pairs.groups()) if pairs else caller or "unknown"


def duration(seconds: float) -> str:
    """Write seconds as ``m:ss``, or ``h:mm:ss`` from an hour on."""
    minutes, second = divmod(max(0, int(seconds)), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"


def listed(names: list[str]) -> str:
    """Write names as people say them: ``Anna, Bo and Clara``."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
