"""G.711 against libsndfile and audioop, over every sample and every codeword."""

import io
import warnings
from collections.abc import Callable

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from softswitch_codecs.g711 import decode_alaw, decode_ulaw, encode_alaw, encode_ulaw

SAMPLES = np.arange(-32768, 32768).astype(np.int16)
CODES = np.arange(256).astype(np.uint8)

LAWS = pytest.mark.parametrize(
    ("encode", "decode", "name"),
    [
        pytest.param(encode_ulaw, decode_ulaw, "ulaw", id="ulaw"),
        pytest.param(encode_alaw, decode_alaw, "alaw", id="alaw"),
    ],
)
Encode = Callable[[NDArray[np.int16]], NDArray[np.uint8]]
Decode = Callable[[NDArray[np.uint8]], NDArray[np.int16]]


def audioop_codec(name: str) -> tuple[Encode, Decode]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        audioop = pytest.importorskip("audioop", reason="gone since Python 3.13")

    def encode(samples: NDArray[np.int16]) -> NDArray[np.uint8]:
        return np.frombuffer(getattr(audioop, f"lin2{name}")(samples.tobytes(), 2), np.uint8)

    def decode(codes: NDArray[np.uint8]) -> NDArray[np.int16]:
        return np.frombuffer(getattr(audioop, f"{name}2lin")(codes.tobytes(), 2), np.int16)

    return encode, decode


def sndfile_encode(samples: NDArray[np.int16], name: str) -> NDArray[np.uint8]:
    buffer = io.BytesIO()
    soundfile.write(buffer, samples, 8000, format="RAW", subtype=name.upper())
    return np.frombuffer(buffer.getvalue(), np.uint8)


def sndfile_decode(codes: NDArray[np.uint8], name: str) -> NDArray[np.int16]:
    samples, _ = soundfile.read(
        io.BytesIO(codes.tobytes()),
        format="RAW",
        subtype=name.upper(),
        samplerate=8000,
        channels=1,
        dtype="int16",
    )
    return samples


@LAWS
def test_every_sample_is_coded_as_libsndfile_codes_it(encode: Encode, decode: Decode, name: str):
    np.testing.assert_array_equal(encode(SAMPLES), sndfile_encode(SAMPLES, name))
    np.testing.assert_array_equal(decode(CODES), sndfile_decode(CODES, name))


@LAWS
def test_audioop_codes_alike_but_for_its_rounding(encode: Encode, decode: Decode, name: str):
    their_encode, their_decode = audioop_codec(name)
    np.testing.assert_array_equal(decode(CODES), their_decode(CODES))
    positive = SAMPLES[SAMPLES >= 0]
    np.testing.assert_array_equal(encode(positive), their_encode(positive))
    # It shifts negative samples right, which rounds down: by 3 in 14 bits (µ-law), and by 1
    # after it has taken the one's complement (A-law).
    shift = {"ulaw": -3, "alaw": 1}[name]
    negative = np.arange(-32765, -1).astype(np.int16)
    shifted = (negative + shift).astype(np.int16)
    np.testing.assert_array_equal(encode(shifted), their_encode(negative))


@LAWS
def test_every_codeword_survives(encode: Encode, decode: Decode, name: str):
    again = encode(decode(CODES))
    if name == "ulaw":
        assert again[0x7F] == 0xFF  # minus zero and zero are the same sample
        again[0x7F] = 0x7F
    np.testing.assert_array_equal(again, CODES)


@pytest.mark.parametrize(
    ("decode", "code", "sample"),
    [  # G.711 tables 1a, 1b (A-law, 13 bits) and 2a, 2b (µ-law, 14 bits), scaled to 16 bits
        (decode_ulaw, 0xFF, 0),
        (decode_ulaw, 0x80, 8031 * 4),
        (decode_ulaw, 0x00, -8031 * 4),
        (decode_alaw, 0xD5, 1 * 8),
        (decode_alaw, 0x55, -1 * 8),
        (decode_alaw, 0xAA, 4032 * 8),
        (decode_alaw, 0x2A, -4032 * 8),
    ],
)
def test_values_of_the_recommendation(decode: Decode, code: int, sample: int):
    assert decode(np.array([code], np.uint8))[0] == sample


@LAWS
@pytest.mark.parametrize("level_db", [-3.0, -10.0, -20.0, -30.0])
def test_noise_stays_under_the_mask_of_g712(
    encode: Encode, decode: Decode, name: str, level_db: float
):
    # G.712 asks for 33 dB signal to total distortion from 0 to -30 dBm0; 0 dBm0 is -3.14 dB
    # under a full-scale sine.
    time_s = np.arange(8000) / 8000
    sine = np.sin(2 * np.pi * 1020 * time_s) * 10 ** ((level_db - 3.14) / 20) * 32767
    heard = decode(encode(np.rint(sine).astype(np.int16))).astype(float)
    noise_db = 10 * np.log10(np.mean(sine**2) / np.mean((heard - sine) ** 2))
    assert noise_db > 33, name


@LAWS
def test_any_shape(encode: Encode, decode: Decode, name: str):
    calls = np.array([[-32768, -1, 0], [1, 1000, 32767]], np.int16)
    codes = encode(calls)
    assert codes.shape == (2, 3), name
    np.testing.assert_array_equal(codes[1], encode(calls[1]))
    np.testing.assert_array_equal(encode(calls[:, ::2]), codes[:, ::2])
    assert decode(codes).shape == (2, 3)


@LAWS
def test_other_types_are_refused(encode: Encode, decode: Decode, name: str):
    with pytest.raises(TypeError, match="int16 here, not int64"):
        encode(np.zeros(2, np.int64))  # type: ignore[arg-type]
    assert decode(np.zeros(0, np.uint8)).dtype == np.int16, name
