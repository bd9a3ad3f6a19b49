"""G.722 against ffmpeg, SpanDSP and the recommendation's own operators, bit by bit."""

from __future__ import annotations

import ctypes
import itertools

import numpy as np
import pytest
from numpy.typing import NDArray
from plain_g722 import PlainG722
from second_codecs import address, ffmpeg, raw, spandsp

from softswitch_codecs.g722 import (
    RATE_HZ,
    G722Decoder,
    G722Encoder,
    decode_g722,
    encode_g722,
)

MANY = 20
"""More calls than are coded one by one."""

TIME_S = np.arange(RATE_HZ) / RATE_HZ


def int16(samples: NDArray[np.float64]) -> NDArray[np.int16]:
    return np.rint(np.clip(samples, -32768, 32767)).astype(np.int16)


def sounds() -> dict[str, NDArray[np.int16]]:
    """Sounds that do not overload the encoder's mirror filter."""
    rng = np.random.default_rng(722)
    gliding = np.cumsum(120 + 60 * np.sin(5 * TIME_S)) / RATE_HZ
    voice = sum(np.sin(2 * np.pi * k * gliding) / k for k in range(1, 40))
    return {
        "voice": int16(6000 * voice * np.sin(3 * TIME_S) ** 2),
        "noise": int16(rng.normal(0, 3000, RATE_HZ)),
        "loud noise": int16(rng.normal(0, 9000, RATE_HZ)),
        "low": int16(28000 * np.sin(2 * np.pi * 300 * TIME_S)),
        "high": int16(28000 * np.sin(2 * np.pi * 6800 * TIME_S)),
        "sweep": int16(28000 * np.sin(2 * np.pi * 3900 * TIME_S**2)),
        "silence": np.zeros(RATE_HZ, np.int16),
    }


def overloads() -> dict[str, NDArray[np.int16]]:
    """Sounds beyond what it is made for."""
    rng = np.random.default_rng(7)
    square = np.where(np.sin(2 * np.pi * 441 * TIME_S) < 0, -32768, 32767)
    jumps = np.repeat(rng.choice([-32768, 32767], RATE_HZ // 20), 20)
    return {"square": square.astype(np.int16), "jumps": jumps.astype(np.int16)}


def random_codes() -> NDArray[np.uint8]:
    return np.random.default_rng(1).integers(0, 256, 8000).astype(np.uint8)


def ffmpeg_encode(samples: NDArray[np.int16]) -> NDArray[np.uint8]:
    coded, _ = ffmpeg(samples.tobytes(), [*raw(RATE_HZ), "-f", "g722", "pipe:1"])
    return np.frombuffer(coded, np.uint8)


def ffmpeg_decode(codes: NDArray[np.uint8]) -> NDArray[np.int16]:
    heard, _ = ffmpeg(codes.tobytes(), ["-f", "g722", "-i", "pipe:0", "-f", "s16le", "pipe:1"])
    return np.frombuffer(heard, np.int16)


@pytest.mark.parametrize("name", sounds())
def test_ffmpeg_codes_every_sound_alike_and_decodes_it_alike(name: str):
    sound = sounds()[name]
    codes = encode_g722(sound)
    np.testing.assert_array_equal(codes, ffmpeg_encode(sound))
    np.testing.assert_array_equal(decode_g722(codes), ffmpeg_decode(codes))


def test_ffmpeg_decodes_bytes_alike_that_no_encoder_sends():
    codes = random_codes()
    np.testing.assert_array_equal(decode_g722(codes), ffmpeg_decode(codes))


def spandsp_encode(sound: NDArray[np.int16]) -> NDArray[np.uint8]:
    library, codes = spandsp(), np.zeros(len(sound) // 2, np.uint8)
    state = ctypes.c_void_p(library.g722_encode_init(None, 64000, 0))
    assert library.g722_encode(state, address(codes), address(sound), len(sound)) == len(codes)
    library.g722_encode_free(state)
    return codes


@pytest.mark.parametrize("name", sounds())
def test_spandsp_codes_every_sound_alike(name: str):
    sound = sounds()[name]
    np.testing.assert_array_equal(encode_g722(sound), spandsp_encode(sound))


@pytest.mark.parametrize("calls", [1, MANY])
@pytest.mark.parametrize("name", overloads())
def test_overload_is_coded_as_the_recommendation_says(name: str, calls: int):
    # Here ffmpeg and SpanDSP go another way: their encoders lack the limit behind the mirror
    # filter ("LIMIT", 14 bits and sign).
    sound = overloads()[name][:4000]
    plain = PlainG722()
    codes = plain.encode(sound.tolist())
    assert codes != spandsp_encode(sound).tolist()
    for row in encode_g722(np.tile(sound, (calls, 1))):
        assert row.tolist() == codes


@pytest.mark.parametrize("calls", [1, MANY])
def test_overload_is_decoded_as_the_recommendation_says(calls: int):
    plain, codes = PlainG722(), random_codes()[:4000]
    codes[1000:2000] |= 32  # positive differences alone, which drive the predictor to its limits
    samples = plain.decode(codes.tolist())
    assert plain.low.overflows > 0
    for row in decode_g722(np.tile(codes, (calls, 1))):
        assert row.tolist() == samples


def test_the_first_byte_of_silence():
    # The difference is 0. Of the decision levels times the first scale factor (32 / 4096) those of
    # 35, 72 and 110 are 0 too and thus reached, that of 150 is 1: the fourth positive step, 58. In
    # the upper band 564 * 8 / 4096 is 1: the inner positive step, 3.
    assert encode_g722(np.zeros(2, np.int16)).tolist() == [3 << 6 | 58]


@pytest.mark.parametrize("calls", [3, MANY])
def test_calls_do_not_touch_each_other_and_pieces_do_not_show(calls: int):
    kinds = list((sounds() | overloads()).values())
    rows = np.stack([np.roll(kinds[n % len(kinds)], n)[:3200] for n in range(calls)])
    encoder, decoder = G722Encoder(calls), G722Decoder(calls)
    cuts = np.cumsum([0, 2, 318, 0, 320, 1000, 1560])
    pieces = [encoder.encode(rows[:, a:b]) for a, b in itertools.pairwise(cuts)]
    codes = np.concatenate(pieces, axis=1)
    heard = np.concatenate([decoder.decode(piece) for piece in pieces], axis=1)
    for row in range(calls):
        np.testing.assert_array_equal(codes[row], encode_g722(rows[row]))
        np.testing.assert_array_equal(heard[row], decode_g722(codes[row]))


def test_sound_comes_back_22_samples_late_and_hardly_changed():
    sound = int16(8000 * np.sin(2 * np.pi * 1000 * TIME_S))
    heard = decode_g722(encode_g722(sound)).astype(float)
    error = heard[1000 + 22 :] - sound[1000:-22]
    noise_db = 10 * np.log10(np.mean(sound[1000:].astype(float) ** 2) / np.mean(error**2))
    assert noise_db > 40


def test_what_is_no_sound_is_refused():
    with pytest.raises(TypeError, match="int16 here, not float64"):
        G722Encoder().encode(np.zeros(320))  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="uint8 here, not int64"):
        G722Decoder().decode(np.zeros(160, np.int64))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="in pairs, not 3"):
        G722Encoder().encode(np.zeros(3, np.int16))
    with pytest.raises(ValueError, match=r"shape \(2, 320\), not \(3, 'any'\)"):
        G722Encoder(3).encode(np.zeros((2, 320), np.int16))
    with pytest.raises(ValueError, match=r"shape \(2, 160\), not \('any',\)"):
        G722Decoder().decode(np.zeros((2, 160), np.uint8))
    with pytest.raises(ValueError, match="at least 1"):
        G722Encoder(0)
