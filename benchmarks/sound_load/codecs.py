"""G.711 beside libsndfile and audioop, G.722 beside FFmpeg and SpanDSP."""

from __future__ import annotations

import ctypes
import importlib
import io
import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import soundfile
from acd_load.rows import Row
from numpy.typing import NDArray

from softswitch_codecs import g711
from softswitch_codecs.g722 import RATE_HZ, decode_g722, encode_g722
from sound_load.timing import best_s, ffmpeg_s

G711_S, G722_S, FFMPEG_S = 60, 1, 300
MANY = 100

Samples = NDArray[np.int16]


def rows() -> list[Row]:
    """Measure; takes about half a minute."""
    return [*_g711("µ-law", "ulaw"), *_g711("A-law", "alaw"), *_g722()]


def _sound(seconds: int, rate_hz: int) -> Samples:
    """Return noise as loud as speech."""
    noise = np.random.default_rng(711).normal(0, 3000, seconds * rate_hz)
    return np.rint(np.clip(noise, -32768, 32767)).astype(np.int16)


def _g711(law: str, name: str) -> Iterator[Row]:
    sound = _sound(G711_S, 8000)
    encode, decode = getattr(g711, f"encode_{name}"), getattr(g711, f"decode_{name}")
    codes = encode(sound)
    others = {"libsndfile": _sndfile(sound, codes, name), "audioop": _audioop(sound, codes, name)}
    for n, (doing, ours) in enumerate(
        {"encoded": lambda: encode(sound), "decoded": lambda: decode(codes)}.items()
    ):
        measured, mine_s = f"G.711 {law} {doing}", best_s(ours, 20)
        yield _millions(measured, "softswitch", mine_s, len(sound))
        for rival, runs in others.items():
            if runs is not None:
                goal = 1.0 if rival == "libsndfile" else None
                theirs_s = best_s(runs[n], 20)
                ratio = theirs_s / mine_s
                yield _millions(measured, rival, theirs_s, len(sound), ratio=ratio, goal=goal)


def _millions(
    measured: str,
    under: str,
    took_s: float,
    samples: int,
    *,
    ratio: float | None = None,
    goal: float | None = None,
) -> Row:
    return Row(
        measured=measured,
        under=under,
        value=samples / took_s / 1e6,
        unit="million samples/s",
        ratio=ratio,
        at_least=goal,
    )


def _sndfile(sound: Samples, codes: NDArray[np.uint8], name: str) -> list[Callable[[], object]]:
    """Return how libsndfile writes and reads raw sound, in memory."""
    coded = codes.tobytes()

    def write() -> None:
        soundfile.write(io.BytesIO(), sound, 8000, format="RAW", subtype=name.upper())

    def read() -> None:
        kind = {"format": "RAW", "subtype": name.upper(), "samplerate": 8000, "channels": 1}
        soundfile.read(io.BytesIO(coded), dtype="int16", **kind)

    return [write, read]


def _audioop(
    sound: Samples, codes: NDArray[np.uint8], name: str
) -> list[Callable[[], object]] | None:
    """Return how audioop does it, where it still exists (before Python 3.13)."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            audioop = importlib.import_module("audioop")
    except ImportError:
        return None
    lin, coded = sound.tobytes(), codes.tobytes()
    to_code, to_lin = getattr(audioop, f"lin2{name}"), getattr(audioop, f"{name}2lin")
    return [lambda: to_code(lin, 2), lambda: to_lin(coded, 2)]


def _g722() -> Iterator[Row]:
    one, many = _sound(G722_S, RATE_HZ), _sound(G722_S * MANY, RATE_HZ).reshape(MANY, -1)
    theirs = {"FFmpeg": _ffmpeg(), "SpanDSP": _spandsp(one)}
    codes_one, codes_many = encode_g722(one), encode_g722(many)
    for doing, few, lots in (
        ("encoded", lambda: encode_g722(one), lambda: encode_g722(many)),
        ("decoded", lambda: decode_g722(codes_one), lambda: decode_g722(codes_many)),
    ):
        measured = f"G.722 {doing}"
        speed = MANY * G722_S / best_s(lots, 3)
        yield _times(measured, "softswitch, one call", G722_S / best_s(few, 5))
        yield _times(measured, f"softswitch, {MANY} calls together", speed)
        for rival, speeds in theirs.items():
            if speeds:
                yield _times(measured, rival, speeds[doing], speed / speeds[doing])


def _times(measured: str, under: str, value: float, ratio: float | None = None) -> Row:
    return Row(measured=measured, under=under, value=value, unit="times real time", ratio=ratio)


def _ffmpeg() -> dict[str, float]:
    """Return how many times real time FFmpeg reaches, with files of five minutes."""
    with tempfile.TemporaryDirectory() as folder:
        raw, coded = Path(folder, "sound.s16"), Path(folder, "sound.g722")
        raw.write_bytes(_sound(FFMPEG_S, RATE_HZ).tobytes())
        linear = ("-f", "s16le", "-ar", str(RATE_HZ), "-ac", "1")
        encode_s = ffmpeg_s(*linear, "-i", str(raw), "-f", "g722", str(coded))
        decode_s = ffmpeg_s("-f", "g722", "-i", str(coded), "-f", "s16le", str(raw))
    return {"encoded": FFMPEG_S / encode_s, "decoded": FFMPEG_S / decode_s}


def _spandsp(sound: Samples) -> dict[str, float]:
    """Return the same of SpanDSP, or nothing where it is not installed."""
    try:
        library = ctypes.CDLL("libspandsp.so.2")
    except OSError:
        return {}
    speeds, codes, heard = {}, np.zeros(len(sound) // 2, np.uint8), np.zeros_like(sound)
    for doing, name, to, given in (
        ("encoded", "g722_encode", codes, sound),
        ("decoded", "g722_decode", heard, codes),
    ):
        begin, work = getattr(library, f"{name}_init"), getattr(library, name)
        begin.restype = ctypes.c_void_p
        state = ctypes.c_void_p(begin(None, 64000, 0))
        run = _bound(work, state, to, given)
        speeds[doing] = len(sound) / RATE_HZ / best_s(run, 10)
    return speeds


def _bound(
    work: Callable[..., int], state: ctypes.c_void_p, *arrays: NDArray[np.generic]
) -> Callable[[], int]:
    places = [array.ctypes.data_as(ctypes.c_void_p) for array in arrays]
    return lambda: work(state, *places, len(arrays[-1]))
