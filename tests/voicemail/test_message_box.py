"""Messages on disk: whole or not at all, also when the switch is killed while a caller speaks."""

from __future__ import annotations

import json
import os
import struct
import wave
from datetime import UTC, datetime, timedelta
from pathlib import Path

import attrs
import numpy as np
import pytest
import soundfile

from softswitch.voicemail import BoxCounts, Message, MessageBox, MessageState, counts
from softswitch.voicemail.message import in_order
from softswitch.voicemail.sound import SpeechWatch, has_speech, is_finished, repair

RATE_HZ = 8000
AT = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def message(name: str = "one", **fields: object) -> Message:
    usual: dict[str, object] = {
        "id": name,
        "box": "main",
        "state": MessageState.NEW,
        "received_at": AT,
        "file": f"{name}.wav",
    }
    return Message(**(usual | fields))


def tone(length_s: float, level: float = 8000) -> np.ndarray:
    time_s = np.arange(round(RATE_HZ * length_s)) / RATE_HZ
    return np.round(level * np.sin(2 * np.pi * 400 * time_s)).astype("<i2")


def cut_short(path: Path, samples: np.ndarray) -> None:
    """Write a WAV file as PJSIP leaves it when it is killed: both lengths in the header are 0."""
    header = b"RIFF" + struct.pack("<I", 0) + b"WAVE"
    header += b"fmt " + struct.pack("<IHHIIHH", 16, 1, 1, RATE_HZ, 2 * RATE_HZ, 2, 16)
    path.write_bytes(header + b"data" + struct.pack("<I", 0) + samples.tobytes())


@pytest.mark.parametrize("odd_byte", [b"", b"\x01"])
def test_a_header_is_repaired_so_that_others_read_the_file(tmp_path: Path, odd_byte: bytes):
    path = tmp_path / "cut.wav"
    cut_short(path, tone(1.5))
    with path.open("ab") as file:
        file.write(odd_byte)
    assert not is_finished(path)
    assert repair(path) == pytest.approx(1.5)
    assert is_finished(path)
    samples, rate = soundfile.read(str(path), dtype="int16")
    assert rate == RATE_HZ
    np.testing.assert_array_equal(samples, tone(1.5))
    with wave.open(str(path)) as file:
        assert file.getnframes() == 1.5 * RATE_HZ


def test_a_whole_file_is_left_as_it_is(tmp_path: Path):
    path = tmp_path / "whole.wav"
    soundfile.write(str(path), tone(1.0), RATE_HZ)
    before = path.read_bytes()
    assert repair(path) == pytest.approx(1.0)
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", [b"", b"RIFF", b"RIFF\0\0\0\0WAVEfmt ", b"no sound at all"])
def test_what_is_no_recording_has_no_length(tmp_path: Path, content: bytes):
    path = tmp_path / "other.wav"
    path.write_bytes(content)
    assert repair(path) == 0.0
    assert not is_finished(path)
    assert path.read_bytes() == content
    assert not has_speech(path)


def test_silence_is_counted_from_the_last_word_while_the_file_grows(tmp_path: Path):
    path = tmp_path / "growing.wav"
    cut_short(path, tone(0))
    watch = SpeechWatch(path)
    seen = []
    for piece in (tone(1.0), tone(0.5, level=20), tone(0.2), np.zeros(800, "<i2")):
        with path.open("ab") as file:
            file.write(piece.tobytes())
        watch.look()
        seen.append((round(watch.spoken_s, 2), round(watch.silent_s, 2)))
    # An amplitude of 20 is -67 dBov, 17 dB below the threshold.
    assert seen == [(1.0, 0.0), (1.0, 0.5), (1.2, 0.0), (1.2, 0.1)]


def test_a_cough_is_no_message(tmp_path: Path):
    path = tmp_path / "cough.wav"
    cut_short(path, np.concatenate([np.zeros(8000, "<i2"), tone(0.1), np.zeros(8000, "<i2")]))
    assert not has_speech(path)


def test_messages_are_read_back_as_they_were_stored(tmp_path: Path):
    box = MessageBox(tmp_path / "main")
    first = message("one", caller="+45 æøå", urgent=True, mail_to=("a@example.org",))
    second = message("two", received_at=AT - timedelta(hours=1))
    box.store(first)
    box.store(second)
    assert box.read() == (second, first)
    box.store(attrs.evolve(first, state=MessageState.HEARD))
    assert [m.state for m in box.read()] == [MessageState.NEW, MessageState.HEARD]
    assert sorted(path.suffix for path in box.folder.iterdir()) == [".json", ".json"]


def test_a_removed_message_leaves_nothing(tmp_path: Path):
    box = MessageBox(tmp_path)
    box.store(message())
    cut_short(box.sound(message()), tone(1.0))
    box.remove(message())
    box.remove(message())
    assert list(tmp_path.iterdir()) == []


def test_what_was_being_spoken_is_finished_at_the_next_start(tmp_path: Path):
    box = MessageBox(tmp_path)
    spoken = message("spoken", state=MessageState.SPEAKING, mail_to=("a@example.org",))
    silent = message("silent", state=MessageState.SPEAKING)
    never = message("never", state=MessageState.SPEAKING)
    for one in (spoken, silent, never):
        box.store(one)
    cut_short(box.sound(spoken), tone(3.0))
    cut_short(box.sound(silent), np.zeros(8000, "<i2"))
    expected = attrs.evolve(spoken, state=MessageState.NEW, length_s=3.0)
    assert box.recover() == (expected,)
    assert MessageBox(tmp_path).recover() == (expected,)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["spoken.json", "spoken.wav"]


def test_a_card_that_is_broken_hides_no_other(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    box = MessageBox(tmp_path)
    box.store(message())
    (tmp_path / "broken.json").write_text("{", encoding="utf-8")
    (tmp_path / "foreign.json").write_text(json.dumps({"id": "x"}), encoding="utf-8")
    assert box.read() == (message(),)
    assert "broken.json" in caplog.text
    assert "foreign.json" in caplog.text


def test_a_full_disk_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    box = MessageBox(tmp_path)
    box.store(message())

    def full(_handle: int) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        box.store(message(urgent=True))
    monkeypatch.undo()
    assert box.read() == (message(),)


def test_counts_and_order():
    heard = message("heard", state=MessageState.HEARD)
    urgent = message("urgent", urgent=True, received_at=AT + timedelta(hours=1))
    late = message("late", received_at=AT + timedelta(minutes=1))
    speaking = message("speaking", state=MessageState.SPEAKING)
    early = message("early")
    assert counts([heard, urgent, late, speaking, early]) == BoxCounts(new=3, old=1, new_urgent=1)
    assert [m.id for m in in_order([late, early, urgent])] == ["urgent", "early", "late"]
    both = BoxCounts(new=1, old_urgent=1, old=1) + BoxCounts(new=2, new_urgent=1)
    assert both == BoxCounts(new=3, old=1, new_urgent=1, old_urgent=1)
