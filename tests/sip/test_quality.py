"""Loss, jitter and round trip as told of a call, with RTP and RTCP written by hand (RFC 3550)."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import attrs
import pytest

from softswitch.sip.quality import mean_opinion_score
from softswitch.telephony import Leg, LegStatistics, MediaReady
from tests.sip.observing import Door, running
from tests.sip.wire import Call, datagrams, sdp

OUR_SSRC = 0x0BADCAFE
PACKET_S = 0.020
ROUND_TRIP_S = 0.2
HELD_S = 0.1
"""How long the peer says that it held a report before it answered."""


@pytest.mark.parametrize(
    ("codec", "loss", "delay_ms", "score"),
    [
        # ITU-T G.107: all defaults give R = 93.2, which annex B turns into 4.41
        ("PCMA", 0.0, 0.0, 4.41),
        # G.113 appendix I: G.711 with concealment, Ie 0, Bpl 25.1: 95*5/30.1 = 15.8, R = 77.4
        ("PCMU", 0.05, 0.0, 3.92),
        # GSM full rate, Ie 20: R = 73.2
        ("GSM", 0.0, 0.0, 3.74),
        # Cole and Rosenbluth: 0.024*300 + 0.11*(300-177.3) = 20.7, R = 72.5
        ("PCMA", 0.0, 300.0, 3.71),
        ("PCMA", 1.0, 0.0, 1.17),  # 95/126.1*100 = 75.3, R = 17.9
    ],
)
def test_the_estimate_is_the_standards(
    codec: str, loss: float, delay_ms: float, score: float
) -> None:
    told = mean_opinion_score(codec=codec, loss_ratio=loss, one_way_delay_ms=delay_ms)
    assert told == pytest.approx(score, abs=0.01)


class _Line(asyncio.DatagramProtocol):
    """Hands on what comes."""

    def __init__(self, take: Callable[[bytes], None]) -> None:
        self._take = take

    def datagram_received(self, data: bytes, _addr: object) -> None:
        self._take(data)


@attrs.frozen(kw_only=True)
class Talk:
    """A call whose sound the test writes: RTP and RTCP sockets that send to the switch."""

    leg: Leg
    rtp: asyncio.DatagramTransport
    rtcp: asyncio.DatagramTransport
    reports: asyncio.Queue[bytes]


@asynccontextmanager
async def talk() -> AsyncIterator[Talk]:
    """A caller who is answered and has not said anything."""
    loop = asyncio.get_running_loop()
    reports: asyncio.Queue[bytes] = asyncio.Queue()

    def no_matter(_: bytes) -> None:
        """Sound of the switch's."""

    async with running(media_timeout_s=0) as network, datagrams(network.addresses[0]) as wire:
        rtp, _ = await loop.create_datagram_endpoint(
            lambda: _Line(no_matter), local_addr=("127.0.0.1", 0)
        )
        rtcp, _ = await loop.create_datagram_endpoint(
            lambda: _Line(reports.put_nowait), local_addr=("127.0.0.1", 0)
        )
        door = Door(network)
        call = Call(wire, network.addresses[0])
        own, control = rtp.get_extra_info("sockname"), rtcp.get_extra_info("sockname")[1]
        call.send("INVITE", body=sdp(own, f"a=rtcp:{control} IN IP4 127.0.0.1"))
        leg, heard = await door.next()
        leg.answer()
        answer = await wire.answer(200)
        call.joined(answer)
        call.send("ACK", cseq=1)
        await heard.next(MediaReady)
        assert answer.audio is not None
        host, port = answer.audio
        yield Talk(
            leg=leg,
            rtp=_towards(rtp, (host, port)),
            rtcp=_towards(rtcp, (host, port + 1)),
            reports=reports,
        )
        rtp.close()
        rtcp.close()


def _towards(
    transport: asyncio.DatagramTransport, target: tuple[str, int]
) -> asyncio.DatagramTransport:
    """Let ``sendto`` without an address go there."""
    send = transport.sendto
    transport.sendto = lambda data, addr=target: send(data, addr)  # type: ignore[method-assign]
    return transport


async def say(line: asyncio.DatagramTransport, count: int, *, lose: Callable[[int], bool]) -> None:
    """Send silence in PCMA, a packet every 20 ms, but for those that are lost."""
    loop = asyncio.get_running_loop()
    start, sent = loop.time(), asyncio.Event()

    def send(number: int) -> None:
        header = struct.pack("!BBHII", 0x80, 8, number, number * 160, OUR_SSRC)
        if not lose(number):
            line.sendto(header + b"\xd5" * 160)
        if number == count - 1:
            sent.set()

    for number in range(count):
        loop.call_at(start + number * PACKET_S, send, number)
    async with asyncio.timeout(20):
        await sent.wait()


async def until(leg: Leg, holds: Callable[[LegStatistics], bool]) -> LegStatistics:
    """What is told of a leg once it is so. It tells nobody of changes, so it is asked again."""
    asked = asyncio.Event()
    async with asyncio.timeout(10):
        while not holds(told := leg.statistics()):
            asyncio.get_running_loop().call_later(PACKET_S, asked.set)
            await asked.wait()
            asked.clear()
    return told


@pytest.mark.asyncio
async def test_lost_packets_are_counted_and_lower_the_score() -> None:
    async with talk() as talking:
        await say(talking.rtp, 100, lose=lambda number: number % 10 == 5)
        told = await until(talking.leg, lambda told: told.received_packets == 90)
    assert told.lost_packets == 10
    assert told.mos == pytest.approx(mean_opinion_score(codec="PCMA", loss_ratio=0.1), abs=0.01)


@pytest.mark.asyncio
async def test_the_round_trip_is_measured() -> None:
    """RFC 3550 section 6.4.1: A report tells which one it answers, and how long it took to."""
    async with talk() as talking:
        await say(talking.rtp, 10, lose=lambda _: False)
        async with asyncio.timeout(20):
            while (report := await talking.reports.get())[1] != 200:  # a sender's report
                pass
        their_ssrc, seconds, fraction = struct.unpack_from("!III", report, 4)
        middle = (seconds & 0xFFFF) << 16 | fraction >> 16
        block = struct.pack("!IIIIII", their_ssrc, 0, 0, 0, middle, round(HELD_S * 65536))
        answer = struct.pack("!BBHI", 0x81, 201, 7, OUR_SSRC) + block
        loop = asyncio.get_running_loop()
        loop.call_later(ROUND_TRIP_S + HELD_S, talking.rtcp.sendto, answer)
        told = await until(talking.leg, lambda told: told.round_trip_ms is not None)
    assert told.round_trip_ms is not None
    assert -5 <= told.round_trip_ms - ROUND_TRIP_S * 1000 < 1000
