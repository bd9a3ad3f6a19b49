"""Speech by Piper: neural voices that the user has on disk, far more natural than espeak-ng's.

Piper is a program of its own (``pip install piper-tts``, or its binary), which this package neither
contains nor needs. It loads a voice in seconds and speaks faster than real time, so one process for
each voice is kept. What is spoken to it is its command line's protocol: a line of text in, the name
of a WAV file out, on its standard output (the binary) or among its log lines (the Python program).
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
import subprocess
import sys
import tempfile
import threading
import weakref
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Final

import attrs

from softswitch.errors import EnvironmentFaultError
from softswitch.prompts.faults import PromptError, PromptFault
from softswitch.prompts.messages import Voice
from softswitch.prompts.shaping import Samples
from softswitch.prompts.speech import EspeakSpeech, Speech, read_wav

TIMEOUT_S: Final = 60.0
"""Longest time for one text, the loading of its voice included."""

_LINES_KEPT: Final = 5


class PiperSpeech:
    """Piper for the languages that there is a voice for, another synthesiser for the rest.

    Safe for threads. Each voice speaks one text at a time. `close` ends the processes; so does
    the end of the program.
    """

    def __init__(
        self,
        voices: Mapping[str, Path],
        *,
        otherwise: Speech | None = None,
        command: Sequence[str] | None = None,
    ) -> None:
        """Set up; no process is started yet.

        Args:
            voices: the model file (``.onnx``, with its ``.onnx.json`` beside it) for the name of
                a voice of espeak-ng: ``da``, ``nb``, ``sv``, ``en``.
            otherwise: speaks all other languages; espeak-ng when None.
            command: starts Piper; when None the Python package ``piper-tts``.

        Raises:
            EnvironmentFaultError: a model is not there, or Piper is not installed.
        """
        if command is None:
            _check_package()
        for model in voices.values():
            _check_model(model)
        start = tuple(command or (sys.executable, "-m", "piper"))
        self._voices = {name: _PiperVoice(start, model) for name, model in voices.items()}
        self._otherwise = otherwise if otherwise is not None else EspeakSpeech()
        self._id = f"piper {_digest(voices)}; {self._otherwise.id}"

    @property
    def id(self) -> str:
        """Names Piper's voices, by their files, and the other synthesiser."""
        return self._id

    def speak(self, text: str, voice: Voice) -> tuple[Samples, int]:
        """Speak ``text``; see `Speech.speak`. A Piper voice has its own speed and pitch."""
        piper = self._voices.get(voice.name)
        return piper.speak(text) if piper else self._otherwise.speak(text, voice)

    def close(self) -> None:
        """End all processes; the next text starts them again."""
        for voice in self._voices.values():
            voice.close()


@attrs.frozen
class _Process:
    """Piper at work, and the folder that it writes to."""

    process: subprocess.Popen[bytes]
    folder: tempfile.TemporaryDirectory[str]

    def end(self) -> None:
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()
        self.process.kill()
        self.process.wait()
        self.folder.cleanup()


class _PiperVoice:
    """One voice, with its process once it has spoken."""

    def __init__(self, command: Sequence[str], model: Path) -> None:
        self._command = command
        self._model = model
        self._lock = threading.Lock()
        self._running: list[_Process] = []
        weakref.finalize(self, _end_all, self._running)

    def speak(self, text: str) -> tuple[Samples, int]:
        line = " ".join(text.split())
        with self._lock:
            if not self._running:
                self._running.append(self._start())
            try:
                return self._ask(self._running[0], line)
            except BaseException:
                _end_all(self._running)
                raise

    def close(self) -> None:
        with self._lock:
            _end_all(self._running)

    def _start(self) -> _Process:
        folder = tempfile.TemporaryDirectory(prefix="softswitch-piper-")
        command = [*self._command, "--model", str(self._model), "--output_dir", folder.name]
        try:
            process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env={**os.environ, "PYTHONUTF8": "1", "PYTHONUNBUFFERED": "1"},
            )
        except OSError as error:
            folder.cleanup()
            raise EnvironmentFaultError(
                f"Piper cannot be started with {self._command[0]}: {error.strerror}.",
                remedy="Install it (pip install piper-tts), or name the command that starts it.",
            ) from error
        return _Process(process, folder)

    def _ask(self, running: _Process, line: str) -> tuple[Samples, int]:
        process = running.process
        assert process.stdin is not None  # noqa: S101 - asked for above
        assert process.stdout is not None  # noqa: S101 - the same
        late = threading.Timer(TIMEOUT_S, process.kill)
        late.daemon = True
        late.start()
        try:
            with contextlib.suppress(BrokenPipeError):  # its last words say more
                process.stdin.write(line.encode() + b"\n")
                process.stdin.flush()
            written = _answer(process.stdout, Path(running.folder.name))
        finally:
            late.cancel()
        data = written.read_bytes()
        written.unlink()
        return read_wav(data)


def _answer(output: IO[bytes], folder: Path) -> Path:
    """Wait for the line that names a file in the folder."""
    said: list[str] = []
    for line in _lines(output):
        name = line.rpartition(str(folder))[2].lstrip("/").rstrip("'\"")
        if str(folder) in line and name.endswith(".wav"):
            return folder / Path(name).name
        said = [*said, line][-_LINES_KEPT:]
    detail = f": {said[-1]}" if said else ""
    raise PromptError(
        f"Piper ended without speaking, or took longer than {TIMEOUT_S:g} s{detail}.",
        reason=PromptFault.SPEECH_FAILED,
    )


def _lines(output: IO[bytes]) -> Iterator[str]:
    for line in output:
        yield line.decode(errors="replace").strip()


def _end_all(running: list[_Process]) -> None:
    while running:
        running.pop().end()


def _check_package() -> None:
    if importlib.util.find_spec("piper") is None:
        raise EnvironmentFaultError(
            "Piper is not installed.", remedy="Install it: pip install piper-tts"
        )


def _check_model(model: Path) -> None:
    for file in (model, model.with_name(f"{model.name}.json")):
        if not file.is_file():
            raise EnvironmentFaultError(
                f"The Piper voice {file} is not there.",
                remedy="A voice is two files side by side: NAME.onnx and NAME.onnx.json.",
            )


def _digest(voices: Mapping[str, Path]) -> str:
    """Name voices by what tells their files apart: a new file is a new voice."""
    found = [(name, path.name, _signature(path)) for name, path in sorted(voices.items())]
    return hashlib.sha256(repr(found).encode()).hexdigest()[:16]


def _signature(path: Path) -> tuple[int, int]:
    stat = path.stat()
    return stat.st_size, stat.st_mtime_ns
