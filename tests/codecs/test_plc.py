"""Concealment against Appendix I of G.711 done plainly, and against what it must do by design."""

from __future__ import annotations

import ctypes
import itertools

import numpy as np
import pytest
from numpy.typing import NDArray
from plain_plc import PlainConcealer
from second_codecs import address, spandsp

from softswitch_codecs.plc import DELAY, FRAME, Concealer, find_pitch

RATE_HZ = 8000


def voice(frequency_hz: float, seed: int = 1) -> NDArray[np.int16]:
    """One second with the harmonics of a voice, slowly gliding, and some breath."""
    time_s = np.arange(RATE_HZ) / RATE_HZ
    phase = 2 * np.pi * np.cumsum(frequency_hz * (1 + 0.05 * np.sin(4 * time_s))) / RATE_HZ
    sound = sum(np.cos(k * phase) / k for k in range(1, 12)) * (1.2 + np.sin(7 * time_s))
    breath = np.random.default_rng(seed).normal(0, 60, RATE_HZ)
    return np.rint(3000 * np.asarray(sound) + breath).astype(np.int16)


def gone(*frames: int) -> NDArray[np.bool_]:
    return np.isin(np.arange(RATE_HZ // FRAME), frames)


def delayed(sound: NDArray[np.int16]) -> NDArray[np.int16]:
    return np.concatenate([np.zeros(DELAY, np.int16), sound[:-DELAY]])


def test_as_the_appendix_says():
    rng = np.random.default_rng(711)
    calls = [voice(90), voice(140), voice(190), rng.normal(0, 9000, RATE_HZ).astype(np.int16)]
    calls += [np.zeros(RATE_HZ, np.int16), np.full(RATE_HZ, 32767, np.int16)]
    lost = rng.random((len(calls), RATE_HZ // FRAME)) < 0.2
    lost[:, 40:48] = True
    lost[:, 60:64] = True
    heard = Concealer(len(calls)).conceal(np.stack(calls), lost)
    for call, missing, mine in zip(calls, lost, heard, strict=True):
        plain = PlainConcealer()
        frames = [
            plain.frame(None if is_lost else frame.tolist())
            for frame, is_lost in zip(call.reshape(-1, FRAME), missing, strict=True)
        ]
        # Both cut fractions off, and may differ by one where a sum is nearly a whole number.
        difference = np.abs(mine - np.concatenate(frames))
        assert difference.max() <= 1
        assert np.mean(difference > 0) < 0.01


def test_with_nothing_lost_the_sound_is_only_late():
    sound = voice(120)
    heard = Concealer().conceal(sound, gone())
    np.testing.assert_array_equal(heard, delayed(sound))


@pytest.mark.parametrize("period", [40, 52, 80, 101, 120])
def test_the_pitch_of_a_periodic_sound_is_its_period(period: int):
    turn = 2 * np.pi * np.arange(period) / period
    once = 3000 * (np.sin(turn) + np.sin(2 * turn + 1) + np.sin(3 * turn + 2))
    assert find_pitch(np.resize(once, (2, 400))).tolist() == [period, period]


def test_a_steady_sound_goes_on_for_10_ms_as_if_nothing_were_lost():
    # A period of 80 samples: frame, period and overlap fit, so that only rounding differs.
    sound = np.resize(np.random.default_rng(2).normal(0, 3000, 80), RATE_HZ).astype(np.int16)
    heard = Concealer().conceal(sound, gone(50))
    assert np.abs(heard - delayed(sound)).max() <= 1


def test_it_fades_by_a_fifth_every_10_ms_and_is_silent_after_60():
    # Frames 50 to 59 are lost; the first is not faded, the n-th goes from 1 - (n - 2) / 5 to a
    # fifth less, in the middle of which it has lost (n - 1.5) / 5.
    sound = np.resize(np.sin(2 * np.pi * np.arange(80) / 80) * 9000, RATE_HZ).astype(np.int16)
    heard = Concealer().conceal(sound, gone(*range(50, 60)))[DELAY:]
    frames = heard[50 * FRAME : 59 * FRAME].reshape(-1, FRAME).astype(float)
    levels = np.sqrt(np.mean(frames**2, axis=1)) * np.sqrt(2) / 9000
    np.testing.assert_allclose(levels[:6], [1, 0.9, 0.7, 0.5, 0.3, 0.1], atol=0.02)
    assert not frames[6:].any()


def test_a_voice_is_nearer_to_itself_than_with_gaps_and_than_spandsp_brings_it():
    # SpanDSP's concealment is of another design: it looks for the pitch and fades in its own way.
    sound = voice(130)
    lost = gone(*range(10, 95, 7))
    heard = Concealer().conceal(sound, lost)
    ours = noise(heard[DELAY:], sound[:-DELAY])
    assert ours < 0.1 * noise(np.where(np.repeat(lost, FRAME), 0, sound), sound)
    assert ours < noise(spandsp_conceal(sound, lost), sound)


def noise(heard: NDArray[np.int16], sound: NDArray[np.int16]) -> float:
    return float(np.sum((heard.astype(float) - sound) ** 2))


def spandsp_conceal(sound: NDArray[np.int16], lost: NDArray[np.bool_]) -> NDArray[np.int16]:
    library, frames = spandsp(), sound.copy().reshape(-1, FRAME)
    state = ctypes.c_void_p(library.plc_init(None))
    for frame, is_lost in zip(frames, lost, strict=True):
        (library.plc_fillin if is_lost else library.plc_rx)(state, address(frame), FRAME)
    library.plc_free(state)
    return frames.reshape(-1)


def test_pieces_of_any_number_of_frames_and_one_call_or_many():
    sounds, rng = np.stack([voice(100), voice(170)]), np.random.default_rng(4)
    lost = rng.random((2, 100)) < 0.3
    whole = Concealer(2).conceal(sounds, lost)
    concealer, cuts = Concealer(), [0, 1, 3, 3, 50, 100]
    pieces = [
        concealer.conceal(sounds[1, a * FRAME : b * FRAME], lost[1, a:b])
        for a, b in itertools.pairwise(cuts)
    ]
    np.testing.assert_array_equal(np.concatenate(pieces), whole[1])


def test_what_stands_in_a_lost_frame_is_not_heard():
    sound = voice(100)
    spoilt = np.where(np.repeat(gone(30, 31), FRAME), 32767, sound).astype(np.int16)
    expected = Concealer().conceal(sound, gone(30, 31))
    np.testing.assert_array_equal(Concealer().conceal(spoilt, gone(30, 31)), expected)


def test_other_shapes_are_refused():
    with pytest.raises(ValueError, match=r"shape \(100,\), not \('n \* 80',\)"):
        Concealer().conceal(np.zeros(100, np.int16), gone())
    with pytest.raises(ValueError, match=r"shape \(80,\), not \(2, 'n \* 80'\)"):
        Concealer(2).conceal(np.zeros(80, np.int16), gone())
