"""The measuring of what was heard, with nothing but numbers."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from tests.office.hearing import (
    RATE_HZ,
    at_rate,
    find,
    in_turn,
    interruptions,
    melody,
    share_above,
    stretches,
)

BRIDGE_HZ = 16_000


def test_a_window_is_found_at_its_place() -> None:
    """The measuring itself, with nothing but numbers."""
    music = at_rate(melody(1, 6.0, BRIDGE_HZ) / 32768, BRIDGE_HZ, RATE_HZ)
    other = at_rate(melody(2, 2.0, BRIDGE_HZ) / 32768, BRIDGE_HZ, RATE_HZ)
    heard = np.concatenate([music[: 2 * RATE_HZ], other, music[2 * RATE_HZ :]]) * 0.5
    sounds = {"music": music, "other": other}
    runs = stretches(find(heard, sounds, 0.2), 0.9)
    assert in_turn(runs) == ["music", "other", "music"]
    assert [run.origin_s for run in runs] == pytest.approx([0.0, 2.0, 2.0], abs=1e-3)
    (one,) = interruptions(runs, {"music": 6.0, "other": 2.0})
    assert one.stopped_at_s == pytest.approx(2.0, abs=1e-3)
    assert one.place_again_s == pytest.approx(one.over_s, abs=1e-3)
    skipped = np.concatenate([music[: 2 * RATE_HZ], other, music[3 * RATE_HZ :]])
    (broken,) = interruptions(stretches(find(skipped, sounds, 0.2), 0.9), {"music": 6, "other": 2})
    assert broken.place_again_s - broken.over_s == pytest.approx(-1.0, abs=1e-3)
    assert all(abs(a.origin_s - b.origin_s) < 2.5 for a, b in pairwise(runs))


def test_the_share_above_a_frequency() -> None:
    time_s = np.arange(BRIDGE_HZ) / BRIDGE_HZ
    low, high = np.sin(2 * np.pi * 1000 * time_s), np.sin(2 * np.pi * 6000 * time_s)
    assert share_above(low + high, BRIDGE_HZ, 4000) == pytest.approx(-3.01, abs=0.01)
    assert share_above(low + 0.1 * high, BRIDGE_HZ, 4000) == pytest.approx(-20.04, abs=0.01)
