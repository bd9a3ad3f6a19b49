"""The mixer beside a slow and obvious twin, and by hand."""

from pathlib import Path

import attrs
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from slow_mixer import slow_render

from softswitch.errors import MisuseError
from softswitch.prompts import PromptError, PromptFault
from softswitch.prompts.description import (
    DEPTH_MAX,
    Clip,
    Ducked,
    Mix,
    Say,
    Sequence,
    Silence,
    Sound,
    Tone,
)
from softswitch.prompts.mixing import render

RATE_HZ = 8000
PEAK = 29205  # -1 dBFS of 32,768


def noise(seed: int, count: int, peak: float, quiet: int = 0) -> NDArray[np.float32]:
    """Noise with silence around it, in steps of 16 bits."""
    values = np.random.default_rng(seed).uniform(-peak, peak, count)
    return (np.rint(np.pad(values, quiet) * 32768) / 32768).astype(np.float32)


CLIPS = {
    Path("short"): noise(1, 3, 0.5),
    Path("one"): noise(2, 1, 0.9),
    Path("long"): noise(3, 1500, 0.4),
    Path("spoken"): noise(4, 700, 0.2, quiet=400),
    Path("full"): noise(5, 333, 1.0),
    Path("silent"): np.zeros(500, np.float32),
}


@attrs.define
class Shelf:
    """Sources at hand, which remember how much of a file was wanted."""

    rate_hz: int = RATE_HZ
    wanted: list[int | None] = attrs.Factory(list)

    def clip(self, file: Path, rate_hz: int, count: int | None) -> NDArray[np.float32]:
        assert rate_hz == self.rate_hz
        self.wanted.append(count)
        return CLIPS[file][:count]

    def spoken(self, text: str, language: str, rate_hz: int) -> NDArray[np.float32]:
        assert (language, rate_hz) == ("da", self.rate_hz)
        return CLIPS[Path(text)]


def mixed(sound: Sound) -> NDArray[np.int16]:
    return render(sound, RATE_HZ, Shelf())


def samples(count: int) -> float:
    """A time of so many samples."""
    return count / RATE_HZ


times = st.integers(0, 2000).map(samples)
ramps = st.integers(0, 300).map(samples)
maybe_times = st.none() | times
levels = st.sampled_from(
    [{}, {}, {"gain_db": -6.0}, {"gain_db": 20.0}, {"level_dbfs": -20.0}, {"level_dbfs": -1.0}]
)


@st.composite
def shapes(draw: st.DrawFn) -> dict[str, object]:
    """Settings that every sound may have, most of them as they are by default."""
    every: dict[str, st.SearchStrategy[object]] = {
        "trim": st.booleans(),
        "start_s": times,
        "length_s": times,
        "loop_s": times,
        "fade_in_s": ramps,
        "fade_out_s": ramps,
    }
    names = draw(st.sets(st.sampled_from(sorted(every)), max_size=3))
    shape = {name: draw(every[name]) for name in sorted(names)}
    if "loop_s" in shape:
        shape["loop_crossfade_s"] = draw(ramps)
    return shape | draw(levels)


@st.composite
def sounds(draw: st.DrawFn, depth: int = 3) -> Sound:  # noqa: PLR0911 - one for each kind
    kinds = [Clip, Clip, Say, Silence, Tone]
    kind = draw(st.sampled_from(kinds if depth == 0 else [*kinds, Sequence, Mix, Ducked]))
    shape = draw(shapes())
    inner = sounds(depth - 1) if depth else st.nothing()
    if kind is Clip:
        return Clip(draw(st.sampled_from(sorted(CLIPS))), **shape)
    if kind is Say:
        return Say(str(draw(st.sampled_from(sorted(CLIPS)))), language="da", **shape)
    if kind is Silence:
        return Silence(draw(times), **shape)
    if kind is Tone:
        hz = draw(st.sampled_from([20.0, 440.0, 3999.0, 4000.0, 19_000.0]))
        return Tone(hz, lasts_s=draw(times), **shape)
    if kind is Sequence:
        between = draw(st.sampled_from(["gap_s", "crossfade_s"]))
        parts = draw(st.lists(inner, min_size=1, max_size=4))
        return Sequence(parts, **shape, **{between: draw(ramps)})
    if kind is Mix:
        return Mix(draw(st.lists(inner, min_size=1, max_size=3)), **shape)
    ducking = {name: draw(ramps) for name in ("before_s", "after_s", "attack_s", "release_s")}
    return Ducked(
        speech=draw(inner), music=draw(inner), duck_db=draw(st.floats(0, 40)), **ducking, **shape
    )


@settings(max_examples=200, deadline=None)
@given(sound=sounds())
def test_any_description_sounds_as_the_slow_twin_says(sound: Sound):
    expected = slow_render(sound, RATE_HZ, {path: c.tolist() for path, c in CLIPS.items()})
    if not expected:
        with pytest.raises(PromptError) as caught:
            mixed(sound)
        assert caught.value.reason is PromptFault.EMPTY
        return
    found = mixed(sound)
    assert found.dtype == np.int16
    assert len(found) == len(expected)
    # Single precision: 24 bits, and a gain of 20 dB on one of the way's two or three steps.
    np.testing.assert_allclose(found, expected, atol=2)
    assert np.abs(found.astype(int)).max() <= PEAK


@pytest.mark.parametrize("rate_hz", [16_000, 48_000])
@settings(max_examples=15, deadline=None)
@given(sound=sounds(depth=1))
def test_other_rates_too(rate_hz: int, sound: Sound):
    expected = slow_render(sound, rate_hz, {path: c.tolist() for path, c in CLIPS.items()})
    if expected:
        np.testing.assert_allclose(render(sound, rate_hz, Shelf(rate_hz)), expected, atol=2)


@settings(max_examples=30, deadline=None)
@given(sound=sounds())
def test_the_same_description_is_the_same_sound(sound: Sound):
    try:
        first = mixed(sound)
    except PromptError:
        return
    np.testing.assert_array_equal(first, mixed(attrs.evolve(sound)))


def test_by_hand():
    whole = mixed(Sequence([Clip("short"), Clip("one")], gap_s=samples(2), gain_db=-6.0206))
    short, one = CLIPS[Path("short")], CLIPS[Path("one")]
    expected = np.rint(16384 * np.concatenate([short, [0, 0], one]))
    np.testing.assert_allclose(whole, expected, atol=1)


def test_a_crossfade_keeps_the_power_of_what_is_unrelated():
    first, second = noise(8, RATE_HZ, 0.5), noise(9, RATE_HZ, 0.5)

    class Two(Shelf):
        def clip(self, file: Path, *_: int | None) -> NDArray[np.float32]:
            return first if file == Path("first") else second

    sound = Sequence([Clip("first"), Clip("second")], crossfade_s=0.5)
    found = render(sound, RATE_HZ, Two()) / 32768
    assert len(found) == 1.5 * RATE_HZ
    seam = found[RATE_HZ // 2 : RATE_HZ]
    assert np.mean(seam**2) == pytest.approx(0.5**2 / 3, rel=0.05)


def test_music_under_speech_is_as_much_quieter_as_it_should_be():
    music = Tone(1000, lasts_s=0.5, tone_dbfs=-10)
    sound = Ducked(
        speech=Silence(1.0), music=music, before_s=1.0, after_s=1.0, duck_db=12, release_s=0.5
    )
    found = mixed(sound) / 32768
    assert len(found) == 3 * RATE_HZ

    def level(start_s: float, end_s: float) -> float:
        part = found[round(start_s * RATE_HZ) : round(end_s * RATE_HZ)]
        return float(10 * np.log10(np.mean(part**2)))

    assert level(0, 0.7) == pytest.approx(-10, abs=0.01)
    assert level(1, 2) == pytest.approx(-22, abs=0.01)
    assert level(2.5, 3) == pytest.approx(-10, abs=0.01)


def test_only_as_much_of_the_music_is_read_as_is_heard():
    shelf = Shelf()
    render(Ducked(speech=Clip("one"), music=Clip("long"), after_s=samples(9)), RATE_HZ, shelf)
    assert shelf.wanted == [None, 10]


@pytest.mark.parametrize(
    "sound",
    [
        Silence(1200.0, loop_s=1200.0, gain_db=3),
        Sequence([Silence(600.0), Silence(600.0)]),
    ],
)
def test_twenty_minutes_are_the_longest(sound: Sound):
    assert len(mixed(sound)) == 1200 * RATE_HZ


@pytest.mark.parametrize(
    "sound",
    [
        Sequence([Silence(1200.0), Silence(samples(1))]),
        Sequence([Silence(samples(1))] * 200, gap_s=10.0),
        Ducked(speech=Silence(1200.0), music=Clip("one"), before_s=samples(1)),
    ],
)
def test_longer_is_refused(sound: Sound):
    with pytest.raises(PromptError, match="longer than 20 minutes") as caught:
        mixed(sound)
    assert caught.value.reason is PromptFault.TOO_LONG


def test_a_single_sample_can_be_repeated_for_twenty_minutes():
    assert len(mixed(Clip("one", loop_s=1200.0, loop_crossfade_s=60))) == 1200 * RATE_HZ


def test_a_description_too_large_to_be_meant():
    deep: Sound = Clip("one")
    for _ in range(DEPTH_MAX):
        deep = Mix([deep])
    with pytest.raises(MisuseError, match="at most 12 deep"):
        mixed(deep)
    wide: Sound = Clip("one")
    for _ in range(4):
        wide = Mix([wide] * 200)
    with pytest.raises(MisuseError, match="at most 1000 sounds"):
        mixed(wide)


@pytest.mark.parametrize(
    ("settings_of_it", "words"),
    [
        ({"fade_in_s": float("nan")}, "Clip.fade_in_s must be a number from 0 to 60 (seconds)"),
        ({"fade_in_s": -1}, "Clip.fade_in_s"),
        ({"length_s": 1200.5}, "Clip.length_s"),
        ({"gain_db": 41}, "from -60 to 40 (dB), not 41"),
        ({"level_dbfs": 0}, "from -60 to -1 (dBFS)"),
        ({"gain_db": 1, "level_dbfs": -20}, "gain_db and level_dbfs cannot both be"),
        ({"loop_crossfade_s": 1}, "means nothing without loop_s"),
    ],
)
def test_settings_out_of_range(settings_of_it: dict[str, float], words: str):
    with pytest.raises(MisuseError) as caught:
        Clip("a.wav", **settings_of_it)
    assert words in str(caught.value)


def test_lists_without_sounds():
    with pytest.raises(MisuseError, match="sequence takes 1 to 200 sounds, not 0"):
        Sequence([])
    with pytest.raises(MisuseError, match="mix takes 1 to 200 sounds, not 201"):
        Mix([Silence(1)] * 201)
