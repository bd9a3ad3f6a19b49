"""Callers who press keys and listen to what becomes of it: hundreds in one thread.

A key goes out as RFC 4733 says: packets 20 ms apart for 100 ms, the end three times. What a caller
has heard since the last key is read when the next one is due; the kernel stamped each packet on
arrival, so that reading late makes nothing late.
"""

from __future__ import annotations

import contextlib
import random
import socket
import time
from typing import Self

import attrs
import numpy as np
from numpy.typing import NDArray

from ivr_load.tones import FRAME, KEYS, hears
from softswitch.testing.peers import g711
from softswitch.testing.peers.packets import (
    ANCILLARY_BYTES,
    arrival,
    bound_socket,
    pack,
    pack_event,
    parse,
    wall_offset_ns,
)
from softswitch.testing.peers.ports import free_port

_EVENT_TYPE = 101
_PCMA = 8
_STEP_NS = 20_000_000
_DRIFT_NS = 7_300_000
"""Added to every round, so that keys meet every moment of the bridge's 20 ms."""

_PACKETS = 5
_ENDS = 3


@attrs.frozen
class Pressed:
    """A key, and what was heard of it.

    Attributes:
        after_s: from its first packet to the first packet with the next prompt; None: no such.
    """

    key: str
    after_s: float | None


class Caller:
    """One caller's sound."""

    def __init__(self, sock: socket.socket, rng: random.Random) -> None:
        self.sock = sock
        self._rng = rng
        self._remote: tuple[str, int] | None = None
        self._sequence = rng.getrandbits(15)
        self._clock = rng.getrandbits(30)
        self._key = ""
        self._pressed_ns = 0
        self._sent = 0

    def press_another(self) -> Pressed | None:
        """Begin to press a key; return how the one before fared."""
        before = self.listen()
        self._key = self._rng.choice([key for key in KEYS if key != self._key])
        self._clock += 16_000
        self._sent = 0
        self._pressed_ns = time.monotonic_ns()
        self.send_more()
        return before

    def send_more(self) -> None:
        """Send the next packet of the key."""
        if self._remote is None:  # nothing was heard yet
            return
        self._sent += 1
        length = min(self._sent, _PACKETS) * FRAME
        payload = pack_event(self._key, length, end=self._sent >= _PACKETS)
        first = self._sent == 1
        self.sock.sendto(
            pack(_EVENT_TYPE, self._sequence, self._clock, 1, payload, marker=first), self._remote
        )
        self._sequence += 1

    def listen(self) -> Pressed | None:
        """Read what came since the last key; None: no key was pressed yet."""
        times, frames = self._read()
        if not self._pressed_ns:
            return None
        found = np.flatnonzero(hears(frames, self._key) & (times > self._pressed_ns))
        after = (times[found[0]] - self._pressed_ns) / 1e9 if len(found) else None
        return Pressed(self._key, after)

    def _read(self) -> tuple[NDArray[np.int64], NDArray[np.int16]]:
        offset_ns = wall_offset_ns()
        times: list[int] = []
        sound = bytearray()
        with contextlib.suppress(BlockingIOError):
            while True:
                data, ancillary, _, self._remote = self.sock.recvmsg(512, ANCILLARY_BYTES)
                packet = parse(data, arrival(ancillary, offset_ns))
                if packet and packet.payload_type == _PCMA and len(packet.payload) == FRAME:
                    times.append(packet.arrival_ns)
                    sound += packet.payload
        samples = g711.decode(_PCMA, bytes(sound))
        return np.array(times, np.int64), samples.reshape(-1, FRAME)


class Crowd:
    """Callers who all press keys. Use as a context manager.

    Attributes:
        addresses: where they hear.
    """

    def __init__(self, callers: int) -> None:
        self._open = contextlib.ExitStack()
        rng = random.Random(3)  # noqa: S311 - a run that repeats
        self._callers: list[Caller] = []
        self.addresses: list[tuple[str, int]] = []
        for _ in range(callers):
            address = ("127.0.0.1", free_port("127.0.0.1"))
            sock = self._open.enter_context(contextlib.closing(bound_socket(*address)))
            self._callers.append(Caller(sock, rng))
            self.addresses.append(address)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def press(self, rounds: int, every_s: float) -> list[Pressed]:
        """Let every caller press so many keys, evenly spread; blocks until the last was heard."""
        begin_ns, period_ns = time.monotonic_ns() + _STEP_NS, round(1e9 * every_s) + _DRIFT_NS
        spread_ns = period_ns // len(self._callers)
        schedule = sorted(
            (begin_ns + again * period_ns + number * spread_ns + packet * _STEP_NS, number, packet)
            for again in range(rounds)
            for number in range(len(self._callers))
            for packet in range(_PACKETS + _ENDS - 1)
        )
        found: list[Pressed | None] = []
        for at_ns, number, packet in schedule:
            time.sleep(max(0, at_ns - time.monotonic_ns()) / 1e9)
            if packet:
                self._callers[number].send_more()
            else:
                found.append(self._callers[number].press_another())
        time.sleep(every_s)
        found += (caller.listen() for caller in self._callers)
        return [one for one in found if one is not None]
