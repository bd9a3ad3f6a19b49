"""Other people's codecs: ffmpeg as a program, SpanDSP as a C library."""

from __future__ import annotations

import ctypes
import subprocess
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray


def ffmpeg(given: bytes, arguments: list[str]) -> tuple[bytes, str]:
    """What ffmpeg writes to its output, and what it says."""
    command = ["ffmpeg", "-hide_banner", "-nostats", *arguments]
    done = subprocess.run(command, input=given, capture_output=True, check=True, timeout=30)
    return done.stdout, done.stderr.decode()


def raw(rate_hz: int) -> list[str]:
    """Arguments: int16 samples of one channel at its input."""
    return ["-f", "s16le", "-ar", str(rate_hz), "-ac", "1", "-i", "pipe:0"]


@cache
def spandsp() -> ctypes.CDLL:
    """The library; a test that needs it is left out where it is missing."""
    try:
        library = ctypes.CDLL("libspandsp.so.2")
    except OSError:
        pytest.skip("libspandsp2 is not installed")
    for name in ("g722_encode_init", "g722_decode_init", "dtmf_rx_init", "plc_init"):
        getattr(library, name).restype = ctypes.c_void_p
    return library


def address(array: NDArray[np.generic]) -> ctypes.c_void_p:
    return array.ctypes.data_as(ctypes.c_void_p)


def spandsp_keys(samples: NDArray[np.int16]) -> str:
    """The keys that SpanDSP hears at 8 kHz."""
    library = spandsp()
    state = ctypes.c_void_p(library.dtmf_rx_init(None, None, None))
    heard, keys = b"", ctypes.create_string_buffer(129)
    for piece in np.array_split(samples, max(1, len(samples) // 1000)):
        whole = np.ascontiguousarray(piece)
        library.dtmf_rx(state, address(whole), len(whole))
        count = library.dtmf_rx_get(state, keys, 128)
        heard += keys.raw[:count]
    library.dtmf_rx_free(state)
    return heard.decode()
