"""An engine written down, and another one that goes on from there.

That it does so in every situation is shown by the rule machine in `test_acd_machine_full`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest
from acd_office import Office, office, people

from softswitch.acd import (
    Engine,
    Group,
    OfferAnswered,
    OfferRecord,
    Picked,
    RingMember,
    Situation,
)


def busy_office() -> Office:
    """One talks, one rings, two wait, one was cut off and has a kept place."""
    o = office(2, strategy="simultaneous", redial_within_s=60.0, last_agent_within_s=100.0)
    o.join("past", caller="+451")
    o.answer("1")
    o.at(10).hang_up("past")
    o.join("talks", caller="+452")
    o.answer("1")
    o.deactivate("2")
    for call_id in ("cut off", "first", "second"):
        o.join(call_id, caller=call_id)
    o.hang_up("cut off")
    o.activate("2")
    return o


def written(o: Office) -> dict:
    return json.loads(json.dumps(o.engine.freeze()))


def every_table(plain: object) -> list[dict]:
    """All objects of a JSON value."""
    if isinstance(plain, dict):
        return [plain, *(one for value in plain.values() for one in every_table(value))]
    if isinstance(plain, list):
        return [one for value in plain for one in every_table(value)]
    return []


def test_the_second_engine_stands_where_the_first_one_stood():
    o = busy_office()
    engine = Engine.thaw(written(o))
    assert engine.snapshot(10.0) == o.engine.snapshot(10.0)
    assert engine.next_deadline() == o.engine.next_deadline()
    assert engine.poll() == []


def test_it_takes_what_phones_report_of_earlier_offers():
    o = busy_office()
    ring = next(ring for ring in o.all(RingMember) if ring.member_id == "2")
    engine = Engine.thaw(written(o))
    engine.handle(OfferAnswered(offer_id=ring.offer_id), 11.0)
    o.at(11.0).tell(OfferAnswered(offer_id=ring.offer_id))
    assert engine.poll() == o.new


def test_what_it_is_told_goes_to_its_own_journal():
    log: list[object] = []
    engine = Engine.thaw(written(busy_office()), journal=log.append)
    engine.advance(500.0)
    assert len(log) == 1


@pytest.mark.parametrize(
    ("kind", "name"), [("HuntGroup", "leeway"), ("Entry", "attempts"), ("Group", "weight")]
)
def test_a_field_that_an_earlier_version_did_not_know_has_its_default(kind, name):
    o = busy_office()
    frozen = written(o)
    tables = [table for table in every_table(frozen) if table.get("class") == kind]
    assert tables
    for table in tables:
        del table[name]
    assert Engine.thaw(frozen).snapshot(10.0) == o.engine.snapshot(10.0)


def test_it_knows_what_decided_for_a_call_unless_an_earlier_version_wrote():
    groups = [Group(id="a", members=("1",)), Group(id="b", members=("1",), weight=1)]
    o = Office(*groups, members=people(1))
    o.busy("1")
    o.join("one", "a")
    o.join("two", "b")
    o.member_hangs_up("1")
    assert picked_of_answered(o, written(o)) == Picked.WEIGHT
    earlier = written(o)
    [offer] = [table for table in every_table(earlier) if table.get("class") == "Offer"]
    del offer["picked"]
    assert picked_of_answered(o, earlier) == Picked.UNCONTESTED


def picked_of_answered(o: Office, frozen: dict) -> Picked:
    engine = Engine.thaw(frozen)
    engine.handle(OfferAnswered(offer_id=o.phones["1"].offer_id), 5.0)
    [record] = [out for out in engine.poll() if isinstance(out, OfferRecord)]
    return record.picked


def test_what_cannot_be_missed_is_missed():
    frozen = written(busy_office())
    for table in frozen["objects"]:
        table.pop("joined_at", None)
    with pytest.raises(KeyError, match="joined_at"):
        Engine.thaw(frozen)


def test_a_strategy_of_ones_own_must_be_there():
    def last(situation: Situation) -> Sequence[str]:
        return situation.member_ids[::-1]

    group = Group(id="g", members=("1", "2"), strategy="last")
    engine = Engine([group], people(2), {"last": last})
    frozen = json.loads(json.dumps(engine.freeze()))
    with pytest.raises(KeyError, match="last"):
        Engine.thaw(frozen)
    assert Engine.thaw(frozen, {"last": last}).snapshot(0.0) == engine.snapshot(0.0)
