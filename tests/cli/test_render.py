"""``softswitch render``: prompts by description, and pictures of them."""

from __future__ import annotations

import sys
import xml.etree.ElementTree as ET
from itertools import pairwise
from pathlib import Path

import matplotlib.image
import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from softswitch.cli import app
from softswitch.prompts.waveform import draw_waveform, outline

TONES = "sequence = [{ tone_hz = 440, lasts_s = 1 }, { silence_s = 1 }, { tone_hz = 880 }]\n"


@pytest.fixture
def prompt(tmp_path: Path) -> Path:
    path = tmp_path / "prompt.toml"
    path.write_text(TONES)
    return path


def call(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["render", *map(str, arguments)], env={"COLUMNS": "100"})


def test_a_prompt_is_rendered_beside_its_description(prompt: Path):
    result = call(prompt)
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith(f"{prompt.with_suffix('.wav')}: 2.40 s at 8,000 Hz, ")
    assert result.stdout.endswith(" LUFS, peak -17.0 dBFS\n")
    samples, rate_hz = soundfile.read(prompt.with_suffix(".wav"), dtype="int16")
    assert (rate_hz, len(samples)) == (8000, 19_200)
    assert np.abs(samples[:8000]).max() == pytest.approx(32768 * 0.1 * 2**0.5, abs=1)
    assert not samples[8000:16_000].any()


@pytest.mark.parametrize("rate_hz", [8000, 16_000, 48_000])
def test_another_name_and_rate(prompt: Path, tmp_path: Path, rate_hz: int):
    result = call(prompt, "-o", tmp_path / "out.wav", "--rate", str(rate_hz))
    assert result.exit_code == 0, result.output
    info = soundfile.info(tmp_path / "out.wav")
    assert (info.samplerate, info.channels, info.subtype) == (rate_hz, 1, "PCM_16")
    assert info.frames == 2.4 * rate_hz
    assert not prompt.with_suffix(".wav").exists()


def test_the_file_may_be_read_as_others_of_the_user(prompt: Path, tmp_path: Path):
    (tmp_path / "other").touch()
    call(prompt)
    assert prompt.with_suffix(".wav").stat().st_mode == (tmp_path / "other").stat().st_mode


def test_loudness_is_told(tmp_path: Path):
    """A sine of 997 Hz is as loud as its level (BS.1770-5, annex 1): -3.01 at full scale."""
    path = tmp_path / "prompt.toml"
    path.write_text("tone_hz = 997\nlasts_s = 2\ntone_dbfs = -30\n")
    assert "2.00 s at 8,000 Hz, -30.0 LUFS, peak -27.0 dBFS" in call(path).stdout
    path.write_text("silence_s = 2\n")
    assert "2.00 s at 8,000 Hz, silent" in call(path).stdout


def test_words_are_spoken(tmp_path: Path):
    path = tmp_path / "prompt.toml"
    path.write_text('say = "Du er nummer tre i køen"\nlanguage = "da"\nlevel_dbfs = -20\n')
    result = call(path)
    assert result.exit_code == 0, result.output
    assert 1.0 < soundfile.info(path.with_suffix(".wav")).duration < 4.0


def test_a_picture_shows_where_there_is_sound(prompt: Path, tmp_path: Path):
    result = call(prompt, "--plot", tmp_path / "wave.png")
    assert result.exit_code == 0, result.output
    picture = matplotlib.image.imread(tmp_path / "wave.png")[:, :, :3]
    is_blue = (picture[..., 2] > picture[..., 0] + 0.2).sum(axis=0)
    width = picture.shape[1]
    axis = np.flatnonzero(is_blue)
    start = int(axis[0])  # the first tone begins where the axis does
    per_second = (axis[axis < 0.99 * width][-1] - start) / 2.4
    tone, silence = (
        is_blue[round(start + a * per_second) : round(start + b * per_second)]
        for a, b in ((0.1, 0.9), (1.2, 1.9))
    )
    assert tone.min() > 10
    assert silence.max() < 10  # the line of the level, at its lowest


def test_a_picture_of_vectors_has_its_text_as_text(prompt: Path, tmp_path: Path):
    result = call(prompt, "--plot", tmp_path / "wave.svg")
    assert result.exit_code == 0, result.output
    text = " ".join(ET.parse(tmp_path / "wave.svg").getroot().itertext())  # noqa: S314 - our own
    for words in ("prompt.toml: 2.40 s at 8,000 Hz", "Waveform", "Level", "dBFS", "seconds"):
        assert words in text


def test_odd_sounds_can_be_drawn(tmp_path: Path):
    for n, samples in enumerate((np.zeros(1, np.int16), np.full(3, -32768, np.int16))):
        draw_waveform(tmp_path / f"{n}.png", samples, 8000, "$ 100 % _ {} \\")
        assert matplotlib.image.imread(tmp_path / f"{n}.png").shape[2] == 4


@settings(max_examples=50, deadline=None)
@given(
    values=st.lists(st.integers(-32768, 32767), min_size=1, max_size=50), columns=st.integers(1, 60)
)
def test_an_outline_is_that_of_every_column(values: list[int], columns: int):
    low, high, rms = outline(np.array(values, np.int16), columns)
    count = min(columns, len(values))
    assert len(low) == count
    assert low.min() == min(values) / 32768
    assert high.max() == max(values) / 32768
    edges = [n * len(values) // count for n in range(count + 1)]
    for column, (start, end) in enumerate(pairwise(edges)):
        part = [value / 32768 for value in values[start:end]]
        assert (low[column], high[column]) == (min(part), max(part))
        assert rms[column] == pytest.approx((sum(x * x for x in part) / len(part)) ** 0.5)


def refusal(*arguments: str | Path) -> str:
    result = call(*arguments)
    assert result.exit_code == 1
    assert result.stderr.startswith("error: ")
    assert "Traceback" not in result.output
    return " ".join(result.stderr.split())


def test_every_fault_is_told(tmp_path: Path):
    path = tmp_path / "prompt.toml"
    path.write_text('file = "nowhere.wav"\ngain_db = 99\n')
    told = refusal(path)
    assert "line 1: file: There is no such file. (found 'nowhere.wav')" in told
    assert "line 2: gain_db: This is out of range. (found 99)" in told
    assert not path.with_suffix(".wav").exists()


def test_what_cannot_be_is_refused_before_any_work(prompt: Path, tmp_path: Path):
    assert "not 11025" in refusal(prompt, "--rate", "11025")
    assert "is the description itself" in refusal(prompt, "-o", prompt)
    assert "ends in .png or .svg" in refusal(prompt, "--plot", tmp_path / "wave.gif")
    assert "There is no folder" in refusal(prompt, "--plot", tmp_path / "no" / "wave.png")
    assert prompt.read_text() == TONES
    assert sorted(tmp_path.iterdir()) == [prompt]


def test_a_folder_that_is_not_there(prompt: Path, tmp_path: Path):
    told = refusal(prompt, "-o", tmp_path / "no" / "out.wav")
    assert "cannot be written: No such file or directory" in told
    assert "Check that the folder is there" in told


def test_a_sound_that_cannot_be_used(tmp_path: Path):
    (tmp_path / "text.wav").write_text("no sound " * 100)
    path = tmp_path / "prompt.toml"
    path.write_text('file = "text.wav"\n')
    assert "text.wav is broken or not a kind of sound file" in refusal(path)


def test_without_matplotlib_a_picture_is_refused(
    prompt: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert "pip install 'softswitch[plot]'" in refusal(prompt, "--plot", tmp_path / "wave.png")
