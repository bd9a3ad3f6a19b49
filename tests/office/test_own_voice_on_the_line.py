"""An office with recordings of its own, in wideband: what a G.722 caller hears of them."""

from __future__ import annotations

import asyncio
import wave
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from softswitch.prompts import SystemMessage, language
from softswitch.testing.peers.rtp import RtpPhone
from softswitch.testing.peers.sipp import Sipp
from tests.office.hearing import Sound, at_rate, find, in_turn, melody, share_above, stretches
from tests.office.real_office import open_office
from tests.sip.decoding import DECODERS
from tests.sip.wire import Call, datagrams, sdp

pytestmark = pytest.mark.asyncio

WIDE_HZ = 16_000
G722 = 9


def record(path: Path, seed: int, length_s: float) -> NDArray[np.int16]:
    """A recording that is like no other."""
    samples = melody(seed, length_s, WIDE_HZ)
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, WIDE_HZ, 0, "NONE", ""))
        file.writeframes(samples.astype("<i2").tobytes())
    return samples


def heard_by(phone: RtpPhone) -> Sound:
    assert phone.ear.reception.lost == 0
    payloads = [packet.payload for packet in phone.ear.packets if packet.payload_type == G722]
    return np.asarray(DECODERS["G722"](payloads) / 32768)


async def test_recordings_are_heard_in_wideband_and_the_rest_is_spoken(tmp_path: Path) -> None:
    """ "Please hold" is recorded whole; of "You are number one in the queue." all but "one"."""
    english = tmp_path / "clips" / "en"
    recordings = {
        "hold": record(english / "messages" / f"{SystemMessage.PLEASE_HOLD.value}.wav", 1, 2.0),
        "you are number": record(english / "you-are-number.wav", 2, 1.5),
        "in the queue": record(english / "in-the-queue.wav", 3, 1.5),
    }
    assert language("en").position(1) == "You are number one in the queue."
    async with (
        Sipp("uas_ring", service="anna") as anna,
        open_office(
            tmp_path,
            {"anna": anna.uri},
            'position_every_s = 5\nqueue_cap = 1\n[speech]\nclips = "clips"',
            codecs='["G722", "PCMA"]',
            clock_rate_hz=str(WIDE_HZ),
        ) as office,
        RtpPhone() as phone,
        datagrams(office.target) as wire,
    ):
        call = Call(wire, office.target)
        call.uri = f"sip:1000@{office.target}"
        await call.set_up(body=sdp(phone.address, "a=rtpmap:9 G722/8000", formats=str(G722)))
        await phone.packets(round(11.0 / 0.02), timeout_s=30)
        heard = heard_by(phone)
        await call.hang_up()
    rendered = sorted((tmp_path / "data" / "sounds").glob("*.wav"))
    rates_hz = await asyncio.to_thread(lambda: {wave_rate_hz(file) for file in rendered})
    assert rates_hz == {WIDE_HZ}
    narrow = {name: at_rate(samples / 32768, WIDE_HZ, 8000) for name, samples in recordings.items()}
    # A sound that begins between two samples of 8 kHz is a little unlike itself at that rate.
    runs = stretches(find(at_rate(heard, WIDE_HZ, 8000), narrow, 0.1), 0.75)
    assert in_turn(runs) == ["hold", "you are number", "in the queue"]
    number, queue = runs[1], runs[2]
    spoken_s = queue.origin_s - (number.origin_s + 1.5)
    assert 0.1 < spoken_s < 1.0  # "one", between two short silences
    begins = round((number.origin_s + 1.5) * WIDE_HZ)
    word = heard[begins : begins + round(spoken_s * WIDE_HZ)]
    assert np.sqrt(np.mean(word**2)) > 0.01
    for run in runs:
        sent = recordings[run.name] / 32768
        received = heard[max(0, round(run.origin_s * WIDE_HZ)) :][: len(sent)]
        expected = share_above(sent, WIDE_HZ, 4100)
        assert expected > -30  # there is something to be heard up there
        assert share_above(received, WIDE_HZ, 4100) == pytest.approx(expected, abs=3)


def wave_rate_hz(path: Path) -> int:
    with wave.open(str(path), "rb") as file:
        return file.getframerate()
