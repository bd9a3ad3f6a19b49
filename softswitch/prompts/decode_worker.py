"""A process that decodes one sound file and ends: the file on stdin, samples out on stdout.

It is run by its path and imports nothing of softswitch. libsndfile and FFmpeg are large and read
whatever anybody sends; here, a file that makes one of them crash, loop or grow does so within
limits of time and memory and in nobody's company: before the file is looked at, the process has
given up the right to open any other file or a socket.

The request is a JSON object as the only argument: ``rate_hz`` wanted, whether to use FFmpeg
(``containers``), and the fields of `softswitch.prompts.limits.FileLimits`. What comes out are
native float32 samples of one channel. Exits with 0, or with 1 and the reason as a JSON object in
the last line of stderr: ``fault`` (a value of `softswitch.prompts.faults.PromptFault`, or
`UNKNOWN_KIND`) and ``found``.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import pkgutil
import resource
import sys
from collections.abc import Iterator
from typing import Any, BinaryIO

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

NICENESS = 5
"""How far decoding steps back for the process that carries the calls."""

PEAK_MAX = 8.0
"""No sample counts for more (full scale is 1), so that one wild one does not silence the rest."""

CONTAINERS = "asf,mov,mp4,matroska,webm,aac,amr,caf,wav,w64,ogg,mp3,flac,aiff,ac3,eac3,ape,wv,tta"
"""What FFmpeg may take a file for: no playlists, no lists of files, nothing that names others."""

UNKNOWN_KIND = "unknown_kind"
"""Not a file of libsndfile's; FFmpeg, which takes longer to load, has not been asked."""

_SNDFILE_STARTS = (
    b"RIF",
    b"RF64",
    b"riff",
    b"FORM",
    b".snd",
    b"fLaC",
    b"OggS",
    b"ID3",
    b"\xff",
    b"caff",
)
"""How nearly all files begin that libsndfile reads."""

_BLOCK = 1 << 16

Block = NDArray[np.float32]


class RefusedError(Exception):
    """The file is not taken.

    Attributes:
        fault: why, a value of `PromptFault`.
        found: what the file has that is refused.
    """

    def __init__(self, fault: str, found: float | None = None) -> None:
        super().__init__(fault)
        self.fault = fault
        self.found = found


def decode(file: BinaryIO, request: dict[str, Any]) -> Iterator[Block]:
    """Yield one channel at the rate wanted, in blocks of shape ``(samples,)``.

    Raises:
        RefusedError: broken, of an unknown kind, too long, or of a shape that is refused.
    """
    rate_hz, blocks = _open(file, request)
    yield from one_channel(blocks, rate_hz, request)


def one_channel(
    blocks: Iterator[NDArray[Any]], rate_hz: int, request: dict[str, Any]
) -> Iterator[Block]:
    """Yield one channel at the rate wanted of blocks of shape ``(samples, channels)``.

    Raises:
        RefusedError: too long.
    """
    if rate_hz == request["rate_hz"]:
        yield from _mono(blocks, rate_hz, request)
        return
    stream = soxr.ResampleStream(rate_hz, request["rate_hz"], 1, dtype="float32", quality="HQ")
    for block in _mono(blocks, rate_hz, request):
        yield stream.resample_chunk(block)
    yield stream.resample_chunk(np.zeros(0, np.float32), last=True)


def _open(file: BinaryIO, request: dict[str, Any]) -> tuple[int, Iterator[Block]]:
    """Find what can read the file: its rate, and its sound, shape ``(samples, channels)``."""
    try:
        sound = soundfile.SoundFile(file.fileno(), closefd=False)
    except (soundfile.LibsndfileError, TypeError, ValueError):
        if "av" not in sys.modules:
            raise RefusedError(UNKNOWN_KIND) from None
        file.seek(0)
        return _open_container(file, request)
    check_shape(sound.channels, sound.samplerate, request)
    return sound.samplerate, _sound_blocks(sound)


def _sound_blocks(sound: soundfile.SoundFile) -> Iterator[Block]:
    while len(block := sound.read(_BLOCK, "float32", always_2d=True)):
        yield block


def _open_container(file: BinaryIO, request: dict[str, Any]) -> tuple[int, Iterator[Block]]:
    """Let FFmpeg read it."""
    import av  # noqa: PLC0415 - an extra

    av.logging.set_level(None)
    only = {"format_whitelist": CONTAINERS, "protocol_whitelist": ""}
    container: Any = av.open(file, "r", options=only)
    if not container.streams.audio:
        raise RefusedError("empty")
    stream = container.streams.audio[0]
    stream.thread_count = 1
    rate_hz = stream.rate or 0
    check_shape(stream.codec_context.layout.nb_channels, rate_hz, request)
    return rate_hz, _container_blocks(container, stream)


def _container_blocks(container: Any, stream: Any) -> Iterator[NDArray[Any]]:  # noqa: ANN401 - PyAV's
    import av  # noqa: PLC0415

    shape = {"layout": stream.codec_context.layout.name, "rate": stream.rate}
    to_float = av.AudioResampler(format="fltp", **shape)
    for frame in container.decode(stream):
        for part in to_float.resample(frame):
            yield part.to_ndarray().T
    for part in to_float.resample(None):
        yield part.to_ndarray().T


def check_shape(channels: int, rate_hz: int, request: dict[str, Any]) -> None:
    """Refuse a file with too many channels or an odd rate."""
    if not 1 <= channels <= request["channels"]:
        raise RefusedError("too_many_channels", channels)
    if not request["rate_min_hz"] <= rate_hz <= request["rate_max_hz"]:
        raise RefusedError("bad_rate", rate_hz)


def _mono(blocks: Iterator[NDArray[Any]], rate_hz: int, request: dict[str, Any]) -> Iterator[Block]:
    """Mix the channels in equal parts; what is no number becomes silence."""
    left = request["length_s"] * rate_hz
    for block in blocks:
        left -= len(block)
        if left < 0:
            raise RefusedError("too_long")
        numbers = np.nan_to_num(block, nan=0.0, posinf=0.0, neginf=0.0)
        yield np.asarray(np.clip(numbers, -PEAK_MAX, PEAK_MAX).mean(axis=1), np.float32)


def _load(file: BinaryIO, request: dict[str, Any]) -> None:
    """Load FFmpeg where it is likely to be needed and PyAV is installed: later it cannot be."""
    start = os.pread(file.fileno(), 4, 0)  # a file object would have moved on
    if request["containers"] or not start.startswith(_SNDFILE_STARTS):
        with contextlib.suppress(ImportError):
            import av  # noqa: PLC0415 - an extra

            for module in pkgutil.walk_packages(av.__path__, "av."):
                if not module.name.endswith("__main__"):
                    importlib.import_module(module.name)


def _limit(request: dict[str, Any]) -> None:
    """From here on this process cannot take more than it is given."""
    most = round(request["length_s"] * request["rate_hz"] + request["rate_hz"]) * 4
    limits = {
        resource.RLIMIT_CPU: request["cpu_s"],
        resource.RLIMIT_AS: request["memory_bytes"],
        resource.RLIMIT_FSIZE: most,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NPROC: 0,
        resource.RLIMIT_NOFILE: 0,  # those that are open stay so
    }
    for kind, value in limits.items():
        with contextlib.suppress(ValueError):  # less is allowed already
            resource.setrlimit(kind, (value, value))


def main() -> int:
    """Decode the file on stdin.

    Returns:
        The status to exit with.
    """
    os.nice(NICENESS)
    request = json.loads(sys.argv[1])
    _load(sys.stdin.buffer, request)
    _limit(request)
    try:
        for block in decode(sys.stdin.buffer, request):
            sys.stdout.buffer.write(block.tobytes())
    except RefusedError as error:
        answer = {"fault": error.fault, "found": error.found}
    except MemoryError:
        answer = {"fault": "too_long", "found": None}
    except Exception:  # noqa: BLE001 - whatever a library makes of a broken file
        answer = {"fault": "unreadable", "found": None}
    else:
        sys.stdout.buffer.flush()
        return 0
    sys.stderr.write("\n" + json.dumps(answer) + "\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
