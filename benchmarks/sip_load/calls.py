"""Calls per second: answered and ended with no failure and nothing sent twice; and memory."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

import attrs
import numpy as np

from sip_load.figures import Figure, percentile_ms
from sip_load.under_test import SwitchUnderTest, Weight
from sip_load.work import Work
from softswitch.testing.peers.process import PeerProcessError
from softswitch.testing.peers.sipp import Sipp

GOAL_PER_S = 400
GOAL_MB_PER_MIN = 5.0
TALK_MS = 100
_FILLING_S = 75.0
_RATES = (200, 400, 500, 600, 700, 800, 900, 1000)
_SPARE_S = 40.0
_LATE = 1.1
_ELSEWHERE = "600 to 700"


@attrs.frozen(kw_only=True)
class Run:
    """One load on one switch.

    Attributes:
        rate: calls per second wanted.
        calls: how many.
        took_s: time from the first call's beginning to the last one's end.
        failed: calls that did not go through.
        repeated: SIP messages that were sent again.
        invite_p99_ms: from INVITE to 200, as the caller saw it (whole milliseconds).
        before, after: what the switch had used.
        complaint: the calling side's own words about the first failure.
    """

    rate: int
    calls: int
    took_s: float
    failed: int
    repeated: int
    invite_p99_ms: float | None
    before: Weight
    after: Weight
    complaint: str

    @property
    def late(self) -> bool:
        """Whether the calling side itself could not keep up."""
        return self.took_s > _LATE * self.calls / self.rate + TALK_MS / 1000 + 1.0

    @property
    def clean(self) -> bool:
        """Whether every call went through, in time, with nothing sent twice."""
        return not self.failed and not self.repeated and not self.late

    @property
    def cpu_ms(self) -> float:
        """Processor time of the switch for each call."""
        return 1000 * (self.after.cpu_s - self.before.cpu_s) / self.calls

    def __str__(self) -> str:
        words = [f"{self.failed} failed, {self.repeated} repeated, p99 {self.invite_p99_ms} ms"]
        words += ["the peer was late"] if self.late else []
        return ", ".join(words + ([self.complaint] if self.failed else []))


async def load(switch: SwitchUnderTest, rate: int, seconds: float) -> Run:
    """Call ``rate`` times a second for so long."""
    calls = round(rate * seconds)
    before, begun_s = switch.weigh(), time.monotonic()
    async with Sipp(
        "uac_call",
        target=switch.address,
        calls=calls,
        rate=rate,
        talk_ms=TALK_MS,
        timeout_s=seconds + _SPARE_S,
        trace=False,
    ) as callers:
        try:
            result = await callers.finished(check=False)
        except PeerProcessError as error:  # it was not finished in time
            result = await callers.stop(grace_s=0.1)
            complaint = str(error).partition("\n")[0].rpartition("): ")[2]
        else:
            complaint = " ".join(result.errors.split())[:200]
    return Run(
        rate=rate,
        calls=calls,
        took_s=time.monotonic() - begun_s,
        failed=max(result.failed, calls - result.successful),
        repeated=result.retransmissions,
        invite_p99_ms=percentile_ms(result.response_times_s.get("invite", ()), 99),
        before=before,
        after=switch.weigh(),
        complaint=complaint,
    )


async def rising(work: Work, mode: str, title: str) -> list[Figure]:
    """Raise the rate until a step fails twice, or the last one is reached."""
    rates = _RATES[:3] if work.quick else _RATES
    seconds = 3.0 if work.quick else 10.0
    clean: list[Run] = []
    gave_way = ""
    async with SwitchUnderTest(mode) as switch:
        work.pjsip = switch.pjsip
        for rate in work.steps(rates, title, "calls/s"):
            run = await load(switch, rate, seconds)
            if not run.clean:
                work.say(f"{rate} calls/s: {run}; once more")
                await asyncio.sleep(1.0)
                run = await load(switch, rate, seconds)
            if not run.clean:
                gave_way = f"at {rate}/s: {run}"
                break
            clean.append(run)
    return _figures(title, clean, gave_way)


def _figures(title: str, clean: Sequence[Run], gave_way: str) -> list[Figure]:
    at_goal = [run for run in clean if run.rate <= GOAL_PER_S][-1:]
    best = max((run.rate for run in clean), default=0)
    return [
        Figure(
            name=f"calls answered and ended, {title}",
            load=f"{TALK_MS} ms of talk each",
            value=best,
            unit="calls/s",
            goal=GOAL_PER_S,
            at_least=True,
            elsewhere=_ELSEWHERE,
            note=gave_way or "not loaded further",
        ),
        *(
            Figure(
                name=f"processor time of a call, {title}",
                load=f"{run.rate} calls/s",
                value=run.cpu_ms,
                unit="ms",
                note=f"INVITE to 200 p99 {run.invite_p99_ms} ms",
            )
            for run in at_goal
        ),
    ]


async def plain_calls(work: Work) -> list[Figure]:
    """Answered by the SIP room with the barest handler."""
    return await rising(work, "answer", "by the SIP room")


async def flow_calls(work: Work) -> list[Figure]:
    """Answered by a flow of a whole switch."""
    return await rising(work, "flow", "by a flow")


async def memory(work: Work) -> list[Figure]:
    """Watch the memory of a switch for a minute under the load of the goal.

    The watch begins when the load has lasted for more than twice the 32 s for which a SIP
    transaction and its dialog are kept after their end (RFC 3261 section 17.2.2, timer J). In the
    first 32 s memory must rise; in the second the C library's gaps between blocks settle.
    """
    filling_s, seconds = (2.0, 8.0) if work.quick else (_FILLING_S, 60.0)
    async with SwitchUnderTest("answer") as switch:
        empty = switch.weigh()
        watching = asyncio.create_task(_watch(switch, filling_s, seconds))
        with work.passing("memory", filling_s + seconds):
            run = await load(switch, GOAL_PER_S, filling_s + seconds + 1.0)
        return _memory_figures(run, empty, await watching, seconds)


async def _watch(switch: SwitchUnderTest, filling_s: float, seconds: float) -> list[Weight]:
    await asyncio.sleep(filling_s)
    weights = [switch.weigh()]
    while weights[-1].at_s - weights[0].at_s < seconds:
        await asyncio.sleep(0.5)
        weights.append(switch.weigh())
    return weights


def _memory_figures(
    run: Run, empty: Weight, weights: Sequence[Weight], seconds: float
) -> list[Figure]:
    at_s = np.array([one.at_s for one in weights])
    slope = float(np.polyfit(at_s - at_s[0], [one.rss_mb for one in weights], 1)[0])
    load_text = f"{run.rate} calls/s for {seconds:.0f} s"
    return [
        Figure(
            name="memory: growth, once ended calls are forgotten as fast as new ones come",
            load=load_text,
            value=slope * 60,
            unit="MB/min",
            goal=GOAL_MB_PER_MIN,
            elsewhere="grows to 2 GB",
            note=str(run),
        ),
        Figure(
            name="memory: most",
            load=load_text,
            value=max(one.rss_mb for one in weights),
            unit="MB",
            note=f"{empty.rss_mb:.0f} MB before the first call; SIP keeps ended calls for 32 s",
        ),
    ]
