"""Callers who wait and hear music: what each costs, and whether the music ever falters."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from typing import Self

import attrs

from sip_load.figures import Figure
from sip_load.machine import system_idle_s
from sip_load.under_test import SwitchUnderTest, Weight
from sip_load.work import Work
from softswitch.testing.peers.sink import PortCount, RtpSink
from softswitch.testing.peers.sipp import Sipp

GOAL_CALLERS = 800
GOAL_PERCENT = 0.05
GAP_S = 0.04
_STEPS = (400, 800, 1000, 1200)
_JOIN_RATE = 80
_SETTLE_S = 3.0
_LISTEN_S = 10.0
_MESSAGE_EVERY_S = 30.0
"""Of a hunt group: in a window as long as this every caller hears the position once."""

_FOR_EVER_MS = 600_000


@attrs.frozen(kw_only=True)
class Heard:
    """What so many callers heard over a while.

    Attributes:
        callers: how many.
        before, after: what the switch had used.
        ports: what each caller received.
        idle: share of the whole machine's time that nobody wanted.
    """

    callers: int
    before: Weight
    after: Weight
    ports: Sequence[PortCount]
    idle: float

    @property
    def percent(self) -> float:
        """Share of a core that each caller costs, in percent."""
        return 100 * self.after.share_since(self.before) / self.callers

    @property
    def largest_gap_ms(self) -> float:
        """Longest time between two packets that any caller had to bear."""
        return 1000 * max((port.largest_gap_s for port in self.ports), default=0.0)

    @property
    def gaps(self) -> int:
        """How many gaps were longer than 40 ms, all callers together."""
        return sum(port.gaps for port in self.ports)

    @property
    def lost(self) -> int:
        """Packets that never came."""
        return sum(port.lost for port in self.ports)

    @property
    def silent(self) -> int:
        """Callers who heard less than nine tenths of what there was to hear."""
        wanted = 0.9 * 50 * (self.after.at_s - self.before.at_s)
        return sum(port.packets < wanted for port in self.ports)

    @property
    def clean(self) -> bool:
        """Whether nobody heard the music falter."""
        return not self.gaps and not self.lost and not self.silent

    def __str__(self) -> str:
        return (
            f"{self.gaps} gaps over 40 ms, longest {self.largest_gap_ms:.0f} ms, "
            f"{self.lost} lost, {self.silent} hear too little, machine {self.idle:.0%} idle"
        )


class Hall:
    """The callers who wait: more join, nobody leaves."""

    def __init__(self, switch: SwitchUnderTest, *, service: str) -> None:
        self._switch = switch
        self._service = service
        self._open = contextlib.AsyncExitStack()
        self._sinks: list[RtpSink] = []
        self.callers = 0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._open.aclose()

    async def fill(self, callers: int) -> None:
        """Let callers join until there are so many."""
        more = callers - self.callers
        sink = self._open.enter_context(RtpSink(more))
        self._sinks.append(sink)
        await self._open.enter_async_context(
            Sipp(
                "uac_call",
                target=self._switch.address,
                service=self._service,
                calls=more,
                rate=_JOIN_RATE,
                talk_ms=_FOR_EVER_MS,
                timeout_s=_FOR_EVER_MS / 1000,
                rtp=sink.addresses,
                trace=False,
            )
        )
        self.callers = callers

    async def listen(self, seconds: float) -> Heard:
        """Weigh the switch and hear what the callers hear, for so long."""
        for sink in self._sinks:
            sink.reset()
        before, idle_s = self._switch.weigh(), system_idle_s()
        await asyncio.sleep(seconds)
        after = self._switch.weigh()
        idle = (system_idle_s() - idle_s) / (after.at_s - before.at_s)
        counts = [sink.counts(gap_limit_s=GAP_S) for sink in self._sinks]
        ports = [port for of_sink in counts for port in of_sink]
        return Heard(callers=self.callers, before=before, after=after, ports=ports, idle=idle / 2)


async def music(work: Work) -> list[Figure]:
    """Raise the number of waiting callers until the music falters."""
    return await _rising(work, "music", "SIP room", seconds=_LISTEN_S)


async def office_music(work: Work) -> list[Figure]:
    """The same through the queue of a whole switch, position messages included."""
    return await _rising(work, "wait", "whole switch", service="wait", seconds=_MESSAGE_EVERY_S)


async def _rising(
    work: Work, mode: str, title: str, *, seconds: float, service: str = "1000"
) -> list[Figure]:
    steps = (50, 100) if work.quick else _STEPS
    seconds = 3.0 if work.quick else seconds
    heard: list[Heard] = []
    gave_way = "not loaded further"
    async with SwitchUnderTest(mode) as switch, Hall(switch, service=service) as hall:
        work.pjsip = switch.pjsip
        for callers in work.steps(steps, f"music, {title}", "waiting callers"):
            await hall.fill(callers)
            there = await switch.until("waiting", callers, 2 * callers / _JOIN_RATE + 10)
            await asyncio.sleep(_SETTLE_S)
            found = await hall.listen(seconds)
            if not found.clean:
                work.say(f"{callers} waiting: {found}; once more")
                found = await hall.listen(seconds)
            if there < callers or not found.clean:
                gave_way = f"at {callers}: {there} answered, {found}"
                heard.append(found)
                break
            heard.append(found)
    return _figures(title, heard, gave_way)


def _figures(title: str, heard: Sequence[Heard], gave_way: str) -> list[Figure]:
    clean = [one for one in heard if one.clean]
    at_goal = [one for one in heard if one.callers <= GOAL_CALLERS][-1]
    load = f"{at_goal.callers} waiting"
    return [
        Figure(
            name=f"waiting callers, music without a gap over 40 ms, {title}",
            load="a player for each",
            value=max((one.callers for one in clean), default=0),
            unit="callers",
            goal=GOAL_CALLERS,
            at_least=True,
            elsewhere="gaps at 800",
            note=gave_way,
        ),
        Figure(
            name=f"longest gap in what a waiting caller receives, {title}",
            load=load,
            value=at_goal.largest_gap_ms,
            unit="ms",
            goal=1000 * GAP_S,
            note=f"machine {at_goal.idle:.0%} idle",
        ),
        Figure(
            name=f"processor share of a waiting caller, {title}",
            load=load,
            value=at_goal.percent,
            unit="%",
            goal=GOAL_PERCENT,
            elsewhere="0.23 %",
        ),
    ]
