"""Silence against ffmpeg's silencedetect."""

import re

import numpy as np
import pytest
from second_codecs import ffmpeg, raw

from softswitch_codecs.silence import Silence, silences

RATE_HZ = 8000


def test_ffmpeg_finds_the_same_stretches():
    rng = np.random.default_rng(9)
    level = np.repeat(rng.choice([20, 4000], 60), 1000)
    sound = (level * rng.uniform(-1, 1, len(level))).astype(np.int16)
    arguments = [*raw(RATE_HZ), "-af", "silencedetect=noise=-50dB:d=0.2", "-f", "null", "-"]
    told = ffmpeg(sound.tobytes(), arguments)[1]
    starts = [float(time) for time in re.findall(r"silence_start: (\S+)", told)]
    ends = [float(time) for time in re.findall(r"silence_end: (\S+)", told)]
    found = silences(sound, RATE_HZ)
    assert len(found) > 3
    assert [one.start / RATE_HZ for one in found] == pytest.approx(starts, abs=0.0002)
    assert [one.end / RATE_HZ for one in found][: len(ends)] == pytest.approx(ends, abs=0.0002)


def test_edges_are_exact():
    sound = np.zeros(100, np.int16)
    sound[[10, 50, 52]] = 1000
    found = silences(sound, 1000, length_min_s=0.01)
    expected = [(0, 10), (11, 50), (53, 100)]
    assert found == tuple(Silence(start=start, end=end) for start, end in expected)


def test_all_and_nothing():
    assert silences(np.zeros(500, np.int16), 1000) == (Silence(start=0, end=500),)
    assert silences(np.full(500, 999, np.int16), 1000) == ()
    assert silences(np.zeros(0), 1000) == ()
    assert silences(np.full(500, 0.01), 1000, level_dbfs=-39) == (Silence(start=0, end=500),)
    assert silences(np.full(500, 0.01), 1000, level_dbfs=-41) == ()
