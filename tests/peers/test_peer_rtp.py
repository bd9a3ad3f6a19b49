"""RTP phones and sinks against each other, on real sockets."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest

from softswitch.errors import MisuseError
from softswitch.testing.peers.mouth import Pacer
from softswitch.testing.peers.ports import is_free
from softswitch.testing.peers.rtp import RtpPhone
from softswitch.testing.peers.tones import sine

pytestmark = pytest.mark.asyncio


async def test_a_tone_is_heard_as_long_and_as_late_as_it_was_said() -> None:
    async with RtpPhone() as anna, RtpPhone(codec="PCMU") as bo:
        anna.remote = bo.address
        said = anna.say(np.concatenate([np.zeros(800, np.int16), sine(440, 0.3)]))
        await bo.packets(20)
        (heard,) = bo.ear.tone(440)
        assert said.started_ns is not None
        assert (heard.start_ns - said.started_ns) / 1e6 == pytest.approx(100, abs=15)
        assert heard.end_s - heard.start_s == pytest.approx(0.3, abs=0.01)
        assert bo.ear.reception.lost == 0
        assert bo.ear.payload_types == {8}


async def test_a_phone_answers_to_where_it_was_spoken_to_from() -> None:
    async with RtpPhone() as anna, RtpPhone(codec="PCMU") as bo:
        anna.remote = bo.address
        bo.say(sine(1000, 0.2))
        anna.say_nothing()
        await bo.first_packet()
        heard = await anna.hears(1000)
        assert bo.remote == anna.address
        assert heard.start_s == pytest.approx(0, abs=0.005)
        assert anna.ear.payload_types == {0}


async def test_keys_are_heard_in_order_and_the_sound_goes_on_behind_them() -> None:
    async with RtpPhone() as anna, RtpPhone() as bo:
        anna.remote = bo.address
        anna.press("1*#A", duration_s=0.06, gap_s=0.04)
        anna.say(sine(620, 0.1))
        await bo.hears(620)
        assert bo.ear.digits == "1*#A"
        assert await bo.digits(4) == "1*#A"
        events = [p for p in bo.ear.packets if p.payload_type == 101]
        assert [p.marker for p in events] == [True, *[False] * 4] * 4
        assert len({p.timestamp for p in events}) == 4
        assert bo.ear.reception.lost == 0


async def test_a_late_packet_does_not_shift_the_others() -> None:
    async with RtpPhone() as anna, RtpPhone() as bo:
        anna.remote = bo.address
        anna.say_nothing()
        await bo.packets(51)
        times = [p.arrival_ns for p in bo.ear.packets[:51]]
        assert (times[-1] - times[0]) / 1e9 == pytest.approx(1.0, abs=0.02)


async def test_hushed_it_sends_no_more_and_speaks_again_when_told() -> None:
    async with RtpPhone() as anna, RtpPhone() as bo:
        anna.remote = bo.address
        said = anna.say(sine(440, 30))
        await bo.hears(440)
        anna.hush()
        assert said.ended.is_set()
        anna.say(sine(1000, 0.1))
        await bo.hears(1000)
        assert bo.ear.tone(440)[0].end_s < 1


async def test_what_does_not_come_is_told_by_a_timeout() -> None:
    async with RtpPhone() as phone:
        with pytest.raises(TimeoutError):
            await phone.first_packet(timeout_s=0.02)
        with pytest.raises(TimeoutError):
            await phone.hears(440, timeout_s=0.02)


async def test_a_wav_file_is_said(tmp_path: Path) -> None:
    path = tmp_path / "tone.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(sine(440, 0.1).tobytes())
    async with RtpPhone() as anna, RtpPhone() as bo:
        anna.remote = bo.address
        anna.say_file(path, forever=True)
        await bo.hears(440, least_s=0.25)


async def test_a_wav_file_of_another_rate_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "fast.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 16000, 0, "NONE", ""))
        file.writeframes(bytes(320))
    async with RtpPhone() as phone:
        with pytest.raises(MisuseError, match="16000"):
            phone.say_file(path)


async def test_phones_may_share_a_pacer() -> None:
    with Pacer() as pacer:
        async with RtpPhone(pacer=pacer) as anna, RtpPhone(pacer=pacer) as bo:
            anna.remote, bo.remote = bo.address, anna.address
            anna.say(sine(440, 0.2))
            bo.say(sine(1000, 0.2))
            await bo.hears(440)
            await anna.hears(1000)


async def test_a_phone_on_ipv6() -> None:
    async with RtpPhone(host="::1") as anna, RtpPhone(host="::1") as bo:
        anna.remote = bo.address
        anna.say(sine(440, 0.1))
        await bo.hears(440)


async def test_the_port_is_given_back() -> None:
    async with RtpPhone() as phone:
        assert not is_free(*phone.address)
    assert is_free(*phone.address)
