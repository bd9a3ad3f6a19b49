"""How many calls are used of those that PJSIP can carry."""

from __future__ import annotations

from typing import Final

SPARE_CALLS: Final = 48
"""Calls kept free, so that who comes over capacity can be answered 503 with Retry-After."""

SMALL_BUILD_CALLS: Final = 32
"""A build with so few calls keeps none free: over capacity PJSIP itself then answers 486."""


def usable_calls(limit: int) -> int:
    """Return how many call legs a PJSIP that can carry ``limit`` of them is given at most."""
    return limit - SPARE_CALLS if limit > SMALL_BUILD_CALLS else limit
