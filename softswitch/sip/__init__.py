"""The only room that touches PJSIP: calls as Python objects.

`SipConfig` can be read without PJSIP; `SipTelephony` loads it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from softswitch.sip.config import (
    InbandKeys,
    Listener,
    SipConfig,
    Srtp,
    TlsFiles,
    Transport,
    Trunk,
)

if TYPE_CHECKING:
    from softswitch.sip.network import SipTelephony

__all__ = [
    "InbandKeys",
    "Listener",
    "SipConfig",
    "SipTelephony",
    "Srtp",
    "TlsFiles",
    "Transport",
    "Trunk",
]


def __getattr__(name: str) -> object:
    if name == "SipTelephony":
        from softswitch.sip.network import SipTelephony  # noqa: PLC0415 - loads PJSIP only when needed

        return SipTelephony
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
