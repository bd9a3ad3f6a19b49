"""Files from outside: good ones come out right, bad ones are refused in plain words."""

import os
import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from prompt_sounds import RATE_HZ, read

from softswitch.prompts import PromptError, PromptFault, SoundStore
from softswitch_codecs.detect import tone_level
from softswitch_codecs.levels import peak_dbfs, rms_dbfs


@pytest.fixture
def shop(tmp_path: Path) -> SoundStore:
    return SoundStore(tmp_path / "cache", RATE_HZ)


def sine(hz: float, rate_hz: int, seconds: float = 1.0, peak: float = 0.5) -> NDArray[np.float64]:
    return peak * np.sin(2 * np.pi * hz * np.arange(round(seconds * rate_hz)) / rate_hz)


def refused(store: SoundStore, path: Path) -> PromptError:
    with pytest.raises(PromptError) as caught:
        store.prepare_file(path)
    assert str(path) in str(caught.value)
    return caught.value


@pytest.mark.parametrize("rate_hz", [8000, 11025, 22050, 44100, 48000, 192000])
@pytest.mark.parametrize("channels", [1, 2])
def test_any_rate_and_mono_or_stereo(shop: SoundStore, tmp_path: Path, rate_hz: int, channels: int):
    path = tmp_path / "tone.wav"
    soundfile.write(path, np.stack([sine(1000, rate_hz, 2.0)] * channels, axis=1), rate_hz)
    samples = read(shop.prepare_file(path))
    assert len(samples) == pytest.approx(2 * RATE_HZ, abs=1)
    assert tone_level(samples, RATE_HZ, 1000) == pytest.approx(-9.03, abs=0.05)
    assert rms_dbfs(samples) == pytest.approx(-9.03, abs=0.05)


@pytest.mark.parametrize("kind", ["wav", "flac", "ogg", "mp3", "aiff", "au"])
def test_kinds_of_file(shop: SoundStore, tmp_path: Path, kind: str):
    path = tmp_path / f"tone.{kind}"
    soundfile.write(path, sine(1000, 44100, 2.0), 44100)
    samples = read(shop.prepare_file(path))
    assert len(samples) == pytest.approx(2 * RATE_HZ, abs=0.1 * RATE_HZ)
    middle = samples[RATE_HZ // 2 : -RATE_HZ // 2]
    assert tone_level(middle, RATE_HZ, 1000) == pytest.approx(-9.03, abs=0.3)


def test_the_content_counts_and_not_the_name(shop: SoundStore, tmp_path: Path):
    one, same = tmp_path / "one.wav", tmp_path / "same.raw"
    soundfile.write(one, sine(1000, 8000), 8000)
    same.write_bytes(one.read_bytes())
    path = shop.prepare_file(one)
    assert shop.prepare_file(same) == path
    assert shop.prepare_file(one, 3.0) != path
    soundfile.write(one, sine(500, 8000), 8000)
    assert shop.prepare_file(one) != path


def test_stereo_is_mixed_half_and_half(shop: SoundStore, tmp_path: Path):
    path = tmp_path / "stereo.wav"
    soundfile.write(path, np.stack([sine(500, 8000), sine(1500, 8000)], axis=1), 8000)
    samples = read(shop.prepare_file(path))
    for hz in (500, 1500):
        assert tone_level(samples, RATE_HZ, hz) == pytest.approx(-9.03 - 6.02, abs=0.05)


def test_what_the_rate_cannot_carry_is_left_out(shop: SoundStore, tmp_path: Path):
    path = tmp_path / "high.wav"
    soundfile.write(path, sine(1000, 48000) + 0.4 * sine(6000, 48000), 48000)
    samples = read(shop.prepare_file(path))[400:-400]
    assert tone_level(samples, RATE_HZ, 1000) == pytest.approx(-9.03, abs=0.05)
    assert tone_level(samples, RATE_HZ, 2000) < -75  # where 6,000 Hz would be folded to


def test_gain_and_level(shop: SoundStore, tmp_path: Path):
    path = tmp_path / "tone.wav"
    soundfile.write(path, sine(1000, 8000), 8000)
    assert rms_dbfs(read(shop.prepare_file(path, -10.0))) == pytest.approx(-19.03, abs=0.05)
    levelled = read(shop.prepare_file(path, level_dbfs=-26.0))
    assert rms_dbfs(levelled) == pytest.approx(-26.0, abs=0.05)
    assert peak_dbfs(read(shop.prepare_file(path, 40.0))) == pytest.approx(-1.0, abs=0.01)
    with pytest.raises(PromptError, match="from -40 to 40"):
        shop.prepare_file(path, 41.0)
    with pytest.raises(PromptError, match="from -40 to 40"):
        shop.prepare_file(path, float("nan"))


def test_more_than_full_scale_and_no_numbers_at_all(shop: SoundStore, tmp_path: Path):
    path = tmp_path / "float.wav"
    samples = sine(1000, 8000, peak=4.0)
    samples[100:103] = np.nan, np.inf, -np.inf
    soundfile.write(path, samples, 8000, subtype="FLOAT")
    heard = read(shop.prepare_file(path))
    assert peak_dbfs(heard) == pytest.approx(-1.0, abs=0.01)
    assert tone_level(heard, RATE_HZ, 1000) == pytest.approx(-4.01, abs=0.1)


def test_silence_stays_silence(shop: SoundStore, tmp_path: Path):
    path = tmp_path / "silence.wav"
    soundfile.write(path, np.zeros(8000), 8000)
    assert not read(shop.prepare_file(path, 40.0, level_dbfs=-20.0)).any()


def test_too_many_channels(shop: SoundStore, tmp_path: Path):
    path = tmp_path / "seven.wav"
    soundfile.write(path, np.zeros((800, 7)), 48000)
    error = refused(shop, path)
    assert error.reason is PromptFault.TOO_MANY_CHANNELS
    assert "has 7 channels; it may have one (mono) or two (stereo)" in str(error)


@pytest.mark.parametrize("rate_hz", [1000, 400_000])
def test_rates_out_of_range(shop: SoundStore, tmp_path: Path, rate_hz: int):
    path = tmp_path / "odd.wav"
    soundfile.write(path, np.zeros(800), rate_hz)
    assert refused(shop, path).reason is PromptFault.BAD_RATE


def test_too_long(shop: SoundStore, tmp_path: Path):
    path = tmp_path / "long.flac"
    soundfile.write(path, np.zeros(4000 * 1201, np.int16), 4000)
    error = refused(shop, path)
    assert error.reason is PromptFault.TOO_LONG
    assert "longer than 20 minutes" in str(error)


def test_nothing_in_it(shop: SoundStore, tmp_path: Path):
    empty, headed = tmp_path / "empty.wav", tmp_path / "headed.wav"
    empty.touch()
    soundfile.write(headed, np.zeros(0), 8000)
    assert refused(shop, empty).reason is PromptFault.EMPTY
    assert refused(shop, headed).reason is PromptFault.EMPTY


def test_what_is_no_file(shop: SoundStore, tmp_path: Path):
    os.mkfifo(tmp_path / "pipe.wav")
    for path in (tmp_path / "missing.wav", tmp_path, tmp_path / "pipe.wav", Path("/dev/zero")):
        assert refused(shop, path).reason is PromptFault.NOT_A_FILE


def test_a_name_that_no_file_can_have(shop: SoundStore, tmp_path: Path):
    assert refused(shop, tmp_path / ("x" * 300)).reason is PromptFault.UNREADABLE


def test_a_file_too_large(shop: SoundStore, tmp_path: Path):
    path = tmp_path / "large.wav"
    with path.open("wb") as file:
        file.truncate(1_000_000_001)  # a hole: it takes no room on the disk
    error = refused(shop, path)
    assert error.reason is PromptFault.TOO_LONG
    assert "has 1000 MB" in str(error)


@pytest.mark.parametrize("name", ["text.wav", "text.mp3", "text.raw", "text"])
def test_what_is_no_sound(shop: SoundStore, tmp_path: Path, name: str):
    path = tmp_path / name
    path.write_text("This is not music. " * 500)
    error = refused(shop, path)
    assert error.reason is PromptFault.UNREADABLE
    assert str(error).endswith("is broken or not a kind of sound file that can be read.")


def test_a_header_that_promises_too_much(shop: SoundStore, tmp_path: Path):
    path = tmp_path / "liar.wav"
    soundfile.write(path, sine(1000, 8000), 8000, subtype="PCM_16")
    data = bytearray(path.read_bytes())
    where = data.index(b"data")
    data[where + 4 : where + 8] = struct.pack("<I", 0xFFFFFFF0)
    path.write_bytes(data)
    samples = read(shop.prepare_file(path))
    assert len(samples) == 8000
    assert tone_level(samples, RATE_HZ, 1000) == pytest.approx(-9.03, abs=0.05)


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    start=st.sampled_from(
        [b"RIFF\x24\x08\0\0WAVEfmt ", b"fLaC\0\0\0\x22", b"OggS\0\x02", b"\xff\xfb"]
    ),
    rest=st.binary(max_size=300),
)
def test_rubbish_is_refused_or_harmless(
    shop: SoundStore, tmp_path: Path, start: bytes, rest: bytes
):
    path = tmp_path / "rubbish"
    path.write_bytes(start + rest)
    try:
        prepared = shop.prepare_file(path)
    except PromptError:
        return
    assert len(read(prepared)) > 0


def test_a_refused_file_leaves_the_cache_as_it_was(shop: SoundStore, tmp_path: Path):
    good, bad = tmp_path / "good.wav", tmp_path / "bad.wav"
    soundfile.write(good, sine(1000, 8000), 8000)
    bad.write_bytes(b"RIFF")
    path = shop.prepare_file(good)
    refused(shop, bad)
    assert list((tmp_path / "cache").iterdir()) == [path]
