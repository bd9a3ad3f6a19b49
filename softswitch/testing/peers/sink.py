"""Many RTP ports in one thread, with little work per packet: for load tests.

The kernel stamps each packet on arrival, so the thread need not hurry: it empties all sockets
twenty times a second, and gaps are as true as if it had watched each one. It waits for none of
them, so that no sender's time goes into waking it.
"""

from __future__ import annotations

import array
import contextlib
import socket
import threading
from collections.abc import Sequence
from typing import Self

import attrs
import numpy as np
from numpy.typing import NDArray

from softswitch.testing.peers.batch import BatchReceiver
from softswitch.testing.peers.ear import sequence_counts
from softswitch.testing.peers.mouth import Mouth, Pacer
from softswitch.testing.peers.packets import bound_socket, wall_offset_ns
from softswitch.testing.peers.ports import free_port

_EVERY_S = 0.05


@attrs.frozen(kw_only=True)
class PortCount:
    """What one port received.

    Attributes:
        address: host and port.
        packets: RTP packets.
        lost: sequence numbers that never came.
        largest_gap_s: longest time between two packets.
        gaps: how many were longer than the limit asked for.
        first_ns: arrival of the first packet, on the clock of ``time.monotonic_ns``; 0 for none.
        last_ns: arrival of the last packet; 0 for none.
    """

    address: tuple[str, int]
    packets: int
    lost: int
    largest_gap_s: float
    gaps: int
    first_ns: int
    last_ns: int


class _Port:
    """Arrivals, sequence numbers and SSRCs of one socket, as plain numbers."""

    def __init__(self, sock: socket.socket, address: tuple[str, int], mouth: Mouth) -> None:
        self.sock = sock
        self.address = address
        self.mouth = mouth
        self.clear()

    def clear(self) -> None:
        self.arrivals = array.array("q")
        self.sequences = array.array("H")
        self.sources = array.array("I")

    def drain(self, receiver: BatchReceiver, offset_ns: int) -> None:
        for batch in receiver.receive(self.sock.fileno()):
            self.arrivals.frombytes((batch.arrivals_ns - offset_ns).tobytes())
            self.sequences.frombytes(batch.sequences.tobytes())
            self.sources.frombytes(batch.sources.tobytes())
            if self.mouth.remote is None and len(batch.sequences):
                self.mouth.remote = receiver.last_source()

    def count(self, gap_limit_s: float) -> PortCount:
        times = np.array(self.arrivals, np.int64)
        gaps = np.diff(times) / 1e9
        sequences, sources = np.array(self.sequences), np.array(self.sources)
        lost = sum(
            sequence_counts(sequences[sources == one].tolist())[0] for one in np.unique(sources)
        )
        return PortCount(
            address=self.address,
            packets=len(times),
            lost=lost,
            largest_gap_s=float(gaps.max()) if len(gaps) else 0.0,
            gaps=int(np.count_nonzero(gaps > gap_limit_s)),
            first_ns=int(times[0]) if len(times) else 0,
            last_ns=int(times[-1]) if len(times) else 0,
        )


class RtpSink:
    """So many RTP ports that listen, and speak when told to. Use as a context manager.

    ::

        with RtpSink(800) as sink:
            async with Sipp("uac_call", target=..., calls=800, rtp=sink.addresses) as callers:
                await callers.finished()
            assert max(port.largest_gap_s for port in sink.counts()) < 0.04

    Args:
        count: how many ports.
        host: address to bind.
        payload_type: of what ``speak`` sends: 0 PCMU, 8 PCMA.
    """

    def __init__(self, count: int, *, host: str = "127.0.0.1", payload_type: int = 8) -> None:
        self._ports: list[_Port] = []
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._pacer: Pacer | None = None
        self._thread = threading.Thread(target=self._run, name="rtp sink", daemon=True)
        self._open = contextlib.ExitStack()
        self._receiver = BatchReceiver()
        port = 0
        with contextlib.ExitStack() as undo:
            undo.callback(self._open.close)
            for number in range(count):
                port = port + 2 if number % 2 else free_port(host)  # two of a block of four
                self._bind((host, port), payload_type)
            undo.pop_all()

    def _bind(self, address: tuple[str, int], payload_type: int) -> None:
        sock = self._open.enter_context(bound_socket(*address))
        self._ports.append(_Port(sock, address, Mouth(sock, payload_type)))

    @property
    def addresses(self) -> Sequence[tuple[str, int]]:
        """Host and port of each port, to be given as ``Sipp(rtp=...)``."""
        return tuple(port.address for port in self._ports)

    def __enter__(self) -> Self:
        """Begin to listen."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Fall silent and give the ports back."""
        self._stop.set()
        self._thread.join()
        self._open.close()

    def _run(self) -> None:
        while not self._stop.wait(_EVERY_S):
            self._drain()

    def _drain(self) -> None:
        with self._lock:
            offset_ns = wall_offset_ns()
            for port in self._ports:
                port.drain(self._receiver, offset_ns)

    def speak(self, samples: NDArray[np.int16]) -> None:
        """Say these 8 kHz samples over and over on every port, once it knows where to."""
        if self._pacer is None:
            self._pacer = self._open.enter_context(Pacer())
            for port in self._ports:
                self._pacer.add(port.mouth)
        for port in self._ports:
            port.mouth.hush()
            port.mouth.say(samples, forever=True)

    def hush(self) -> None:
        """Stop speaking."""
        for port in self._ports:
            port.mouth.hush()

    @property
    def packets_sent(self) -> int:
        """RTP packets sent by all ports."""
        return sum(port.mouth.sent for port in self._ports)

    def counts(self, *, gap_limit_s: float = 0.04) -> tuple[PortCount, ...]:
        """What each port received until now.

        Args:
            gap_limit_s: gaps longer than this are counted.
        """
        self._drain()
        with self._lock:
            return tuple(port.count(gap_limit_s) for port in self._ports)

    def reset(self) -> None:
        """Forget what was received, to measure from now on."""
        self._drain()
        with self._lock:
            for port in self._ports:
                port.clear()
