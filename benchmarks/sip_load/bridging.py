"""Conversations: what a bridged call costs, whether packets get lost, how late sound comes out."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from typing import Self

import attrs
import numpy as np
from numpy.typing import NDArray

from sip_load.delay import DelayProbe, Delays
from sip_load.figures import Figure
from sip_load.machine import system_idle_s
from sip_load.under_test import SwitchUnderTest, Weight
from sip_load.work import Work
from softswitch.testing.peers.sink import PortCount, RtpSink
from softswitch.testing.peers.sipp import Sipp
from softswitch.testing.peers.tones import sine

GOAL_PAIRS = 200
GOAL_PERCENT = 0.25
GOAL_DELAY_MS = 60.0
_STEPS = (100, 200, 300)
_JOIN_RATE = 25
_SETTLE_S = 4.0
_FOR_EVER_MS = 600_000


@attrs.frozen(kw_only=True)
class Talk:
    """So many conversations over a while.

    Attributes:
        pairs: bridged calls.
        empty_mb: memory of the switch before the first of them.
        before, after: what the switch had used.
        ports: what each phone received.
        missed: packets that were sent to the switch and that it did not get.
        spoken: packets that the phones sent, for each packet that they should have sent.
        delays: of sound through the bridge.
        idle: share of the whole machine's time that nobody wanted.
    """

    pairs: int
    empty_mb: float
    before: Weight
    after: Weight
    ports: Sequence[PortCount]
    missed: int
    spoken: float
    delays: Delays
    idle: float

    @property
    def percent(self) -> float:
        """Share of a core that each bridged call costs, in percent."""
        return 100 * self.after.share_since(self.before) / self.pairs

    @property
    def memory_mb(self) -> float:
        """Memory that each bridged call takes."""
        return (self.after.rss_mb - self.empty_mb) / self.pairs

    @property
    def lost(self) -> int:
        """Packets lost by the switch: those it did not send, and those it did not take."""
        expected = 0.98 * 50 * (self.after.at_s - self.before.at_s)
        received = [port.packets for port in self.ports]
        received += [0] * (2 * self.pairs - len(received))
        unsent = sum(round(max(0.0, expected - packets)) for packets in received)
        return sum(port.lost for port in self.ports) + self.missed + unsent

    def __str__(self) -> str:
        gap_ms = 1000 * max(port.largest_gap_s for port in self.ports)
        return (
            f"{self.lost} lost, longest gap {gap_ms:.0f} ms, phones sent {self.spoken:.1%} of "
            f"their packets, machine {self.idle:.0%} idle"
        )


class Floor:
    """Phones that talk in pairs: more join, nobody leaves."""

    def __init__(self) -> None:
        self._open = contextlib.AsyncExitStack()
        self._sinks: list[RtpSink] = []
        self._number = ""
        self.pairs = 0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._open.aclose()

    async def open_agents(self, most: int) -> None:
        """Let there be agents who answer at once."""
        sink = self._open.enter_context(RtpSink(most))
        self._sinks.append(sink)
        agents = Sipp(
            "uas_answer_now",
            calls=10 * most,
            timeout_s=_FOR_EVER_MS / 1000,
            rtp=sink.addresses,
            trace=False,
        )
        await self._open.enter_async_context(agents)
        self._number = str(agents.port)

    async def fill(self, switch: SwitchUnderTest, pairs: int) -> None:
        """Let callers come until so many pairs talk."""
        more = pairs - self.pairs
        sink = self._open.enter_context(RtpSink(more))
        self._sinks.append(sink)
        callers = Sipp(
            "uac_call",
            target=switch.address,
            service=self._number,
            calls=more,
            rate=_JOIN_RATE,
            talk_ms=_FOR_EVER_MS,
            timeout_s=_FOR_EVER_MS / 1000,
            rtp=sink.addresses,
            trace=False,
        )
        await self._open.enter_async_context(callers)
        self.pairs = pairs

    def speak(self) -> None:
        """Let everybody talk from now on."""
        for sink in self._sinks[-1:] if len(self._sinks) > 2 else self._sinks:
            sink.speak(_speech())

    def reset(self) -> None:
        """Count from now on."""
        for sink in self._sinks:
            sink.reset()

    @property
    def packets_sent(self) -> int:
        """Packets that all phones have sent so far."""
        return sum(sink.packets_sent for sink in self._sinks)

    def counts(self) -> list[PortCount]:
        """What each phone that takes part has received."""
        found = [port for sink in self._sinks for port in sink.counts()]
        return [port for port in found if port.packets]


def _speech() -> NDArray[np.int16]:
    """A tone that comes and goes: as much work for the switch as speech."""
    return np.concatenate([sine(500, 0.4, -20), sine(700, 0.6, -26)])


async def bridged(work: Work) -> list[Figure]:
    """Raise the number of bridged calls until packets get lost."""
    steps = (10, 20) if work.quick else _STEPS
    seconds = 4.0 if work.quick else 10.0
    talks: list[Talk] = []
    gave_way = "not loaded further"
    async with Floor() as floor:
        await floor.open_agents(max(steps))
        async with SwitchUnderTest("bridge") as switch:
            work.pjsip = switch.pjsip
            empty_mb = switch.weigh().rss_mb
            for pairs in work.steps(steps, "bridged", "pairs"):
                talk = await _talk(floor, switch, pairs, seconds, empty_mb)
                talks.append(talk)
                if talk.lost:
                    gave_way = f"at {pairs}: {talk}"
                    work.say(gave_way)
                    break
    return _figures(talks, gave_way)


async def _talk(
    floor: Floor, switch: SwitchUnderTest, pairs: int, seconds: float, empty_mb: float
) -> Talk:
    await floor.fill(switch, pairs)
    await switch.until("live", 2 * pairs, 2 * pairs / _JOIN_RATE + 10)
    floor.speak()
    await asyncio.sleep(_SETTLE_S)
    delays = await DelayProbe(switch.address).measure()
    lost_before = (await switch.counts())["lost_packets"]
    floor.reset()
    before, sent, idle_s = switch.weigh(), floor.packets_sent, system_idle_s()
    await asyncio.sleep(seconds)
    after, sent_after, idle_after_s = switch.weigh(), floor.packets_sent, system_idle_s()
    passed_s = after.at_s - before.at_s
    return Talk(
        pairs=pairs,
        empty_mb=empty_mb,
        before=before,
        after=after,
        ports=floor.counts(),
        missed=(await switch.counts())["lost_packets"] - lost_before,
        spoken=(sent_after - sent) / (2 * pairs * 50 * passed_s),
        delays=delays,
        idle=(idle_after_s - idle_s) / passed_s / 2,
    )


def _figures(talks: Sequence[Talk], gave_way: str) -> list[Figure]:
    talk = [one for one in talks if one.pairs <= GOAL_PAIRS][-1]
    load = f"{talk.pairs} bridged calls, RTP both ways"
    return [
        Figure(
            name="bridged calls with no packet lost by us",
            load="RTP both ways",
            value=max((one.pairs for one in talks if not one.lost), default=0),
            unit="calls",
            goal=GOAL_PAIRS,
            at_least=True,
            note=gave_way,
        ),
        Figure(
            name="processor share of a bridged call",
            load=load,
            value=talk.percent,
            unit="%",
            goal=GOAL_PERCENT,
            elsewhere="0.31 %",
            note=str(talk),
        ),
        Figure(name="memory of a bridged call", load=load, value=talk.memory_mb, unit="MB"),
        Figure(
            name="delay of sound through the bridge, median",
            load=load,
            value=talk.delays.median_ms,
            unit="ms",
            goal=GOAL_DELAY_MS,
            note=str(talk.delays),
        ),
    ]
