"""Traffic drawn by chance, with a seed, for an engine by itself."""

from __future__ import annotations

import heapq
import itertools
import random
from collections.abc import Callable, Iterable

from softswitch.acd import (
    CallHungUp,
    CallJoined,
    Engine,
    EngineEvent,
    Group,
    Member,
    OfferAnswered,
    RingMember,
)

TALK_S = 100.0
PEAK = 1.5


def simulate(
    group: Group,
    *,
    load: Callable[[float], float],
    calls: int,
    seed: int,
    staff: Iterable[tuple[float, EngineEvent]] = (),
) -> list[object]:
    """Poisson arrivals and exponential conversations; every phone is answered at once.

    `load` gives the offered traffic by the time, in conversations that go on at once for each
    member, at most `PEAK`: callers come at the pace of the peak and are let through by chance.
    """
    draw = random.Random(seed)  # noqa: S311 -- traffic, not secrets
    engine = Engine([group], [Member(id=who, address=who) for who in group.members])
    rate = PEAK * len(group.members) / TALK_S
    order, output, now = itertools.count(), [], 0.0
    agenda: list[tuple[float, int, object]] = [(at, next(order), event) for at, event in staff]
    heapq.heapify(agenda)
    for number in range(calls):
        now += draw.expovariate(rate)
        while draw.random() * PEAK > load(now):
            now += draw.expovariate(rate)
        heapq.heappush(agenda, (now, next(order), CallJoined(call_id=str(number), group_id="g")))
    while agenda:
        now, _, event = heapq.heappop(agenda)
        engine.handle(event, now)
        todo = engine.poll()
        while todo:
            output += todo
            rings = [out for out in todo if isinstance(out, RingMember)]
            for ring in rings:
                engine.handle(OfferAnswered(offer_id=ring.offer_id), now)
                over = now + draw.expovariate(1 / TALK_S)
                heapq.heappush(agenda, (over, next(order), CallHungUp(call_id=ring.call_id)))
            todo = engine.poll()
    return output
