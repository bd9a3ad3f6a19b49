"""Reads the scores that come with the project and performs them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib import resources
from typing import Any

import attrs
import numpy as np

from softswitch.prompts.instruments import INSTRUMENTS
from softswitch.prompts.shaping import Samples, fade

TAIL_S = 2.5
"""What sounds on after the last bar."""

FADE_IN_S = 0.03
FADE_OUT_S = 1.5

BEAT_DB = -1.5
OFF_BEAT_DB = -2.5
"""How loud notes are that do not begin with the bar: on another beat, and between two."""

ECHOES = ((0.089, 0.22), (0.151, 0.17), (0.233, 0.13), (0.347, 0.08))
"""Delays in seconds and strengths of the reflections of a small room."""

_SILENT = ""
_SEMITONES = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_NOTE = re.compile(r"([A-G])([#b]?)(\d)")


@attrs.frozen(kw_only=True)
class Note:
    """One note of one part.

    Attributes:
        start: when, in beats from the beginning of the piece.
        length: how long, in beats.
        pitch: MIDI note number.
        accent_db: how loud against the first beat of a bar.
    """

    start: float
    length: float
    pitch: int
    accent_db: float = 0.0


@attrs.frozen(kw_only=True)
class Part:
    """What one instrument plays, and how loud against the others."""

    instrument: str
    level_db: float
    notes: tuple[Note, ...]


@attrs.frozen(kw_only=True)
class Score:
    """One piece.

    Attributes:
        title: its name.
        content: the text that it was read from, which says all about it.
        beats_per_minute: how fast.
        beats: its length without the tail.
        parts: who plays.
    """

    title: str
    content: str
    beats_per_minute: float
    beats: float
    parts: tuple[Part, ...]

    @property
    def length_s(self) -> float:
        """Length with the tail."""
        return self.beats * 60 / self.beats_per_minute + TAIL_S


@cache
def scores() -> tuple[Score, ...]:
    """Return all pieces, in the order of their file names."""
    folder = resources.files("softswitch.prompts.scores")
    files = sorted(
        (file for file in folder.iterdir() if file.name.endswith(".toml")),
        key=lambda file: file.name,
    )
    return tuple(read_score(file.read_text(encoding="utf-8")) for file in files)


def read_score(text: str) -> Score:
    """Return the piece that ``text`` tells; the notation is in `softswitch.prompts.scores`.

    Raises:
        ValueError: a note that is none, a bar that does not add up, or parts of unequal
            length.
    """
    table = tomllib.loads(text)
    form, beats = table["form"].split(), float(table["beats_per_bar"])
    counts = _bar_counts(table["parts"])
    parts = []
    for part in table["parts"]:
        bars: list[str] = []
        for section in form:
            text = part["sections"].get(section)
            bars += [_SILENT] * counts[section] if text is None else text.split("|")
        parts.append(_part(part, bars, beats))
    return Score(
        title=table["title"],
        content=text,
        beats_per_minute=table["beats_per_minute"],
        beats=sum(counts[section] for section in form) * beats,
        parts=tuple(parts),
    )


def _bar_counts(parts: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """Return how many bars each section has, which is the same for every part that plays in it."""
    counts: dict[str, int] = {}
    for part in parts:
        for section, text in part["sections"].items():
            bars = text.count("|") + 1
            if counts.setdefault(section, bars) != bars:
                found = sorted({counts[section], bars})
                raise ValueError(f"the parts have {found} bars in section {section}")
    return counts


def _part(table: Mapping[str, Any], bars: list[str], beats: float) -> Part:
    pattern = [int(index) for index in table.get("pattern", "").split()]
    notes: list[Note] = []
    for number, bar in enumerate(bars):
        if bar != _SILENT:
            played = _broken_chord(bar, pattern, beats) if pattern else _bar(bar, beats)
            notes += [_placed(note, number * beats) for note in played]
    return Part(
        instrument=table["instrument"], level_db=float(table["level_db"]), notes=tuple(notes)
    )


def _placed(note: Note, bar_start: float) -> Note:
    """Return a note of a bar at its place in the piece, with the accent of its place in the bar."""
    accent_db = 0.0
    if note.start:
        accent_db = BEAT_DB if note.start.is_integer() else OFF_BEAT_DB
    return attrs.evolve(note, start=note.start + bar_start, accent_db=accent_db)


def _bar(text: str, beats: float) -> Iterator[Note]:
    start = 0.0
    for token in text.split():
        names, length = token.split("/")
        for name in names.split("+") if names != "-" else ():
            yield Note(start=start, length=float(length), pitch=pitch(name))
        start += float(length)
    if start != beats:
        raise ValueError(f"the bar {text.strip()!r} has {start:g} beats instead of {beats:g}")


def _broken_chord(text: str, pattern: list[int], beats: float) -> Iterator[Note]:
    chord = [pitch(name) for name in text.strip().split("+")]
    step = beats / len(pattern)
    for place, index in enumerate(pattern):
        yield Note(start=place * step, length=step, pitch=chord[index])


def pitch(name: str) -> int:
    """Return the MIDI note number of a note such as ``F#4``; ``C4`` is 60, ``A4`` is 69.

    Raises:
        ValueError: not a note.
    """
    match = _NOTE.fullmatch(name)
    if not match:
        raise ValueError(f"{name!r} is not a note")
    letter, accidental, octave = match.groups()
    shift = {"#": 1, "b": -1, "": 0}[accidental]
    return 12 * (int(octave) + 1) + _SEMITONES[letter] + shift


def perform(score: Score, rate_hz: int) -> Samples:
    """Return the piece as sound, shape ``(samples,)``, at no particular level.

    The same score and rate give the same samples. It begins and ends in silence.
    """
    mix = np.zeros(round(score.length_s * rate_hz), np.float32)
    for part in score.parts:
        mix += np.float32(10 ** (part.level_db / 20)) * _play(part, score, rate_hz)
    return fade(_in_a_room(mix, rate_hz), rate_hz, in_s=FADE_IN_S, out_s=FADE_OUT_S)


def _play(part: Part, score: Score, rate_hz: int) -> Samples:
    instrument, beat_s = INSTRUMENTS[part.instrument], 60 / score.beats_per_minute
    sound = np.zeros(round(score.length_s * rate_hz), np.float32)
    rendered: dict[tuple[int, float], Samples] = {}
    for note in part.notes:
        key = (note.pitch, note.length)
        if key not in rendered:
            rendered[key] = instrument.note(note.pitch, note.length * beat_s, rate_hz)
        start = round(note.start * beat_s * rate_hz)
        into = sound[start : start + len(rendered[key])]
        into += np.float32(10 ** (note.accent_db / 20)) * rendered[key][: len(into)]
    return sound


def _in_a_room(dry: Samples, rate_hz: int) -> Samples:
    wet = dry.copy()
    for delay_s, strength in ECHOES:
        delay = round(delay_s * rate_hz)
        wet[delay:] += np.float32(strength) * dry[:-delay]
    return wet
