"""The mixer beside SoX and FFmpeg, which share no code with it."""

import re
import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray
from prompt_sounds import RATE_HZ, read

from softswitch.prompts import SoundStore
from softswitch.prompts.description import Clip, Ducked, Mix, Sequence, Sound

Samples = NDArray[np.int16]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with two clips of noise, at 8 kHz as all."""
    for seed, name in enumerate(("a.wav", "b.wav")):
        values = np.random.default_rng(seed).normal(0, 0.1, RATE_HZ + 800 * seed)
        soundfile.write(tmp_path / name, values, RATE_HZ, subtype="PCM_16")
    return tmp_path


def ours(folder: Path, sound: Sound) -> Samples:
    return read(SoundStore(folder / "cache", RATE_HZ).prompt(sound))


def run(folder: Path, *command: str) -> Samples:
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=30)
    return read(folder / "out.wav")


def ffmpeg(folder: Path, graph: str, *inputs: str) -> Samples:
    """What a filter graph of FFmpeg makes, with its sums in 32-bit floats."""
    files = [word for name in inputs for word in ("-i", name)]
    plain = ["-c:a", "pcm_s16le", "-bitexact", "-y", "out.wav"]
    return run(folder, "ffmpeg", "-loglevel", "error", *files, "-filter_complex", graph, *plain)


def sox(folder: Path, *words: str) -> Samples:
    return run(folder, "sox", "-D", *words)


def test_a_sequence_with_gaps_as_sox(folder: Path):
    a, b = Clip(folder / "a.wav"), Clip(folder / "b.wav")
    found = ours(folder, Sequence([a, b, a], gap_s=0.25))
    sox(folder, "a.wav", "out.wav", "pad", "0", "0.25")
    (folder / "out.wav").rename(folder / "a-gap.wav")
    sox(folder, "b.wav", "out.wav", "pad", "0", "0.25")
    (folder / "out.wav").rename(folder / "b-gap.wav")
    np.testing.assert_array_equal(found, sox(folder, "a-gap.wav", "b-gap.wav", "a.wav", "out.wav"))


def test_a_part_of_a_file_as_sox(folder: Path):
    found = ours(folder, Clip(folder / "a.wav", start_s=0.1, length_s=0.5, gain_db=-3))
    expected = sox(folder, "a.wav", "out.wav", "trim", "0.1", "0.5", "gain", "-3")
    np.testing.assert_allclose(found, expected, atol=1)


def test_a_mix_as_sox_and_ffmpeg(folder: Path):
    found = ours(folder, Mix([Clip(folder / "a.wav"), Clip(folder / "b.wav")]))
    by_sox = sox(folder, "-m", "-v", "1", "a.wav", "-v", "1", "b.wav", "out.wav")
    graph = "[0]aformat=flt[x];[1]aformat=flt[y];[x][y]amix=normalize=0"
    np.testing.assert_allclose(found, by_sox, atol=1)
    np.testing.assert_allclose(found, ffmpeg(folder, graph, "a.wav", "b.wav"), atol=1)


def test_a_crossfade_as_ffmpeg(folder: Path):
    clips = [Clip(folder / "a.wav"), Clip(folder / "b.wav")]
    found = ours(folder, Sequence(clips, crossfade_s=0.3))
    graph = (
        "[0]aformat=flt[x];[1]aformat=flt[y];[x][y]acrossfade=ns=2400:c1=qsin:c2=qsin,aformat=s16"
    )
    expected = ffmpeg(folder, graph, "a.wav", "b.wav")
    assert len(found) == len(expected)
    # FFmpeg's curve begins at 0 and ours half a step later: 0.03 % of full scale.
    np.testing.assert_allclose(found, expected, atol=0.0007 * 32768 * 0.5 + 2)


def test_fades_as_ffmpeg(folder: Path):
    found = ours(folder, Clip(folder / "a.wav", fade_in_s=0.2, fade_out_s=0.4))
    graph = "aformat=flt,afade=t=in:ns=1600:curve=hsin,afade=t=out:ss=4800:ns=3200:curve=hsin"
    np.testing.assert_allclose(found, ffmpeg(folder, graph, "a.wav"), atol=12)


def test_a_loop_as_ffmpeg(folder: Path):
    found = ours(folder, Clip(folder / "a.wav", loop_s=3.5))
    graph = "aloop=loop=-1:size=8000,atrim=end_sample=28000"
    np.testing.assert_array_equal(found, ffmpeg(folder, graph, "a.wav"))


def test_ducked_music_as_ffmpeg(folder: Path):
    """The same ramps, told to FFmpeg as an expression of time."""
    speech, music = Clip(folder / "a.wav"), Clip(folder / "b.wav", loop_s=3.0)
    ramps = {"attack_s": 0.3, "release_s": 0.5}
    sound = Ducked(speech=speech, music=music, before_s=1.0, after_s=1.0, duck_db=15, **ramps)
    found = ours(folder, sound)
    half = 0.5 / RATE_HZ
    down = f"(1-cos(PI*(t+{half}-0.7)/0.3))/2"
    up = f"(1+cos(PI*(t+{half}-2)/0.5))/2"
    share = f"if(lt(t,0.7),0,if(lt(t,1),{down},if(lt(t,2),1,if(lt(t,2.5),{up},0))))"
    graph = (
        "[1]aloop=loop=-1:size=8800,atrim=end_sample=24000,aformat=flt,asetnsamples=1,"
        f"volume='pow(10,-15*({share})/20)':eval=frame:precision=float[m];"
        "[0]aformat=flt,adelay=8000S[s];[m][s]amix=normalize=0,aformat=s16"
    )
    expected = ffmpeg(folder, graph, "a.wav", "b.wav")
    np.testing.assert_allclose(found, expected, atol=2)


def test_silence_is_trimmed_as_by_sox(folder: Path):
    values = np.random.default_rng(5).normal(0, 0.1, RATE_HZ)
    quiet = np.random.default_rng(6).normal(0, 0.0005, 3 * RATE_HZ)
    quiet[RATE_HZ : 2 * RATE_HZ] += values
    soundfile.write(folder / "c.wav", quiet, RATE_HZ, subtype="PCM_16")
    found = ours(folder, Clip(folder / "c.wav", trim=True))
    cut = ["silence", "1", "0.01", "-50d", "reverse"]
    expected = sox(folder, "c.wav", "out.wav", *cut, *cut)
    # 30 ms more at each end are ours on purpose; both look at stretches of about 10 ms.
    assert len(found) / RATE_HZ == pytest.approx(len(expected) / RATE_HZ + 0.06, abs=0.02)


@pytest.mark.parametrize("rate_hz", [8000, 16000, 48000])
def test_loudness_as_ffmpeg_measures_it(tmp_path: Path, rate_hz: int):
    """Soft noise with a pause, so that the gates of BS.1770 have something to leave out."""
    noise = np.random.default_rng(7).normal(0, 0.02, 6 * rate_hz)
    noise = np.convolve(noise, [0.25, 0.5, 0.25], "same")
    noise[2 * rate_hz : 4 * rate_hz] *= 0.001
    soundfile.write(tmp_path / "c.wav", noise, rate_hz, subtype="PCM_16")
    path = SoundStore(tmp_path / "cache", rate_hz).prompt(
        Clip(tmp_path / "c.wav", loudness_lufs=-23.0)
    )
    report = subprocess.run(
        ["ffmpeg", "-i", path, "-af", "ebur128", "-f", "null", "-"],  # noqa: S607
        check=True,
        capture_output=True,
        timeout=30,
    )
    found = re.findall(rb"I:\s+(-?[\d.]+) LUFS", report.stderr)
    assert float(found[-1]) == pytest.approx(-23.0, abs=0.3)
