"""Loudness against ffmpeg's meter and the test signals of EBU Tech 3341 and 3342."""

from __future__ import annotations

import re

import numpy as np
import pytest
from numpy.typing import NDArray
from second_codecs import ffmpeg, raw

from softswitch_codecs.loudness import (
    _high_pass,
    _shelf,
    integrated_lufs,
    loudness_range_lu,
    momentary_lufs,
    short_term_lufs,
)

RATE_HZ = 48000


def sine(*parts: tuple[float, float], rate_hz: int = RATE_HZ) -> NDArray[np.float64]:
    """1 kHz with peaks at the given levels, each for so many seconds."""
    sounds = [
        10 ** (peak_db / 20) * np.sin(2 * np.pi * 1000 * np.arange(round(s * rate_hz)) / rate_hz)
        for peak_db, s in parts
    ]
    return np.concatenate(sounds)


def changing(rate_hz: int, seed: int) -> NDArray[np.int16]:
    """Twenty seconds of noise whose level wanders."""
    rng = np.random.default_rng(seed)
    steps = 10 ** (rng.uniform(-50, -15, 21) / 20)
    level = np.interp(np.arange(20 * rate_hz) / rate_hz, np.arange(21), steps)
    brown = np.cumsum(rng.normal(0, 0.1, len(level)))
    sound = np.diff(brown, prepend=0) + 0.3 * np.sin(brown)
    return np.rint(32767 * np.clip(level * sound, -1, 1)).astype(np.int16)


def test_coefficients_at_48_khz_are_those_of_the_recommendation():
    # BS.1770-5, annex 1, tables 1 and 2.
    expected = [1.53512485958697, -2.69169618940638, 1.19839281085285]
    np.testing.assert_allclose(_shelf(48000)[0], expected, atol=1e-12)
    expected = [1.0, -1.69065929318241, 0.73248077421585]
    np.testing.assert_allclose(_shelf(48000)[1], expected, atol=1e-12)
    np.testing.assert_allclose(_high_pass(48000)[0], [1, -2, 1], atol=1e-12)
    expected = [1.0, -1.99004745483398, 0.99007225036621]
    np.testing.assert_allclose(_high_pass(48000)[1], expected, atol=1e-12)


@pytest.mark.parametrize("rate_hz", [8000, 16000, 48000])
def test_a_full_sine_of_997_hz_has_minus_3_01(rate_hz: int):
    sound = np.sin(2 * np.pi * 997 * np.arange(5 * rate_hz) / rate_hz)
    assert integrated_lufs(sound, rate_hz) == pytest.approx(-3.01, abs=0.1)
    assert momentary_lufs(sound, rate_hz)[10] == pytest.approx(-3.01, abs=0.1)
    assert short_term_lufs(sound, rate_hz)[5] == pytest.approx(-3.01, abs=0.1)


@pytest.mark.parametrize(
    "parts",
    [  # Tech 3341, cases 1 to 5, which are stereo: one channel alone has 3.01 LU less
        pytest.param([(-23, 20)], id="1"),
        pytest.param([(-36, 10), (-23, 60), (-36, 10)], id="3"),
        pytest.param([(-72, 10), (-36, 10), (-23, 60), (-36, 10), (-72, 10)], id="4"),
        pytest.param([(-26, 20), (-20, 20.1), (-26, 20)], id="5"),
    ],
)
def test_programmes_of_tech_3341(parts: list[tuple[float, float]]):
    sound = sine(*parts, rate_hz=16000)
    assert integrated_lufs(sound, 16000) == pytest.approx(-23 - 3.01, abs=0.1)


@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        ((-20, -30), 10),
        ((-20, -15), 5),
        ((-40, -20), 20),
        ((-50, -35, -20, -35, -50), 15),
    ],
)
def test_ranges_of_tech_3342(levels: tuple[float, ...], expected: float):
    sound = sine(*((level, 20) for level in levels), rate_hz=16000)
    assert loudness_range_lu(sound, 16000) == pytest.approx(expected, abs=1)


@pytest.mark.parametrize("rate_hz", [8000, 16000, 48000])
def test_ffmpeg_measures_the_same(rate_hz: int):
    sound = changing(rate_hz, rate_hz)
    told = ffmpeg(sound.tobytes(), [*raw(rate_hz), "-af", "ebur128", "-f", "null", "-"])[1]
    summary = told[told.rindex("Summary") :]
    integrated = float(re.findall(r"I: +(\S+) LUFS", summary)[0])
    spread = float(re.findall(r"LRA: +(\S+) LU\n", summary)[0])
    assert integrated_lufs(sound, rate_hz) == pytest.approx(integrated, abs=0.1)
    assert loudness_range_lu(sound, rate_hz) == pytest.approx(spread, abs=1)


def test_one_figure_for_each_call():
    calls = np.stack([sine((-23, 4)), sine((-33, 4)), np.zeros(4 * RATE_HZ)])
    measured = integrated_lufs(calls, RATE_HZ)
    np.testing.assert_allclose(measured, [-26.01, -36.01, -np.inf], atol=0.1)
    np.testing.assert_array_equal(loudness_range_lu(calls, RATE_HZ).shape, (3,))
    assert momentary_lufs(calls, RATE_HZ).shape == (3, 37)
    assert short_term_lufs(calls, RATE_HZ).shape == (3, 11)


def test_too_short_a_sound_has_no_loudness():
    assert integrated_lufs(sine((-20, 0.3)), RATE_HZ) == -np.inf
    assert loudness_range_lu(sine((-20, 0.3)), RATE_HZ) == 0
    assert momentary_lufs(np.zeros(0), RATE_HZ).shape == (0,)
    with pytest.raises(ValueError, match="11025 samples/s"):
        integrated_lufs(np.zeros(11025), 11025)
