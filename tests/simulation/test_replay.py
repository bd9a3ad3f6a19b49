"""Recorded traffic: what a journal tells is met again, and what it does not tell is drawn."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import attrs
import msgspec
import numpy as np
import pytest
from simulated import markov, people

from softswitch.acd import (
    CallOutcome,
    CallRecord,
    ForwardReason,
    Group,
    MemberActivated,
    MemberDeactivated,
    MemberPaused,
    MemberReady,
    MemberState,
    MemberStateRecord,
    OfferOutcome,
    OfferRecord,
    Target,
    TargetKind,
)
from softswitch.acd.records import Record
from softswitch.errors import ConfigurationError
from softswitch.simulation import (
    AT_ONCE,
    FOR_EVER,
    Experiment,
    Exponential,
    Observed,
    RecordedTraffic,
    read_journal,
    simulate_once,
)
from softswitch.simulation.day import Day
from softswitch.switch.journal import as_json

OPENED = datetime(2024, 3, 4, 8, 0, tzinfo=UTC)


def wall(at: float) -> datetime:
    """The switch was started at eight, at 5000 s of its own clock."""
    return OPENED + timedelta(seconds=at - 5000.0)


def write(path: Path, records: list[Record]) -> Path:
    path.write_text("".join(as_json(record, wall(record.at)) + "\n" for record in records))
    return path


def shifted(record: Record) -> Record:
    """The same record on the clock of the switch."""
    times = ("at", "joined_at", "answered_at", "ended_at", "started_at")
    have = {name: getattr(record, name, None) for name in times}
    later = {k: v + 5000.0 for k, v in have.items() if v is not None}
    return msgspec.structs.replace(record, **later)


def one_call(call_id: str, **fields: object) -> CallRecord:
    usual: dict[str, object] = {
        "at": 5200.0,
        "group_id": "main",
        "caller": "+4570102030",
        "joined_at": 5100.0,
        "answered_at": None,
        "ended_at": 5200.0,
        "outcome": CallOutcome.ABANDONED,
    }
    return CallRecord(**{**usual, "call_id": call_id, **fields})  # type: ignore[arg-type]


def test_a_recorded_day_comes_out_as_it_was(tmp_path: Path):
    day = attrs.evolve(markov(5, 5.0, patience_s=60, hours=3), warm_up_s=0.0)
    records: list[Record] = []
    Day(day, np.random.SeedSequence(3), records.append).run()
    before = simulate_once(day, np.random.SeedSequence(3))["main"]
    recorded = read_journal(write(tmp_path / "journal.jsonl", list(map(shifted, records))))
    again = Experiment(
        office=day.office, traffic=recorded, answering=recorded.answering, within_s=day.within_s
    )
    after = simulate_once(again, np.random.SeedSequence(99))["main"]
    assert before.count.abandoned > 20
    assert attrs.evolve(after.count, wait_s=0, wait_of_answered_s=0) == attrs.evolve(
        before.count, wait_s=0, wait_of_answered_s=0
    )
    assert sorted(after.waited_s) == pytest.approx(sorted(before.waited_s), abs=1e-3)
    assert recorded.answering.missed == 0
    assert recorded.answering.after.mean_s == pytest.approx(0, abs=1e-5)


def test_what_a_line_says(tmp_path: Path):
    records: list[Record] = [
        MemberStateRecord(at=5000.0, member_id="anna", state=MemberState.READY),
        OfferRecord(
            at=5108.0,
            offer_id="o1",
            call_id="a",
            group_id="main",
            member_id="anna",
            round=1,
            started_at=5101.0,
            outcome=OfferOutcome.ANSWERED,
            strategy="priority",
        ),
        OfferRecord(
            at=5208.0,
            offer_id="o2",
            call_id="b",
            group_id="main",
            member_id="anna",
            round=1,
            started_at=5188.0,
            outcome=OfferOutcome.NO_ANSWER,
            strategy="priority",
        ),
        one_call("a", at=5228.0, answered_at=5108.0, ended_at=5228.0, outcome=CallOutcome.ANSWERED),
        one_call("b", at=5260.0, joined_at=5180.0, ended_at=5210.0, caller=""),
    ]
    found = read_journal(write(tmp_path / "journal.jsonl", records))
    first, second = found.calls
    assert (first.at, first.waited_s, first.talk_s, first.gave_up) == (100, 8, 120, False)
    assert (second.at, second.waited_s, second.talk_s, second.gave_up) == (180, 30, None, True)
    assert (first.number, second.number) == ("+4570102030", "")
    assert found.length_s == 260
    assert found.picked_up_s == (7.0,)
    assert found.answering.missed == 0.5
    assert found.talk == Observed((120.0,))
    # One gave up in 38 s of waiting.
    assert found.patience == Exponential(38.0)


def test_who_hung_up_does_so_again_and_others_are_at_least_as_patient(tmp_path: Path):
    records: list[Record] = [
        one_call(f"gone-{i}", joined_at=5100.0 + i, ended_at=5130.0 + i) for i in range(200)
    ]
    records += [
        one_call(
            f"met-{i}",
            joined_at=5100.0 + i,
            answered_at=5150.0 + i,
            ended_at=5200.0 + i,
            outcome=CallOutcome.ANSWERED,
        )
        for i in range(800)
    ]
    traffic = read_journal(write(tmp_path / "journal.jsonl", records))
    drawn = traffic.draw(np.random.SeedSequence(1))
    gone = [c for c, known in zip(drawn, traffic.calls, strict=True) if known.gave_up]
    met = [c for c, known in zip(drawn, traffic.calls, strict=True) if not known.gave_up]
    assert {caller.patience_s for caller in gone} == {30.0}
    assert {caller.talk_s for caller in drawn} == {50.0}
    assert min(caller.patience_s for caller in met) > 50
    # 200 hung up in 200 · 30 + 800 · 50 s: every 230 s of waiting one.
    longer = np.mean([caller.patience_s - 50 for caller in met])
    assert longer == pytest.approx(230, abs=4 * 230 / np.sqrt(800))


def test_a_call_that_was_sent_on_is_one_caller(tmp_path: Path):
    sent = {
        "outcome": CallOutcome.FORWARDED,
        "forward_target": Target(TargetKind.GROUP, "spare"),
        "forward_reason": ForwardReason.QUEUE_FULL,
    }
    records: list[Record] = [
        one_call("a-1", **sent),
        one_call("a-1-2", group_id="spare", joined_at=5200.0, ended_at=5300.0),
        one_call("a-2"),  # another caller, whatever the name looks like
    ]
    found = read_journal(write(tmp_path / "journal.jsonl", records))
    assert [call.group_id for call in found.calls] == ["main", "main"]


def test_members_come_and_go_as_they_did(tmp_path: Path):
    states = [
        (5000.0, MemberState.READY, ""),
        (5010.0, MemberState.IN_CALL, ""),
        (5020.0, MemberState.PAUSED, "lunch"),
        (5030.0, MemberState.READY, ""),
        (5040.0, MemberState.PAUSED, "no_answer"),  # the rules' doing
        (5050.0, MemberState.READY, ""),
        (5060.0, MemberState.PASSIVE, ""),
        (5070.0, MemberState.READY, ""),
    ]
    records: list[Record] = [
        MemberStateRecord(at=at, member_id="anna", state=state, reason=reason)
        for at, state, reason in states
    ]
    records += [MemberStateRecord(at=5000.0, member_id="gone", state=MemberState.PASSIVE)]
    path = write(tmp_path / "journal.jsonl", [*records, one_call("a")])
    traffic = read_journal(path).without_strangers(["anna"])
    assert list(traffic.staff_changes) == [
        (0.0, MemberActivated(member_id="anna")),
        (20.0, MemberPaused(member_id="anna")),
        (30.0, MemberReady(member_id="anna")),
        (60.0, MemberDeactivated(member_id="anna")),
        (70.0, MemberActivated(member_id="anna")),
    ]


def test_a_record_of_little():
    nobody = RecordedTraffic(calls=(), length_s=1.0)
    assert (nobody.talk, nobody.patience) == (AT_ONCE, FOR_EVER)
    assert (nobody.answering.missed, nobody.answering.after) == (0.0, AT_ONCE)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "There is no call in it"),
        ('{"record": "MemberStateRecord"}\n', "line 1: This is not a record"),
        ("\nhello\n", "line 2: This is not a record"),
        ('{"record": "CallRecord", "time": "2024-03-04T08:00:00", "at": 1}', "'call_id'"),
        ("[1]", "line 1: This is not a record"),
    ],
)
def test_what_is_no_journal_is_refused(tmp_path: Path, text: str, message: str):
    path = tmp_path / "journal.jsonl"
    path.write_text(text)
    with pytest.raises(ConfigurationError, match=message):
        read_journal(path)


def test_a_journal_that_is_not_there(tmp_path: Path):
    with pytest.raises(ConfigurationError, match="cannot be read"):
        read_journal(tmp_path / "journal.jsonl")


def test_other_rules_meet_recorded_traffic(tmp_path: Path):
    records: list[Record] = [
        one_call(
            str(i),
            joined_at=5000.0 + i,
            answered_at=5000.0 + i + 60 * i,
            ended_at=5060.0 + i + 60 * i,
            outcome=CallOutcome.ANSWERED,
        )
        for i in range(3)
    ]
    traffic = read_journal(write(tmp_path / "journal.jsonl", records))
    main = Group(id="main", members=("anna", "bo", "clara"))
    rules = attrs.evolve(markov(1, 1.0, patience_s=None, hours=1).office, groups=(main,))
    rules = attrs.evolve(rules, members=people("anna", "bo", "clara"))
    found = simulate_once(Experiment(office=rules, traffic=traffic), np.random.SeedSequence(1))
    assert found["main"].waited_s.tolist() == [0, 0, 0]
    assert found["main"].busy_s == pytest.approx(
        sum(min(60.0, traffic.length_s - i) for i in range(3))
    )
