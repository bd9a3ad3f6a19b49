"""The offices of the examples on real PJSIP, and callers that press keys in every way there is.

==============  ==========  ========  =============
caller          RFC 4733    SIP INFO  in-band tones
==============  ==========  ========  =============
SIPp            yes         yes       yes
baresip         yes         no        yes
==============  ==========  ========  =============

Baresip 1.0, which Debian 12 has, understands SIP INFO but cannot send it. It always agrees to RFC
4733, so that the sound of all callers is listened to (``inband_keys = "always"``): nobody's keys
may count twice for that.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Final, Protocol, TypeVar

import attrs
import numpy as np
from numpy.typing import NDArray
from whole_offices import Furnish, copied

from softswitch.acd.records import Record
from softswitch.prompts import SoundStore
from softswitch.switch import Switch, load_office
from softswitch.testing.peers.baresip import Baresip
from softswitch.testing.peers.likeness import read_sound
from softswitch.testing.peers.rtp import RtpPhone
from softswitch.testing.peers.sipp import Sipp
from softswitch.testing.peers.tones import RATE_HZ
from softswitch_codecs.tones import dtmf
from tests.sip.eventless import eventless

R = TypeVar("R", bound=Record)
Sound = NDArray[np.int16]
PATIENT_S: Final = 30.0
BEEP_HZ: Final = 1000

LISTENED: Final = {"[sip]\n": '[sip]\ninband_keys = "always"\n'}
"""What is to be replaced in an office file before callers of all ways call."""


@attrs.frozen
class Office:
    """A running switch, and every record that it has written."""

    switch: Switch
    target: str
    records: list[Record]
    news: asyncio.Event

    async def all(self, kind: type[R], count: int) -> list[R]:
        """So many records of a kind; waits for them."""
        async with asyncio.timeout(PATIENT_S):
            while len(found := [one for one in self.records if isinstance(one, kind)]) < count:
                self.news.clear()
                await self.news.wait()
        return found

    async def record(self, kind: type[R]) -> R:
        """The first record of a kind; waits for it."""
        return (await self.all(kind, 1))[0]


@asynccontextmanager
async def running(
    name: str,
    port: int,
    folder: Path,
    sounds: SoundStore,
    furnish: Furnish | None = None,
    **texts: str,
) -> AsyncIterator[Office]:
    """Open an example's office on real SIP."""
    config = load_office(copied(name, folder, port, **texts), flows=True)
    switch = Switch(config, sounds=sounds)
    if furnish is not None:
        furnish(switch, config)
    news = asyncio.Event()
    office = Office(switch, f"127.0.0.1:{port}", [], news)

    def note(record: Record) -> None:
        office.records.append(record)
        news.set()

    switch.on_record(note)
    async with switch:
        yield office


def beginning(file: Path) -> Sound:
    """The first four seconds of a file: more to look for takes longer."""
    return read_sound(file)[: 4 * RATE_HZ]


class Caller(Protocol):
    """Somebody with a telephone."""

    async def press(self, keys: str) -> None:
        """Press keys."""

    async def say(self, samples: Sound) -> None:
        """Say this, 8 kHz, to its end."""

    async def hears_tone(self, hz: float) -> None:
        """Wait until a tone is heard."""

    async def hears(self, file: Path) -> None:
        """Wait until a second of a file's beginning was heard."""

    async def let_go(self) -> None:
        """Wait until the switch hangs up."""


@attrs.frozen
class SippCaller:
    """SIPp signals; an RTP phone hears and speaks."""

    way: str
    sipp: Sipp
    phone: RtpPhone

    async def press(self, keys: str) -> None:
        if self.way == "SIP INFO":
            await self.sipp.press(keys)
        elif self.way == "RFC 4733":
            self.phone.hush()
            pressed = self.phone.press(keys)
            self.phone.say_nothing()
            await asyncio.to_thread(pressed.ended.wait, PATIENT_S)
        else:
            await self.say(dtmf(keys, RATE_HZ))

    async def say(self, samples: Sound) -> None:
        self.phone.hush()
        said = self.phone.say(samples)
        self.phone.say_nothing()
        await asyncio.to_thread(said.ended.wait, PATIENT_S)

    async def hears_tone(self, hz: float) -> None:
        await self.phone.hears(hz, least_s=0.3, timeout_s=PATIENT_S)

    async def hears(self, file: Path) -> None:
        await self.phone.hears_sound(beginning(file), timeout_s=PATIENT_S)

    async def let_go(self) -> None:
        await self.sipp.finished()


@attrs.frozen
class BaresipCaller:
    """Baresip does all by itself."""

    way: str
    baresip: Baresip

    async def press(self, keys: str) -> None:
        if self.way == "RFC 4733":
            await self.baresip.press(keys)
        else:
            await self.say(dtmf(keys, RATE_HZ))

    async def say(self, samples: Sound) -> None:
        await self.baresip.say(samples)
        await self.baresip.hears_more(len(samples) / RATE_HZ)

    async def hears_tone(self, hz: float) -> None:
        await self.baresip.hears(hz, least_s=0.3, timeout_s=PATIENT_S)

    async def hears(self, file: Path) -> None:
        await self.baresip.hears_sound(beginning(file), timeout_s=PATIENT_S)

    async def let_go(self) -> None:
        await self.baresip.closed(timeout_s=PATIENT_S)


WAYS: Final = (
    ("SIPp", "RFC 4733"),
    ("SIPp", "SIP INFO"),
    ("SIPp", "in-band tones"),
    ("baresip", "RFC 4733"),
    ("baresip", "in-band tones"),
)
"""All that the table has."""


@asynccontextmanager
async def callers(office: Office, number: str) -> AsyncIterator[list[Caller]]:
    """Let one caller of each way call a number, all at the same time, and be answered."""
    async with AsyncExitStack() as stack:
        begin = {"SIPp": _sipp, "baresip": _baresip}
        calls = (begin[program](stack, way, office.target, number) for program, way in WAYS)
        yield await asyncio.gather(*calls)


async def _sipp(stack: AsyncExitStack, way: str, target: str, number: str) -> Caller:
    scenario = eventless("uac_call_stay") if way == "in-band tones" else "uac_call_stay"
    phone = await stack.enter_async_context(RtpPhone())
    caller = Sipp(
        scenario, target=target, service=number, rtp=phone.address, timeout_s=2 * PATIENT_S
    )
    await stack.enter_async_context(caller)
    await phone.first_packet(timeout_s=PATIENT_S)
    phone.say_nothing()
    return SippCaller(way, caller, phone)


async def _baresip(stack: AsyncExitStack, way: str, target: str, number: str) -> Caller:
    caller = await stack.enter_async_context(Baresip("caller"))
    await caller.dial(f"sip:{number}@{target}")
    await caller.established(timeout_s=PATIENT_S)
    return BaresipCaller(way, caller)
