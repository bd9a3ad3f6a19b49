"""What the end of a ringing leg means to the queue engine. The one table of this."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from softswitch.acd.events import OfferFailure
from softswitch.telephony import Ended, EndReason

_BY_REASON: Final[Mapping[EndReason, OfferFailure]] = MappingProxyType(
    {
        EndReason.BUSY: OfferFailure.BUSY,
        EndReason.NO_ANSWER: OfferFailure.NO_ANSWER,
        EndReason.REJECTED: OfferFailure.REJECTED,
    }
)


def offer_failure(ended: Ended) -> OfferFailure:
    """Return why a phone that was rung did not take the call.

    Whatever is neither busy, nor refused, nor unanswered, counts as unreachable.
    """
    if ended.why in _BY_REASON:
        return _BY_REASON[ended.why]
    return OfferFailure.REJECTED if ended.status >= 600 else OfferFailure.UNREACHABLE
