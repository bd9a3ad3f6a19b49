"""Simulated telephony against the contract in `softswitch.telephony`, without a switch."""

from __future__ import annotations

import asyncio
import wave
from collections.abc import Callable
from pathlib import Path

import pytest

from softswitch.errors import CallEndedError, CapacityError, MisuseError
from softswitch.telephony import (
    COMPLETED_ELSEWHERE,
    Answered,
    DigitPressed,
    Ended,
    EndedBy,
    EndReason,
    HeldByPeer,
    Identity,
    Leg,
    LegEvent,
    LegState,
    PlaybackEnded,
    ResumedByPeer,
    Ringing,
)
from softswitch.testing import Rang, RingingStopped, SimulatedTelephony, Talked

pytestmark = pytest.mark.virtual_time


class Ear:
    """Notes what a leg tells, and when."""

    def __init__(self) -> None:
        self.told: list[tuple[float, LegEvent]] = []

    def __call__(self, event: LegEvent) -> None:
        self.told.append((asyncio.get_running_loop().time(), event))

    def times(self, kind: type[LegEvent]) -> list[float]:
        return [at for at, event in self.told if isinstance(event, kind)]

    @property
    def ended(self) -> Ended:
        (ended,) = [event for _, event in self.told if isinstance(event, Ended)]
        assert self.told[-1][1] is ended
        return ended


async def opened(**settings: float) -> tuple[SimulatedTelephony, list[Leg]]:
    network = SimulatedTelephony(**settings)
    arrived: list[Leg] = []
    network.on_incoming(arrived.append)
    await network.start()
    return network, arrived


async def incoming(network: SimulatedTelephony, arrived: list[Leg], **habits: float):
    call = network.call("1000", caller="+451", **habits)
    await asyncio.sleep(0)
    return call, arrived[-1]


@pytest.fixture
def file(tmp_path: Path) -> Callable[[str, float], Path]:
    def make(name: str, length_s: float) -> Path:
        path = tmp_path / name
        with path.open("wb") as raw, wave.open(raw) as writer:
            writer.setparams((1, 2, 8000, 0, "NONE", ""))
            writer.writeframes(bytes(2 * round(length_s * 8000)))
        return path

    return make


async def test_a_phone_rings_answers_and_hangs_up():
    network, _ = await opened()
    phone = network.phone("sip:a@b", answers_after_s=3, hangs_up_after_s=5)
    ear = Ear()
    network.dial("sip:a@b", listener=ear, caller=Identity(uri="sip:1@x", number="1"))
    await asyncio.sleep(20)
    assert ear.times(Ringing) == [0.0]
    assert ear.times(Answered) == [3.0]
    assert ear.times(Ended) == [8.0]
    assert (ear.ended.by, ear.ended.why, ear.ended.status) == (
        EndedBy.PEER,
        EndReason.NORMAL,
        200,
    )
    assert phone.rang == [Rang(caller="1", from_s=0.0, to_s=3.0, stopped=RingingStopped.ANSWERED)]
    assert network.legs == 0


@pytest.mark.parametrize(
    ("habits", "at", "by", "why", "status"),
    [
        ({"refuses_with": 486}, 0.0, EndedBy.PEER, EndReason.BUSY, 486),
        (
            {"refuses_with": 603, "refuses_after_s": 4},
            4.0,
            EndedBy.PEER,
            EndReason.REJECTED,
            603,
        ),
        ({}, 15.0, EndedBy.US, EndReason.NO_ANSWER, 408),
        ({"present": False}, 15.0, EndedBy.US, EndReason.NO_ANSWER, 408),
    ],
)
async def test_ways_not_to_answer(
    habits: dict[str, float], at: float, by: EndedBy, why: EndReason, status: int
):
    network, _ = await opened()
    network.phone("sip:a@b", **habits)
    ear = Ear()
    network.dial("sip:a@b", listener=ear, ring_time_s=15)
    await asyncio.sleep(60)
    assert ear.times(Ended) == [at]
    assert (ear.ended.by, ear.ended.why, ear.ended.status) == (by, why, status)


async def test_nobody_lives_at_an_unknown_address():
    network, _ = await opened()
    ear = Ear()
    network.dial("sip:nobody@b", listener=ear)
    await asyncio.sleep(1)
    assert ear.ended.why is EndReason.UNREACHABLE


async def test_a_phone_with_one_line_is_busy_to_the_second_caller():
    network, _ = await opened()
    network.phone("sip:a@b", answers_after_s=1)
    first, second = Ear(), Ear()
    network.dial("sip:a@b", listener=first)
    network.dial("sip:a@b", listener=second)
    await asyncio.sleep(2)
    assert first.times(Answered) == [1.0]
    assert second.ended.why is EndReason.BUSY


async def test_cancel_carries_its_reason_to_the_phone():
    network, _ = await opened()
    phone = network.phone("sip:a@b")
    ear = Ear()
    leg = network.dial("sip:a@b", listener=ear)
    await asyncio.sleep(2)
    leg.hang_up(COMPLETED_ELSEWHERE)
    leg.hang_up()
    await asyncio.sleep(1)
    assert phone.rang[0].reason == COMPLETED_ELSEWHERE
    assert ear.ended.why is EndReason.COMPLETED_ELSEWHERE
    with pytest.raises(CallEndedError):
        leg.play([])


async def test_an_incoming_leg_is_rung_answered_and_hung_up():
    network, arrived = await opened()
    call, leg = await incoming(network, arrived)
    assert (leg.state, leg.remote.number, leg.dialled.number) == (LegState.NEW, "+451", "1000")
    leg.ring()
    leg.answer()
    await asyncio.sleep(5)
    leg.hang_up()
    log = await call.until_ended()
    assert (log.ringing_heard, log.answered_at, log.ended_at, log.status) == (True, 0.0, 5.0, 200)


async def test_an_incoming_leg_is_refused():
    network, arrived = await opened()
    call, leg = await incoming(network, arrived)
    leg.reject(486, retry_after_s=7)
    log = await call.until_ended()
    assert (log.status, call.retry_after_s) == (486, 7)
    with pytest.raises(CallEndedError):
        leg.answer()


async def test_nothing_is_heard_before_the_answer_without_early_media(
    file: Callable[[str, float], Path],
):
    network, arrived = await opened()
    call, leg = await incoming(network, arrived)
    with pytest.raises(MisuseError):
        leg.play([file("a.wav", 1)])
    leg.ring(early_media=True)
    leg.play([file("a.wav", 1)])
    await asyncio.sleep(2)
    assert call.log.heard[0].length_s == 1.0
    call.hang_up()


async def test_files_follow_each_other_and_the_end_is_told_once(
    file: Callable[[str, float], Path],
):
    network, arrived = await opened()
    call, leg = await incoming(network, arrived)
    ear = Ear()
    leg.listen(ear)
    leg.answer()
    playback = leg.play([file("a.wav", 2), file("b.wav", 3)])
    await asyncio.sleep(10)
    assert [(h.file.name, h.from_s, h.to_s) for h in call.log.heard] == [
        ("a.wav", 0.0, 2.0),
        ("b.wav", 2.0, 5.0),
    ]
    assert ear.times(PlaybackEnded) == [5.0]
    playback.stop()
    call.hang_up()


async def test_pause_resume_seek_and_stop(file: Callable[[str, float], Path]):
    network, arrived = await opened()
    call, leg = await incoming(network, arrived)
    ear = Ear()
    leg.listen(ear)
    leg.answer()
    playback = leg.play([file("a.wav", 60)])
    await asyncio.sleep(10)
    playback.pause()
    assert playback.position_s == 10.0
    await asyncio.sleep(5)
    playback.resume()
    await asyncio.sleep(10)
    playback.seek(50)
    await asyncio.sleep(4)
    playback.stop()
    playback.resume()
    await asyncio.sleep(60)
    stretches = [(h.from_s, h.to_s, h.offset_s) for h in call.log.heard]
    assert stretches == [(0.0, 10.0, 0.0), (15.0, 25.0, 10.0), (25.0, 29.0, 50.0)]
    assert ear.times(PlaybackEnded) == []
    call.hang_up()


async def test_a_loop_goes_on_until_the_call_ends(file: Callable[[str, float], Path]):
    network, arrived = await opened()
    call, leg = await incoming(network, arrived, hangs_up_after_s=5)
    leg.answer()
    leg.play([file("a.wav", 2)], loop=True)
    log = await call.until_ended()
    assert [(h.from_s, h.to_s) for h in log.heard] == [(0.0, 2.0), (2.0, 4.0), (4.0, 5.0)]


async def test_tones_last_as_long_as_their_cycles():
    network, arrived = await opened()
    call, leg = await incoming(network, arrived)
    leg.answer()
    leg.play_tone([425], on_ms=200, off_ms=300, repeat=4)
    await asyncio.sleep(10)
    (tone,) = call.log.heard
    assert (tone.tone_hz, tone.length_s) == ((425,), 2.0)
    call.hang_up()


async def test_two_legs_talk_until_they_are_parted():
    network, arrived = await opened()
    call, leg = await incoming(network, arrived)
    phone = network.phone("sip:a@b", answers_after_s=0)
    other = network.dial("sip:a@b", listener=Ear())
    leg.answer()
    await asyncio.sleep(1)
    leg.bridge(other)
    leg.bridge(other)
    await asyncio.sleep(4)
    leg.unbridge(other)
    leg.unbridge(other)
    await asyncio.sleep(1)
    other.bridge(leg)
    await asyncio.sleep(1)
    call.hang_up()
    expected = [(1.0, 5.0), (6.0, 7.0)]
    assert call.log.talked == [Talked(other="sip:a@b", from_s=a, to_s=b) for a, b in expected]
    assert phone.call.log.talked == [Talked(other="+451", from_s=a, to_s=b) for a, b in expected]
    phone.call.hang_up()


async def test_keys_hold_and_resume_are_told():
    network, arrived = await opened()
    call, leg = await incoming(network, arrived, presses=((2, "1#"),))
    ear = Ear()
    leg.listen(ear)
    leg.answer()
    await asyncio.sleep(3)
    call.hold()
    call.resume()
    await asyncio.sleep(1)
    digits = [event.digit for _, event in ear.told if isinstance(event, DigitPressed)]
    assert (digits, ear.times(DigitPressed)) == (["1", "#"], [2.0, 2.0])
    assert (ear.times(HeldByPeer), ear.times(ResumedByPeer)) == ([3.0], [3.0])
    call.hang_up()


async def test_a_phone_that_vanishes_is_noticed_later():
    network, arrived = await opened(media_timeout_s=20)
    call, leg = await incoming(network, arrived, hangs_up_after_s=10)
    ear = Ear()
    leg.listen(ear)
    leg.answer()
    await asyncio.sleep(5)
    call.vanish()
    await asyncio.sleep(60)
    assert ear.times(Ended) == [25.0]
    assert (ear.ended.by, ear.ended.why) == (EndedBy.NETWORK, EndReason.MEDIA_LOST)


async def test_capacity_counts_both_ways():
    network, arrived = await opened(capacity=2)
    network.phone("sip:a@b")
    _, leg = await incoming(network, arrived)
    network.dial("sip:a@b", listener=Ear())
    with pytest.raises(CapacityError):
        network.dial("sip:a@b", listener=Ear())
    refused = await network.call("1000").until_ended()
    assert (refused.status, len(arrived)) == (503, 1)
    leg.hang_up()
    await network.stop()


async def test_draining_waits_for_the_last_call():
    network, arrived = await opened()
    _, leg = await incoming(network, arrived, hangs_up_after_s=12)
    leg.answer()
    await network.drain(timeout_s=100)
    assert asyncio.get_running_loop().time() == 12.0
    assert (await network.call("1000").until_ended()).status == 503


async def test_recordings_are_valid_files_that_tell_who_and_when(tmp_path: Path):
    network, arrived = await opened()
    call, leg = await incoming(network, arrived, hangs_up_after_s=9)
    leg.answer()
    await asyncio.sleep(2)
    leg.record(tmp_path / "said.wav")
    await call.until_ended()
    (recorded,) = network.recordings
    assert (recorded.parties, recorded.from_s, recorded.to_s) == (("+451",), 2.0, 9.0)
    with wave.open(str(recorded.path)) as sound:
        assert (sound.getnchannels(), sound.getframerate()) == (1, 8000)
