"""Text to sound: what the store asks for, and espeak-ng behind it.

espeak-ng is a C library with global state that knows one voice at a time; what it spoke before
changes by a few samples what it speaks next. So each text is spoken by a process of its own
(`softswitch.prompts.espeak_worker`): the same words always sound the same, it costs well under a
tenth of a second once a text, and neither a crash nor an endless text reaches the calls.
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
import wave
from pathlib import Path
from typing import Protocol

import attrs
import espeakng_loader
import numpy as np

from softswitch.errors import EnvironmentFaultError
from softswitch.prompts import espeak_worker
from softswitch.prompts.faults import PromptError, PromptFault
from softswitch.prompts.messages import Voice
from softswitch.prompts.pronunciation import respell
from softswitch.prompts.shaping import Samples

TEXT_MAX = 2_000
"""Characters in one text: about two minutes of speech."""

TIMEOUT_S = 20.0
"""Longest time that one text may take; the longest allowed takes about one second."""


class Speech(Protocol):
    """Something that can speak."""

    @property
    def id(self) -> str:
        """Names the synthesiser and its version: a new id means that texts sound different."""

    def speak(self, text: str, voice: Voice) -> tuple[Samples, int]:
        """Return the spoken text, shape ``(samples,)``, -1 to 1, and its rate in Hz.

        Blocks, and may be called by several threads at once.

        Raises:
            PromptError: this text cannot be spoken.
            EnvironmentFaultError: no text can be spoken on this machine.
        """


@attrs.frozen
class EspeakSpeech:
    """espeak-ng, from the wheel that carries library and voices."""

    id: str = "espeak-ng 1.52, numbers by digits"

    def speak(self, text: str, voice: Voice) -> tuple[Samples, int]:
        """Speak ``text`` in a process of its own; see `Speech.speak`."""
        done = _run_worker(_request(text, voice))
        if done.returncode != 0:
            detail = done.stderr.decode(errors="replace").strip().splitlines()
            raise PromptError(
                f"The text cannot be spoken: {detail[-1] if detail else 'the speaker crashed'}.",
                reason=PromptFault.SPEECH_FAILED,
            )
        return read_wav(done.stdout)


def clean_text(text: str) -> str:
    """Return ``text`` with white space and control characters made into single spaces.

    Raises:
        PromptError: nothing is left, or more than `TEXT_MAX` characters.
    """
    clean = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    if not clean:
        raise PromptError("There is no text to speak.", reason=PromptFault.NOTHING_TO_SAY)
    if len(clean) > TEXT_MAX:
        raise PromptError(
            f"The text has {len(clean)} characters; at most {TEXT_MAX} are spoken at a time.",
            reason=PromptFault.TEXT_TOO_LONG,
        )
    return clean


def _request(text: str, voice: Voice) -> bytes:
    fields = {
        "library": espeakng_loader.get_library_path(),
        "data": espeakng_loader.get_data_path(),
        "text": respell(text, voice.read_as),
        "voice": voice.name,
        "words_per_minute": voice.words_per_minute,
        "pitch": voice.pitch,
    }
    return json.dumps(fields).encode()


def _run_worker(request: bytes) -> subprocess.CompletedProcess[bytes]:
    # -I -S: no user or site packages, which are not needed and cost half of the start-up.
    command = [sys.executable, "-I", "-S", str(Path(espeak_worker.__file__))]
    try:
        return subprocess.run(
            command, input=request, capture_output=True, timeout=TIMEOUT_S, check=False
        )
    except subprocess.TimeoutExpired:
        raise PromptError(
            f"The text was not spoken within {TIMEOUT_S:.0f} s.", reason=PromptFault.SPEECH_FAILED
        ) from None
    except OSError as error:
        raise EnvironmentFaultError(
            f"No process can be started to speak: {error}.",
            remedy="Check that the Python interpreter is in place and processes are not used up.",
        ) from error


def read_wav(data: bytes) -> tuple[Samples, int]:
    """Return a WAV file of one channel and 16 bits: shape ``(samples,)``, -1 to 1, and its rate."""
    with wave.open(io.BytesIO(data), "rb") as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2")
        return np.asarray(samples / 32768, dtype=np.float32), file.getframerate()
