"""L16 against libsndfile's big-endian samples."""

import io

import numpy as np
import pytest
import soundfile

from softswitch_codecs.l16 import decode_l16, encode_l16

SAMPLES = np.arange(-32768, 32768).astype(np.int16)


def test_every_sample_as_libsndfile_writes_it():
    buffer = io.BytesIO()
    soundfile.write(buffer, SAMPLES, 8000, format="RAW", subtype="PCM_16", endian="BIG")
    codes = encode_l16(SAMPLES)
    assert codes.tobytes() == buffer.getvalue()
    np.testing.assert_array_equal(decode_l16(codes), SAMPLES)


def test_many_calls_and_slices():
    calls = np.array([[1, -2, 256], [0, 32767, -32768]], np.int16)
    codes = encode_l16(calls)
    assert codes.tolist() == [[0, 1, 255, 254, 1, 0], [0, 0, 127, 255, 128, 0]]
    np.testing.assert_array_equal(encode_l16(calls[:, ::2])[0], [0, 1, 1, 0])
    np.testing.assert_array_equal(decode_l16(codes[:, 2:]), calls[:, 1:])


def test_what_is_no_l16_is_refused():
    with pytest.raises(ValueError, match="3 bytes end in half a sample"):
        decode_l16(np.zeros(3, np.uint8))
    with pytest.raises(TypeError, match="int16 here, not int32"):
        encode_l16(np.zeros(3, np.int32))  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="uint8 here, not int16"):
        decode_l16(np.zeros(4, np.int16))  # type: ignore[arg-type]
