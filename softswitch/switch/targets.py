"""How a target is written in an office file."""

from __future__ import annotations

from typing import Final

BARE_TARGETS: Final = ("voicemail", "message", "hang_up")
VALUE_TARGETS: Final = ("voicemail", "number", "group")
ALLOWED_TARGET: Final = (
    '"voicemail", "message", "hang_up", or a table with one of voicemail, number or group'
)
