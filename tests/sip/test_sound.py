"""What a phone hears and says: tones in files, found again in the RTP that a peer received."""

from __future__ import annotations

import itertools
import re
import wave
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import attrs
import numpy as np
import pytest
from numpy.typing import NDArray

from softswitch.errors import MisuseError
from softswitch.sip import SipTelephony
from softswitch.telephony import Answered, DigitMethod, DigitPressed, Leg, MediaReady, PlaybackEnded
from softswitch.testing.peers.rtp import RtpPhone
from softswitch.testing.peers.sipp import Sipp
from softswitch.testing.peers.tones import sine, tone_spans
from tests.sip.observing import Door, Observer, running
from tests.sip.wire import Call, datagrams, sdp

pytestmark = pytest.mark.asyncio

FRAME_S = 0.020


def tone_file(path: Path, *pieces: NDArray[np.int16]) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(np.concatenate(pieces).astype("<i2").tobytes())
    return path


def level(phone: RtpPhone, hz: float) -> float:
    """Root mean square of the middle of the first stretch in which a tone is heard."""
    samples = phone.ear.samples()
    span = tone_spans(samples, hz)[0]
    edge = (span.end - span.start) // 4
    return float(np.sqrt(np.mean(samples[span.start + edge : span.end - edge].astype(float) ** 2)))


@attrs.frozen
class Party:
    """One phone in a call: our leg to it, what the leg reported, its ear and mouth."""

    leg: Leg
    heard: Observer
    phone: RtpPhone
    sipp: Sipp


@asynccontextmanager
async def caller(network: SipTelephony, door: Door, service: str = "1000") -> AsyncIterator[Party]:
    """A phone that called us, answered."""
    async with (
        RtpPhone() as phone,
        Sipp(
            "uac_call_stay", target=network.addresses[0], service=service, rtp=phone.address
        ) as sipp,
    ):
        leg, heard = await door.next()
        leg.answer()
        await heard.next(MediaReady)
        await phone.first_packet()
        yield Party(leg, heard, phone, sipp)
        await sipp.message("ACK")  # SIPp is not ready for a BYE on its heels
        leg.hang_up()
        await sipp.finished()


async def test_a_file_is_heard_whole_and_its_end_is_told(tmp_path: Path) -> None:
    file = tone_file(tmp_path / "a.wav", sine(440, 0.4), sine(880, 0.4))
    async with running() as network, caller(network, Door(network)) as party:
        playback = party.leg.play([file])
        ended = await party.heard.next(PlaybackEnded)
        await party.phone.hears(880)
        low, high = party.phone.ear.tone(440), party.phone.ear.tone(880)
    assert ended.playback_id == playback.id
    assert [round(span.end_s - span.start_s, 1) for span in (*low, *high)] == [0.4, 0.4]
    assert high[0].start_s == pytest.approx(low[0].end_s, abs=FRAME_S)


async def test_files_follow_one_another(tmp_path: Path) -> None:
    files = [tone_file(tmp_path / f"{hz}.wav", sine(hz, 0.3)) for hz in (500, 700, 900)]
    async with running() as network, caller(network, Door(network)) as party:
        party.leg.play(files)
        await party.heard.next(PlaybackEnded)
        spans = [party.phone.ear.tone(hz)[0] for hz in (500, 700, 900)]
    assert [round(span.end_s - span.start_s, 1) for span in spans] == [0.3, 0.3, 0.3]
    for before, after in itertools.pairwise(spans):
        assert 0.0 <= after.start_s - before.end_s + FRAME_S < 0.08


async def test_a_paused_file_goes_on_where_it_stopped(tmp_path: Path) -> None:
    steps = [sine(hz, 0.5) for hz in (400, 600, 800, 1000)]
    music = tone_file(tmp_path / "music.wav", *steps)
    prompt = tone_file(tmp_path / "prompt.wav", sine(1500, 0.3))
    async with running() as network, caller(network, Door(network)) as party:
        playback = party.leg.play([music])
        await party.phone.hears(600)
        playback.pause()
        party.leg.play([prompt])
        await party.heard.next(PlaybackEnded)
        playback.resume()
        await party.heard.next(PlaybackEnded, nth=2)
        lengths = {
            hz: sum(span.end_s - span.start_s for span in party.phone.ear.tone(hz))
            for hz in (400, 600, 800, 1000, 1500)
        }
    assert lengths[1500] == pytest.approx(0.3, abs=2 * FRAME_S)
    for hz in (400, 600, 800, 1000):
        assert lengths[hz] == pytest.approx(0.5, abs=3 * FRAME_S), hz


async def test_seek_loop_and_level(tmp_path: Path) -> None:
    file = tone_file(tmp_path / "a.wav", sine(400, 1.0), sine(800, 0.3))
    async with running() as network, caller(network, Door(network)) as party:
        playback = party.leg.play([file], loop=True, gain_db=-6.0)
        await party.phone.hears(400)
        assert 0.0 < playback.position_s < 1.0
        playback.seek(1.0)
        await party.phone.hears(800)
        loud = level(party.phone, 800)
        playback.seek(0.0)
        playback.level(-26.0)
        count = len(party.phone.ear.packets)
        await party.phone.packets(count + 25)
        quiet = np.sqrt(np.mean(party.phone.ear.samples(last_s=0.1).astype(float) ** 2))
        playback.stop()
        assert party.heard.all(PlaybackEnded) == []
    peak = 32767 * 10 ** (-12 / 20) * 10 ** (-6 / 20)
    assert loud == pytest.approx(peak / np.sqrt(2), rel=0.05)
    assert quiet == pytest.approx(loud / 10, rel=0.15)


async def test_a_tone_is_played_and_ends() -> None:
    async with running() as network, caller(network, Door(network)) as party:
        party.leg.play_tone([425.0], on_ms=200, off_ms=200, repeat=2)
        await party.heard.next(PlaybackEnded)
        spans = party.phone.ear.tone(425)
    assert [round(span.end_s - span.start_s, 1) for span in spans] == [0.2, 0.2]


async def test_sound_is_heard_before_the_answer_where_early_media_was_opened() -> None:
    async with running() as network, RtpPhone() as phone:
        door = Door(network)
        async with Sipp("uac_call", target=network.addresses[0], rtp=phone.address) as sipp:
            leg, heard = await door.next()
            leg.ring(early_media=True)
            await heard.next(MediaReady)
            leg.play_tone([425.0], on_ms=300)
            tone = await phone.hears(425)
            leg.answer()
            answer = await sipp.message(200, cseq="INVITE")
            progress = await sipp.message(183)
            await sipp.finished()
    assert "m=audio" in progress.body
    assert tone.start_ns < answer.at_ns


async def test_bridged_phones_hear_each_other_within_60_ms_of_the_answer() -> None:
    async with running() as network:
        door = Door(network)
        async with caller(network, door) as customer, RtpPhone() as agent_phone:
            customer.phone.say(sine(700, 1.0), forever=True)
            async with Sipp("uas_answer", rtp=agent_phone.address, ring_ms=50) as agent:
                heard = Observer()
                leg = network.dial(agent.uri, listener=heard)
                leg.bridge(customer.leg)
                await heard.next(Answered)
                await agent_phone.first_packet()
                agent_phone.say(sine(1100, 1.0), forever=True)
                to_agent = await agent_phone.hears(700)
                await customer.phone.hears(1100)
                answered = await agent.message(200, cseq="INVITE")
                leg.hang_up()
                await agent.finished()
    assert (to_agent.start_ns - answered.at_ns) / 1e6 < 60.0


async def test_taken_apart_they_hear_nothing() -> None:
    async with running() as network:
        door = Door(network)
        async with caller(network, door) as one, caller(network, door) as other:
            one.leg.bridge(other.leg)
            one.phone.say(sine(700, 1.0), forever=True)
            await other.phone.hears(700)
            one.leg.unbridge(other.leg)
            count = len(other.phone.ear.packets)
            await other.phone.packets(count + 30)
            last = other.phone.ear.samples(last_s=0.3)
    assert np.abs(last).max() < 50


@pytest.mark.parametrize("method", [DigitMethod.RFC4733, DigitMethod.INFO])
async def test_keys_are_received(method: DigitMethod) -> None:
    keys = "1590*#"
    async with running() as network:
        door = Door(network)
        if method is DigitMethod.RFC4733:
            async with caller(network, door) as party:
                await party.phone.first_packet()
                party.phone.press(keys)
                last = await party.heard.next(DigitPressed, nth=len(keys))
                pressed = party.heard.all(DigitPressed)
        else:
            target = network.addresses[0]
            async with Sipp("uac_dtmf_info", target=target, digits=keys) as sipp:
                leg, heard = await door.next()
                leg.answer()
                last = await heard.next(DigitPressed, nth=len(keys))
                pressed = heard.all(DigitPressed)
                await sipp.finished()
    assert "".join(event.digit for event in pressed) == keys
    assert {event.method for event in pressed} == {method}
    assert last.digit == "#"


async def test_keys_are_sent_by_rfc4733() -> None:
    async with running() as network, caller(network, Door(network)) as party:
        await party.phone.first_packet()
        party.leg.send_digits("42#")
        assert await party.phone.digits(3) == "42#"


async def test_keys_are_sent_by_info() -> None:
    async with running() as network, datagrams(network.addresses[0]) as wire:
        door = Door(network)
        call = Call(wire, network.addresses[0])
        call.send("INVITE", body=sdp())
        leg, heard = await door.next()
        leg.answer()
        call.joined(await wire.answer(200))
        call.send("ACK", cseq=1)
        await heard.next(Answered)
        leg.send_digits("4#", method=DigitMethod.INFO)
        sent = []
        for _ in "4#":
            sent.append(await wire.request("INFO"))
            wire.reply(sent[-1], 200)
        assert (await call.hang_up()).status == 200
    assert [re.findall(r"Signal= ?(.)", info.body) for info in sent] == [["4"], ["#"]]
    assert {info.header("Content-Type") for info in sent} == {"application/dtmf-relay"}


async def test_a_call_is_recorded_both_ways(tmp_path: Path) -> None:
    path = tmp_path / "call.wav"
    async with running() as network:
        door = Door(network)
        async with caller(network, door) as one, caller(network, door) as other:
            one.leg.bridge(other.leg)
            recording = one.leg.record(path, other=other.leg)
            one.phone.say(sine(700, 1.0), forever=True)
            other.phone.say(sine(1100, 1.0), forever=True)
            await other.phone.hears(700)
            await one.phone.hears(1100, least_s=0.4)
            recording.stop()
            recording.stop()
            await one.phone.packets(len(one.phone.ear.packets) + 10)
    with wave.open(str(path)) as file:
        assert (file.getframerate(), file.getnchannels()) == (8000, 1)
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(float)
    spectrum = np.abs(np.fft.rfft(samples[-3200:]))
    loudest = np.argsort(spectrum)[-2:] * 8000 / 3200
    assert sorted(loudest) == [700.0, 1100.0]


async def test_statistics_count_what_was_sent_and_received() -> None:
    async with running() as network, caller(network, Door(network)) as party:
        await party.phone.first_packet()
        party.phone.say(sine(700, 0.5), forever=True)
        party.leg.play_tone([425.0], on_ms=1000)
        await party.phone.hears(425, least_s=0.5)
        now = party.leg.statistics()
        party.phone.hush()
        sent = party.phone.packets_sent
        leg = party.leg
    last = leg.statistics()
    assert now.codec == "PCMA/8000"
    assert abs(last.received_packets - sent) <= 2
    assert last.sent_packets >= now.sent_packets > 20
    assert last.lost_packets == 0
    assert now.mos == pytest.approx(4.41, abs=0.02)


async def test_what_cannot_be_played_is_refused(tmp_path: Path) -> None:
    text = tmp_path / "no.wav"
    text.write_text("this is not sound")
    async with running() as network, caller(network, Door(network)) as party:
        for files in ([], [tmp_path / "missing.wav"], [text]):
            with pytest.raises(MisuseError):
                party.leg.play(files)
        for tone in ([], [0.0], [1.0, 2.0, 3.0]):
            with pytest.raises(MisuseError):
                party.leg.play_tone(tone, on_ms=100)
        with pytest.raises(MisuseError):
            party.leg.record(tmp_path / "no" / "folder.wav")
        with pytest.raises(MisuseError):
            party.leg.send_digits("12x")


async def test_a_thousand_short_sounds_leave_nothing_behind(tmp_path: Path) -> None:
    file = tone_file(tmp_path / "a.wav", sine(440, 0.02))
    async with running() as network, caller(network, Door(network)) as party:
        for _ in range(1000):
            party.leg.play([file]).stop()
        assert network.studio.wiring.sources(party.leg) == []  # type: ignore[arg-type]
        party.leg.play([file])
        await party.heard.next(PlaybackEnded)
