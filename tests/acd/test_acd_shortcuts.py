"""What the engine does not look at again for each decision changes none of them.

The same day is told to two engines: one as it is, and one that asks every member each time and
ranks by the plain functions over snapshots.
"""

from __future__ import annotations

import random

import attrs
import pytest

from softswitch.acd import (
    DEFAULT_STRATEGIES,
    CallHungUp,
    CallJoined,
    Engine,
    FurtherGroup,
    Group,
    Input,
    Member,
    MemberActivated,
    MemberDeactivated,
    MemberHungUp,
    MemberPaused,
    MemberReady,
    OfferAnswered,
    OfferFailed,
    OfferFailure,
    OfferRecord,
    Reconfigured,
    replay,
)
from softswitch.acd.strategies import as_strategy

PLAIN = {
    name: attrs.evolve(as_strategy(strategy), shortcut=None)
    for name, strategy in DEFAULT_STRATEGIES.items()
}
MEMBERS = tuple(
    Member(id=str(n), address=f"sip:{n}", skills=frozenset(["da"] if n % 2 else []))
    for n in range(8)
)


def groups(strategy: str, ring_time_s: float = 15.0) -> tuple[Group, ...]:
    """Two groups that share members; the second helps the first."""
    ids = tuple(member.id for member in MEMBERS)
    return (
        Group(
            id="a",
            members=ids[:6],
            strategy=strategy,
            simultaneous_limit=3,
            ring_time_s=ring_time_s,
            wrap_up_s=5,
            further=(FurtherGroup(group_id="b", after_s=20),),
            last_agent_within_s=600,
        ),
        Group(id="b", members=ids[4:], strategy=strategy, queue=False),
    )


def a_day(strategy: str, seed: int) -> tuple[list[Input], list[object]]:
    """What is told to an engine in 400 steps, by chance, and what it makes of it."""
    draw, log = random.Random(seed), []  # noqa: S311 -- traffic, not secrets
    engine = Engine(groups(strategy), MEMBERS, journal=log.append)
    output, now = engine.poll(), 0.0
    for step in range(400):
        now += draw.expovariate(0.5)
        who, seen = str(draw.randrange(8)), engine.snapshot(now)
        phone = OfferFailure.BUSY if draw.random() < 0.5 else OfferFailure.REJECTED
        skills = frozenset(["da"] if draw.random() < 0.2 else [])
        join = CallJoined(
            call_id=f"c{step}",
            group_id=draw.choice("aaab"),
            caller=str(draw.randrange(20)),
            skills=skills,
        )
        events = [join] * 6
        waiting = [call for group in seen.groups for call in group.waiting]
        events += [CallHungUp(call_id=call.id) for call in (*waiting, *seen.talking)]
        events += [MemberHungUp(member_id=call.member_id, call_id=call.id) for call in seen.talking]
        events += [OfferAnswered(offer_id=offer.id) for offer in seen.offers]
        events += [OfferFailed(offer_id=offer.id, failure=phone) for offer in seen.offers]
        events += [MemberPaused(member_id=who), MemberReady(member_id=who)]
        events += [MemberDeactivated(member_id=who), MemberActivated(member_id=who)] * 2
        events.append(Reconfigured(groups=groups(strategy, 20.0), members=MEMBERS))
        engine.handle(draw.choice(events), now)
        output += engine.poll()
    return log, output


@pytest.mark.parametrize("strategy", list(PLAIN))
@pytest.mark.parametrize("seed", range(5))
def test_every_decision_is_that_of_an_engine_that_asks_everybody(strategy, seed):
    log, output = a_day(strategy, seed)
    offers = [out for out in output if isinstance(out, OfferRecord)]
    assert len(offers) > 50
    assert len({why for offer in offers for _, why in offer.others}) > 5
    assert replay(groups(strategy), MEMBERS, log, PLAIN) == output
