"""PocketSphinx as a recogniser: English, small, on this machine alone.

Each utterance is made out by a process of its own (`softswitch.speech.sphinx_worker`), which loads
its model in a tenth of a second: neither a crash nor a long search reaches the calls.
"""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Final

import numpy as np
import soxr
from numpy.typing import NDArray

from softswitch.errors import EnvironmentFaultError
from softswitch_codecs.levels import active_dbfs

MODEL_HZ: Final = 16_000
SPEECH_DBFS: Final = -20.0
LINE_NOISE: Final = 0.001
"""-60 dBFS: no telephone line is as silent as zeros, which the model cannot take."""

DICTIONARY: Final = Path("model", "en-us", "cmudict-en-us.dict")
"""One word a line, in lower case, with its sounds behind it."""

TIMEOUT_S: Final = 10.0
_WORKER: Final = Path(__file__).with_name("sphinx_worker.py")


class PocketSphinx:
    """Makes out English phrases (`softswitch.speech.Recogniser`)."""

    def __init__(self) -> None:
        """Look for PocketSphinx.

        Raises:
            EnvironmentFaultError: it is not installed.
        """
        spec = importlib.util.find_spec("pocketsphinx")
        if spec is None or spec.origin is None:
            raise EnvironmentFaultError(
                "PocketSphinx is not installed.", remedy="pip install softswitch[speech]"
            )
        self._dictionary = Path(spec.origin).parent / DICTIONARY

    def knows(self, language: str) -> bool:
        """Whether it makes out a language: English alone."""
        return language == "en"

    def unknown(self, words: Collection[str], language: str) -> Collection[str]:
        """Return the words that its dictionary lacks; see `softswitch.ivr.check_sayings`.

        Raises:
            EnvironmentFaultError: the dictionary is not where PocketSphinx keeps it.
        """
        missing = set(words)
        if not self.knows(language):
            return missing
        try:
            with self._dictionary.open(encoding="utf-8") as file:
                missing.difference_update(line.partition(" ")[0] for line in file)
        except OSError as error:
            raise EnvironmentFaultError(
                f"The dictionary of PocketSphinx cannot be read: {error}.",
                remedy="Install it again: pip install --force-reinstall pocketsphinx",
            ) from error
        return missing

    def choose(
        self, samples: NDArray[np.int16], rate_hz: int, phrases: Mapping[str, str], language: str
    ) -> str | None:
        """Return the key of the phrase that was said; see `Recogniser.choose`."""
        by_words = {_words(phrase): key for key, phrase in phrases.items()}
        if not self.knows(language) or not by_words:
            return None
        heard = _run(sorted(by_words), _prepared(samples, rate_hz))
        return by_words.get(heard)


def _words(phrase: str) -> str:
    return " ".join(re.sub(r"[^a-z' ]", " ", phrase.lower()).split())


def _prepared(samples: NDArray[np.int16], rate_hz: int) -> bytes:
    """Bring an utterance to the model's rate and level, with the noise of a line."""
    level = min(20.0, SPEECH_DBFS - float(active_dbfs(samples, rate_hz)))
    scaled = np.asarray(samples * (10 ** (level / 20) / 32768), np.float32)
    sound = soxr.resample(scaled, rate_hz, MODEL_HZ)
    noise = np.random.default_rng(1).normal(0.0, LINE_NOISE, len(sound))
    return np.clip((sound + noise) * 32767, -32768, 32767).astype("<i2").tobytes()


def _run(phrases: list[str], sound: bytes) -> str:
    request = json.dumps({"phrases": phrases}).encode() + b"\n" + sound
    try:
        done = subprocess.run(
            [sys.executable, "-I", str(_WORKER)],
            input=request,
            capture_output=True,
            timeout=TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return ""
    except OSError as error:
        raise EnvironmentFaultError(
            f"No process can be started to make out speech: {error}.",
            remedy="Check that the Python interpreter is in place and processes are not used up.",
        ) from error
    if done.returncode != 0:
        detail = done.stderr.decode(errors="replace").strip().splitlines()
        raise EnvironmentFaultError(
            f"Speech cannot be made out: {detail[-1] if detail else 'the recogniser crashed'}.",
            remedy="Check that PocketSphinx works: python -m pocketsphinx help",
        )
    return done.stdout.decode().strip()
