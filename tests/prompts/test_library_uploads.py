"""What may be uploaded: MP3, WAV, WMA and more, each made by another program than ours."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from library_helpers import Clock, contents, tone_file

from softswitch.prompts import PromptError
from softswitch.prompts.library import SoundKind, SoundLibrary

FORMATS = {
    "mp3": ("-codec:a", "libmp3lame"),
    "wav": ("-codec:a", "pcm_s16le"),
    "wma": ("-codec:a", "wmav2"),
    "ogg": ("-codec:a", "libvorbis"),
    "flac": (),
    "m4a": ("-codec:a", "aac"),
}


def encoded(source: Path, suffix: str) -> Path:
    """The same sound in another format, by the ffmpeg program."""
    target = source.with_name(f"upload.{suffix}")
    command = ["ffmpeg", "-loglevel", "error", "-i", str(source), "-ar", "44100"]
    subprocess.run([*command, *FORMATS[suffix], str(target)], check=True)
    return target


@pytest.mark.parametrize("suffix", FORMATS)
def test_each_kind_of_file_is_taken_as_it_is(tmp_path: Path, suffix: str):
    file = encoded(tone_file(tmp_path / "tone.wav", 440, 2.0), suffix)
    library = SoundLibrary(tmp_path / "library", Clock())
    sound = library.add("Welcome", file, SoundKind.GREETING).sound("Welcome")
    assert sound.version().length_s == pytest.approx(2.0, abs=0.15)
    assert library.file(sound).read_bytes() == file.read_bytes()
    assert library.file(sound).suffix == f".{suffix}"


@pytest.mark.parametrize("suffix", ["mp3", "wma", "flac"])
@pytest.mark.parametrize("keep", [0, 30, 200])
def test_what_is_cut_off_at_its_beginning_is_refused_and_nothing_changes(
    tmp_path: Path, suffix: str, keep: int
):
    file = encoded(tone_file(tmp_path / "tone.wav", 440, 2.0), suffix)
    file.write_bytes(file.read_bytes()[:keep])
    library = SoundLibrary(tmp_path / "library", Clock())
    library.add("Welcome", tmp_path / "tone.wav", SoundKind.GREETING)
    before = contents(library)
    with pytest.raises(PromptError, match=rf"upload\.{suffix}"):
        library.add("Welcome", file, SoundKind.GREETING)
    assert contents(library) == before
