"""Sound files from outside: anything libsndfile or FFmpeg reads, with time and memory bounded.

Plain WAV files are read here. All others are decoded by a process of their own
(`softswitch.prompts.decode_worker`), which a hostile file may crash without harm.
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path
from typing import IO, Any, Final

import attrs
import numpy as np

from softswitch.errors import EnvironmentFaultError
from softswitch.prompts import decode_worker
from softswitch.prompts.faults import PromptError, PromptFault
from softswitch.prompts.limits import FileLimits
from softswitch.prompts.shaping import Samples
from softswitch.prompts.wav import PlainWav, read_header

DEFAULT_LIMITS: Final = FileLimits()

_BROKEN: Final = "is broken or not a kind of sound file that can be read."

_PASSED_ON: Final = ("PATH", "LD_LIBRARY_PATH")
"""Of our environment, what a process needs to start; nothing that is a secret."""

_READ_ONLY: Final = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC  # never waits for a pipe


@contextmanager
def open_sound(path: Path, limits: FileLimits = DEFAULT_LIMITS) -> Iterator[BufferedReader]:
    """Open a plain file to read; links are followed.

    Raises:
        PromptError: there is no such file, it is something else (a folder, a pipe, a device), may
            not be read, is empty or too large.
    """
    try:
        _check_kind(path, path.stat())
        file = open(os.open(path, _READ_ONLY), "rb")  # noqa: SIM115, PTH123 - closed below
    except (FileNotFoundError, NotADirectoryError):
        raise PromptError(f"{path} is not a file.", reason=PromptFault.NOT_A_FILE) from None
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "no file can have this name"
        raise PromptError(f"{path} cannot be read: {why}.", reason=PromptFault.UNREADABLE) from None
    with file:
        state = os.fstat(file.fileno())
        _check_kind(path, state)
        _check_size(path, state.st_size, limits)
        yield file


def _check_kind(path: Path, state: os.stat_result) -> None:
    if not stat.S_ISREG(state.st_mode):
        raise PromptError(f"{path} is not a file.", reason=PromptFault.NOT_A_FILE)


def _check_size(path: Path, size: int, limits: FileLimits) -> None:
    if not size:
        raise PromptError(f"{path} is empty.", reason=PromptFault.EMPTY)
    if size > limits.file_bytes:
        raise PromptError(
            f"{path} has {size / 1e6:.0f} MB; at most {limits.file_bytes / 1e6:.0f} MB are taken.",
            reason=PromptFault.TOO_LONG,
        )


def being_written(path: object) -> PromptError:
    """Say that a file changes while it is read."""
    return PromptError(
        f"{path} is being written; try again when it is finished.", reason=PromptFault.UNREADABLE
    )


def content_hash(file: BufferedReader) -> str:
    """Return a name for what the file holds; leaves it at its start."""
    digest = hashlib.file_digest(file, "sha256").hexdigest()
    file.seek(0)
    return digest


def decode(
    file: BufferedReader, name: str, rate_hz: int, limits: FileLimits = DEFAULT_LIMITS
) -> Samples:
    """Return the sound in a file as one channel at ``rate_hz``, shape ``(samples,)``.

    Channels are mixed in equal parts. Samples that are no numbers become silence, and none
    counts for more than eight times full scale.

    Args:
        file: an open file.
        name: what to call it in messages.
        rate_hz: the rate wanted.
        limits: how much of it is taken.

    Raises:
        PromptError: broken, of an unknown kind, without any sound, too long, or with more
            channels or another rate than can be used.
        EnvironmentFaultError: no process can be started to decode it.
    """
    plain = read_header(file)
    if plain is None:
        samples = _decode_elsewhere(file, name, rate_hz, limits)
    else:
        samples = _decode_plain(plain, file, name, rate_hz, limits)
    if not len(samples):
        raise PromptError(f"{name} holds no sound.", reason=PromptFault.EMPTY)
    return samples


def _decode_plain(
    plain: PlainWav, file: BufferedReader, name: str, rate_hz: int, limits: FileLimits
) -> Samples:
    request = {"rate_hz": rate_hz, **attrs.asdict(limits)}
    try:
        decode_worker.check_shape(plain.channels, plain.rate_hz, request)
        blocks = decode_worker.one_channel(plain.blocks(file), plain.rate_hz, request)
        return np.concatenate([np.zeros(0, np.float32), *blocks])
    except decode_worker.RefusedError as error:
        raise _refusal(name, error.fault, error.found, limits) from None


def _decode_elsewhere(file: BufferedReader, name: str, rate_hz: int, limits: FileLimits) -> Samples:
    request = {"rate_hz": rate_hz, "containers": False, **attrs.asdict(limits)}
    with open(os.memfd_create("samples"), "w+b") as result:  # noqa: PTH123 - it has no path
        done = _run_worker(file, result, name, request)
        if _said(done).get("fault") == decode_worker.UNKNOWN_KIND:
            done = _run_worker(file, result, name, {**request, "containers": True})
        if done.returncode != 0:
            raise _worker_refusal(name, done, limits)
        result.seek(0)
        return np.frombuffer(result.read(), np.float32)


def _run_worker(
    file: BufferedReader, result: IO[bytes], name: str, request: dict[str, object]
) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-I", str(Path(decode_worker.__file__)), json.dumps(request)]
    os.lseek(file.fileno(), 0, os.SEEK_SET)  # not of the buffer: of what the process inherits
    environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    try:
        return subprocess.run(
            command,
            stdin=file.fileno(),
            stdout=result.fileno(),
            stderr=subprocess.PIPE,
            timeout=float(str(request["wall_s"])),
            env={**environment, "OPENBLAS_NUM_THREADS": "1"},
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise _took_too_long(name) from None
    except OSError as error:
        raise EnvironmentFaultError(
            f"No process can be started to decode {name}: {error}.",
            remedy="Check that the Python interpreter is in place and processes are not used up.",
        ) from error


def _worker_refusal(
    name: str, done: subprocess.CompletedProcess[bytes], limits: FileLimits
) -> PromptError:
    """Say to a person what became of the process."""
    if -done.returncode in (signal.SIGXCPU, signal.SIGKILL):
        return _took_too_long(name)
    answer = _said(done)
    known = {fault.value for fault in PromptFault}
    fault = answer.get("fault")
    if fault == decode_worker.UNKNOWN_KIND:
        return PromptError(
            f"{name} {_BROKEN} WMA, M4A and others can, where softswitch[av] is installed.",
            reason=PromptFault.UNREADABLE,
        )
    return _refusal(
        name, fault if fault in known else PromptFault.UNREADABLE.value, answer.get("found"), limits
    )


def _said(done: subprocess.CompletedProcess[bytes]) -> dict[str, Any]:
    """Return what the process said last; nothing where it said nothing that makes sense."""
    try:
        answer = json.loads(done.stderr.splitlines()[-1])
    except (IndexError, ValueError):
        return {}
    return answer if isinstance(answer, dict) else {}


def _took_too_long(name: str) -> PromptError:
    return PromptError(f"Decoding {name} takes too long.", reason=PromptFault.TOO_LONG)


def _refusal(name: str, fault: str, found: float | None, limits: FileLimits) -> PromptError:
    """Say to a person why a file is not taken."""
    reason = PromptFault(fault)
    channels = "one (mono) or two (stereo)" if limits.channels == 2 else f"1 to {limits.channels}"
    rates = f"{limits.rate_min_hz} to {limits.rate_max_hz}"
    sentences = {
        PromptFault.TOO_MANY_CHANNELS: f"has {found} channels; it may have {channels}.",
        PromptFault.BAD_RATE: f"has {found} samples a second; it may have {rates}.",
        PromptFault.TOO_LONG: f"is longer than {limits.length_s / 60:g} minutes.",
        PromptFault.EMPTY: "holds no sound.",
    }
    return PromptError(f"{name} {sentences.get(reason, _BROKEN)}", reason=reason)
