"""A flow in which every key is answered by a tone of its own, so that what is heard tells it."""

from __future__ import annotations

import wave
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from softswitch.ivr.model import Flow
from softswitch.ivr.nodes import Menu
from softswitch.ivr.prompts import prompt_of

KEYS: Final = "0123456789"
FRAME: Final = 160
"""Samples of a packet: 20 ms at 8 kHz, so that tones 50 Hz apart do not disturb each other."""

_RATE_HZ = 8000
_SPACING_HZ = 200
_LOWEST_HZ = 400
_SECONDS = 60
_SHARE = 0.15
"""Of a packet's energy: of a tone that is cut within it less than this leaks to the others."""


def hz_of(key: str) -> int:
    """Return the tone of a key; of the greeting, where there is no key yet."""
    return _LOWEST_HZ + _SPACING_HZ * (KEYS.index(key) if key else len(KEYS))


def write_tones(folder: Path) -> None:
    """Write a minute of each tone, in the form that the bridge wants."""
    time_s = np.arange(_SECONDS * _RATE_HZ) / _RATE_HZ
    for key in ("", *KEYS):
        with wave.open(str(file_of(folder, key)), "wb") as file:
            file.setparams((1, 2, _RATE_HZ, 0, "NONE", ""))
            sound = 8000 * np.sin(2 * np.pi * hz_of(key) * time_s)
            file.writeframes(sound.astype("<i2").tobytes())


def file_of(folder: Path, key: str) -> Path:
    """Return the file of a tone."""
    return folder / f"tone-{hz_of(key)}.wav"


def tone_menus(folder: Path) -> Flow:
    """Return the flow: a greeting, and for each key a menu with that key's tone."""
    choices = {key: f"menu {key}" for key in KEYS}
    nodes = {
        f"menu {key}": Menu(
            prompt=prompt_of(file_of(folder, key)), choices=choices, otherwise="hang_up"
        )
        for key in ("", *KEYS)
    }
    return Flow(name="tones", start="menu ", nodes=nodes)


def hears(frames: NDArray[np.int16], key: str) -> NDArray[np.bool_]:
    """Tell for each packet of sound, one a row, whether a key's tone is in it."""
    power = np.abs(np.fft.rfft(frames.astype(np.float32), axis=1)) ** 2
    whole = power.sum(axis=1) + 1.0
    mine: NDArray[np.bool_] = power[:, hz_of(key) * FRAME // _RATE_HZ] > _SHARE * whole
    return mine
