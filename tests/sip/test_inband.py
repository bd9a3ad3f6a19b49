"""Keys as tones: heard in the sound of phones without RFC 4733, once each, and sent to them."""

from __future__ import annotations

import contextlib
import ctypes
import os
import wave
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import pairwise
from pathlib import Path

import attrs
import numpy as np
import pytest
from numpy.typing import NDArray

from softswitch.errors import MisuseError
from softswitch.sip import InbandKeys, SipTelephony
from softswitch.telephony import DigitMethod, DigitPressed, Ended, Leg, MediaReady
from softswitch.testing.peers.rtp import RtpPhone
from softswitch.testing.peers.sipp import Sipp
from softswitch_codecs.tones import dtmf
from tests.sip.eventless import eventless
from tests.sip.observing import Door, Observer, running
from tests.sip.wire import Call, datagrams, sdp

pytestmark = pytest.mark.asyncio

ALL_KEYS = "123A456B789C*0#D"
LOW_HZ, HIGH_HZ = (697, 770, 852, 941), (1209, 1336, 1477, 1633)
"""ITU-T Q.23: a row of the keypad has a low tone, a column a high one."""

EVENTS = "a=rtpmap:101 telephone-event/8000"
LATE_S = 1.0
"""No tone is heard so late after its beginning."""


def keys_of(heard: Observer, method: DigitMethod | None = None) -> str:
    pressed = heard.all(DigitPressed)
    return "".join(key.digit for key in pressed if method in (None, key.method))


def files_of_ears() -> list[os.stat_result]:
    """What is kept of what phones said: our descriptors of it, and PJSIP's."""
    found = []
    for descriptor in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # that of the listing itself
            if "softswitch keys" in str(descriptor.readlink()):
                found.append(descriptor.stat())
    return found


async def pass_by(phone: RtpPhone, seconds: float) -> None:
    """Let so much of a call go by, counted in packets that we send."""
    await phone.packets(len(phone.ear.packets) + round(seconds * 50), timeout_s=seconds + 5)


@attrs.frozen
class Line:
    """A call that we answered: our leg, what it tells, the phone's sound, its signalling."""

    leg: Leg
    heard: Observer
    phone: RtpPhone
    call: Call


@asynccontextmanager
async def line(network: SipTelephony, *, events: bool = False) -> AsyncIterator[Line]:
    """A phone that calls us, with RFC 4733 or without."""
    body = (EVENTS,) if events else ()
    async with RtpPhone() as phone, datagrams(network.addresses[0]) as wire:
        door, call = Door(network), Call(wire, wire.peer)
        call.send("INVITE", body=sdp(phone.address, *body, formats="8 101" if events else "8"))
        leg, heard = await door.next()
        leg.answer()
        call.joined(await wire.answer(200))
        call.send("ACK", cseq=1)
        await heard.next(MediaReady)
        await phone.first_packet()
        yield Line(leg, heard, phone, call)
        await call.hang_up()
        await heard.next(Ended)


@pytest.mark.parametrize(
    ("codec", "rate_hz"), [("PCMA", 8000), ("PCMU", 8000), ("PCMA", 16_000), ("PCMU", 48_000)]
)
async def test_every_key_is_heard(codec: str, rate_hz: int) -> None:
    async with (
        running(clock_rate_hz=rate_hz) as network,
        RtpPhone(codec=codec) as phone,
        Sipp(
            eventless("uac_call_stay", [codec]), target=network.addresses[0], rtp=phone.address
        ) as sipp,
    ):
        leg, heard = await Door(network).next()
        leg.answer()
        await phone.first_packet()
        phone.say(dtmf(ALL_KEYS, 8000, on_s=0.06, off_s=0.06))
        phone.say_nothing()
        await heard.next(DigitPressed, nth=16, timeout_s=10)
        offer = (await sipp.message("INVITE", sent=True)).body
        await sipp.message("ACK")
        leg.hang_up()
        await sipp.finished()
    assert "telephone-event" not in offer
    assert keys_of(heard, DigitMethod.INBAND) == keys_of(heard) == ALL_KEYS


async def test_a_phone_that_sends_nothing_between_keys() -> None:
    async with running() as network, line(network) as one:
        for key in "11":
            one.phone.say(dtmf(key, 8000, off_s=0.0))
            await pass_by(one.phone, 0.4)
        one.phone.say_nothing()
        await one.heard.next(DigitPressed, nth=2)
        await pass_by(one.phone, LATE_S)
    assert keys_of(one.heard) == "11"


async def test_a_long_press_is_one_key() -> None:
    async with running() as network, line(network) as one:
        one.phone.say(dtmf("6", 8000, on_s=1.0))
        one.phone.say(dtmf("2", 8000))
        one.phone.say_nothing()
        await one.heard.next(DigitPressed, nth=2)
    assert keys_of(one.heard) == "62"


async def test_phones_with_rfc_4733_are_not_listened_to() -> None:
    async with running() as network, line(network, events=True) as one:
        one.phone.say(dtmf("5", 8000))
        one.phone.press("7")
        one.phone.say_nothing()
        await one.heard.next(DigitPressed)
        await pass_by(one.phone, LATE_S)
        assert files_of_ears() == []
    assert [(key.digit, key.method) for key in one.heard.all(DigitPressed)] == [
        ("7", DigitMethod.RFC4733)
    ]


async def test_always_hears_tones_until_a_key_comes_otherwise() -> None:
    async with (
        running(inband_keys=InbandKeys.ALWAYS) as network,
        line(network, events=True) as one,
    ):
        one.phone.say(dtmf("12", 8000))
        one.phone.say_nothing()
        await one.heard.next(DigitPressed, nth=2)
        one.phone.hush()
        one.phone.press("3")
        one.phone.say(dtmf("3", 8000))  # the same press, left in the sound
        one.phone.say(dtmf("4", 8000))
        one.phone.say_nothing()
        await one.heard.next(DigitPressed, nth=3)
        await pass_by(one.phone, LATE_S)
    assert keys_of(one.heard, DigitMethod.INBAND) == "12"
    assert keys_of(one.heard, DigitMethod.RFC4733) == "3"
    assert keys_of(one.heard) == "123"


async def test_off_hears_nothing() -> None:
    async with running(inband_keys=InbandKeys.OFF) as network, line(network) as one:
        one.phone.say(dtmf("12", 8000))
        one.phone.say_nothing()
        await pass_by(one.phone, LATE_S)
        assert files_of_ears() == []
    assert keys_of(one.heard) == ""


async def test_a_key_that_comes_by_info_too_counts_once() -> None:
    async with running() as network, line(network) as one:
        one.phone.say(dtmf("55", 8000))
        one.phone.say_nothing()
        await one.heard.next(DigitPressed, nth=2)
        for key in "556":
            text = f"Signal={key}\r\nDuration=160\r\n"
            one.call.send("INFO", "Content-Type: application/dtmf-relay", body=text)
            await one.call.wire.answer(200, cseq="INFO")
        one.phone.hush()
        one.phone.say(dtmf("6", 8000))
        one.phone.say_nothing()
        await one.heard.next(DigitPressed, nth=3)
        await pass_by(one.phone, LATE_S)
    assert keys_of(one.heard, DigitMethod.INBAND) == "55"
    assert keys_of(one.heard, DigitMethod.INFO) == "6"


async def test_what_we_say_is_not_heard(tmp_path: Path) -> None:
    prompt = tmp_path / "prompt.wav"
    with wave.open(str(prompt), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(dtmf("147", 8000).tobytes())
    async with running() as network, line(network) as one, line(network) as other:
        one.phone.say_nothing()
        one.leg.play([prompt])
        other.leg.bridge(one.leg)
        await one.phone.hears(1209, share=0.2)
        other.phone.say(dtmf("8", 8000))
        other.phone.say_nothing()
        await one.phone.hears(1336, share=0.2)
        await other.heard.next(DigitPressed)
        await pass_by(one.phone, LATE_S)
        one.phone.hush()
        one.phone.say(dtmf("3", 8000))
        one.phone.say_nothing()
        await one.heard.next(DigitPressed)
    assert (keys_of(one.heard), keys_of(other.heard)) == ("3", "8")


async def test_nothing_that_was_said_is_kept() -> None:
    async with running() as network:
        async with line(network) as one:
            one.phone.say(dtmf("0" * 20, 8000))
            one.phone.say_nothing()
            await one.heard.next(DigitPressed, nth=20, timeout_s=10)
            kept = files_of_ears()
            assert len({file.st_ino for file in kept}) == 1
            assert {file.st_nlink for file in kept} == {0}  # no name: it cannot outlive us
            assert kept[0].st_size > 48_000
            assert kept[0].st_blocks * 512 <= 16_384
        async with line(network) as other:
            await pass_by(other.phone, 0.3)
            assert len({file.st_ino for file in files_of_ears()}) == 1
    assert files_of_ears() == []


async def test_each_leg_hears_its_own_keys() -> None:
    keys = ["1593", "2604", "7#*8", "AABB", "9", "0000"]
    async with running() as network:
        async with line(network) as cut_short:
            cut_short.phone.say(dtmf("D", 8000, on_s=5.0))
            await cut_short.heard.next(DigitPressed)
        async with AsyncExitStack() as stack:
            lines = [await stack.enter_async_context(line(network)) for _ in keys]
            for one, own in zip(lines, keys, strict=True):
                one.phone.say(dtmf(own, 8000))
                one.phone.say_nothing()
            for one, own in zip(lines, keys, strict=True):
                await one.heard.next(DigitPressed, nth=len(own))
            await pass_by(lines[0].phone, LATE_S)
    assert [keys_of(one.heard) for one in lines] == keys


async def test_a_phone_may_change_its_mind() -> None:
    async with running() as network, line(network) as one:
        for round_of, formats in enumerate(("8 101", "8"), start=2):
            lines = (EVENTS,) if "101" in formats else ()
            body = sdp(one.phone.address, *lines, formats=formats).replace(
                "1 1 IN", f"1 {round_of} IN"
            )
            one.call.send("INVITE", body=body)
            await one.call.wire.answer(200, cseq="INVITE")
            one.call.send("ACK", cseq=round_of)
            await one.heard.next(MediaReady, nth=round_of)
            await pass_by(one.phone, 0.2)
            one.phone.say(dtmf("4" if lines else "5", 8000))
            one.phone.say_nothing()
            await pass_by(one.phone, LATE_S)
            assert bool(files_of_ears()) is not bool(lines)
            one.phone.hush()
    assert keys_of(one.heard) == "5"


# Sending.


def power(sound: NDArray[np.float64], hz: float) -> float:
    """Goertzel's algorithm, written out, under a Hann window: amplitude squared of a frequency."""
    window = np.hanning(len(sound))
    turn = 2 * np.cos(2 * np.pi * hz / 8000)
    before = last = 0.0
    for sample in sound * window:
        before, last = last, sample + turn * last - before
    return float(4 * (last**2 + before**2 - turn * last * before) / window.sum() ** 2)


def presses(sound: NDArray[np.int16]) -> list[tuple[int, int]]:
    """First and last sample of each stretch of sound."""
    loud = np.abs(sound.astype(int)) > 500
    at = np.flatnonzero(loud)
    breaks = np.flatnonzero(np.diff(at) > 160)
    return list(zip(at[np.r_[0, breaks + 1]].tolist(), at[np.r_[breaks, -1]].tolist(), strict=True))


def keyed(tones: NDArray[np.float64]) -> tuple[str, list[float]]:
    """The key that two tones make, and the levels of all eight in dBFS, loudest first."""
    powers = {hz: power(tones, hz) for hz in LOW_HZ + HIGH_HZ}
    low, high = max(LOW_HZ, key=powers.__getitem__), max(HIGH_HZ, key=powers.__getitem__)
    key = "123A456B789C*0#D"[4 * LOW_HZ.index(low) + HIGH_HZ.index(high)]
    return key, sorted((float(10 * np.log10(p + 1e-12)) for p in powers.values()), reverse=True)


def spandsp_keys(samples: NDArray[np.int16]) -> str:
    """The keys that SpanDSP hears."""
    library = ctypes.CDLL("libspandsp.so.2")
    library.dtmf_rx_init.restype = ctypes.c_void_p
    state = ctypes.c_void_p(library.dtmf_rx_init(None, None, None))
    keys = ctypes.create_string_buffer(129)
    whole = np.ascontiguousarray(samples)
    library.dtmf_rx(state, whole.ctypes.data_as(ctypes.c_void_p), len(whole))
    count = library.dtmf_rx_get(state, keys, 128)
    library.dtmf_rx_free(state)
    return keys.raw[:count].decode()


async def test_keys_are_sent_as_tones() -> None:
    async with running() as network, line(network) as one:
        one.leg.send_digits(ALL_KEYS)
        one.leg.send_digits("42#")
        await pass_by(one.phone, 19 * 0.2 + 0.5)
        sound = one.phone.ear.samples()
    assert one.phone.ear.digits == ""
    assert spandsp_keys(sound) == ALL_KEYS + "42#"
    found = presses(sound)
    told = [keyed(sound[start:end] / 32768) for start, end in found]
    assert "".join(key for key, _ in told) == ALL_KEYS + "42#"
    for _, levels in told:
        assert levels[0] - levels[1] < 2.0  # what telephones may differ by (ETSI ES 201 235-2)
        assert -13.0 < levels[1] < levels[0] < -9.0
        assert levels[2] < levels[1] - 15.0
    for start, end in found:
        assert (end - start) / 8 == pytest.approx(100, abs=10)
    pauses = [(after[0] - before[1]) / 8 for before, after in pairwise(found)]
    assert min(pauses) >= 90


async def test_tones_are_sent_to_any_phone_on_request() -> None:
    async with running() as network, line(network, events=True) as one:
        one.leg.send_digits("7", method=DigitMethod.INBAND)
        await pass_by(one.phone, 0.5)
        one.leg.send_digits("8")
        await one.phone.digits(1)
        with pytest.raises(MisuseError, match="keys are"):
            one.leg.send_digits("x", method=DigitMethod.INBAND)
        sound = one.phone.ear.samples()
    assert spandsp_keys(sound) == "7"
    assert one.phone.ear.digits == "8"


async def test_the_echo_of_our_keys_is_none() -> None:
    async with running() as network, line(network) as one:
        one.phone.say_nothing()
        one.leg.send_digits("9")
        await one.phone.hears(852, share=0.2)
        one.phone.hush()
        one.phone.say(dtmf("9", 8000) // 4)
        one.phone.say_nothing()
        await pass_by(one.phone, 2 * LATE_S)
        one.phone.hush()
        one.phone.say(dtmf("1", 8000))
        one.phone.say_nothing()
        await one.heard.next(DigitPressed)
    assert keys_of(one.heard) == "1"
