"""The queue's own speed: from a caller's INVITE to the agent's, and from a free agent to the next.

A whole switch with hunt groups is under test. Every instant is taken at the peers, see
`sip_load.wire`.
"""

from __future__ import annotations

import asyncio
import itertools
import random
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Self

import attrs

from sip_load.figures import Figure, percentile_ms
from sip_load.under_test import SwitchUnderTest
from sip_load.wire import Address, Dialog, Endpoint
from sip_load.work import Work

GOAL_MS = 10.0
GOAL_RATE = 20
GROUPS = 8
MEMBERS = 25
WAITING = 40
_RATES = (20, 50, 100, 150, 200)
_FREE_RATES = (20, 50, 100)
_ANSWER_S = 0.05
_TALK_S = 0.3
_LAST_S = 3.0
_FIRST_NUMBER = 1000
_caller_numbers = itertools.count(70_000_000)  # nobody calls twice: agents are told apart by it


@attrs.frozen(kw_only=True)
class Delays:
    """Delays under one load, in seconds.

    Attributes:
        answer: from the caller's INVITE to the 200 that the caller gets.
        ring: from the caller's INVITE to the INVITE that an agent gets.
        missing: calls that were not answered, or rang nowhere.
        repeats: messages that the switch sent twice.
    """

    answer: tuple[float, ...]
    ring: tuple[float, ...]
    missing: int
    repeats: int

    @property
    def good(self) -> bool:
        """Whether all went through, and quickly enough."""
        worst = percentile_ms(self.ring, 99)
        return not self.missing and not self.repeats and worst is not None and worst <= GOAL_MS


class Agents(Endpoint):
    """Members' phones: each answers after a moment and talks until somebody hangs up."""

    def __init__(self) -> None:
        super().__init__()
        self.rang: dict[str, int] = {}
        self.on_invite = self._ring

    def _ring(self, dialog: Dialog) -> None:
        self.rang.setdefault(dialog.name, dialog.invite_ns)
        asyncio.get_running_loop().call_later(_ANSWER_S, self.answer, dialog)


class Callers(Endpoint):
    """Callers with a number of their own each."""

    def __init__(self, switch: str) -> None:
        super().__init__()
        host, _, port = switch.rpartition(":")
        self._switch: Address = (host, int(port))
        self.made: list[Dialog] = []

    def hang_up_later(self, dialog: Dialog) -> None:
        """Talk for a moment, then hang up."""
        asyncio.get_running_loop().call_later(_ANSWER_S + _TALK_S, self.hang_up, dialog)

    def ring_at(self, number: str) -> Dialog:
        """Make one more call."""
        dialog = self.call(self._switch, number, str(next(_caller_numbers)))
        self.made.append(dialog)
        return dialog


async def first_ring(work: Work) -> list[Figure]:
    """Raise the rate of callers for whom an agent is free."""
    seconds = 5.0 if work.quick else 30.0
    found: dict[int, Delays] = {}
    async with Agents() as agents:
        port = agents.address[1]
        async with SwitchUnderTest("queue", port=port, groups=GROUPS, members=MEMBERS) as switch:
            work.pjsip = switch.pjsip
            await _callers_for_a_while(switch, agents, GOAL_RATE, 2.0)
            for rate in work.steps(_RATES[:2] if work.quick else _RATES, "queue", "calls/s"):
                found[rate] = await _callers_for_a_while(switch, agents, rate, seconds)
                seconds = min(seconds, 10.0)
                if not found[rate].good:
                    break
    return _ring_figures(found)


async def _callers_for_a_while(
    switch: SwitchUnderTest, agents: Agents, rate: int, seconds: float
) -> Delays:
    """Let callers come at random, ``rate`` a second in the mean."""
    chance = random.Random(rate)  # noqa: S311 - arrivals, not secrets
    loop = asyncio.get_running_loop()
    async with Callers(switch.address) as callers:
        callers.on_answered = callers.hang_up_later
        due_s, end_s = loop.time(), loop.time() + seconds
        while due_s < end_s:
            await asyncio.sleep(max(0.0, due_s - loop.time()))
            callers.ring_at(str(_FIRST_NUMBER + len(callers.made) % GROUPS))
            due_s += chance.expovariate(rate)
        await asyncio.sleep(_LAST_S)
        return _delays(callers, agents)


def _delays(callers: Callers, agents: Agents) -> Delays:
    made = callers.made
    rang = [agents.rang.get(one.own_name, 0) for one in made]
    good = [(one, at) for one, at in zip(made, rang, strict=True) if one.answered_ns and at]
    return Delays(
        answer=tuple((one.answered_ns - one.invite_ns) / 1e9 for one, _ in good),
        ring=tuple((at - one.invite_ns) / 1e9 for one, at in good),
        missing=len(made) - len(good),
        repeats=callers.repeats + agents.repeats,
    )


def _ring_figures(found: Mapping[int, Delays]) -> list[Figure]:
    at_goal = found.get(GOAL_RATE)
    if at_goal is None:
        return []
    best = max((rate for rate, one in found.items() if one.good), default=0)
    load = f"{GOAL_RATE} calls/s, {GROUPS} groups of {MEMBERS}"
    note = _fate(at_goal)
    return [
        *_pair("INVITE to the agent's INVITE", load, at_goal.ring, "2.3 ms median", note),
        *_pair("INVITE to 200", load, at_goal.answer, "", note),
        Figure(
            name="queue: most calls at which the agent's INVITE p99 stays under 10 ms",
            load=f"{GROUPS} groups of {MEMBERS}",
            value=best,
            unit="calls/s",
            note=f"p50, p99 in ms at {_further(found)}",
        ),
    ]


def _pair(
    name: str, load: str, times_s: Sequence[float], elsewhere: str, note: str
) -> tuple[Figure, Figure]:
    """Median and 99th percentile."""
    goal = GOAL_MS if name != "INVITE to 200" else None
    return (
        Figure(
            name=f"{name}, p50",
            load=load,
            value=percentile_ms(times_s, 50),
            unit="ms",
            elsewhere=elsewhere,
        ),
        Figure(
            name=f"{name}, p99",
            load=load,
            value=percentile_ms(times_s, 99),
            unit="ms",
            goal=goal,
            note=note,
        ),
    )


class Shift:
    """A group whose agents are all busy and whose queue is never empty."""

    def __init__(self, switch: SwitchUnderTest, agents: Agents, *, waiting: int) -> None:
        self._agents = agents
        self._callers = Callers(switch.address)
        self._waiting = waiting
        self._talking: dict[str, Dialog] = {}
        self._freed_ns: dict[str, int] = {}
        self._everybody = asyncio.Event()
        self.delays_s: list[float] = []
        agents.on_invite = self._ring

    async def __aenter__(self) -> Self:
        """Fill the group and its queue."""
        await self._callers.__aenter__()
        self._callers.on_over = lambda _dialog: self._join()
        for _ in range(MEMBERS + self._waiting):
            self._join()
            await asyncio.sleep(0.01)
        async with asyncio.timeout(20.0):
            await self._everybody.wait()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._callers.__aexit__(kind, error, trace)

    def _join(self) -> None:
        self._callers.ring_at(str(_FIRST_NUMBER))

    def _ring(self, dialog: Dialog) -> None:
        freed_ns = self._freed_ns.pop(dialog.own_name, 0)
        if freed_ns:
            self.delays_s.append((dialog.invite_ns - freed_ns) / 1e9)
        asyncio.get_running_loop().call_later(_ANSWER_S, self._answer, dialog)

    def _answer(self, dialog: Dialog) -> None:
        self._agents.answer(dialog)
        self._talking[dialog.own_name] = dialog
        if len(self._talking) == MEMBERS:
            self._everybody.set()

    def free_one(self) -> None:
        """Let the agent who has talked longest hang up, if anybody talks."""
        if not self._talking:
            return
        name, dialog = next(iter(self._talking.items()))
        del self._talking[name]
        self._agents.hang_up(dialog)
        self._freed_ns[name] = dialog.bye_ns

    async def work(self, rate: int, seconds: float) -> Delays:
        """Let ``rate`` agents become free each second, for so long."""
        self.delays_s, repeats = [], self._repeats()
        loop = asyncio.get_running_loop()
        begun_s = loop.time()
        for turn in range(round(rate * seconds)):
            await asyncio.sleep(max(0.0, begun_s + turn / rate - loop.time()))
            self.free_one()
        await asyncio.sleep(_LAST_S)
        return Delays(
            answer=(),
            ring=tuple(self.delays_s),
            missing=len(self._freed_ns),
            repeats=self._repeats() - repeats,
        )

    def _repeats(self) -> int:
        return self._callers.repeats + self._agents.repeats


async def next_ring(work: Work) -> list[Figure]:
    """Agents become free, one at a time, ever more often, while callers wait."""
    seconds = 5.0 if work.quick else 30.0
    found: dict[int, Delays] = {}
    async with Agents() as agents:
        port = agents.address[1]
        async with SwitchUnderTest("queue", port=port, groups=1, members=MEMBERS) as switch:
            work.pjsip = switch.pjsip
            async with Shift(switch, agents, waiting=WAITING) as shift:
                await shift.work(GOAL_RATE, 2.0)
                rates = _FREE_RATES[:1] if work.quick else _FREE_RATES
                for rate in work.steps(rates, "agents free", "a second"):
                    found[rate] = await shift.work(rate, seconds)
                    seconds = min(seconds, 10.0)
                    if not found[rate].good:
                        break
    return _next_figures(found)


def _next_figures(found: Mapping[int, Delays]) -> list[Figure]:
    at_goal = found[GOAL_RATE]
    load = f"{GOAL_RATE} agents free each second, {WAITING} callers waiting"
    note = f"{_fate(at_goal)}; p50, p99 in ms at {_further(found)}"
    return list(_pair("agent free to the next agent's INVITE", load, at_goal.ring, "", note))


def _fate(delays: Delays) -> str:
    return f"{len(delays.ring)} calls, {delays.missing} missing, {delays.repeats} repeated"


def _further(found: Mapping[int, Delays]) -> str:
    """Median and 99th percentile under the other loads."""
    return "; ".join(
        f"{rate}/s: {percentile_ms(one.ring, 50):.1f}, {percentile_ms(one.ring, 99):.1f}"
        for rate, one in found.items()
        if rate != GOAL_RATE and one.ring
    )
