"""What tests of services share: sound that is spoken, and phones that are led by the ear."""

from __future__ import annotations

import asyncio
import wave
from pathlib import Path

import attrs
import numpy as np
from office_builder import Office

from softswitch.prompts import SystemMessage
from softswitch.prompts.guidance import Guidance
from softswitch.switch import Switch
from softswitch.testing import SimulatedTelephony
from softswitch.testing.phones import PhoneCall
from softswitch.testing.sounding import duration_s

RATE_HZ = 8000


def spoken(folder: Path, length_s: float, name: str = "speech") -> Path:
    """Make a WAV file of a tone, which is as loud as speech."""
    path = folder / f"{name}-{length_s}.wav"
    time_s = np.arange(round(RATE_HZ * length_s)) / RATE_HZ
    sound = np.round(8000 * np.sin(2 * np.pi * 400 * time_s)).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, RATE_HZ, 0, "NONE", ""))
        file.writeframes(sound.tobytes())
    return path


@attrs.frozen
class Desk:
    """An open office, and how its callers are led."""

    office: Office
    network: SimulatedTelephony
    switch: Switch
    language: str = "en"

    def file(self, words: SystemMessage | Guidance | str) -> Path:
        """What is heard when something is said."""
        if isinstance(words, str):
            return self.office.store.say(words, self.language)
        return self.office.store.system(words, self.language)

    async def answer(
        self, call: PhoneCall, question: SystemMessage | Guidance | str, keys: str
    ) -> None:
        """Wait for a question and press keys."""
        await call.until_hears(self.file(question))
        call.press(keys)

    async def until_beep(self, call: PhoneCall) -> None:
        """Return when the tone is over."""
        beep = self.office.store.beep()
        await call.until_hears(beep)
        await asyncio.sleep(duration_s(beep))

    def heard(self, call: PhoneCall, words: SystemMessage | Guidance | str) -> bool:
        """Whether something was said."""
        return bool(call.log.stretches(self.file(words)))
