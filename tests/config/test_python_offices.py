"""Offices built in Python: the same rules."""

import attrs
import pytest

from softswitch.acd.model import Group, Member, Target, TargetKind
from softswitch.sip.config import SipConfig, Trunk
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
