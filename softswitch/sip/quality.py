"""How good a voice connection sounds, estimated from its packets (ITU-T G.107, G.113)."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

_R_BEST: Final = 93.2
"""R-value of a perfect connection with all of G.107's defaults (G.107 section 7.7)."""

_LOSS_ROBUSTNESS: Final = MappingProxyType(
    {"PCMU": (0.0, 25.1), "PCMA": (0.0, 25.1), "G722": (0.0, 25.1), "GSM": (20.0, 43.0)}
)
"""Ie and Bpl by codec (G.113 appendix I): G.711 with concealment, GSM 06.10 full rate."""


def mean_opinion_score(*, codec: str, loss_ratio: float, one_way_delay_ms: float = 0.0) -> float:
    """Estimate the mean opinion score, 1.0 to 4.5.

    Args:
        codec: name as in SDP, such as ``PCMA``; an unknown one counts as G.711.
        loss_ratio: share of packets lost, 0.0 to 1.0; loss is taken to be random.
        one_way_delay_ms: mouth-to-ear delay.
    """
    impairment, robustness = _LOSS_ROBUSTNESS.get(codec.partition("/")[0], (0.0, 25.1))
    loss_percent = 100.0 * min(max(loss_ratio, 0.0), 1.0)
    equipment = impairment + (95.0 - impairment) * loss_percent / (loss_percent + robustness)
    return _score(_R_BEST - _delay_impairment(one_way_delay_ms) - equipment)


def _delay_impairment(delay_ms: float) -> float:
    """Return Id, in the piecewise linear form of Cole and Rosenbluth (2001) for G.107."""
    return 0.024 * delay_ms + 0.11 * max(0.0, delay_ms - 177.3)


def _score(rating: float) -> float:
    """Turn an R-value into a mean opinion score (G.107 annex B)."""
    if rating <= 0.0:
        return 1.0
    if rating >= 100.0:
        return 4.5
    return max(1.0, 1.0 + 0.035 * rating + rating * (rating - 60.0) * (100.0 - rating) * 7e-6)
