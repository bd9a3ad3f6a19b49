"""`softswitch explain`: a journal written by hand, and logs of real runs."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from office_builder import Office
from typer.testing import CliRunner

from softswitch.acd.records import NotChosen, Picked, Record
from softswitch.cli import app
from softswitch.switch.story import NOT_CHOSEN, PICKED, TELLERS
from softswitch.testing import run_virtual_strictly

OFFER = {
    "record": "OfferRecord",
    "group_id": "sales",
    "strategy": "longest_idle",
}
JOURNAL = [
    {
        **OFFER,
        "time": "2026-03-02T08:00:21+00:00",
        "at": 121.0,
        "offer_id": "o1",
        "call_id": "c1",
        "member_id": "anna",
        "round": 1,
        "started_at": 101.0,
        "outcome": "no_answer",
        "others": [["bo", "less_idle"], ["carl", "paused"]],
    },
    {
        **OFFER,
        "time": "2026-03-02T08:00:25+00:00",
        "at": 125.0,
        "offer_id": "o2",
        "call_id": "c1",
        "member_id": "bo",
        "round": 2,
        "started_at": 121.0,
        "outcome": "answered",
        "others": [["anna", "just_tried"], ["carl", "paused"]],
    },
    {
        "record": "ConversationRecord",
        "time": "2026-03-02T08:01:25+00:00",
        "at": 185.0,
        "call_id": "c1",
        "group_id": "sales",
        "caller": "+4533111111",
        "member_id": "bo",
        "started_at": 125.0,
    },
    {
        "record": "CallRecord",
        "time": "2026-03-02T08:01:25+00:00",
        "at": 185.0,
        "call_id": "c1",
        "group_id": "sales",
        "caller": "+4533111111",
        "joined_at": 101.0,
        "answered_at": 125.0,
        "ended_at": 185.0,
        "outcome": "answered",
        "member_id": "bo",
        "offers": 2,
        "queued": False,
        "forward_target": None,
        "forward_reason": None,
    },
    {
        "record": "CallRecord",
        "time": "2026-03-02T08:02:00+00:00",
        "at": 220.0,
        "call_id": "c2",
        "group_id": "sales",
        "caller": "+4533222222",
        "joined_at": 220.0,
        "answered_at": None,
        "ended_at": 220.0,
        "outcome": "forwarded",
        "member_id": None,
        "offers": 0,
        "queued": False,
        "forward_target": {"kind": "voicemail", "value": ""},
        "forward_reason": "queue_full",
    },
]


def run(*arguments: str | Path) -> tuple[int, str, str]:
    result = CliRunner(env={"COLUMNS": "150"}).invoke(app, ["explain", *map(str, arguments)])
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    path = tmp_path / "journal.jsonl"
    path.write_text("".join(f"{json.dumps(line)}\n" for line in JOURNAL))
    return path


def steps(path: Path, call_id: str) -> list[dict[str, object]]:
    status, printed, _ = run(path, "--call", call_id, "--json")
    assert status == 0
    return json.loads(printed)["steps"]


def test_the_timeline_of_a_call(journal: Path):
    told = [(step["at_s"], step["time"], step["text"]) for step in steps(journal, "c1")]
    assert told == [
        (0.0, "2026-03-02T08:00:01+00:00", "It joins group sales."),
        (0.0, "2026-03-02T08:00:01+00:00", "Round 1 (longest_idle): anna rings."),
        (20.0, "2026-03-02T08:00:21+00:00", "anna does not answer within 20.0 s."),
        (20.0, "2026-03-02T08:00:21+00:00", "Round 2 (longest_idle): bo rings."),
        (24.0, "2026-03-02T08:00:25+00:00", "bo answers after 4.0 s."),
        (24.0, "2026-03-02T08:00:25+00:00", "bo and the caller are connected."),
        (84.0, "2026-03-02T08:01:25+00:00", "The conversation with bo is over after 60.0 s."),
        (84.0, "2026-03-02T08:01:25+00:00", "It is over; it was answered by bo."),
    ]


def test_why_the_others_were_not_chosen(journal: Path):
    offers = [step for step in steps(journal, "c1") if step["kind"] == "offered"]
    assert [offer["not_chosen"] for offer in offers] == [
        {"bo": "has been idle for a shorter time", "carl": "is paused"},
        {"anna": "was rung just before, or refused a moment ago", "carl": "is paused"},
    ]


def test_for_people(journal: Path):
    status, printed, _ = run(journal, "--call", "c1")
    assert status == 0
    lines = [" ".join(line.split()) for line in printed.splitlines()]
    assert lines[0] == "Call c1 from +45 33 11 11 11"
    assert "08:00:01 0.0 s Round 1 (longest_idle): anna rings." in lines
    assert "not carl: is paused" in lines
    assert lines[-1] == "08:01:25 84.0 s It is over; it was answered by bo."


def test_a_call_that_was_sent_on(journal: Path):
    assert steps(journal, "c2")[-1]["text"] == (
        "It is sent on to voicemail, because the queue was full."
    )


def test_a_folder_stands_for_its_journal(journal: Path):
    assert steps(journal.parent, "c2") == steps(journal, "c2")


def test_an_unknown_call_is_an_error_that_names_the_latest(journal: Path):
    status, printed, error = run(journal, "--call", "c9")
    assert (status, printed) == (1, "")
    assert "'c9'" in error
    assert "c2, c1" in error


def test_no_such_file(tmp_path: Path):
    status, _, error = run(tmp_path / "none", "--call", "c1")
    assert status == 1
    assert "no such file" in error


def test_a_torn_last_line_is_left_aside_and_any_other_refused(journal: Path):
    whole = journal.read_text()
    journal.write_text(whole + '{"record": "CallRec')
    assert len(steps(journal, "c1")) == 8
    journal.write_text("what?\n" + whole)
    status, _, error = run(journal, "--call", "c1")
    assert status == 1
    assert "Line 1" in error


def test_every_reason_has_words():
    assert set(NOT_CHOSEN) == set(NotChosen)
    assert set(PICKED) == set(Picked)


def test_what_decided_between_calls_of_several_groups(office: Office):
    """Anna talks for 10 s, and serves two groups: the later call is that of the weightier one."""
    office.group("main", "1000", ("anna",))
    office.group("vip", "2000", ("anna",), weight=1)

    async def day() -> list[str]:
        network, switch = office.open()
        office.phone(network, "anna", answers_after_s=1, hangs_up_after_s=9)
        async with switch:
            calls = [network.call("1000")]
            for number in ("1000", "2000"):
                await asyncio.sleep(2)
                calls.append(network.call(number))
            for call in calls:
                await call.until_ended()
            return [call.call_id for call in switch.snapshot().finished]

    first, weighty, plain = run_virtual_strictly(day())
    for log in ("journal.jsonl", "engine.jsonl"):
        told = [
            [step["text"] for step in steps(office.folder / "var" / log, one) if is_offer(step)]
            for one in (first, weighty, plain)
        ]
        rings = "Round 1 (priority): anna rings."
        decided = " It goes before other calls by the weight of its group."
        assert told == [[rings], [rings + decided], [rings]]


def is_offer(step: dict[str, object]) -> bool:
    return step["kind"] == "offered"


def test_journal_and_engine_log_of_a_run_tell_the_same(office: Office):
    office.group("main", "1000", ("anna", "bo"), strategy="simultaneous")
    office.group("spare", "2000", ("carl",))

    async def day() -> str:
        network, switch = office.open()
        office.phone(network, "anna", refuses_with=603, refuses_after_s=2)
        office.phone(network, "bo", answers_after_s=4, hangs_up_after_s=10)
        async with switch:
            await network.call("1000", caller="+451").until_ended()
            return switch.snapshot().finished[0].call_id

    call_id = run_virtual_strictly(day())
    folder = office.folder / "var"
    told = [(step["at_s"], step["text"]) for step in steps(folder, call_id)]
    played = [(step["at_s"], step["text"]) for step in steps(folder / "engine.jsonl", call_id)]
    assert told == played
    assert told == [
        (0.0, "It joins group main."),
        (0.0, "Round 1 (simultaneous): anna, bo ring."),
        (2.0, "anna refuses after 2.0 s."),
        (4.0, "bo answers after 4.0 s."),
        (4.0, "bo and the caller are connected."),
        (14.0, "The conversation with bo is over after 10.0 s."),
        (14.0, "It is over; it was answered by bo."),
    ]


def test_a_phone_that_is_answered_just_when_its_ring_time_is_over(office: Office):
    """The group rings for 15 s, and anna lifts the receiver in the 15th."""
    office.group("main", "1000", ("anna", "bo"), ring_time_s=15)

    async def day() -> str:
        network, switch = office.open()
        office.phone(network, "anna", answers_after_s=15, hangs_up_after_s=10)
        office.phone(network, "bo")
        async with switch:
            await network.call("1000").until_ended()
            return switch.snapshot().finished[0].call_id

    call_id = run_virtual_strictly(day())
    assert [(step["at_s"], step["text"]) for step in steps(office.folder / "var", call_id)] == [
        (0.0, "It joins group main."),
        (0.0, "Round 1 (priority): anna rings."),
        (15.0, "anna does not answer within 15.0 s."),
        (15.0, "Round 2 (priority): bo rings."),
        (15.0, "bo stops ringing: somebody else answered."),
        (15.0, "anna answers just as it stops ringing there, and gets the call."),
        (15.0, "anna and the caller are connected."),
        (25.0, "The conversation with anna is over after 10.0 s."),
        (25.0, "It is over; it was answered by anna."),
    ]


def test_every_record_about_a_call_has_words():
    about_calls = {
        kind.__name__ for kind in every_kind(Record) if "call_id" in kind.__struct_fields__
    }
    assert about_calls == {"CallRecord", "OfferRecord", *TELLERS}


def every_kind(kind: type[Record]) -> Iterator[type[Record]]:
    for found in kind.__subclasses__():
        yield found
        yield from every_kind(found)


def test_a_transfer_is_part_of_the_story(office: Office):
    """Anna sends the caller on to somebody outside, who answers after 3 s."""
    office.group("main", "1000", ("anna",))

    async def day() -> str:
        network, switch = office.open()
        anna = office.phone(network, "anna", answers_after_s=1)
        network.phone("sip:dora@x.example", answers_after_s=3, hangs_up_after_s=20)
        async with switch:
            call = network.call("1000")
            await asyncio.sleep(11)
            anna.call.transfer("sip:dora@x.example")
            await call.until_ended()
            return switch.snapshot().finished[0].call_id

    told = steps(office.folder / "var", run_virtual_strictly(day()))
    assert [(step["at_s"], step["text"]) for step in told if step["kind"] == "dialled"] == [
        (11.0, "A phone asks for a transfer to sip:dora@x.example."),
        (34.0, "The call to sip:dora@x.example is over after 20.0 s."),
    ]


def test_a_group_that_is_closed(tmp_path: Path):
    line = {
        "record": "CallTurnedAway",
        "time": "2026-03-02T08:00:00+00:00",
        "at": 5.0,
        "call_id": "c1",
        "group_id": "main",
        "caller": "",
        "target": {"kind": "voicemail", "value": ""},
        "rule": "Easter Monday",
    }
    (tmp_path / "journal.jsonl").write_text(json.dumps(line) + "\n")
    assert [step["text"] for step in steps(tmp_path, "c1")] == [
        "It finds group main closed (Easter Monday) and goes to voicemail."
    ]
