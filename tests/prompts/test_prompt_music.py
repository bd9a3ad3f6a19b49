"""The project's own music, by measure: an ear is not to be had."""

import numpy as np
import pytest
from numpy.typing import NDArray
from prompt_sounds import RATE_HZ, read

from softswitch.prompts import SoundStore
from softswitch.prompts.instruments import INSTRUMENTS
from softswitch.prompts.music import Note, Score, perform, pitch, read_score, scores
from softswitch_codecs.levels import peak_dbfs, rms_dbfs

PIECES = pytest.mark.parametrize("number", range(3))


@PIECES
def test_length_and_loudness(store: SoundStore, number: int):
    samples = read(store.default_music()[number])
    assert 120 <= len(samples) / RATE_HZ <= 180
    assert rms_dbfs(samples) == pytest.approx(-26, abs=0.1)
    assert peak_dbfs(samples) < -9


@PIECES
def test_it_comes_out_of_silence_and_goes_back(store: SoundStore, number: int):
    samples = read(store.default_music()[number])
    assert np.abs(samples[:8]).max() <= 8
    assert rms_dbfs(samples[: RATE_HZ // 1000 * 5]) < -45
    assert rms_dbfs(samples[-RATE_HZ // 5 :]) < -70


@PIECES
def test_it_goes_on_without_a_gap_and_without_a_blow(store: SoundStore, number: int):
    samples = read(store.default_music()[number])[: -4 * RATE_HZ]
    seconds = rms_dbfs(samples[: len(samples) // RATE_HZ * RATE_HZ].reshape(-1, RATE_HZ))
    assert seconds.min() > -36
    assert seconds.max() < -20


def worst_click_db(sound: NDArray[np.float32], rate_hz: int) -> float:
    """Highest power above 4 kHz in 16 ms against the mean power of the sound, in dB.

    A click has all frequencies alike; the music itself has none above 3,400 Hz.
    """
    frames = sound[: len(sound) // 256 * 256].reshape(-1, 256) * np.hanning(256)
    power = np.abs(np.fft.rfft(frames, axis=1)) ** 2
    above = power[:, np.fft.rfftfreq(256, 1 / rate_hz) > 4000].sum(axis=1)
    return float(10 * np.log10(above.max() / power.sum(axis=1).mean()))


@PIECES
def test_nothing_clicks(number: int):
    sound = perform(scores()[number], 16000)
    assert worst_click_db(sound, 16000) < -75
    loudest = int(np.abs(sound).argmax())
    broken = sound.copy()
    broken[loudest : loudest + 400] = 0  # a gap of 25 ms with hard edges is found
    assert worst_click_db(broken, 16000) > -40


@PIECES
def test_it_lies_in_the_telephone_band(number: int):
    sound = perform(scores()[number], RATE_HZ)
    power = np.abs(np.fft.rfft(sound)) ** 2
    hz = np.fft.rfftfreq(len(sound), 1 / RATE_HZ)
    inside = power[(hz >= 190) & (hz <= 3400)].sum() / power.sum()
    assert inside > 0.98


def test_pieces_differ_and_the_same_piece_does_not(store: SoundStore):
    assert len(set(store.default_music())) == len(scores()) == 3
    np.testing.assert_array_equal(perform(scores()[0], 8000), perform(scores()[0], 8000))


@pytest.mark.parametrize(
    ("name", "number"),
    [("C4", 60), ("A4", 69), ("F#4", 66), ("Bb3", 58), ("C-1", None), ("H4", None)],
)
def test_notes_have_their_midi_numbers(name: str, number: int | None):
    if number is None:
        with pytest.raises(ValueError, match="is not a note"):
            pitch(name)
    else:
        assert pitch(name) == number


SCORE = """
title = "Test"
beats_per_minute = 60
beats_per_bar = 2
form = "A B A"
[[parts]]
instrument = "bell"
level_db = -3
sections.A = "C4+E4/1 -/0.5 D4/0.5"
sections.B = "A4/2"
[[parts]]
instrument = "harp"
level_db = 0
pattern = "1 0"
sections.A = "C4+G4"
sections.B = "D4+A4"
"""


def test_a_score_worked_by_hand():
    score = read_score(SCORE)
    assert (score.title, score.beats, score.length_s) == ("Test", 6, 8.5)
    bell, harp = score.parts
    assert [(note.start, note.length, note.pitch) for note in bell.notes] == [
        (0, 1, 60),
        (0, 1, 64),
        (1.5, 0.5, 62),
        (2, 2, 69),
        (4, 1, 60),
        (4, 1, 64),
        (5.5, 0.5, 62),
    ]
    assert [note.pitch for note in harp.notes] == [67, 60, 69, 62, 67, 60]
    assert harp.notes[3] == Note(start=3, length=1, pitch=62, accent_db=-1.5)
    assert [note.accent_db for note in bell.notes] == [0, 0, -2.5, 0, 0, 0, -2.5]


def test_a_part_rests_in_a_section_that_it_does_not_have():
    score = read_score(SCORE.replace('sections.B = "D4+A4"', ""))
    assert score.beats == 6
    assert [note.start for note in score.parts[1].notes] == [0, 1, 4, 5]


def sounding(score: Score, at: float) -> set[int]:
    """Pitches of the held chord at a beat."""
    (pad,) = (part for part in score.parts if part.instrument == "pad")
    return {note.pitch for note in pad.notes if note.start <= at < note.start + note.length}


def melody(score: Score) -> list[Note]:
    parts = (part for part in score.parts if part.instrument in ("piano", "bell"))
    return [note for part in parts for note in part.notes]


@PIECES
def test_the_melody_agrees_with_the_harmony(number: int):
    """As textbooks have it: mostly chord tones, and no long note a semitone beside one.

    The tone under the root is the exception: it makes the chord a major seventh.
    """
    score = scores()[number]
    in_chord = sum(
        note.length
        for note in melody(score)
        if note.pitch % 12 in {pitch % 12 for pitch in sounding(score, note.start)}
    )
    assert in_chord / sum(note.length for note in melody(score)) > 0.8
    for note in melody(score):
        chord = sounding(score, note.start)
        sharp = {pitch for pitch in chord if (note.pitch - pitch) % 12 == 1}
        flat = {pitch for pitch in chord if (note.pitch - pitch) % 12 == 11}
        assert note.length < 2 or (not sharp and flat <= {min(chord)}), note


@PIECES
def test_it_is_varied(number: int):
    score = scores()[number]
    assert len({note.length for note in melody(score)}) >= 3
    assert len({note.pitch for note in melody(score)}) >= 8
    beats = score.beats / 8
    eighths = [
        tuple((n.start % beats, n.pitch) for n in melody(score) if n.start // beats == part)
        for part in range(8)
    ]
    assert len(set(eighths)) >= 6


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (SCORE.replace("A4/2", "A4/3"), "has 3 beats instead of 2"),
        (SCORE.replace('"D4+A4"', '"D4+A4 | D4+A4"'), r"have \[1, 2\] bars in section B"),
        (SCORE.replace("A4/2", "X4/2"), "'X4' is not a note"),
    ],
)
def test_a_wrong_score_is_refused(wrong: str, message: str):
    with pytest.raises(ValueError, match=message):
        read_score(wrong)


@pytest.mark.parametrize("name", INSTRUMENTS)
def test_instruments_are_in_tune(name: str):
    sound = INSTRUMENTS[name].note(69, 1.0, RATE_HZ)
    spectrum = np.abs(np.fft.rfft(sound, 4 * RATE_HZ))
    assert np.argmax(spectrum) / 4 == pytest.approx(440, abs=1)
    assert np.abs(sound).max() <= 1
    assert np.abs(sound[[0, -1]]).max() < 0.01
