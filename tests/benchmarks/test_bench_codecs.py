"""The benchmark of codecs: its peers do the same work, and it can be run."""

from __future__ import annotations

import numpy as np
import pytest
from sound_load import codecs, keys


def test_everybody_codes_the_same_sound(monkeypatch):
    for name, value in (("G711_S", 1), ("FFMPEG_S", 2), ("MANY", 2)):
        monkeypatch.setattr(codecs, name, value)
    rows = codecs.rows()
    assert {row.measured for row in rows} == {
        f"{codec} {doing}"
        for codec in ("G.711 µ-law", "G.711 A-law", "G.722")
        for doing in ("encoded", "decoded")
    }
    assert all(np.isfinite(row.value) and row.value > 0 for row in rows)
    goals = [row for row in rows if row.at_least is not None]
    assert [row.under for row in goals] == ["libsndfile"] * 4


def test_speech_is_looked_through_as_loud_as_people_talk():
    # -16 dBFS is -9.85 dBm0; a sine has no pauses, so that its level is that of its power.
    loud = keys.at_level(np.sin(np.arange(8000)) * 0.01)
    assert 10 * np.log10(np.mean((loud / 32768) ** 2)) == pytest.approx(-16, abs=0.05)
