"""Levels against what theory says of sines, squares and silence."""

import numpy as np
import pytest

from softswitch_codecs.levels import active_dbfs, peak_dbfs, rms_dbfs

TIME_S = np.arange(8000) / 8000
SINE = np.sin(2 * np.pi * 1000 * TIME_S)


def test_a_full_sine_has_minus_three_decibels_and_a_full_square_none():
    assert rms_dbfs(SINE) == pytest.approx(-3.0103, abs=1e-3)
    assert rms_dbfs(np.where(np.arange(8000) % 2, 1.0, -1.0)) == pytest.approx(0.0)
    assert peak_dbfs(SINE) == pytest.approx(0.0, abs=1e-6)


def test_integers_and_floats_agree():
    half = (SINE * 16384).astype(np.int16)
    assert rms_dbfs(half) == pytest.approx(float(rms_dbfs(SINE)) - 6.0206, abs=0.01)
    assert peak_dbfs(np.array([-32768], np.int16)) == pytest.approx(0.0)


def test_silence_and_nothing_have_no_level():
    for quiet in (np.zeros(100, np.int16), np.zeros(0, np.int16)):
        assert rms_dbfs(quiet) == -np.inf
        assert peak_dbfs(quiet) == -np.inf
        assert active_dbfs(quiet, 8000) == -np.inf


def test_pauses_do_not_count_as_speech():
    spoken = np.concatenate([SINE, np.zeros(24000)])
    assert rms_dbfs(spoken) == pytest.approx(-3.01 - 6.02, abs=0.01)
    assert active_dbfs(spoken, 8000) == pytest.approx(-3.01, abs=0.01)


def test_one_level_for_each_call():
    calls = np.stack([SINE, SINE / 10, np.zeros(8000)])
    expected = [-3.0103, -23.0103, -np.inf]
    for measured in (rms_dbfs(calls), active_dbfs(calls, 8000)):
        np.testing.assert_allclose(measured, expected, atol=1e-3)
    np.testing.assert_allclose(peak_dbfs(calls), [0, -20, -np.inf], atol=1e-3)
