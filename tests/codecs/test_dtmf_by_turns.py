"""Calls that share a detector and whose sound comes at different moments."""

from __future__ import annotations

import numpy as np
import pytest

from softswitch_codecs.dtmf import DtmfDetector, KeyDown, KeyUp
from softswitch_codecs.tones import dtmf

RATE_HZ = 8000
HOP = RATE_HZ // 400


def test_each_call_is_heard_as_if_it_were_alone() -> None:
    rng = np.random.default_rng(4)
    calls = ("15*", "D0", "7777", "")
    sounds = [np.concatenate([dtmf(keys, RATE_HZ), np.zeros(RATE_HZ, np.int16)]) for keys in calls]
    shared = DtmfDetector(RATE_HZ, len(calls))
    places, heard = [0] * len(calls), []
    while any(place < RATE_HZ for place in places):
        rows = rng.permutation(len(calls))[: rng.integers(1, len(calls) + 1)].tolist()
        length = HOP * int(rng.integers(1, 30))
        rows = [row for row in rows if places[row] + length <= len(sounds[row])]
        pieces = [sounds[row][places[row] : places[row] + length] for row in rows]
        heard += shared.hear_some(np.reshape(np.asarray(pieces, np.int16), (-1, length)), rows)
        for row in rows:
            places[row] += length
    for call, sound in enumerate(sounds):
        alone = DtmfDetector(RATE_HZ, 1).hear(sound[np.newaxis, : places[call]])
        own = [event for event in heard if event.call == call]
        assert [_told(event) for event in own] == [_told(event) for event in alone]
        assert "".join(e.key for e in own if isinstance(e, KeyDown)) == calls[call]


def _told(event: KeyDown | KeyUp) -> tuple[str, str, float]:
    when_s = event.start_s if isinstance(event, KeyDown) else event.end_s
    return type(event).__name__, event.key, round(when_s, 9)


def test_a_call_that_is_forgotten_begins_anew() -> None:
    detector = DtmfDetector(RATE_HZ, 2)
    tone = dtmf("D", RATE_HZ, on_s=0.1, off_s=0.0)
    both = detector.hear_some(np.stack([tone, tone]), [0, 1])
    detector.forget(1)
    after = detector.hear_some(np.stack([tone, tone]), [1, 0])
    assert [(event.call, event.key) for event in both] == [(0, "D"), (1, "D")]
    assert [(event.call, type(event)) for event in after] == [(1, KeyDown)]  # call 0 holds it still
    assert after[0] == both[1]


@pytest.mark.parametrize(
    ("shape", "calls", "message"),
    [((1, 30), [0], "multiple of 20"), ((2, 40), [0], "shape"), ((40,), [0], "shape")],
)
def test_other_shapes_are_refused(shape: tuple[int, ...], calls: list[int], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        DtmfDetector(RATE_HZ, 3).hear_some(np.zeros(shape, np.int16), calls)


def test_samples_left_over_are_not_mixed_up() -> None:
    detector = DtmfDetector(RATE_HZ, 1)
    detector.hear(np.zeros((1, 30), np.int16))
    with pytest.raises(ValueError, match="left over"):
        detector.hear_some(np.zeros((1, 40), np.int16), [0])
