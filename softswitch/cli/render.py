"""``softswitch render``: a prompt from its description, as a WAV file and as a picture."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray
from rich.console import Console

from softswitch.cli.output import errors_explained
from softswitch.errors import EnvironmentFaultError, MisuseError
from softswitch.prompts import SoundStore
from softswitch.prompts.prompt_file import RATES_HZ, load_prompt
from softswitch.prompts.shaping import loudness
from softswitch.prompts.wav import read_header, write_wav
from softswitch.prompts.waveform import draw_waveform
from softswitch.simulation.picture import check_picture
from softswitch_codecs.levels import peak_dbfs


def render(
    prompt: Annotated[Path, typer.Argument(metavar="PROMPT.TOML", help="The description.")],
    *,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="FILE", help="Without it, PROMPT.wav beside it."),
    ] = None,
    rate: Annotated[
        int | None,
        typer.Option(metavar="HZ", help="8000, 16000 or 48000; without it, the description's."),
    ] = None,
    plot: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Draw a picture: .png or .svg.")
    ] = None,
) -> None:
    """Make a prompt of clips, words, tones and music, as a description says."""
    with errors_explained():
        target = output or prompt.with_suffix(".wav")
        _check(prompt, target, rate, plot)
        read = load_prompt(prompt)
        rate_hz = rate or read.rate_hz
        with tempfile.TemporaryDirectory() as folder:
            samples = _samples(SoundStore(Path(folder), rate_hz).prompt(read.sound))
        summary = describe(samples, rate_hz)
        try:
            write_wav(target, samples, rate_hz)
            if plot:
                draw_waveform(plot, samples, rate_hz, f"{prompt.name}: {summary}")
        except OSError as error:
            remedy = "Check that the folder is there and may be written."
            message = f"{error.filename or target} cannot be written: {error.strerror}."
            raise EnvironmentFaultError(message, remedy=remedy) from error
    Console().print(f"{target}: {summary}", highlight=False, markup=False, soft_wrap=True)


def _check(prompt: Path, target: Path, rate: int | None, plot: Path | None) -> None:
    """Refuse what cannot come to anything, before any work is done."""
    if rate is not None and rate not in RATES_HZ:
        raise MisuseError(f"A prompt has 8000, 16000 or 48000 samples a second, not {rate}.")
    if target.absolute() == prompt.absolute():
        raise MisuseError(f"{target} is the description itself; choose another name with -o.")
    if plot:
        check_picture(plot)


def _samples(path: Path) -> NDArray[np.int16]:
    with path.open("rb") as file:
        plain = read_header(file)
        if plain is None:
            raise EnvironmentFaultError(
                f"{path} is not as it was written.",
                remedy="Check the disk of the temporary folder.",
            )
        return plain.read(file)[:, 0]


def describe(samples: NDArray[np.int16], rate_hz: int) -> str:
    """Say in a line how long and how loud a sound is."""
    measured = loudness(samples, rate_hz)
    loud = f"{measured:.1f} LUFS" if np.isfinite(measured) else "silent"
    peak = float(peak_dbfs(samples))
    highest = f", peak {peak:.1f} dBFS" if np.isfinite(peak) else ""
    return f"{len(samples) / rate_hz:.2f} s at {rate_hz:,} Hz, {loud}{highest}"
