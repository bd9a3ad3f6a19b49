"""Calls as the switch sees them, whatever carries them.

Two adapters speak this language: `softswitch.sip` (real SIP and RTP through PJSIP) and
`softswitch.testing` (simulated phones under virtual time). The runtime in `softswitch.switch`
knows only what is written here.
"""

from softswitch.telephony.events import (
    Answered,
    DigitMethod,
    DigitPressed,
    EarlyMedia,
    Ended,
    EndedBy,
    EndReason,
    HeldByPeer,
    LegEvent,
    MediaReady,
    PlaybackEnded,
    Replaced,
    ResumedByPeer,
    Ringing,
    TransferProgress,
    TransferRequested,
)
from softswitch.telephony.identity import Dialled, Identity
from softswitch.telephony.leg import (
    Direction,
    Leg,
    LegState,
    LegStatistics,
    Playback,
    Recording,
    Telephony,
)
from softswitch.telephony.reason import COMPLETED_ELSEWHERE, Reason

__all__ = [
    "COMPLETED_ELSEWHERE",
    "Answered",
    "Dialled",
    "DigitMethod",
    "DigitPressed",
    "Direction",
    "EarlyMedia",
    "EndReason",
    "Ended",
    "EndedBy",
    "HeldByPeer",
    "Identity",
    "Leg",
    "LegEvent",
    "LegState",
    "LegStatistics",
    "MediaReady",
    "Playback",
    "PlaybackEnded",
    "Reason",
    "Recording",
    "Replaced",
    "ResumedByPeer",
    "Ringing",
    "Telephony",
    "TransferProgress",
    "TransferRequested",
]
