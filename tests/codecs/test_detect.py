"""Finding tones whose times and levels are known, alone, in noise and through a codec."""

import numpy as np
import pytest
from numpy.typing import NDArray

from softswitch_codecs.detect import find_tone, tone_level, tone_spans
from softswitch_codecs.g711 import decode_alaw, decode_ulaw, encode_alaw, encode_ulaw
from softswitch_codecs.tones import silence, tone

RATE_HZ = 8000


def sounding(
    *times_s: tuple[float, float], length_s: float = 3.0, hz: float = 1000
) -> NDArray[np.int16]:
    samples = silence(length_s, RATE_HZ)
    for start_s, end_s in times_s:
        start = round(start_s * RATE_HZ)
        part = tone([hz], end_s - start_s, RATE_HZ, ramp_s=0.002)
        samples[start : start + len(part)] = part
    return samples


def noise(length_s: float, level_dbfs: float) -> NDArray[np.int16]:
    white = np.random.default_rng(1).standard_normal(round(length_s * RATE_HZ))
    return np.rint(white * 32768 * 10 ** (level_dbfs / 20)).astype(np.int16)


def test_level_is_that_of_the_tone_alone():
    mix = tone([1000], 1.0, RATE_HZ, level_dbfs=-20.0, ramp_s=0)
    mix += tone([2000], 1.0, RATE_HZ, level_dbfs=-10.0, ramp_s=0)
    assert tone_level(mix, RATE_HZ, 1000) == pytest.approx(-20, abs=0.02)
    assert tone_level(mix, RATE_HZ, 2000) == pytest.approx(-10, abs=0.02)
    assert tone_level(mix, RATE_HZ, 1500) < -80
    assert tone_level(mix[:0], RATE_HZ, 1000) == -np.inf


def test_level_is_a_bin_of_the_fourier_transform():
    samples = noise(1.0, -20.0)
    bins = np.abs(np.fft.rfft(samples / 32768)) * 2 / len(samples) / np.sqrt(2)
    for hz in (50, 697, 1000, 3999):
        assert tone_level(samples, RATE_HZ, hz) == pytest.approx(20 * np.log10(bins[hz]))


def test_many_calls_at_once():
    calls = np.stack([tone([hz], 0.5, RATE_HZ, ramp_s=0) for hz in (600, 1000, 1400)])
    levels = tone_level(calls, RATE_HZ, 1000)
    assert levels.shape == (3,)
    assert levels[1] == pytest.approx(-16, abs=0.02)
    assert max(levels[0], levels[2]) < -80


@pytest.mark.parametrize("hz", [425, 1000, 2900])
def test_a_tone_is_found_where_it_is(hz: float):
    span = find_tone(sounding((0.5, 1.7), hz=hz), RATE_HZ, hz)
    assert span is not None
    assert span.start_s == pytest.approx(0.5, abs=0.003)
    assert span.end_s == pytest.approx(1.7, abs=0.003)
    assert span.length_s == pytest.approx(1.2, abs=0.006)


@pytest.mark.parametrize(
    ("encode", "decode"), [(encode_ulaw, decode_ulaw), (encode_alaw, decode_alaw)]
)
def test_a_tone_is_found_in_noise_through_a_codec(encode, decode):
    received = decode(encode(sounding((0.5, 1.7)) + noise(3.0, -35.0)))
    span = find_tone(received, RATE_HZ, 1000)
    assert span is not None
    assert span.start_s == pytest.approx(0.5, abs=0.004)
    assert span.end_s == pytest.approx(1.7, abs=0.004)


def test_a_tone_that_fills_the_sound_is_as_long_as_it():
    span = find_tone(tone([1000], 1.0, RATE_HZ, ramp_s=0.0), RATE_HZ, 1000)
    assert span is not None
    assert (span.start_s, span.end_s) == pytest.approx((0.0, 1.0), abs=0.002)


def test_each_of_two_tones_is_found_in_their_mix():
    mix = np.concatenate([silence(0.2, RATE_HZ), tone([440, 480], 2.0, RATE_HZ)])
    mix = np.concatenate([mix, silence(0.3, RATE_HZ)])
    high = np.concatenate([silence(0.2, RATE_HZ), tone([350, 800], 2.0, RATE_HZ)])
    for samples, hz in ((high, 350), (high, 800)):
        span = find_tone(samples, RATE_HZ, hz)
        assert span is not None
        assert span.start_s == pytest.approx(0.2, abs=0.005)
    assert find_tone(mix, RATE_HZ, 1000) is None


def test_stretches_are_told_apart_or_joined():
    samples = sounding((0.2, 0.6), (0.8, 1.2), (2.0, 2.5))
    spans = tone_spans(samples, RATE_HZ, 1000)
    found = [time for span in spans for time in (span.start_s, span.end_s)]
    np.testing.assert_allclose(found, [0.2, 0.6, 0.8, 1.2, 2.0, 2.5], atol=0.003)
    joined = tone_spans(samples, RATE_HZ, 1000, gap_s=0.3)
    assert [round(span.start_s, 1) for span in joined] == [0.2, 2.0]
    whole = find_tone(samples, RATE_HZ, 1000)
    assert whole is not None
    assert (whole.start_s, whole.end_s) == (spans[0].start_s, spans[-1].end_s)


def test_what_is_no_tone_is_not_found():
    for samples in (silence(1, RATE_HZ), noise(2.0, -20.0), sounding((0.1, 2.9), hz=1100)):
        assert find_tone(samples, RATE_HZ, 1000) is None
    assert find_tone(sounding((0.5, 1.5))[:100], RATE_HZ, 1000) is None
    quiet = tone([1000], 1.0, RATE_HZ, level_dbfs=-60)
    assert find_tone(quiet, RATE_HZ, 1000) is None
    assert find_tone(quiet, RATE_HZ, 1000, level_dbfs=-65) is not None
