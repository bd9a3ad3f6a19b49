"""How many calls are used of those that PJSIP can carry."""

from __future__ import annotations

from typing import Final

SPARE_CALLS: Final = 48
"""Calls kept free for those that are ending: PJSIP has them for up to 32 s when a phone is mute."""

SMALL_BUILD_CALLS: Final = 32
"""A build with so few calls keeps none free."""


def usable_calls(limit: int) -> int:
    """Return how many call legs a PJSIP that can carry ``limit`` of them is given at most."""
    return limit - SPARE_CALLS if limit > SMALL_BUILD_CALLS else limit
