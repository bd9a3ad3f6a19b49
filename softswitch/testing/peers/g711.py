"""G.711 for the test peers, from its definition: a second opinion on the switch's own codec.

Decoding follows ITU-T G.711 tables 1a and 2a, scaled to 16 bits; encoding picks the nearest level.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray


def _ulaw_levels() -> NDArray[np.int16]:
    code = ~np.arange(256, dtype=np.int64) & 0xFF
    size = ((((code & 15) << 3) + 0x84) << ((code >> 4) & 7)) - 0x84
    return np.where(code & 0x80, -size, size).astype(np.int16)


def _alaw_levels() -> NDArray[np.int16]:
    code = np.arange(256, dtype=np.int64) ^ 0x55
    segment, step = (code >> 4) & 7, (code & 15) << 4
    size = np.where(segment == 0, step + 8, (step + 0x108) << np.maximum(segment - 1, 0))
    return np.where(code & 0x80, size, -size).astype(np.int16)


def _nearest(levels: NDArray[np.int16]) -> NDArray[np.uint8]:
    order = np.argsort(levels, kind="stable")
    ranked = levels[order].astype(np.int64)
    borders = (ranked[1:] + ranked[:-1]) / 2
    return order[np.searchsorted(borders, np.arange(-32768, 32768))].astype(np.uint8)


DECODE: Mapping[int, NDArray[np.int16]] = {0: _ulaw_levels(), 8: _alaw_levels()}
"""Level of each code by RTP payload type: 0 PCMU, 8 PCMA."""

_ENCODE = {payload_type: _nearest(levels) for payload_type, levels in DECODE.items()}

SILENCE = {0: 0xFF, 8: 0xD5}
"""Code of silence by RTP payload type."""


def decode(payload_type: int, payload: bytes) -> NDArray[np.int16]:
    """16-bit samples of a PCMU (0) or PCMA (8) payload."""
    return DECODE[payload_type][np.frombuffer(payload, np.uint8)]


def encode(payload_type: int, samples: NDArray[np.int16]) -> bytes:
    """PCMU (0) or PCMA (8) payload of 16-bit samples."""
    return _ENCODE[payload_type][samples.astype(np.int64) + 32768].tobytes()
