"""Finding a sound again: noise that is there and noise that is not, alone and in a mixture."""

import numpy as np
import pytest

from softswitch.testing.peers.g711 import decode, encode
from softswitch.testing.peers.likeness import is_heard, likeness

RATE_HZ = 8000
PCMA = 8


def _noise(seed: int, seconds: float, level: float = 3000.0) -> np.ndarray:
    samples = np.random.default_rng(seed).normal(0, level, round(seconds * RATE_HZ))
    return np.clip(samples, -32768, 32767).astype(np.int16)


@pytest.mark.parametrize("gain", [0.1, 1.0, 3.0])
def test_what_is_there_is_found_however_loud(gain: float):
    said = _noise(1, 2)
    heard = np.concatenate([_noise(2, 1.23), (said * gain).astype(np.int16), _noise(3, 2)])
    assert likeness(heard, said) == pytest.approx(1, abs=0.02)


def test_what_is_not_there_is_not_found():
    # A second of noise has 8,000 independent samples: chance alone gives about 4.5 / sqrt(8000)
    # over some 1e5 places, far below the threshold.
    assert likeness(_noise(4, 10), _noise(5, 3)) < 0.07
    assert not is_heard(_noise(4, 10), _noise(5, 3))


def test_one_of_two_equally_loud_voices_scores_the_root_of_one_half():
    said = _noise(6, 2)
    mixed = said + _noise(7, 2)
    assert likeness(mixed, said) == pytest.approx(0.5**0.5, abs=0.03)
    assert is_heard(mixed, said)


def test_g711_hardly_matters():
    said = _noise(8, 1.5)
    assert likeness(decode(PCMA, encode(PCMA, said)), said) > 0.99


def test_a_part_of_it_is_enough_and_less_than_there_is_to_look_in_is_not():
    said = _noise(9, 4)
    assert is_heard(said[2 * RATE_HZ : 3 * RATE_HZ + RATE_HZ // 2], said)
    assert likeness(said[:100], said) == 0
    assert likeness(said, said[:0]) == 0


def test_silence_is_like_nothing():
    assert likeness(np.zeros(3 * RATE_HZ, np.int16), _noise(10, 2)) == pytest.approx(0, abs=1e-6)
    assert likeness(_noise(11, 3), np.zeros(2 * RATE_HZ, np.int16)) == pytest.approx(0, abs=1e-6)
