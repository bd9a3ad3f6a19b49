"""Sound out of RTP payloads by libraries that share nothing with PJSIP's wrappers of them.

libgsm (through libsndfile), libopus and libspeex are the reference implementations of their
standards; they come with the server build, G.722 with sip-tester or baresip.
"""

from __future__ import annotations

import ctypes
import io
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import numpy as np
import soundfile
from numpy.typing import NDArray

Decoder = Callable[[Sequence[bytes]], NDArray[np.int16]]
_MOST_SAMPLES = 5760
"""120 ms at 48 kHz, the longest packet of Opus (RFC 6716 section 2.1.4)."""


def _l16(payloads: Sequence[bytes]) -> NDArray[np.int16]:
    """RFC 3551 section 4.5.11: network byte order."""
    return np.frombuffer(b"".join(payloads), ">i2").astype(np.int16)


def _gsm(payloads: Sequence[bytes]) -> NDArray[np.int16]:
    """RFC 3551 section 4.5.8: frames of 33 bytes."""
    stream = io.BytesIO(b"".join(payloads))
    samples, _ = soundfile.read(
        stream, dtype="int16", format="RAW", subtype="GSM610", samplerate=8000, channels=1
    )
    return np.asarray(samples, np.int16)


def _opus(payloads: Sequence[bytes]) -> NDArray[np.int16]:
    """RFC 6716, at 48 kHz."""
    library = ctypes.CDLL("libopus.so.0")
    library.opus_decoder_create.restype = ctypes.c_void_p
    fault = ctypes.c_int()
    decoder = ctypes.c_void_p(library.opus_decoder_create(48_000, 1, ctypes.byref(fault)))
    out = (ctypes.c_int16 * _MOST_SAMPLES)()
    parts = []
    for payload in payloads:
        count = library.opus_decode(decoder, payload, len(payload), out, _MOST_SAMPLES, 0)
        parts.append(np.array(out[: max(0, count)], np.int16))
    library.opus_decoder_destroy(decoder)
    return np.concatenate(parts)


def _speex(payloads: Sequence[bytes]) -> NDArray[np.int16]:
    """RFC 5574, narrow band: 160 samples a frame."""
    library = ctypes.CDLL("libspeex.so.1")
    library.speex_lib_get_mode.restype = ctypes.c_void_p
    library.speex_decoder_init.restype = ctypes.c_void_p
    mode = ctypes.c_void_p(library.speex_lib_get_mode(0))
    decoder = ctypes.c_void_p(library.speex_decoder_init(mode))
    bits = ctypes.create_string_buffer(256)  # SpeexBits is 40 bytes
    library.speex_bits_init(bits)
    out = (ctypes.c_int16 * 160)()
    parts = []
    for payload in payloads:
        library.speex_bits_read_from(bits, payload, len(payload))
        while library.speex_decode_int(decoder, bits, out) == 0:
            parts.append(np.array(out, np.int16))
    library.speex_decoder_destroy(decoder)
    return np.concatenate(parts)


def _g722(payloads: Sequence[bytes]) -> NDArray[np.int16]:
    """ITU-T G.722 at 64 kbit/s: two samples at 16 kHz a byte."""
    library = ctypes.CDLL("libspandsp.so.2")
    library.g722_decode_init.restype = ctypes.c_void_p
    decoder = ctypes.c_void_p(library.g722_decode_init(None, 64_000, 0))
    data = b"".join(payloads)
    out = (ctypes.c_int16 * (2 * len(data)))()
    count = library.g722_decode(decoder, out, data, len(data))
    library.g722_decode_free(decoder)
    return np.array(out[:count], np.int16)


DECODERS: Mapping[str, Decoder] = MappingProxyType(
    {"L16": _l16, "GSM": _gsm, "opus": _opus, "speex": _speex, "G722": _g722}
)


def share_of_tone(samples: NDArray[np.int16], hz: float, rate_hz: int) -> float:
    """Share of the energy that lies within 20 Hz of a tone."""
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples)))) ** 2
    frequencies = np.fft.rfftfreq(len(samples), 1 / rate_hz)
    return float(spectrum[np.abs(frequencies - hz) < 20].sum() / max(1e-9, spectrum.sum()))
