"""Menus on real calls: is a key ever lost, and how soon is the next prompt heard?"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

import attrs
import numpy as np
from sip_load.figures import Figure
from sip_load.under_test import SwitchUnderTest, Weight
from sip_load.work import Work

from ivr_load.callers import Crowd, Pressed
from ivr_load.menus import NUMBER
from softswitch.testing.peers.sipp import Sipp

GOAL_CALLERS: Final = 500
GOAL_P99_MS: Final = 60.0
EVERY_S: Final = 2.0
_ROUNDS = 20
_JOIN_RATE = 50
_FOR_EVER_MS = 600_000
_SETTLE_S = 3.0


@attrs.frozen(kw_only=True)
class Run:
    """So many callers pressing keys.

    Attributes:
        there: callers who were answered.
        keys: every key pressed.
        before, after: what the switch had used.
    """

    callers: int
    there: int
    keys: Sequence[Pressed]
    before: Weight
    after: Weight

    @property
    def lost(self) -> int:
        """Keys of which nothing was heard until the next one."""
        return sum(one.after_s is None for one in self.keys)

    def percentile_ms(self, percent: float) -> float | None:
        """Time from key to prompt."""
        times = [one.after_s for one in self.keys if one.after_s is not None]
        return 1000 * float(np.percentile(times, percent)) if times else None


async def _run(work: Work, callers: int, rounds: int) -> Run:
    async with SwitchUnderTest("menus") as switch:
        work.pjsip = switch.pjsip
        with Crowd(callers) as crowd:
            async with Sipp(
                "uac_call",
                target=switch.address,
                service=NUMBER,
                calls=callers,
                rate=_JOIN_RATE,
                talk_ms=_FOR_EVER_MS,
                timeout_s=_FOR_EVER_MS / 1000,
                rtp=crowd.addresses,
                trace=False,
            ):
                there = await switch.until("live", callers, 2 * callers / _JOIN_RATE + 20)
                await asyncio.sleep(_SETTLE_S)
                before = switch.weigh()
                with work.passing("keys", EVERY_S * (rounds + 2)):
                    keys = await asyncio.to_thread(crowd.press, rounds, EVERY_S)
                after = switch.weigh()
    return Run(callers=callers, there=there, keys=keys, before=before, after=after)


async def keys(work: Work) -> list[Figure]:
    """Let callers press a key every two seconds."""
    callers, rounds = (50, 4) if work.quick else (GOAL_CALLERS, _ROUNDS)
    run = await _run(work, callers, rounds)
    load = f"{run.there} menus at once, {len(run.keys):,} keys, one every {EVERY_S:g} s each"
    share = 100 * run.after.share_since(run.before) / run.callers
    return [
        Figure(name="keys lost", load=load, value=run.lost, unit="keys", goal=0.0),
        Figure(
            name="menus at once",
            load="RFC 4733",
            value=run.there,
            unit="calls",
            goal=callers,
            at_least=True,
        ),
        Figure(
            name="key pressed to next prompt heard, p99",
            load=load,
            value=run.percentile_ms(99),
            unit="ms",
            goal=GOAL_P99_MS,
            note=f"median {run.percentile_ms(50) or 0:.1f} ms",
        ),
        Figure(name="processor share of a caller in a menu", load=load, value=share, unit="%"),
    ]
