"""Key presses of a hundred callers at once, and what speech is taken for a key."""

from __future__ import annotations

import ctypes
import tomllib
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path

import numpy as np
import soundfile
import soxr
from acd_load.rows import Row
from numpy.typing import NDArray

from softswitch.prompts.messages import Voice
from softswitch.prompts.speech import EspeakSpeech
from softswitch_codecs.dtmf import DtmfDetector, find_keys
from softswitch_codecs.levels import active_dbfs
from softswitch_codecs.tones import dtmf
from sound_load.timing import best_s

CALLERS, PIECE, PIECES, RATE_HZ = 100, 160, 100, 8000
LEVEL_DBFS = -16.0
RECORDINGS = Path("/usr/share/asterisk/sounds")

Samples = NDArray[np.int16]


def rows() -> list[Row]:
    """Measure; takes about a quarter of a minute, more where there are recordings."""
    spoken = _spoken()
    return [*_speed(spoken), *_talk_off(spoken)]


def _speed(spoken: Samples) -> Iterator[Row]:
    """Processor time of the pieces of 20 ms that come from a hundred callers."""
    length = PIECE * PIECES
    speech = np.stack([np.roll(spoken, 997 * n)[:length] for n in range(CALLERS)])
    pressed = np.resize(dtmf("123A456B789C*0#D", RATE_HZ), length + 80 * CALLERS)
    keys = np.stack([pressed[80 * n :][:length] for n in range(CALLERS)])
    for what, calls in (("all speak", speech), ("all press keys", keys)):
        measured = f"{CALLERS} callers' keys looked for, 20 ms of each"
        ours_s = best_s(_ours(calls), 3) / PIECES
        yield _row(measured, f"softswitch, {what}", ours_s)
        theirs = _spandsp(calls)
        if theirs is not None:
            theirs_s = best_s(theirs, 3) / PIECES
            yield _row(measured, f"SpanDSP, {what}", theirs_s, theirs_s / ours_s)


def _row(measured: str, under: str, took_s: float, ratio: float | None = None) -> Row:
    return Row(measured=measured, under=under, value=took_s * 1e6, unit="µs", ratio=ratio)


def _ours(calls: Samples) -> Callable[[], None]:
    def run() -> None:
        detector = DtmfDetector(RATE_HZ, calls=CALLERS)
        for n in range(PIECES):
            detector.hear(calls[:, n * PIECE : (n + 1) * PIECE])

    return run


def _spandsp(calls: Samples) -> Callable[[], None] | None:
    try:
        library = ctypes.CDLL("libspandsp.so.2")
    except OSError:
        return None
    library.dtmf_rx_init.restype = ctypes.c_void_p
    states = [ctypes.c_void_p(library.dtmf_rx_init(None, None, None)) for _ in calls]
    starts = [call.ctypes.data for call in calls]

    def run() -> None:
        for n in range(PIECES):
            for state, start in zip(states, starts, strict=True):
                library.dtmf_rx(state, ctypes.c_void_p(start + 2 * n * PIECE), PIECE)

    return run


def _talk_off(spoken: Samples) -> Iterator[Row]:
    """How many keys are heard in speech that has none."""
    yield _false("synthetic, four languages", [spoken])
    recorded = [at_level(sound) for sound in _recorded()]
    if recorded:
        yield _false("recorded, of Debian's asterisk-core-sounds", recorded)


def _false(under: str, sounds: list[Samples]) -> Row:
    hours = sum(map(len, sounds)) / RATE_HZ / 3600
    heard = sum(len(find_keys(sound, RATE_HZ)) for sound in sounds)
    return Row(
        measured="keys heard in speech that has none",
        under=f"{under}, {hours:.1f} h",
        value=heard,
        unit="keys",
    )


def _spoken() -> Samples:
    """Return every message in every language, spoken by espeak-ng at several speeds."""
    parts = []
    for language in ("da", "nb", "sv", "en"):
        source = files("softswitch.prompts.languages") / f"{language}.toml"
        known = tomllib.loads(source.read_text(encoding="utf-8"))
        text = " ".join(known["messages"].values())[:1900]
        for pitch in (20, 45, 70):
            voice = Voice(name=known["voice"]["espeak"], pitch=pitch)
            sound, rate_hz = EspeakSpeech().speak(text, voice)
            parts.append(soxr.resample(sound, rate_hz, RATE_HZ))
    return at_level(np.concatenate(parts))


def _recorded() -> Iterator[NDArray[np.float64]]:
    for path in sorted(RECORDINGS.glob("*/**/*.wav")):
        sound, rate_hz = soundfile.read(path)
        if rate_hz == RATE_HZ and sound.ndim == 1 and sound.any():
            yield sound


def at_level(sound: NDArray[np.floating]) -> Samples:
    """Return speech as loud as people talk."""
    gain = 10 ** ((LEVEL_DBFS - float(active_dbfs(sound, RATE_HZ))) / 20)
    return np.rint(np.clip(sound * gain * 32768, -32768, 32767)).astype(np.int16)
