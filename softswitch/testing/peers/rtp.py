"""A phone's ear and mouth without its signalling: SIPp signals, this hears and speaks.

::

    async with RtpPhone() as phone, Sipp("uac_call", target=..., rtp=phone.address) as caller:
        await phone.hears(440, timeout_s=3)
        phone.say(sine(1000, 0.5))
        phone.press("42#")
"""

from __future__ import annotations

import asyncio
import contextlib
import wave
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from softswitch.errors import MisuseError
from softswitch.testing.peers.ear import Ear, Heard
from softswitch.testing.peers.likeness import is_heard
from softswitch.testing.peers.mouth import FRAME_S, Mouth, Pacer, Utterance
from softswitch.testing.peers.packets import (
    ANCILLARY_BYTES,
    RtpPacket,
    arrival,
    bound_socket,
    parse,
    wall_offset_ns,
)
from softswitch.testing.peers.ports import free_port
from softswitch.testing.peers.scenario import PAYLOAD_TYPES
from softswitch.testing.peers.tones import RATE_HZ, tone_spans

_RECENT_S = 0.5
_LOOK_EVERY_S = 0.5


class RtpPhone:
    """An RTP endpoint on loopback.

    It sends to where the other end's packets come from unless ``remote`` is set, and arrival times
    are the kernel's, so a busy event loop does not falsify them.

    Args:
        host: address to bind.
        port: UDP port; None takes a free one.
        codec: ``PCMA`` or ``PCMU``, for what it says; both are understood.
        event_payload_type: of RFC 4733 events, both ways.
        pacer: shared with other phones; None makes one when it first speaks.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int | None = None,
        codec: str = "PCMA",
        event_payload_type: int = 101,
        pacer: Pacer | None = None,
    ) -> None:
        self.address = (host, port or free_port(host))
        self.ear = Ear(event_payload_type)
        self._sock = bound_socket(*self.address)
        self._mouth = Mouth(self._sock, PAYLOAD_TYPES[codec][0], event_payload_type)
        self._shared = pacer
        self._pacer: Pacer | None = None
        self._own = contextlib.ExitStack()
        self._waiting: set[asyncio.Future[None]] = set()

    async def __aenter__(self) -> Self:
        """Begin to listen."""
        asyncio.get_running_loop().add_reader(self._sock, self._readable)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Fall silent and give the port back."""
        asyncio.get_running_loop().remove_reader(self._sock)
        if self._pacer is not None:
            self._pacer.remove(self._mouth)
        self._mouth.hush()
        await asyncio.to_thread(self._own.close)
        self._sock.close()

    def _readable(self) -> None:
        offset_ns = wall_offset_ns()
        with contextlib.suppress(BlockingIOError):
            while True:
                data, ancillary, _, source = self._sock.recvmsg(2048, ANCILLARY_BYTES)
                packet = parse(data, arrival(ancillary, offset_ns))
                if packet is not None:
                    self._take(packet, source)
        self._wake()

    def _take(self, packet: RtpPacket, source: tuple[str, int]) -> None:
        if self._mouth.remote is None:
            self._mouth.remote = source[:2]
        self.ear.take(packet)

    def _wake(self) -> None:
        waiting, self._waiting = self._waiting, set()
        for future in waiting:
            if not future.done():
                future.set_result(None)

    @property
    def remote(self) -> tuple[str, int] | None:
        """Where it sends to; None until set or until something was heard."""
        return self._mouth.remote

    @remote.setter
    def remote(self, address: tuple[str, int] | None) -> None:
        self._mouth.remote = address

    @property
    def packets_sent(self) -> int:
        """RTP packets sent."""
        return self._mouth.sent

    async def _changed(self) -> None:
        change = asyncio.get_running_loop().create_future()
        self._waiting.add(change)
        await change

    async def first_packet(self, *, timeout_s: float = 5.0) -> RtpPacket:
        """The first packet ever heard; waits for it.

        Raises:
            TimeoutError: none came in time.
        """
        async with asyncio.timeout(timeout_s):
            while not self.ear.packets:
                await self._changed()
        return self.ear.packets[0]

    async def packets(self, count: int, *, timeout_s: float = 5.0) -> None:
        """Wait until so many packets have been heard in all.

        Raises:
            TimeoutError: they did not come in time.
        """
        async with asyncio.timeout(timeout_s):
            while len(self.ear.packets) < count:
                await self._changed()

    async def hears(
        self, hz: float, *, share: float = 0.5, least_s: float = 0.06, timeout_s: float = 5.0
    ) -> Heard:
        """Wait until a tone has been heard for ``least_s``; the first stretch of it.

        Raises:
            TimeoutError: it was not heard in time.
        """
        found = self.ear.tone(hz, share=share, least_s=least_s)
        async with asyncio.timeout(timeout_s):
            while not found:
                await self._changed()
                recent = self.ear.samples(last_s=least_s + _RECENT_S)
                if tone_spans(recent, hz, share=share, least_s=least_s):
                    found = self.ear.tone(hz, share=share, least_s=least_s)
        return found[0]

    async def hears_sound(self, said: NDArray[np.int16], *, timeout_s: float = 5.0) -> None:
        """Wait until a second of a sound was heard, now or before: see `likeness`.

        Raises:
            TimeoutError: it was not heard in time.
        """
        recent_s = len(said) / RATE_HZ + _LOOK_EVERY_S * 2
        heard = self.ear.samples()
        async with asyncio.timeout(timeout_s):
            while not await asyncio.to_thread(is_heard, heard, said):
                more = round(_LOOK_EVERY_S / FRAME_S)
                await self.packets(len(self.ear.packets) + more, timeout_s=timeout_s)
                heard = self.ear.samples(last_s=recent_s)

    async def digits(self, count: int, *, timeout_s: float = 5.0) -> str:
        """Wait until so many keys have been heard as RFC 4733 events; all heard so far.

        Raises:
            TimeoutError: fewer came in time.
        """
        async with asyncio.timeout(timeout_s):
            while len(self.ear.digits) < count:
                await self._changed()
        return self.ear.digits

    def _speaking(self) -> Mouth:
        if self._pacer is None:
            self._pacer = self._shared or self._own.enter_context(Pacer())
            self._pacer.add(self._mouth)
        return self._mouth

    def say(self, samples: NDArray[np.int16], *, forever: bool = False) -> Utterance:
        """Say 8 kHz samples after what is being said; ``forever`` begins again at the end."""
        return self._speaking().say(samples, forever=forever)

    def say_file(self, path: Path, *, forever: bool = False) -> Utterance:
        """Say a WAV file of one channel at 8 kHz, 16 bits.

        Raises:
            MisuseError: the file has another shape.
        """
        with wave.open(str(path), "rb") as file:
            shape = (file.getframerate(), file.getnchannels(), file.getsampwidth())
            if shape != (RATE_HZ, 1, 2):
                raise MisuseError(f"{path} is not 16-bit PCM, one channel, {RATE_HZ} Hz: {shape}")
            samples = np.frombuffer(file.readframes(file.getnframes()), "<i2")
        return self.say(samples.astype(np.int16), forever=forever)

    def say_nothing(self) -> Utterance:
        """Send silence, as a phone does whose owner listens, until ``hush``."""
        return self.say(np.zeros(160, np.int16), forever=True)

    def press(self, keys: str, *, duration_s: float = 0.1, gap_s: float = 0.06) -> Utterance:
        """Press keys by RFC 4733, after what is being said; see ``Mouth.press``."""
        return self._speaking().press(keys, duration_s=duration_s, gap_s=gap_s)

    def hush(self) -> None:
        """Stop sending; a later ``say`` speaks again."""
        self._mouth.hush()
