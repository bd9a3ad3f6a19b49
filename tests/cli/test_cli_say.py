"""``softswitch say``: words, their sound, and a picture of it."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner, Result

from softswitch.cli import app
from softswitch.prompts import SoundStore


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["say", *map(str, arguments)], env={"COLUMNS": "200"})


def test_words_become_a_sound_and_a_picture(tmp_path: Path):
    wav, png = tmp_path / "out.wav", tmp_path / "out.png"
    result = run("Du er nummer 3 i køen", "--lang", "da", "-o", wav, "--plot", png)
    assert result.exit_code == 0, result.stderr
    first, second = result.stdout.splitlines()
    assert first == "Du er nummer 3 i køen"
    assert second.startswith(f"{wav}: 1.")
    assert " s at 8,000 Hz, " in second
    samples, rate_hz = soundfile.read(wav, dtype="int16")
    assert rate_hz == 8_000
    expected, _ = soundfile.read(
        SoundStore(tmp_path / "cache", 8_000).say("Du er nummer 3 i køen", "da"), dtype="int16"
    )
    np.testing.assert_array_equal(samples, expected)
    assert png.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--position", 3, "--lang", "sv"], "Du är nummer tre i kön."),
        (
            ["--wait", "2-5", "-l", "nb"],
            "Ventetiden er sannsynligvis mellom to og fem minutter.",
        ),
        (["--wait", "5"], "You will probably wait about five minutes."),
        (["--time", "08:05", "-l", "da"], "klokken otte nul fem"),
        (["--date", "2026-01-01"], "the first of January twenty twenty-six"),
        (["--amount", "2.50", "-l", "da"], "to kroner og halvtreds øre"),
        (["--amount", "2.50 eur", "-l", "da"], "to euro og halvtreds cent"),
        (["--amount", "-2.50"], "minus two pounds and fifty pence"),
        (["--telephone", "32123456", "-l", "da"], "toogtredive, tolv, fireogtredive, "),
        (["--digits", "4711", "-l", "sv"], "fyra sju ett ett"),
        (["--case", "2023/114"], "twenty twenty-three slash one hundred and fourteen"),
        (["--number", "1234", "-l", "sv"], "ett tusen två hundra trettiofyra"),
        (["--ordinal", "21", "-l", "da"], "enogtyvende"),
        (["--message", "please_hold"], "Please hold the line."),
    ],
)
def test_values_are_put_into_words(arguments: list[object], words: str):
    result = run(*arguments)
    assert result.exit_code == 0, result.stderr
    assert result.stdout.startswith(words)


def test_recordings_are_used_where_there_are_any(tmp_path: Path):
    clip = tmp_path / "clips" / "en" / "please-hold-the-line.wav"
    clip.parent.mkdir(parents=True)
    tone = 0.1 * np.sin(2 * np.pi * 500 * np.arange(16_000) / 8_000)
    soundfile.write(clip, tone, 8_000)
    wav = tmp_path / "out.wav"
    result = run("--message", "please_hold", "--clips", tmp_path / "clips", "-o", wav)
    assert result.exit_code == 0, result.stderr
    assert soundfile.info(wav).duration == pytest.approx(2.0, abs=0.05)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "found nothing"),
        (["hello", "--digits", "3"], "found text and digits"),
        (["hej", "--lang", "fr"], "There is no language 'fr'; choose one of da, en, nb, sv."),
        (["--position", "three"], "--position cannot be 'three': a whole number."),
        (["--position", "0"], "There is no place 0 in a queue"),
        (["--amount", "much"], "an amount with or without its currency"),
        (["--amount", "1 XYZ"], "There is no currency 'XYZ' here; choose one of DKK,"),
        (["--time", "25:00"], "--time cannot be '25:00'"),
        (["--wait", "5-2"], "A wait from 300.0 to 120.0 s is not possible."),
        (["--message", "nope"], "There is no message 'nope'; there are: please_hold,"),
        (["hello", "--rate", "11025"], "A sound has 8000, 16000, 32000, 48000 samples a second"),
        (["hello", "--plot", "picture.txt"], "ends in .png or .svg"),
        (["hello", "-o", "/nowhere/out.wav"], "/nowhere"),
        (["hello", "-o", "out.wav", "--clips", "/nowhere"], "There is no such folder."),
        (["hello", "-o", "out.wav", "--piper", "/nowhere.onnx"], "/nowhere.onnx is not there"),
        (["...", "-o", "out.wav"], "no sound"),
    ],
)
def test_what_cannot_be_said_is_explained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[object], message: str
):
    monkeypatch.chdir(tmp_path)
    result = run(*arguments)
    assert result.exit_code == 1
    assert message in " ".join(result.stderr.split())
    assert not list(tmp_path.iterdir())
