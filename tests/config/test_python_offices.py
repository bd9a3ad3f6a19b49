"""Offices built in Python: the same rules."""

import math
from pathlib import Path

import attrs
import pytest

from softswitch.acd.model import FurtherGroup, Group, Member, Target, TargetKind
from softswitch.errors import ConfigurationError
from softswitch.sip.config import Listener, SipConfig, Trunk
from softswitch.switch import Switch
from softswitch.switch.config import GroupConfig, OfficeConfig
from softswitch.switch.rules import validate

ANNA = Member(id="anna", address="sip:anna@192.0.2.10")
MAIN = GroupConfig(numbers=("1000",), engine=Group(id="main", members=("anna",)))
OFFICE = OfficeConfig(members=(ANNA,), groups=(MAIN,))


def _paths(office: OfficeConfig) -> list[str]:
    return [fault.path for fault in validate(office)]


def test_the_smallest_office():
    assert validate(OFFICE) == ()


def test_an_office_for_flows_only():
    assert validate(OfficeConfig()) == ()


def test_groups_speak_the_language_of_their_office_unless_they_name_one():
    english = attrs.evolve(
        MAIN, language="en", numbers=(), engine=attrs.evolve(MAIN.engine, id="english")
    )
    office = OfficeConfig(language="nb", members=(ANNA,), groups=(MAIN, english))
    assert [group.language for group in office.groups] == ["nb", "en"]


def test_limits_hold():
    engine = attrs.evolve(MAIN.engine, ring_time_s=41, max_offering_s=59, strategy="x")
    office = OfficeConfig(members=(ANNA,), groups=(attrs.evolve(MAIN, engine=engine),))
    assert _paths(office) == [
        "groups.main.strategy",
        "groups.main.ring_time_s",
        "groups.main.max_offering_min",
    ]


def _with(**settings: object) -> OfficeConfig:
    engine = attrs.evolve(MAIN.engine, **settings)
    return OfficeConfig(members=(ANNA,), groups=(attrs.evolve(MAIN, engine=engine),))


HURRIED = [
    {"ring_time_s": 0.5},
    {"ring_time_s": 90},
    {"position_every_s": 0.5},
    {"max_offering_s": 1},
    {"queue_cap": 10**6},
    {"further": (FurtherGroup(group_id="main", after_s=10**6),)},
]


@pytest.mark.parametrize("settings", HURRIED, ids=lambda settings: next(iter(settings)))
def test_limits_of_the_service_may_be_left_aside(settings: dict[str, object]):
    office = _with(**settings)
    [path, *_] = _paths(office)
    assert path not in [fault.path for fault in validate(office, limits=False)]


@pytest.mark.parametrize("value", [math.nan, math.inf, -1])
def test_what_cannot_be_stays_refused(value: float):
    [fault] = validate(_with(ring_time_s=value), limits=False)
    assert fault.path == "groups.main.ring_time_s"
    assert fault.allowed == "a number, 0 or more"


def test_ports_are_limited_by_what_is_possible():
    sip = SipConfig(listen=(Listener(port=65_536),))
    [fault] = validate(attrs.evolve(OFFICE, sip=sip), limits=False)
    assert fault.path == "sip.listen[0].port"


def test_numbers_of_flows_need_no_trunk():
    office = _with(overflow=Target(TargetKind.NUMBER, "2000"))
    assert _paths(office) == ["groups.main.overflow.number"]
    assert validate(office, flows=True) == ()
    spaced = _with(overflow=Target(TargetKind.NUMBER, "20 00"))
    assert [f.path for f in validate(spaced, flows=True)] == ["groups.main.overflow.number"]


@pytest.mark.asyncio
async def test_a_switch_refuses_every_fault_before_anything_starts(tmp_path: Path):
    faulty = attrs.evolve(_with(ring_time_s=1), language="xx", data_dir=tmp_path / "var")
    switch = Switch(faulty)
    with pytest.raises(ConfigurationError) as refused:
        await switch.__aenter__()
    assert [fault.path for fault in refused.value.faults] == [
        "office.language",
        "groups.main.ring_time_s",
    ]
    hurried = Switch(attrs.evolve(faulty, data_dir=tmp_path / "var"), limits=False)
    with pytest.raises(ConfigurationError) as refused:
        await hurried.__aenter__()
    assert [fault.path for fault in refused.value.faults] == ["office.language"]
    assert not (tmp_path / "var").exists()


def test_a_wrong_language_of_the_office_is_told_once():
    assert _paths(OfficeConfig(language="xx", members=(ANNA,), groups=(MAIN,))) == [
        "office.language"
    ]


@pytest.mark.parametrize(
    ("office", "path"),
    [
        (OfficeConfig(members=(ANNA, ANNA)), "members.anna"),
        (
            OfficeConfig(members=(ANNA,), groups=(MAIN, attrs.evolve(MAIN, numbers=()))),
            "groups.main",
        ),
    ],
)
def test_ids_used_twice(office: OfficeConfig, path: str):
    assert _paths(office) == [path]


def test_a_password_with_a_control_character_is_not_shown():
    trunk = Trunk(id="x", server="a.example", user="u", password="hunter2\n")  # noqa: S106
    [fault] = validate(attrs.evolve(OFFICE, sip=SipConfig(trunks=(trunk,))))
    assert fault.path == "sip.trunks[0].password"
    assert "hunter2" not in repr(fault)


def test_a_target_without_its_value():
    engine = attrs.evolve(
        MAIN.engine, overflow=Target(TargetKind.NUMBER), no_queue=Target(TargetKind.GROUP)
    )
    office = attrs.evolve(OFFICE, groups=(attrs.evolve(MAIN, engine=engine),))
    assert _paths(office) == ["groups.main.overflow.number", "groups.main.no_queue.group"]
