"""What callers receive over RTP, against what was to be heard: by place, by time, by codec.

Each caller writes its own SIP and takes the packets as they come. They are decoded by
implementations that are not the switch's: by definition for G.711, spandsp for G.722, libopus.
With ``SOFTSWITCH_SOAK`` set the schedule is the one of every day, a message each 30 s in music of
two minutes, and takes as long; else it is five seconds.
"""

from __future__ import annotations

import asyncio
import os
import wave
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import groupby
from pathlib import Path

import attrs
import numpy as np
import pytest
from numpy.typing import NDArray

from softswitch.prompts import SoundStore, SystemMessage
from softswitch.prompts.library import OFFICE, SoundKind
from softswitch.switch.sound_desk import SoundDesk
from softswitch.testing.peers import g711
from softswitch.testing.peers.rtp import RtpPhone
from softswitch.testing.peers.sipp import Sipp
from softswitch.testing.peers.tones import sine
from tests.office.hearing import (
    RATE_HZ,
    Interruption,
    Sound,
    at_rate,
    find,
    in_turn,
    interruptions,
    melody,
    read,
    share_above,
    stretches,
)
from tests.office.real_office import Office, open_office
from tests.sip.decoding import DECODERS
from tests.sip.wire import Call, datagrams, sdp

SOAK = bool(os.environ.get("SOFTSWITCH_SOAK"))
EVERY_S = 30.0 if SOAK else 5.0
STRETCHES = 4 if SOAK else 3
BRIDGE_HZ = 16_000

TONES = {"low": (500.0, 2.1), "middle": (800.0, 3.3), "high": (1300.0, 2.7)}
"""Music of another group: what each file sounds like, and for how many seconds."""

OTHER_GROUP = """
[groups.other]
number = "2000"
members = ["anna"]
"""

pytestmark = [pytest.mark.asyncio, pytest.mark.timeout(400 if SOAK else 60)]


@attrs.frozen
class Codec:
    """A codec as SDP and RTP have it, and how like the original it has to be."""

    number: int
    rtpmap: str
    rate_hz: int
    least: float
    median: float

    def decoded(self, payloads: list[bytes]) -> Sound:
        if self.number in g711.DECODE:
            samples: NDArray[np.int16] = g711.decode(self.number, b"".join(payloads))
        else:
            samples = DECODERS[self.rtpmap.partition("/")[0]](payloads)
        return samples / 32768


CODECS = (
    Codec(0, "PCMU/8000", 8000, 0.9, 0.98),
    Codec(8, "PCMA/8000", 8000, 0.9, 0.98),
    Codec(9, "G722/8000", 16_000, 0.9, 0.98),
    Codec(98, "opus/48000/2", 48_000, 0.65, 0.8),  # speech is modelled, not traced
)


@attrs.frozen
class Caller:
    """A call in the queue, and its ear."""

    codec: Codec
    phone: RtpPhone

    def heard(self, rate_hz: int = RATE_HZ) -> Sound:
        """Everything until now; nothing may have been lost on the way."""
        assert self.phone.ear.reception.lost == 0
        packets = [p for p in self.phone.ear.packets if p.payload_type == self.codec.number]
        samples = self.codec.decoded([packet.payload for packet in packets])
        return at_rate(samples, self.codec.rate_hz, rate_hz)


@asynccontextmanager
async def calling(office: Office, codec: Codec, number: str = "1000") -> AsyncIterator[Caller]:
    async with RtpPhone() as phone, datagrams(office.target) as wire:
        lines = (f"a=rtpmap:{codec.number} {codec.rtpmap}", "a=ptime:20")
        call = Call(wire, office.target)
        call.uri = f"sip:{number}@{office.target}"
        await call.set_up(body=sdp(phone.address, *lines, formats=str(codec.number)))
        yield Caller(codec, phone)
        await call.hang_up()


def write_sound(path: Path, samples: NDArray[np.int16], rate_hz: int) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, rate_hz, 0, "NONE", ""))
        file.writeframes(samples.astype("<i2").tobytes())
    return path


async def make_list(desk: SoundDesk, owner: str, files: Mapping[str, Path]) -> None:
    """Let these files be the music of a group."""
    for name, file in files.items():
        await desk.change(lambda lib, n=name, f=file: lib.add(n, f, SoundKind.MUSIC))
    await desk.change(lambda library: library.set_playlist("ours", files, owner))
    await desk.change(lambda library: library.activate_playlist("ours", owner))


@asynccontextmanager
async def waiting_room(
    folder: Path, *, sounds: SoundStore, every_s: float
) -> AsyncIterator[Office]:
    """An office in which everybody waits: the only phone rings and rings."""
    async with (
        Sipp("uas_ring", service="anna", calls=20, timeout_s=400) as anna,
        open_office(
            folder,
            {"anna": anna.uri},
            f"position_every_s = {every_s}\n{OTHER_GROUP}\nposition_every_s = {every_s}",
            codecs='["PCMU", "PCMA", "G722", "opus"]',
            sounds=sounds,
            clock_rate_hz=str(sounds.rate_hz),
            media_timeout_s="0",
        ) as office,
    ):
        yield office


async def test_stretches_of_music_by_codec_and_by_time(tmp_path: Path) -> None:
    """Music of four stretches is heard in four, each taken up where the last one stopped."""
    length_s = STRETCHES * EVERY_S
    store = SoundStore(tmp_path / "sounds", BRIDGE_HZ)
    async with waiting_room(tmp_path, sounds=store, every_s=EVERY_S) as office:
        desk = office.switch.sounds
        notes = melody(1, length_s, BRIDGE_HZ)
        music = await asyncio.to_thread(write_sound, tmp_path / "melody.wav", notes, BRIDGE_HZ)
        await make_list(desk, OFFICE, {"melody": music})
        tones = {
            name: await asyncio.to_thread(
                write_sound, tmp_path / f"{name}.wav", sine(hz, seconds, -14.0), RATE_HZ
            )
            for name, (hz, seconds) in TONES.items()
        }
        await make_list(desk, "other", tones)
        files = {
            "hold": await asyncio.to_thread(store.system, SystemMessage.PLEASE_HOLD, "en"),
            "music": await desk.sound("melody"),
        }
        for place in range(1, len(CODECS) + 1):
            files[f"number {place}"] = await asyncio.to_thread(store.position, place, "en")
        async with AsyncExitStack() as stack:
            callers = [await stack.enter_async_context(calling(office, codec)) for codec in CODECS]
            other = await stack.enter_async_context(calling(office, CODECS[1], "2000"))
            messages_s = 1.5 + STRETCHES * 1.8
            packets = round((length_s + messages_s) / 0.02)
            for caller in callers:
                await caller.phone.packets(packets, timeout_s=length_s + messages_s + 30)
            check_order(other)
            for place, caller in enumerate(callers, start=1):
                await asyncio.to_thread(check_caller, caller, files, f"number {place}")


def check_order(caller: Caller) -> None:
    """Files come whole, through messages in their midst, and once in each round."""
    spans = sorted(
        (span.start_s, span.end_s, name)
        for name, (hz, _) in TONES.items()
        for span in caller.phone.ear.tone(hz, share=0.8, least_s=0.1)
    )
    played = [(name, list(each)) for name, each in groupby(spans, key=lambda span: span[2])]
    names = [name for name, _ in played]
    for start in range(0, len(names) - len(TONES) + 1, len(TONES)):
        assert sorted(names[start : start + len(TONES)]) == sorted(TONES)
    assert len(names) > len(TONES)
    for name, parts in played[:-1]:  # the last one is still being played
        heard_s = sum(end_s - start_s for start_s, end_s, _ in parts)
        assert heard_s == pytest.approx(TONES[name][1], abs=0.1), names
    assert any(len(parts) > 1 for _, parts in played)  # a message stood in the midst of one


def check_caller(caller: Caller, files: dict[str, Path], number: str) -> None:
    codec, heard = caller.codec, caller.heard()
    sounds = {name: read(path) for name, path in files.items()}
    lengths_s = {name: len(sound) / RATE_HZ for name, sound in sounds.items()}
    runs = stretches(find(heard, sounds, 0.2), 0.6)
    assert (
        in_turn(runs)[: 2 * STRETCHES] == ["hold", *["music", number] * STRETCHES][: 2 * STRETCHES]
    )
    breaks = interruptions(runs, lengths_s)
    assert len(breaks) >= STRETCHES - 1
    for nth, one in enumerate(breaks[: STRETCHES - 1], start=1):
        assert one.message == number
        assert one.stopped_at_s == pytest.approx(nth * EVERY_S, abs=0.25), codec.rtpmap
        check_resumed(heard, one)
    for run in runs[: 2 * STRETCHES]:
        assert run.alike[1] >= codec.median, (codec.rtpmap, run)
        assert run.alike[0] >= codec.least, (codec.rtpmap, run)
    music = next(run for run in runs if run.name == "music")
    check_bandwidth(caller, files["music"], music.first_s, music.origin_s)
    check_clock(caller)


def check_resumed(heard: Sound, one: Interruption) -> None:
    """A moment after the message the music is at the place where it stopped, silent till then."""
    silence_s = one.place_again_s - one.over_s
    assert -0.01 <= silence_s <= 0.1
    between = heard[
        round((one.over_s + 0.008) * RATE_HZ) : round((one.place_again_s - 0.008) * RATE_HZ)
    ]
    music = heard[round(one.place_again_s * RATE_HZ) :][: RATE_HZ // 2]
    if len(between) > 40:
        assert np.sqrt(np.mean(between**2)) < 0.1 * np.sqrt(np.mean(music**2))


def check_bandwidth(caller: Caller, music: Path, first_s: float, origin_s: float) -> None:
    """What lies above 4 kHz comes through where the codec can carry it, and else does not."""
    heard, played = caller.heard(BRIDGE_HZ), read(music, BRIDGE_HZ)
    start, place = round(first_s * BRIDGE_HZ), round((first_s - origin_s) * BRIDGE_HZ)
    length = 3 * BRIDGE_HZ
    received = share_above(heard[start : start + length], BRIDGE_HZ, 4100)
    sent = share_above(played[place : place + length], BRIDGE_HZ, 4100)
    if caller.codec.rate_hz == 8000:
        assert received < sent - 15
    else:
        assert received == pytest.approx(sent, abs=3)


def check_clock(caller: Caller) -> None:
    """Packets came as time passed: the schedule of the samples is that of the clock."""
    packets = tuple(caller.phone.ear.packets)  # more of them come meanwhile
    arrivals_s = np.array([packet.arrival_ns for packet in packets]) / 1e9
    expected_s = 0.02 * np.arange(len(packets))
    drift_s = (arrivals_s - arrivals_s[0]) - expected_s
    assert abs(float(np.median(drift_s[-100:]))) < 0.25


async def test_the_supplied_music_arrives_as_it_was_rendered(
    tmp_path: Path, sounds_8k: SoundStore
) -> None:
    """The default list, at the rate of telephone sound, without a position in between."""
    async with (
        waiting_room(tmp_path, sounds=sounds_8k, every_s=0) as office,
        AsyncExitStack() as stack,
    ):
        callers = [await stack.enter_async_context(calling(office, codec)) for codec in CODECS]
        for caller in callers:
            await caller.phone.packets(250, timeout_s=20)
        files = await asyncio.to_thread(sounds_8k.default_music)
        sounds = {path.stem: read(path) for path in files}
        for caller in callers:
            await asyncio.to_thread(check_music, caller, sounds)


def check_music(caller: Caller, sounds: dict[str, Sound]) -> None:
    """Three seconds in the midst of the music are of one piece."""
    found = find(caller.heard()[-3 * RATE_HZ :], sounds, 0.25)
    alike = [one.alike for one in found]
    assert len({one.name for one in found}) == 1
    assert min(alike) >= caller.codec.least, (caller.codec.rtpmap, alike)
    assert np.median(alike) >= caller.codec.median, (caller.codec.rtpmap, alike)
