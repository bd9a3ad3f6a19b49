"""Many RTP ports at once, and the ports themselves."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator

import pytest

from softswitch.testing.peers.packets import pack
from softswitch.testing.peers.ports import free_port, is_free
from softswitch.testing.peers.rtp import RtpPhone
from softswitch.testing.peers.sink import RtpSink
from softswitch.testing.peers.tones import sine


def test_ports_are_even_free_and_never_the_same() -> None:
    ports = [free_port() for _ in range(50)]
    assert len(set(ports)) == 50
    assert all(port % 2 == 0 and is_free("127.0.0.1", port) for port in ports)


@contextlib.contextmanager
def sending_to(address: tuple[str, int]) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.connect(address)
        yield sock


def test_a_sink_counts_each_port_apart() -> None:
    with RtpSink(3) as sink, sending_to(sink.addresses[1]) as sock:
        for number in (65534, 65535, 0, 3):
            sock.send(pack(8, number, number * 160, 7, b"\xd5" * 160, marker=False))
        sock.send(bytes([0x80, 200]) + bytes(20))  # RTCP
        counts = sink.counts(gap_limit_s=10)
        assert [count.packets for count in counts] == [0, 4, 0]
        assert counts[1].lost == 2
        assert counts[1].gaps == 0
        assert counts[1].first_ns <= counts[1].last_ns
        sink.reset()
        assert [count.packets for count in sink.counts()] == [0, 0, 0]


@pytest.mark.asyncio
async def test_a_sink_speaks_back_on_every_port() -> None:
    with RtpSink(2) as sink:
        async with RtpPhone() as anna, RtpPhone() as bo:
            for phone, address in zip((anna, bo), sink.addresses, strict=True):
                phone.remote = address
                phone.say_nothing()
            sink.speak(sine(440, 0.5))
            await anna.hears(440)
            await bo.hears(440)
        assert all(count.packets > 0 and count.lost == 0 for count in sink.counts())
        assert sink.packets_sent >= len(anna.ear.packets) + len(bo.ear.packets)
