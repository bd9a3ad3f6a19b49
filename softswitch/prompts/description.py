"""What a prompt is made of, as a value: clips, words, tones, and how they are put together.

::

    Ducked(
        speech=Sequence([Clip("you-are.wav", trim=True), Clip("3.wav", trim=True)], gap_s=0.1),
        music=Clip("song.wav"),
        before_s=1.0,
    )

A description is frozen and says all there is to say: the same description of the same files is
the same sound, sample for sample. Every kind of sound can be shaped, in this order: silence
trimmed, begun later, cut short, repeated, faded, brought to a level. Times are in seconds and
become ``round(seconds * rate)`` samples.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, TypeAlias

import attrs

from softswitch.errors import MisuseError

LENGTH_MAX_S: Final = 1_200.0
"""No prompt lasts longer."""

PARTS_MAX: Final = 200
SOUNDS_MAX: Final = 1_000
DEPTH_MAX: Final = 12
"""So many sounds may lie inside each other."""

Meta: TypeAlias = Mapping[Any, Any]

_SECONDS: Final[Meta] = {"range": (0.0, LENGTH_MAX_S), "unit": "seconds"}
_RAMP: Final[Meta] = {"range": (0.0, 60.0), "unit": "seconds"}
_GAIN: Final[Meta] = {"range": (-60.0, 40.0), "unit": "dB"}
_LEVEL: Final[Meta] = {"range": (-60.0, -1.0), "unit": "dBFS"}
_DEPTH: Final[Meta] = {"range": (0.0, 60.0), "unit": "dB"}
_HERTZ: Final[Meta] = {"range": (20.0, 20_000.0), "unit": "Hz"}
_LOUDNESS: Final[Meta] = {"range": (-60.0, -5.0), "unit": "LUFS"}


def allowed(field: attrs.Attribute[Any]) -> str:
    """Say in words which numbers a field takes; empty where it takes no number."""
    if "range" not in field.metadata:
        return ""
    low, high = field.metadata["range"]
    return f"a number from {low:g} to {high:g} ({field.metadata['unit']})"


def in_range(field: attrs.Attribute[Any], value: float) -> bool:
    """Tell whether a field takes a number."""
    low, high = field.metadata["range"]
    return math.isfinite(value) and low <= value <= high


def _within(sound: Sound, field: attrs.Attribute[Any], value: float | None) -> None:
    if value is not None and not in_range(field, value):
        name = f"{type(sound).__name__}.{field.name}"
        raise MisuseError(f"{name} must be {allowed(field)}, not {value!r}.")


def _number(default: float | None, meta: Meta) -> Any:  # noqa: ANN401 - an attrs field
    return attrs.field(default=default, metadata=meta, validator=_within)


@attrs.frozen(kw_only=True)
class Sound:
    """What every kind of sound has in common: how it is shaped.

    Attributes:
        trim: leave out the silence at both ends (below -50 dBFS), but for 30 ms.
        start_s: leave out so much of the beginning.
        length_s: cut what is longer than this.
        loop_s: repeat it, whole, until it has lasted exactly this long.
        loop_crossfade_s: how far each repetition overlaps the one before it; at most half.
        fade_in_s: let it begin softly: a raised cosine.
        fade_out_s: let it end softly.
        gain_db: make it so much louder.
        level_dbfs: bring it to this level (RMS of what is not silence), or as near as its
            highest peak allows: -1 dBFS.
        loudness_lufs: bring it to this loudness (ITU-R BS.1770-5), or as near as its highest
            peak allows.
    """

    trim: bool = False
    start_s: float = _number(0.0, _SECONDS)
    length_s: float | None = _number(None, _SECONDS)
    loop_s: float | None = _number(None, _SECONDS)
    loop_crossfade_s: float = _number(0.0, _RAMP)
    fade_in_s: float = _number(0.0, _RAMP)
    fade_out_s: float = _number(0.0, _RAMP)
    gain_db: float = _number(0.0, _GAIN)
    level_dbfs: float | None = _number(None, _LEVEL)
    loudness_lufs: float | None = _number(None, _LOUDNESS)

    def __attrs_post_init__(self) -> None:
        """Refuse settings that contradict each other.

        Raises:
            MisuseError: they do.
        """
        found = {field.name: getattr(self, field.name) for field in attrs.fields(type(self))}
        for _, message in conflicts(type(self), found):
            raise MisuseError(f"{type(self).__name__}: {message}")


def conflicts(cls: type[Sound], found: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Find settings that contradict each other: the name of one, and a sentence.

    Args:
        cls: the kind of sound.
        found: values of its fields; those left out, and others that mean nothing, may be too.
    """
    fields = [field for field in attrs.fields(cls) if field.name in found]
    given = {field.name for field in fields if found[field.name] != field.default}
    levels = [name for name in ("gain_db", "level_dbfs", "loudness_lufs") if name in given]
    if len(levels) > 1:
        yield levels[-1], f"{' and '.join(levels)} cannot both be; choose one."
    if {"gap_s", "crossfade_s"} <= given:
        yield "crossfade_s", "gap_s and crossfade_s cannot both be; choose one."
    if "loop_crossfade_s" in given and "loop_s" not in given:
        yield "loop_crossfade_s", "loop_crossfade_s means nothing without loop_s."


def _parts(_: Sound, field: attrs.Attribute[Any], parts: tuple[Sound, ...]) -> None:
    if not 1 <= len(parts) <= PARTS_MAX:
        raise MisuseError(f"{field.name} takes 1 to {PARTS_MAX} sounds, not {len(parts)}.")


def _list_of_sounds() -> Any:  # noqa: ANN401 - an attrs field
    return attrs.field(converter=tuple, validator=_parts, metadata={"length": (1, PARTS_MAX)})


@attrs.frozen
class Clip(Sound):
    """A sound file.

    Attributes:
        file: where it is. Two channels are mixed half and half.
    """

    file: Path = attrs.field(converter=Path)


@attrs.frozen
class Say(Sound):
    """Words, spoken.

    Attributes:
        say: the words.
        language: ``da``, ``nb``, ``sv`` or ``en``.
    """

    say: str
    language: str


@attrs.frozen
class Silence(Sound):
    """Nothing, for a while.

    Attributes:
        silence_s: for how long.
    """

    silence_s: float = attrs.field(metadata=_SECONDS, validator=_within)


@attrs.frozen
class Tone(Sound):
    """A sine.

    Attributes:
        tone_hz: its frequency; nothing is heard of one that the sample rate cannot carry.
        lasts_s: for how long.
        tone_dbfs: how loud it is (RMS).
    """

    tone_hz: float = attrs.field(metadata=_HERTZ, validator=_within)
    lasts_s: float = _number(0.4, _SECONDS)
    tone_dbfs: float = _number(-20.0, {"range": (-60.0, -3.1), "unit": "dBFS"})


@attrs.frozen
class Sequence(Sound):
    """One sound after another.

    Attributes:
        sequence: the sounds.
        gap_s: silence between them.
        crossfade_s: how far each overlaps the one before it, with equal power; at most half of
            either.
    """

    sequence: tuple[Sound, ...] = _list_of_sounds()
    gap_s: float = _number(0.0, _RAMP)
    crossfade_s: float = _number(0.0, _RAMP)


@attrs.frozen
class Mix(Sound):
    """Several sounds at once, all from the beginning on; as long as the longest.

    Attributes:
        mix: the sounds.
    """

    mix: tuple[Sound, ...] = _list_of_sounds()


@attrs.frozen(kw_only=True)
class Ducked(Sound):
    """Speech, with music that steps back while it is spoken.

    The music lasts from the beginning to the end and is repeated where it is shorter.

    Attributes:
        speech: what is said.
        music: what is heard before, under and after it.
        before_s: music alone before the speech.
        after_s: music alone after it.
        duck_db: how much quieter the music is under the speech.
        attack_s: how long it takes to step back, ending when the speech begins; at most
            ``before_s``.
        release_s: how long it takes to come back, beginning when the speech ends; at most
            ``after_s``.
    """

    speech: Sound
    music: Sound
    before_s: float = _number(0.0, _SECONDS)
    after_s: float = _number(0.0, _SECONDS)
    duck_db: float = _number(12.0, _DEPTH)
    attack_s: float = _number(0.3, _RAMP)
    release_s: float = _number(0.6, _RAMP)


KINDS: Final[Mapping[str, type[Sound]]] = {
    "file": Clip,
    "say": Say,
    "silence_s": Silence,
    "tone_hz": Tone,
    "sequence": Sequence,
    "mix": Mix,
    "speech": Ducked,
}
"""The field that tells what kind of sound a table describes."""


def inner(sound: Sound) -> tuple[Sound, ...]:
    """Return the sounds that a sound is made of; none where it is a source itself."""
    match sound:
        case Sequence():
            return sound.sequence
        case Mix():
            return sound.mix
        case Ducked():
            return (sound.speech, sound.music)
        case _:
            return ()


def check_size(sound: Sound) -> None:
    """Refuse a description too large to be meant.

    Raises:
        MisuseError: more than `SOUNDS_MAX` sounds, or more than `DEPTH_MAX` inside each other.
    """
    count, deepest = 1, 1
    layer: tuple[Sound, ...] = (sound,)
    while layer := tuple(part for outer in layer for part in inner(outer)):
        count, deepest = count + len(layer), deepest + 1
        if count > SOUNDS_MAX:
            raise MisuseError(f"A prompt has at most {SOUNDS_MAX} sounds in it.")
        if deepest > DEPTH_MAX:
            raise MisuseError(f"Sounds of a prompt lie at most {DEPTH_MAX} deep.")
