"""What benchmarks/ivr.py takes for a prompt heard: every tone is told from every other."""

import numpy as np
import pytest
from ivr_load.tones import FRAME, KEYS, hears, hz_of

from softswitch.testing.peers import g711

PCMA = 8
ALL = ("", *KEYS)


def frames(hz: float, count: int = 5) -> np.ndarray:
    """Packets of a tone, as they come out of A-law."""
    sound = 8000 * np.sin(2 * np.pi * hz * np.arange(FRAME * count) / 8000)
    heard = g711.decode(PCMA, g711.encode(PCMA, sound.astype(np.int16)))
    return heard.reshape(count, FRAME)


@pytest.mark.parametrize("key", ALL)
def test_a_tone_is_heard_for_what_it_is(key: str):
    sound = frames(hz_of(key))
    assert [other for other in ALL if hears(sound, other).any()] == [key]
    assert hears(sound, key).all()


def test_silence_is_no_prompt():
    silence = g711.decode(PCMA, b"\xd5" * FRAME).reshape(1, FRAME)
    assert not any(hears(silence, key).any() for key in ALL)


@pytest.mark.parametrize("cut", range(8, FRAME, 8))
def test_a_tone_that_is_cut_is_not_taken_for_another(cut: int):
    for key in ALL:
        sound = frames(hz_of(key), 1).copy()
        sound[0, cut:] = 0
        assert [other for other in ALL if hears(sound, other).any()] in ([key], [])
