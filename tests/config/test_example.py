"""The example office: what it says, and there and back again."""

import enum
from datetime import time
from pathlib import Path
from typing import Any

import attrs

from softswitch.acd.model import (
    FurtherGroup,
    Group,
    Member,
    NoAnswerAction,
    Target,
    TargetKind,
)
from softswitch.hours import StandardWeek, WeekSlot
from softswitch.sip.config import Listener, SipConfig, Transport
from softswitch.switch.config import GroupConfig, OfficeConfig
from softswitch.switch.loading import load_office, read_tables
from softswitch.switch.rules import validate
from softswitch.switch.service_tables import Person
from softswitch.switch.tables import (
    FurtherTable,
    GroupTable,
    MemberTable,
    group_table,
    member_table,
    office_table,
)
from softswitch.switch.week_tables import Days

EXAMPLE = Path(__file__).parents[2] / "examples" / "office.toml"


def _member(name: str, full: str, port: int, *, active: bool = True) -> Member:
    return Member(id=name, name=full, address=f"sip:{name}@127.0.0.1:{port}", active=active)


EXPECTED = OfficeConfig(
    name="Fjordby Bolig A/S",
    language="da",
    data_dir=EXAMPLE.parent / "var",
    sip=SipConfig(
        listen=(
            Listener(transport=Transport.UDP, address="127.0.0.1", port=5060),
            Listener(transport=Transport.TCP, address="127.0.0.1", port=5060),
        ),
        codecs=("PCMA", "PCMU"),
    ),
    members=(
        _member("anna", "Anna Holm", 5071),
        _member("bo", "Bo Lund", 5072),
        _member("clara", "Clara Friis", 5073),
        _member("david", "David Skov", 5074),
        _member("eva", "Eva Bech", 5075, active=False),
    ),
    groups=(
        GroupConfig(
            numbers=("1000",),
            language="da",
            record=True,
            engine=Group(
                id="main",
                strategy="simultaneous",
                members=("anna", "bo", "clara", "david", "eva"),
                ring_time_s=20,
                queue_cap=10,
                overflow=Target(TargetKind.GROUP, "repairs"),
                position_every_s=30,
            ),
        ),
        GroupConfig(
            numbers=("2000", "2001"),
            language="da",
            engine=Group(
                id="repairs",
                strategy="longest_idle",
                members=("david", "eva"),
                ring_time_s=25,
                max_offers=3,
                no_answer=Target(TargetKind.VOICEMAIL),
                queue_cap=5,
                overflow=Target(TargetKind.MESSAGE),
                wrap_up_s=15,
            ),
        ),
    ),
)


def test_the_example_says_this():
    assert load_office(EXAMPLE) == EXPECTED


def _as_toml(value: Any) -> Any:  # noqa: ANN401, PLR0911 - a table of types
    """Write tables as `tomllib` would have read them; None is left out, as TOML has none."""
    match value:
        case Target(kind=kind, value=""):
            return kind.value
        case Target(kind=kind, value=name):
            return {kind.value: name}
        case enum.Enum():
            return value.value
        case Days():
            return list(value.names)
        case time():
            return f"{value:%H:%M}"
        case Path():
            return str(value)
        case tuple() | list():
            return [_as_toml(item) for item in value]
        case dict():
            return {k: _as_toml(v) for k, v in value.items() if v is not None}
        case _ if attrs.has(type(value)):
            return _as_toml(attrs.asdict(value, recurse=False))
        case _:
            return value


def _file_of(office: OfficeConfig) -> dict:
    members = {m.id: member_table(m) for m in office.members}
    groups = {g.id: group_table(g, office_language=office.language) for g in office.groups}
    tables = {"office": office_table(office), "sip": office.sip, "members": members}
    return _as_toml({**tables, "groups": groups})


def test_there_and_back_again():
    assert read_tables(_file_of(EXPECTED), base=Path()) == EXPECTED


def _slot(day: int, begin_h: int, end_h: int, target: Target) -> WeekSlot:
    return WeekSlot(day=day, begin=time(begin_h), end=time(end_h), target=target)


def test_every_setting_of_a_group_there_and_back_again():
    engine = Group(
        id="all",
        members=("anna",),
        strategy="simultaneous",
        ring_time_s=15.5,
        simultaneous_limit=3,
        max_offers=4,
        max_offering_s=150,
        no_answer=Target(TargetKind.NUMBER, "sip:x@192.0.2.1"),
        no_answer_action=NoAnswerAction.LOG_OUT_UNLESS_LAST,
        queue=False,
        queue_cap=11,
        overflow=Target(TargetKind.VOICEMAIL, "main"),
        no_queue=Target(TargetKind.GROUP, "main"),
        nobody_active=Target(TargetKind.HANG_UP),
        position_every_s=45,
        wrap_up_s=5,
        weight=2,
        rejected_back_off_s=1,
        busy_back_off_s=2,
        unreachable_back_off_s=3,
        no_answer_back_off_s=4,
        priority_worth_s=60,
        auto_ready=False,
        service_within_s=30,
        customer_first=True,
        further=(
            FurtherGroup(group_id="main", after_s=30, waiting_at_least=2, active_at_most=0),
            FurtherGroup(group_id="repairs"),
        ),
        max_wait_s=600,
        too_long=Target(TargetKind.MESSAGE),
        last_agent_within_s=86_400,
        last_agent_wait_s=20,
        redial_within_s=120,
        call_back_attempts=2,
        call_back_retry_s=90,
        expected_wait="head_of_line",
        expected_wait_probability=0.9,
    )
    group = GroupConfig(
        engine=engine,
        numbers=("3", "4"),
        language="sv",
        record=True,
        leave_keys={"1": Target(TargetKind.VOICEMAIL), "#": Target(TargetKind.GROUP, "main")},
        call_back_key="9",
        week=StandardWeek(
            (
                *(_slot(day, 8, 12, Target(TargetKind.GROUP, "repairs")) for day in (0, 1, 4)),
                _slot(0, 13, 16, Target(TargetKind.MESSAGE)),
                _slot(5, 0, 0, Target(TargetKind.HANG_UP)),
                _slot(6, 0, 0, Target(TargetKind.HANG_UP)),
            )
        ),
    )
    differing = attrs.asdict(group.engine, recurse=False).items()
    usual = attrs.asdict(Group(id="usual", members=()), recurse=False)
    assert [name for name, value in differing if value == usual[name]] == []
    eva = attrs.evolve(EXPECTED.members[4], skills=frozenset({"da", "sales"}))
    office = attrs.evolve(
        EXPECTED,
        timezone="Europe/Oslo",
        members=(*EXPECTED.members[:4], eva),
        groups=(*EXPECTED.groups, group),
    )
    assert validate(office) == ()
    assert read_tables(_file_of(office), base=Path()) == office


def test_the_file_can_say_everything_that_the_engine_knows_of_a_group():
    in_engine = set(attrs.fields_dict(Group)) - {"id", "max_offering_s"}
    in_file = set(attrs.fields_dict(GroupTable))
    assert in_engine <= in_file
    assert in_file - in_engine == {
        "number",
        "language",
        "record",
        "music",
        "greeting",
        "max_offering_min",
        "leave_keys",
        "call_back_key",
        "week",
        "hours",
        "closed",
        "voicemail_to",
        "voicemail_greeting",
        "survey",
        "call_back_confirm",
    }
    of_the_engine = set(attrs.fields_dict(MemberTable)) - set(attrs.fields_dict(Person))
    assert set(attrs.fields_dict(Member)) == {"id", *of_the_engine}
    further = {name.removesuffix("_id") for name in attrs.fields_dict(FurtherGroup)}
    assert further == set(attrs.fields_dict(FurtherTable))


def test_defaults_of_the_file_are_those_of_the_engine():
    by_file = GroupTable(number="1")
    by_engine = Group(id="x", members=())
    same = set(attrs.fields_dict(Group)) & set(attrs.fields_dict(GroupTable))
    assert {n: getattr(by_file, n) for n in same} == {n: getattr(by_engine, n) for n in same}
