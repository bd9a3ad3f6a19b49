"""A process that speaks one text and ends: text in on stdin, a WAV file out on stdout.

It is run by its path and uses the standard library alone, so that it starts in a few tens of
milliseconds, and whatever happens inside espeak-ng happens to nobody else. The request is a
JSON object with ``library`` and ``data`` (paths), ``text``, ``voice``, ``words_per_minute``
and ``pitch``. It exits with 0 when all was spoken; otherwise the reason is on stderr.

The C interface is that of espeak-ng 1.52, ``speak_lib.h``.
"""

from __future__ import annotations

import ctypes
import io
import json
import os
import sys
import wave
from typing import Any

AUDIO_OUTPUT_SYNCHRONOUS = 2
INITIALIZE_DONT_EXIT = 0x8000
CHARS_UTF8 = 1
POS_CHARACTER = 1
PARAMETER_RATE = 1
PARAMETER_PITCH = 3
OK = 0

NICENESS = 5
"""How far speech steps back for the process that carries the calls."""

_Callback = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p
)


def speak(request: dict[str, Any]) -> tuple[bytes, int]:
    """Return what was spoken as 16-bit native-endian mono samples, and their rate in Hz."""
    library = ctypes.CDLL(request["library"])
    rate_hz = _open(library, request)
    blocks: list[bytes] = []

    def collect(samples: Any, count: int, _events: int | None) -> int:  # noqa: ANN401
        if samples and count > 0:
            blocks.append(ctypes.string_at(samples, 2 * count))
        return 0

    callback = _Callback(collect)
    library.espeak_SetSynthCallback(callback)
    _synthesise(library, request["text"])
    return b"".join(blocks), rate_hz


def _open(library: ctypes.CDLL, request: dict[str, Any]) -> int:
    folder = os.path.dirname(request["data"]).encode()  # noqa: PTH120 - keeps start-up short
    rate_hz = int(
        library.espeak_Initialize(AUDIO_OUTPUT_SYNCHRONOUS, 0, folder, INITIALIZE_DONT_EXIT)
    )
    if rate_hz <= 0:
        raise RuntimeError(f"espeak-ng does not start with the data in {request['data']}")
    # An unknown voice would leave the one before it in place, in silence.
    if library.espeak_SetVoiceByName(request["voice"].encode()) != OK:
        raise RuntimeError(f"espeak-ng has no voice {request['voice']!r}")
    library.espeak_SetParameter(PARAMETER_RATE, request["words_per_minute"], 0)
    library.espeak_SetParameter(PARAMETER_PITCH, request["pitch"], 0)
    return rate_hz


def _synthesise(library: ctypes.CDLL, text: str) -> None:
    data = text.encode() + b"\0"
    library.espeak_Synth.argtypes = [
        ctypes.c_char_p,
        ctypes.c_size_t,
        ctypes.c_uint,
        ctypes.c_int,
        ctypes.c_uint,
        ctypes.c_uint,
        ctypes.c_void_p,
        ctypes.c_void_p,
    ]
    status = library.espeak_Synth(data, len(data), 0, POS_CHARACTER, 0, CHARS_UTF8, None, None)
    if status != OK:
        raise RuntimeError(f"espeak-ng gave up with status {status}")


def main() -> int:
    """Answer the request on stdin."""
    os.nice(NICENESS)
    request = json.load(sys.stdin)
    try:
        samples, rate_hz = speak(request)
    except (OSError, RuntimeError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setparams((1, 2, rate_hz, 0, "NONE", "not compressed"))
        file.writeframes(samples)
    sys.stdout.buffer.write(buffer.getvalue())
    return 0


if __name__ == "__main__":
    sys.exit(main())
