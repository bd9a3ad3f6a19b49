"""Keys heard and not heard: the limits of ITU-T Q.24, SpanDSP's ear, speech and music."""

from __future__ import annotations

import tomllib
from importlib.resources import files

import numpy as np
import pytest
import soxr
from numpy.typing import NDArray
from second_codecs import spandsp_keys

from softswitch.prompts.messages import Voice
from softswitch.prompts.music import perform, scores
from softswitch.prompts.speech import EspeakSpeech
from softswitch_codecs.dtmf import DtmfDetector, DtmfLimits, KeyDown, KeyUp, find_keys
from softswitch_codecs.g711 import decode_alaw, encode_alaw
from softswitch_codecs.levels import active_dbfs
from softswitch_codecs.tones import DTMF_HZ, dtmf

RATE_HZ = 8000
ALL_KEYS = "123A456B789C*0#D"

DBM0 = -6.15
"""0 dBm0 in dBFS: a full-scale sine, -3.01 dBFS, has +3.14 dBm0 in A-law (G.711)."""


def press(
    key: str,
    *,
    length_ms: float = 40,
    off_low: float = 0,
    off_high: float = 0,
    low_dbm0: float = -10,
    high_dbm0: float = -10,
    noise_db: float | None = None,
    seed: int = 1,
) -> NDArray[np.int16]:
    """A press as it arrives through A-law: without ramps, at any phase, noise by its power."""
    rng = np.random.default_rng([seed, ord(key)])
    time_s = np.arange(round(length_ms / 1000 * RATE_HZ)) / RATE_HZ
    sound = np.zeros(1600 + int(rng.integers(0, 80)) + len(time_s))
    pairs = zip(DTMF_HZ[key], (off_low, off_high), (low_dbm0, high_dbm0), strict=True)
    for hz, off, dbm0 in pairs:
        turns = hz * (1 + off) * time_s + rng.random()
        sound[-800 - len(time_s) : -800] += from_db(dbm0 + DBM0 + 3.01) * np.sin(2 * np.pi * turns)
    if noise_db is not None:
        tones_db = 10 * np.log10(10 ** (low_dbm0 / 10) + 10 ** (high_dbm0 / 10)) + DBM0
        sound += rng.normal(0, from_db(tones_db - noise_db), len(sound))
    clipped = np.clip(np.rint(sound * 32768), -32768, 32767)
    return decode_alaw(encode_alaw(clipped.astype(np.int16)))


def from_db(level_db: float) -> float:
    return float(10 ** (level_db / 20))


def heard(samples: NDArray[np.int16]) -> str:
    return "".join(found.key for found in find_keys(samples, RATE_HZ))


def share_heard(**how: float) -> float:
    """The part of presses that are heard, as the right key and once."""
    presses = [(key, press(key, seed=seed, **how)) for key in ALL_KEYS for seed in range(3)]  # type: ignore[arg-type]
    assert all(heard(sound) in {"", key} for key, sound in presses)
    return float(np.mean([heard(sound) == key for key, sound in presses]))


@pytest.mark.parametrize(
    "how",
    [
        pytest.param({}, id="40 ms"),
        pytest.param({"length_ms": 400}, id="400 ms"),
        pytest.param({"off_low": 0.018, "off_high": 0.018}, id="1.8 % sharp"),
        pytest.param({"off_low": -0.018, "off_high": -0.018}, id="1.8 % flat"),
        pytest.param({"off_low": 0.018, "off_high": -0.018}, id="1.8 % apart"),
        pytest.param({"noise_db": 15}, id="15 dB over noise"),
        pytest.param({"noise_db": 15, "off_low": -0.015, "off_high": 0.015}, id="off in noise"),
        pytest.param({"low_dbm0": 0, "high_dbm0": 0}, id="0 dBm0 each, cut off at the top"),
        pytest.param({"low_dbm0": -25, "high_dbm0": -25}, id="-25 dBm0 each"),
        pytest.param({"low_dbm0": -20, "high_dbm0": -14}, id="high 6 dB up"),
        pytest.param({"low_dbm0": -11, "high_dbm0": -20}, id="low 9 dB up"),
    ],
)
def test_what_q24_wants_heard_is_heard(how: dict[str, float]):
    assert share_heard(**how) == 1


@pytest.mark.parametrize(
    "how",
    [
        pytest.param({"length_ms": 20}, id="20 ms"),
        pytest.param({"length_ms": 24}, id="24 ms"),
        pytest.param({"length_ms": 100, "off_low": 0.035}, id="low 3.5 % sharp"),
        pytest.param({"length_ms": 100, "off_low": -0.035}, id="low 3.5 % flat"),
        pytest.param({"length_ms": 100, "off_high": 0.035}, id="high 3.5 % sharp"),
        pytest.param({"length_ms": 100, "off_high": -0.035}, id="high 3.5 % flat"),
        pytest.param({"length_ms": 100, "low_dbm0": -29, "high_dbm0": -29}, id="-29 dBm0 each"),
        pytest.param({"length_ms": 100, "high_dbm0": -70}, id="low alone"),
        pytest.param({"length_ms": 100, "low_dbm0": -70}, id="high alone"),
    ],
)
def test_what_q24_wants_not_heard_is_not_heard(how: dict[str, float]):
    assert share_heard(**how) == 0


def with_break(length_ms: float) -> NDArray[np.int16]:
    """A press of 100 ms whose middle is missing."""
    sound = dtmf("7", RATE_HZ, on_s=0.1, off_s=0.1)
    middle, half = 400, round(length_ms * RATE_HZ / 2000)
    sound[middle - half : middle + half] = 0
    return sound


def test_a_break_of_10_ms_is_one_press_and_a_pause_of_30_ms_makes_two():
    assert [heard(with_break(ms)) for ms in (5, 10)] == ["7", "7"]
    two = np.concatenate(
        [dtmf("7", RATE_HZ, on_s=0.04, off_s=0.03)] * 2 + [np.zeros(800, np.int16)]
    )
    assert heard(two) == "77"


def test_keys_may_follow_each_other_every_70_ms():
    assert heard(dtmf(ALL_KEYS * 3, RATE_HZ, on_s=0.04, off_s=0.03)) == ALL_KEYS * 3


def test_keys_without_a_pause_between_them_are_told_apart():
    assert heard(dtmf("1478", RATE_HZ, on_s=0.08, off_s=0.0)) == "1478"


def test_times_and_levels_are_those_of_the_tone():
    sound = np.concatenate([np.zeros(4000, np.int16), dtmf("5", RATE_HZ, on_s=0.2, twist_db=2.0)])
    down, up = DtmfDetector(RATE_HZ).hear(sound)
    assert isinstance(down, KeyDown)
    assert isinstance(up, KeyUp)
    assert (down.call, down.key, up.key) == (0, "5", "5")
    assert down.start_s == pytest.approx(0.5, abs=0.005)
    assert up.end_s == pytest.approx(0.7, abs=0.005)
    # Two sines 2 dB apart, -16 dBFS together: -18.12 and -20.12 by adding their powers.
    assert (down.low_dbfs, down.high_dbfs) == pytest.approx((-20.12, -18.12), abs=0.5)


@pytest.mark.parametrize("rate_hz", [8000, 16000, 48000])
def test_pieces_of_any_length_at_any_rate(rate_hz: int):
    sound = dtmf(ALL_KEYS, rate_hz, on_s=0.05, off_s=0.05)
    detector, rng, position, found = DtmfDetector(rate_hz), np.random.default_rng(3), 0, []
    while position < len(sound):
        length = int(rng.integers(1, 700))
        found += detector.hear(sound[position : position + length])
        position += length
    assert [event.key for event in found] == [key for key in ALL_KEYS for _ in range(2)]


def test_a_key_is_told_within_50_ms_of_its_beginning():
    detector, sound = DtmfDetector(RATE_HZ), dtmf("0", RATE_HZ, on_s=0.2, off_s=0.0)
    told = [n for n in range(100) if detector.hear(sound[16 * n : 16 * n + 16])]
    assert told[0] * 2 <= 50


def test_a_hundred_callers_at_once():
    rng = np.random.default_rng(5)
    keyed = ["".join(rng.choice(list(ALL_KEYS), 8)) for _ in range(100)]
    pressed = [dtmf(keys, RATE_HZ) for keys in keyed]
    calls = np.stack([np.pad(sound, (11 * n, 1120 - 11 * n)) for n, sound in enumerate(pressed)])
    detector, got = DtmfDetector(RATE_HZ, calls=100), [""] * 100
    for piece in np.split(calls, calls.shape[1] // 160, axis=1):
        for event in detector.hear(piece):
            got[event.call] += event.key if isinstance(event, KeyDown) else ""
    assert got == keyed


def test_spandsp_hears_the_same_keys():
    rng = np.random.default_rng(6)
    for _ in range(40):
        keys = "".join(rng.choice(list(ALL_KEYS), 6))
        on_s, off_s = rng.uniform(0.05, 0.12), rng.uniform(0.06, 0.12)
        level, twist = rng.uniform(-28, -9), rng.uniform(-3, 3)
        sound = dtmf(keys, RATE_HZ, on_s=on_s, off_s=off_s, level_dbfs=level, twist_db=twist)
        line = decode_alaw(encode_alaw(np.pad(sound, 400)))
        assert heard(line) == keys == spandsp_keys(line)


def at_level(sound: NDArray[np.floating], level_dbfs: float) -> NDArray[np.int16]:
    gain = from_db(level_dbfs - float(active_dbfs(sound, RATE_HZ)))
    return np.clip(np.rint(sound * gain * 32768), -32768, 32767).astype(np.int16)


def heard_at_levels(sound: NDArray[np.floating], levels_dbfs: tuple[int, ...]) -> list[object]:
    """What is heard by callers each of whom hears the sound at a level of their own."""
    together = np.stack([at_level(sound, level_dbfs) for level_dbfs in levels_dbfs])
    return list(DtmfDetector(RATE_HZ, len(levels_dbfs)).hear(together))


@pytest.mark.parametrize("language", ["da", "nb", "sv", "en"])
def test_speech_presses_no_keys(language: str):
    source = files("softswitch.prompts") / "languages" / f"{language}.toml"
    known = tomllib.loads(source.read_text(encoding="utf-8"))
    voice = Voice(name=known["voice"]["espeak"], words_per_minute=170)
    spoken, rate_hz = EspeakSpeech().speak(" ".join(known["messages"].values())[:1900], voice)
    line = soxr.resample(spoken, rate_hz, RATE_HZ)
    assert len(line) > 40 * RATE_HZ
    assert not heard_at_levels(line, (-30, -20, -12))


@pytest.mark.parametrize("score", scores(), ids=lambda score: score.title)
def test_music_presses_no_keys(score):
    line = perform(score, RATE_HZ)
    assert not heard_at_levels(line, (-22, -12))


def test_keys_are_heard_over_the_echo_of_a_prompt():
    # What a caller hears comes back to us: here 20 dB under what the caller sends.
    echo = at_level(perform(scores()[0], RATE_HZ)[: 4 * RATE_HZ], -36)
    keys = dtmf("2580", RATE_HZ, on_s=0.1, off_s=0.1)
    echo[8000 : 8000 + len(keys)] += keys
    assert heard(echo) == "2580"


def test_limits_are_the_callers_to_choose():
    quiet = press("4", low_dbm0=-35, high_dbm0=-35)
    assert not find_keys(quiet, RATE_HZ)
    found = find_keys(quiet, RATE_HZ, limits=DtmfLimits(level_dbfs=-45))
    assert [key.key for key in found] == ["4"]


def test_what_is_no_sound_of_these_calls_is_refused():
    with pytest.raises(ValueError, match="11025 samples/s is not a multiple of 400"):
        DtmfDetector(11025)
    with pytest.raises(ValueError, match=r"shape \(3, 160\), not \(2, 'any'\)"):
        DtmfDetector(RATE_HZ, 2).hear(np.zeros((3, 160), np.int16))
    assert DtmfDetector(RATE_HZ).hear(np.zeros(0, np.int16)) == ()
