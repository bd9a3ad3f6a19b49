"""Tones by their spectrum and rhythm."""

import numpy as np
import pytest
from numpy.typing import NDArray

from softswitch_codecs.levels import rms_dbfs
from softswitch_codecs.progress import PROGRESS, Cadence, Country, ProgressTone
from softswitch_codecs.tones import DTMF_HZ, dtmf, tone

RATE_HZ = 8000


def loudest_hz(samples: NDArray[np.int16], count: int) -> list[float]:
    """The frequencies of the highest peaks, by a Fourier transform of one second."""
    spectrum = np.abs(np.fft.rfft(samples.astype(float), RATE_HZ))
    return sorted(float(f) for f in np.argsort(spectrum)[-count:])


@pytest.mark.parametrize("frequencies_hz", [[425], [350, 440], [697, 1209, 2000]])
def test_a_mix_has_its_frequencies_and_its_level(frequencies_hz: list[float]):
    samples = tone(frequencies_hz, 1.0, RATE_HZ, level_dbfs=-20.0, ramp_s=0.0)
    assert len(samples) == RATE_HZ
    assert loudest_hz(samples, len(frequencies_hz)) == frequencies_hz
    assert rms_dbfs(samples) == pytest.approx(-20.0, abs=0.02)


def test_ends_are_soft():
    samples = tone([1000], 0.1, RATE_HZ, ramp_s=0.01)
    top = np.abs(samples).max()
    assert np.abs(samples[:8]).max() < 0.03 * top
    assert np.abs(samples[-8:]).max() < 0.03 * top
    assert np.abs(samples[40]) < 0.6 * top < np.abs(samples[80:720]).max()


@pytest.mark.parametrize("frequencies_hz", [[], [0], [4000], [1000, 5000]])
def test_what_the_rate_cannot_carry_is_refused(frequencies_hz: list[float]):
    with pytest.raises(ValueError, match="between 0 and 4000 Hz"):
        tone(frequencies_hz, 0.1, RATE_HZ)


def test_what_would_clip_is_refused():
    with pytest.raises(ValueError, match="clip"):
        tone([350, 440], 0.1, RATE_HZ, level_dbfs=-5.0)


@pytest.mark.parametrize(
    ("key", "pair"),
    [
        ("1", (697, 1209)),
        ("5", (770, 1336)),
        ("9", (852, 1477)),
        ("0", (941, 1336)),
        ("*", (941, 1209)),
        ("#", (941, 1477)),
        ("A", (697, 1633)),
        ("D", (941, 1633)),
    ],
)
def test_keys_have_the_frequencies_of_q23(key: str, pair: tuple[int, int]):
    assert DTMF_HZ[key] == pair
    assert loudest_hz(dtmf(key, RATE_HZ, on_s=1.0, off_s=0.0), 2) == list(pair)


def test_keys_follow_each_other_with_gaps():
    samples = dtmf("12", RATE_HZ, on_s=0.1, off_s=0.05)
    assert len(samples) == 2 * 1200
    assert rms_dbfs(samples[100:700]) == pytest.approx(-16.0, abs=0.2)
    assert not samples[800:1200].any()
    assert len(dtmf("", RATE_HZ)) == 0


def test_an_unknown_key_is_named():
    with pytest.raises(ValueError, match="no such keys: EZ"):
        dtmf("1ZE", RATE_HZ)


# As Asterisk's indications.conf.sample lists them from E.180 Supplement 2 and BT SIN 350:
# frequencies / milliseconds, 0 being silence.
E180 = {
    "DK": ("425", "425/1000,0/4000", "425/500,0/500", "425/200,0/200"),
    "NO": ("425", "425/1000,0/4000", "425/500,0/500", "425/200,0/200"),
    "SE": ("425", "425/1000,0/5000", "425/250,0/250", "425/250,0/750"),
    "GB": (
        "350+440",
        "400+450/400,0/200,400+450/400,0/2000",
        "400/375,0/375",
        "400/400,0/350,400/225,0/525",
    ),
    "US": ("350+440", "440+480/2000,0/4000", "480+620/500,0/500", "480+620/250,0/250"),
}


def parse(text: str) -> tuple[list[float], list[float]]:
    """Frequencies, and on and off times in turn."""
    steps = [step.split("/") for step in text.split(",")]
    frequencies = [float(f) for f in steps[0][0].split("+")]
    return frequencies, [int(step[1]) / 1000 for step in steps if len(step) > 1]


@pytest.mark.parametrize("country", Country)
@pytest.mark.parametrize("kind", ProgressTone)
def test_tones_are_those_of_the_country(country: Country, kind: ProgressTone):
    frequencies, times = parse(E180[country.value][list(ProgressTone).index(kind)])
    cadence = PROGRESS[country][kind]
    assert list(cadence.frequencies_hz) == frequencies
    assert [time for step in cadence.steps_s for time in step] == times


def test_a_cadence_repeats():
    cadence = Cadence(frequencies_hz=(400,), steps_s=((0.4, 0.2), (0.4, 2.0)))
    assert cadence.period_s == pytest.approx(3.0)
    samples = cadence.render(6.5, RATE_HZ)
    assert len(samples) == 52000
    sounding = [t for t in np.arange(0.05, 6.5, 0.1) if samples[int(t * 8000) :][:80].any()]
    expected = [0.05, 0.15, 0.25, 0.35, 0.65, 0.75, 0.85, 0.95]
    expected += [3 + t for t in expected] + [6.05, 6.15, 6.25, 6.35]
    np.testing.assert_allclose(sounding, expected)


def test_a_dial_tone_does_not_stop():
    samples = PROGRESS[Country.DENMARK][ProgressTone.DIAL].render(2.0, RATE_HZ)
    inner = samples[80:-80].reshape(-1, 160)
    assert rms_dbfs(inner).min() > -17


def test_a_twisted_key_has_the_level_of_both_and_their_difference():
    samples = dtmf("1", RATE_HZ, on_s=1.0, off_s=0.0, level_dbfs=-20.0, twist_db=4.0)
    spectrum = np.abs(np.fft.rfft(samples.astype(float)))
    assert 20 * np.log10(spectrum[1209] / spectrum[697]) == pytest.approx(4.0, abs=0.05)
    assert rms_dbfs(samples) == pytest.approx(-20.0, abs=0.1)
    with pytest.raises(ValueError, match="clip"):
        dtmf("1", RATE_HZ, level_dbfs=-5.0, twist_db=4.0)
