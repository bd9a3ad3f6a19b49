"""RTP on the wire (RFC 3550 section 5.1), telephone events in it (RFC 4733), and arrival times."""

from __future__ import annotations

import socket
import struct
import time

import attrs

_HEADER = struct.Struct("!BBHII")
_EVENT = struct.Struct("!BBH")
_TIMESPEC = struct.Struct("@ll")
_SO_TIMESTAMPNS = 35  # asm-generic/socket.h
ANCILLARY_BYTES = socket.CMSG_SPACE(_TIMESPEC.size)

EVENT_CODES = "0123456789*#ABCD"
"""Key of each event code (RFC 4733 section 3.2)."""


@attrs.frozen(slots=True)
class RtpPacket:
    """One packet received.

    Attributes:
        payload_type: RFC 3551 number.
        marker: first packet of a talk spurt or event.
        sequence: 16-bit counter.
        timestamp: 32-bit sample counter.
        ssrc: the stream it belongs to.
        payload: audio or event.
        arrival_ns: when the kernel got it, on the clock of ``time.monotonic_ns``.
    """

    payload_type: int
    marker: bool
    sequence: int
    timestamp: int
    ssrc: int
    payload: bytes
    arrival_ns: int


def parse(data: bytes, arrival_ns: int) -> RtpPacket | None:
    """Read a packet; None when it is no RTP version 2 (RTCP and garbage included)."""
    if len(data) < _HEADER.size or data[0] >> 6 != 2 or 192 <= data[1] <= 223:
        return None
    first, second, sequence, timestamp, ssrc = _HEADER.unpack_from(data)
    start = _HEADER.size + 4 * (first & 0x0F)
    if first & 0x10:
        if len(data) < start + 4:
            return None
        start += 4 + 4 * int.from_bytes(data[start + 2 : start + 4], "big")
    end = len(data) - (data[-1] if first & 0x20 else 0)
    if end < start:
        return None
    payload = data[start:end]
    return RtpPacket(
        second & 0x7F, bool(second & 0x80), sequence, timestamp, ssrc, payload, arrival_ns
    )


def pack(
    payload_type: int, sequence: int, timestamp: int, ssrc: int, payload: bytes, *, marker: bool
) -> bytes:
    """Write a packet; counters are masked to their width."""
    second = payload_type | (0x80 if marker else 0)
    header = _HEADER.pack(0x80, second, sequence & 0xFFFF, timestamp & 0xFFFFFFFF, ssrc)
    return header + payload


def pack_event(key: str, duration: int, *, end: bool) -> bytes:
    """Payload of a telephone event: ``duration`` in timestamp units, at -10 dBm0."""
    return _EVENT.pack(EVENT_CODES.index(key), (0x80 if end else 0) | 10, duration)


def parse_event(payload: bytes) -> tuple[str, int, bool] | None:
    """Key, duration in timestamp units and end bit; None for other events."""
    if len(payload) < _EVENT.size:
        return None
    code, flags, duration = _EVENT.unpack_from(payload)
    return (EVENT_CODES[code], duration, bool(flags & 0x80)) if code < 16 else None


def bound_socket(host: str, port: int) -> socket.socket:
    """A non-blocking UDP socket whose packets carry the kernel's receive time."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_DGRAM)
    try:
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        sock.bind((host, port))
    except OSError:
        sock.close()
        raise
    return sock


def wall_offset_ns() -> int:
    """What to take from a wall-clock time to get a monotonic one, now."""
    return time.time_ns() - time.monotonic_ns()


def arrival(ancillary: list[tuple[int, int, bytes]], offset_ns: int) -> int:
    """Monotonic arrival time from recvmsg's ancillary data; the present when it has none."""
    for _, kind, data in ancillary:
        if kind == _SO_TIMESTAMPNS:
            seconds, nanoseconds = _TIMESPEC.unpack(data)
            return int(seconds * 1_000_000_000 + nanoseconds - offset_ns)
    return time.monotonic_ns()
