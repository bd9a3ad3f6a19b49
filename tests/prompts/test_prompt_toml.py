"""Prompt files: what they may say, and every fault at once with its place."""

import re
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from softswitch.errors import ConfigurationError
from softswitch.prompts.description import (
    KINDS,
    Clip,
    Ducked,
    Mix,
    Say,
    Sequence,
    Silence,
    Sound,
    Tone,
)
from softswitch.prompts.prompt_file import PromptFile, load_prompt, parse_prompt, read_prompt


@pytest.fixture
def base(tmp_path: Path) -> Path:
    for name in ("a.wav", "b.wav", "music.wav"):
        (tmp_path / name).touch()
    return tmp_path


def faults(text: str, base: Path) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        parse_prompt(text, base=base)
    return [str(fault) for fault in caught.value.faults]


def test_a_whole_file(base: Path):
    text = """
        rate_hz = 16000
        loudness_lufs = -20
        before_s = 1.0
        music = { file = "music.wav", gain_db = -6, start_s = 2 }

        [speech]
        gap_s = 0.1

        [[speech.sequence]]
        file = "a.wav"
        trim = true

        [[speech.sequence]]
        say = "nummer tre"
        language = "da"

        [[speech.sequence]]
        mix = [{ silence_s = 1 }, { tone_hz = 440, lasts_s = 2.5, fade_out_s = 0.1 }]
    """
    (base / "prompt.toml").write_text(text)
    tone = Tone(440.0, lasts_s=2.5, fade_out_s=0.1)
    parts = [
        Clip(base / "a.wav", trim=True),
        Say("nummer tre", language="da"),
        Mix([Silence(1.0), tone]),
    ]
    assert load_prompt(base / "prompt.toml") == PromptFile(
        rate_hz=16_000,
        sound=Ducked(
            speech=Sequence(parts, gap_s=0.1),
            music=Clip(base / "music.wav", gain_db=-6.0, start_s=2.0),
            before_s=1.0,
            loudness_lufs=-20.0,
        ),
    )


def test_one_sound_alone(base: Path):
    assert parse_prompt('file = "a.wav"', base=base) == PromptFile(sound=Clip(base / "a.wav"))


def test_every_fault_at_once_with_its_line(base: Path):
    text = """rate_hz = 11025
gain_db = 2
loudness_lufs = -20
befor_s = 1
music = { file = "nosuch.wav", level_dbfs = "x" }
[speech]
gap_s = 0.1
crossfade_s = 0.2
[[speech.sequence]]
say = "hello"
language = "fr"
[[speech.sequence]]
file = "a.wav"
say = "x"
[[speech.sequence]]
trim = 1
silence_s = nan
[[speech.sequence]]
mix = []
[[speech.sequence]]
gain_db = 3
"""
    found = [re.sub(r"(; | \(found a).*", "", line) for line in faults(text, base)]
    assert found == [
        "line 1: rate_hz: This is no sample rate of a prompt. (found 11025)",
        "line 3: loudness_lufs: gain_db and loudness_lufs cannot both be",
        "line 4: befor_s: There is no such setting of this sound. Did you mean `before_s`?",
        "line 5: music.level_dbfs: This must be a number. (found 'x')",
        "line 5: music.file: There is no such file. (found 'nosuch.wav')",
        "line 8: speech.crossfade_s: gap_s and crossfade_s cannot both be",
        "line 11: speech.sequence[0].language: This is no language we speak. (found 'fr')",
        "line 12: speech.sequence[1]: `file` and `say` cannot stand in one table.",
        "line 16: speech.sequence[2].trim: This must be true or false. (found 1)",
        "line 17: speech.sequence[2].silence_s: This is out of range. (found nan)",
        "line 19: speech.sequence[3].mix: This must be a list of 1 to 200 sounds.",
        "line 20: speech.sequence[4]: This does not say what is heard.",
    ]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "the prompt: This does not say what is heard."),
        ('say = "hej"', "language: This is missing."),
        ('speech = { file = "a.wav" }', "music: This is missing."),
        ('music = { file = "a.wav" }', "speech: This is missing."),
        ("silence_s = true", "silence_s: This must be a number. (found true)"),
        ('silence_s = "1"', "silence_s: This must be a number. (found '1')"),
        ("silence_s = 1200.1", "allowed: a number from 0 to 1200 (seconds)"),
        (f"silence_s = 1{'0' * 400}", "silence_s: This is out of range."),
        ("mix = [1]", "mix[0]: This must be a table that describes a sound. (found 1)"),
        ("sequence = { }", "sequence: This must be a list of 1 to 200 sounds. (found a table)"),
        ("file = 3", "file: This must be a path in quotes. (found 3)"),
        ('file = ""', "file: This is no path."),
        ('file = "a\\u0000b"', "file: This is no path."),
        ('file = "."', "file: There is no such file."),
        ("[file]\nx = 1", "file: This must be a path in quotes. (found a table)"),
        ("silence_s = 1 1", "line 1: prompt file: This is not TOML: Expected newline"),
        ("silence_s = 1\nloop_crossfade_s = 1", "loop_crossfade_s means nothing without loop_s."),
    ],
)
def test_one_fault(base: Path, text: str, fault: str):
    [found] = faults(text, base)
    assert fault in found


def test_sounds_nested_too_deeply(base: Path):
    for depth in (30, 300, 100_000):
        text = "mix = [{" * depth + "silence_s = 1" + "}]" * depth
        [found] = faults(text, base)
        assert "nested too deeply" in found


def test_files_that_cannot_be_read(tmp_path: Path):
    with pytest.raises(ConfigurationError, match="The file cannot be read: No such file"):
        load_prompt(tmp_path / "missing.toml")
    with pytest.raises(ConfigurationError, match="The file cannot be read: Is a directory"):
        load_prompt(tmp_path)
    (tmp_path / "latin.toml").write_bytes(b'say = "k\xf8"')
    with pytest.raises(ConfigurationError, match="not UTF-8 text: byte 9"):
        load_prompt(tmp_path / "latin.toml")


def test_what_was_read_is_left_as_it_was(base: Path):
    raw = {"rate_hz": 8000, "sequence": [{"file": "a.wav"}, {"silence_s": 1}]}
    before = repr(raw)
    read_prompt(raw, base=base)
    assert repr(raw) == before


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [*KINDS, "music", "language", "trim", "loop_s", "gain_db", "rate_hz", "x", ""]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None)
@given(raw=st.dictionaries(st.sampled_from(["sequence", "mix", "speech", "music", "x"]), values))
def test_any_tables_are_read_or_refused(raw: dict[str, object]):
    try:
        read = read_prompt(raw, base=Path("/nowhere"))
    except ConfigurationError as error:
        assert error.faults  # noqa: PT017 - either is right
        assert all(fault.path and fault.message for fault in error.faults)  # noqa: PT017
    else:
        assert isinstance(read.sound, Sound)


def test_the_example_of_the_module_is_read(base: Path):
    from softswitch.prompts import prompt_file  # noqa: PLC0415

    assert prompt_file.__doc__ is not None
    block = prompt_file.__doc__.partition("::\n\n")[2].partition("\n\nEach table")[0]
    for name in ("song.wav", "you-are.wav"):
        (base / name).touch()
    text = "\n".join(line.strip() for line in block.splitlines())
    assert tomllib.loads(text)
    assert isinstance(parse_prompt(text, base=base).sound, Ducked)
