"""A greeting that was spoken into a telephone, made fit to be heard."""

from __future__ import annotations

import wave
from pathlib import Path

from softswitch.prompts import files
from softswitch.prompts.faults import PromptError, PromptFault
from softswitch.prompts.shaping import fade, to_int16, to_speech_level, trim

SPOKEN_DBFS = -20.0
"""Level while somebody speaks: that of the system's own messages."""

SHORTEST_S = 0.3
"""Less is no greeting."""

_FADE_S = 0.01


def tidy_recording(source: Path, target: Path, rate_hz: int) -> float:
    """Write a recording without the silence at its ends and at the level of speech.

    Args:
        source: what was recorded.
        target: a WAV file to be made: mono, 16 bits.
        rate_hz: its sample rate.

    Returns:
        Its length in seconds.

    Raises:
        PromptError: nothing is heard in it, or it cannot be read.
    """
    with files.open_sound(source) as file:
        spoken = trim(files.decode(file, "The recording", rate_hz), rate_hz)
    if len(spoken) < SHORTEST_S * rate_hz:
        raise PromptError("Nothing is heard in the recording.", reason=PromptFault.EMPTY)
    level = to_speech_level(spoken, rate_hz, SPOKEN_DBFS)
    samples = to_int16(fade(level, rate_hz, in_s=_FADE_S, out_s=_FADE_S))
    with wave.open(str(target), "wb") as wav:
        wav.setparams((1, 2, rate_hz, 0, "NONE", "not compressed"))
        wav.writeframes(samples.astype("<i2").tobytes())
    return len(samples) / rate_hz
