"""H3: decisions that can be repeated and explained."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from acd_office import people

from softswitch.acd import (
    DEFAULT_STRATEGIES,
    CallHungUp,
    CallJoined,
    Engine,
    Group,
    Input,
    MemberReady,
    OfferAnswered,
    OfferRecord,
    RingMember,
    Situation,
    UnknownMemberError,
    replay,
)


def last_first(situation: Situation) -> Sequence[str]:
    return situation.member_ids[::-1]


GROUP = Group(id="g", members=("1", "2"), wrap_up_s=10)


def logged() -> tuple[list[Input], list[object]]:
    """A short day, its log, and what the engine made of it."""
    log: list[Input] = []
    engine = Engine([GROUP], people(2), journal=log.append)
    engine.handle(CallJoined(call_id="a", group_id="g"), 1)
    with pytest.raises(UnknownMemberError):
        engine.handle(MemberReady(member_id="9"), 2)
    engine.advance(30)
    output = engine.poll()
    ring = [out for out in output if isinstance(out, RingMember)][-1]
    engine.handle(OfferAnswered(offer_id=ring.offer_id), 35)
    engine.advance(36)
    engine.handle(CallHungUp(call_id="a"), 50)
    engine.advance(100)
    return log, output + engine.poll()


def test_h3_a_log_holds_what_was_taken_and_when_time_told():
    log, _ = logged()
    assert [(told.now, type(told.event).__name__) for told in log] == [
        (1, "CallJoined"),
        (30, "NoneType"),
        (35, "NoneType"),  # the position fell due at 31
        (35, "OfferAnswered"),
        (50, "CallHungUp"),
        (100, "NoneType"),
    ]


def test_h3_a_log_replays_to_the_same_decisions():
    log, output = logged()
    assert replay([GROUP], people(2), log) == output


def test_h3_a_log_shows_what_another_strategy_would_have_done():
    log, _ = logged()
    output = replay(
        [Group(id="g", members=("1", "2"), strategy="own")],
        people(2),
        log,
        {**DEFAULT_STRATEGIES, "own": last_first},
    )
    tried = [out.member_id for out in output if isinstance(out, OfferRecord)]
    assert tried == ["2", "1"]
