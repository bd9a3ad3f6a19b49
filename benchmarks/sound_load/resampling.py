"""Music of a CD brought to the rates of telephones, beside FFmpeg."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import soundfile
from acd_load.rows import Row

from softswitch.prompts.shaping import resample
from sound_load.timing import best_s, ffmpeg_s

CD_HZ, SECONDS = 44_100, 120


def rows() -> list[Row]:
    """Measure; takes about a quarter of a minute."""
    return list(_rows())


def _rows() -> Iterator[Row]:
    noise = np.random.default_rng(44).normal(0, 0.1, SECONDS * CD_HZ).astype(np.float32)
    with tempfile.TemporaryDirectory() as folder:
        given, made = Path(folder, "cd.wav"), Path(folder, "made.wav")
        soundfile.write(given, noise, CD_HZ, subtype="FLOAT")
        for rate_hz in (8_000, 16_000, 48_000):
            measured = f"44.1 kHz to {rate_hz // 1000} kHz"
            ours_s = best_s(lambda rate_hz=rate_hz: resample(noise, CD_HZ, rate_hz), 3)
            yield _row(measured, "softswitch (soxr, high quality)", ours_s)
            for name, how in (("FFmpeg", "swr"), ("FFmpeg with soxr", "soxr")):
                graph = f"aresample={rate_hz}:resampler={how}"
                file_s = ffmpeg_s("-i", str(given), "-af", graph, "-c:a", "pcm_f32le", str(made))
                yield _row(measured, f"{name}, reading and writing a file", file_s, file_s / ours_s)


def _row(measured: str, under: str, took_s: float, ratio: float | None = None) -> Row:
    value = SECONDS / took_s
    return Row(measured=measured, under=under, value=value, unit="times real time", ratio=ratio)
