"""Sending RTP exactly every 20 ms: mouths that speak, and the pacer that moves them.

A pacer is one thread with absolute deadlines: a late wake-up never shifts what follows. Mouths
that share a pacer are spread over the 20 ms so that their packets do not leave in one burst.
"""

from __future__ import annotations

import collections
import heapq
import itertools
import random
import socket
import threading
import time
from collections.abc import Iterator
from typing import Self

import numpy as np
from numpy.typing import NDArray

from softswitch.testing.peers import g711
from softswitch.testing.peers.packets import pack, pack_event

FRAME_S = 0.02
FRAME_SAMPLES = 160
_FRAME_NS = 20_000_000


class Utterance:
    """Something being said.

    Attributes:
        started_ns: when its first packet left, on the clock of ``time.monotonic_ns``; None before.
        ended: set once its last packet has left, or it was cut short.
    """

    def __init__(self, packets: Iterator[tuple[int, int, bytes]]) -> None:
        self.started_ns: int | None = None
        self.ended = threading.Event()
        self.packets = packets


class Mouth:
    """One RTP stream out of ``sock``; silent until told to speak and where to.

    Args:
        sock: UDP socket to send from.
        payload_type: 0 PCMU or 8 PCMA.
        event_payload_type: for digits.
    """

    def __init__(
        self, sock: socket.socket, payload_type: int = 8, event_payload_type: int = 101
    ) -> None:
        self.remote: tuple[str, int] | None = None
        self.payload_type = payload_type
        self.event_payload_type = event_payload_type
        self.sent = 0
        self._sock = sock
        chance = random.Random(id(self))  # noqa: S311 - RFC 3550 wants different, not secret
        self._ssrc = chance.getrandbits(32)
        self._sequence = chance.getrandbits(15)
        self._clock = chance.getrandbits(31)
        self._queue: collections.deque[Utterance] = collections.deque()
        self._lock = threading.Lock()
        self._pausing = True

    def say(self, samples: NDArray[np.int16], *, forever: bool = False) -> Utterance:
        """Say this (8 kHz) after what is being said; ``forever`` begins again at its end."""
        whole = -len(samples) % FRAME_SAMPLES
        padded = np.concatenate([samples, np.zeros(whole, np.int16)])
        data = g711.encode(self.payload_type, padded)
        frames = [data[i : i + FRAME_SAMPLES] for i in range(0, len(data), FRAME_SAMPLES)]
        each = itertools.cycle(frames) if forever else iter(frames)
        return self._add(Utterance((self.payload_type, 0, frame) for frame in each))

    def press(self, keys: str, *, duration_s: float = 0.1, gap_s: float = 0.06) -> Utterance:
        """Press keys by RFC 4733: silence of ``gap_s`` follows each."""
        return self._add(Utterance(self._events(keys, round(duration_s / 0.02), gap_s)))

    def _events(self, keys: str, frames: int, gap_s: float) -> Iterator[tuple[int, int, bytes]]:
        quiet = bytes([g711.SILENCE[self.payload_type]]) * FRAME_SAMPLES
        for key in keys:
            for frame in range(1, frames + 3):
                # The timestamp stays that of the beginning; the end is told three times.
                length = min(frame, frames) * FRAME_SAMPLES
                payload = pack_event(key, length, end=frame >= frames)
                yield self.event_payload_type, (frame - 1) * FRAME_SAMPLES, payload
            for _ in range(round(gap_s / FRAME_S)):
                yield self.payload_type, 0, quiet

    def _add(self, utterance: Utterance) -> Utterance:
        with self._lock:
            self._queue.append(utterance)
        return utterance

    def hush(self) -> None:
        """Cut short what is being said and forget what was to follow."""
        with self._lock:
            for utterance in self._queue:
                utterance.ended.set()
            self._queue.clear()

    def send_due(self) -> None:
        """Send the packet of this 20 ms, if there is one. Called by the pacer only."""
        if self.remote is None:
            return
        packet = self._next()
        if packet is not None:
            payload_type, back, payload = packet
            stamp = self._clock - back
            first = self._pausing or (payload_type == self.event_payload_type and back == 0)
            data = pack(payload_type, self._sequence, stamp, self._ssrc, payload, marker=first)
            self._send(data)
            self._sequence += 1
        self._pausing = packet is None
        self._clock += FRAME_SAMPLES

    def _next(self) -> tuple[int, int, bytes] | None:
        while True:
            with self._lock:
                utterance = self._queue[0] if self._queue else None
            if utterance is None:
                return None
            packet = next(utterance.packets, None)
            if packet is not None:
                if utterance.started_ns is None:
                    utterance.started_ns = time.monotonic_ns()
                return packet
            utterance.ended.set()
            with self._lock:
                if self._queue and self._queue[0] is utterance:
                    self._queue.popleft()

    def _send(self, data: bytes) -> None:
        try:
            self._sock.sendto(data, self.remote or ("", 0))
            self.sent += 1
        except (BlockingIOError, ConnectionRefusedError):
            pass  # the other end is gone or slow: RTP drops


class Pacer:
    """A thread that lets each of its mouths send every 20 ms. Use as a context manager."""

    def __init__(self) -> None:
        self._due: list[tuple[int, int, Mouth]] = []
        self._changed = threading.Condition()
        self._count = itertools.count()
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name="rtp pacer", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with self._changed:
            self._stopped = True
            self._changed.notify()
        self._thread.join()

    def add(self, mouth: Mouth) -> None:
        """Move this mouth from now on."""
        with self._changed:
            number = next(self._count)
            spread_ns = number % 20 * 1_000_000
            heapq.heappush(self._due, (time.monotonic_ns() + spread_ns, number, mouth))
            self._changed.notify()

    def remove(self, mouth: Mouth) -> None:
        """Move it no more; when this returns it sends nothing further."""
        with self._changed:
            self._due = [entry for entry in self._due if entry[2] is not mouth]
            heapq.heapify(self._due)

    def _run(self) -> None:
        with self._changed:
            while not self._stopped:
                wait_ns = self._due[0][0] - time.monotonic_ns() if self._due else None
                if wait_ns is None or wait_ns > 0:
                    self._changed.wait(None if wait_ns is None else wait_ns / 1e9)
                    continue
                due, number, mouth = self._due[0]
                heapq.heapreplace(self._due, (due + _FRAME_NS, number, mouth))
                mouth.send_due()
