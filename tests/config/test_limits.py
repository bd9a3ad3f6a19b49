"""Every limit at its edge, with the numbers of the service written out by hand."""

from collections.abc import Callable
from pathlib import Path

import pytest
from offices import GOOD, MEMBERS, paths_of

EDGES = {
    # setting of a group: last value refused below, first and last taken, first refused above
    "ring_time_s": (14.9, 15, 40, 40.1),
    "simultaneous_limit": (0, 1, 10, 11),
    "max_offers": (0, 1, 1000, 1001),
    "max_offering_min": (0.9, 1, 1440, 1440.1),
    "queue_cap": (0, 1, 10_000, 10_001),
    "position_every_s": (4.9, 5, 3600, 3600.1),
    "wrap_up_s": (-0.1, 0, 3600, 3600.1),
    "rejected_back_off_s": (-0.1, 0, 3600, 3600.1),
    "busy_back_off_s": (-0.1, 0, 3600, 3600.1),
    "unreachable_back_off_s": (-0.1, 0, 3600, 3600.1),
    "no_answer_back_off_s": (-0.1, 0, 3600, 3600.1),
    "max_wait_s": (0.9, 1, 86_400, 86_400.1),
    "expected_wait_probability": (0.49, 0.5, 0.99, 0.991),
    "priority_worth_s": (0.9, 1, 86_400, 86_400.1),
    "last_agent_within_s": (-0.1, 0, 30 * 86_400, 30 * 86_400 + 1),
    "last_agent_wait_s": (-0.1, 0, 3600, 3600.1),
    "redial_within_s": (-0.1, 0, 3600, 3600.1),
    "call_back_attempts": (0, 1, 10, 11),
    "call_back_retry_s": (9.9, 10, 86_400, 86_400.1),
    "service_within_s": (0.9, 1, 3600, 3600.1),
    "weight": (-1001, -1000, 1000, 1001),
}

FURTHER_EDGES = {
    "after_s": (-0.1, 0, 86_400, 86_400.1),
    "waiting_at_least": (-1, 0, 10_000, 10_001),
    "active_at_most": (-1, 0, 25, 26),
}

SIP_EDGES = {
    "max_calls": (0, 1, 100_000, 100_001),
    "retry_after_s": (0, 1, 3600, 3601),
    "rtp_port_first": (1023, 1024, 29_999, 65_001),
    "rtp_port_last": (1023, 10_001, 65_535, 65_536),
    "session_expires_s": (-1, 0, 86_400, 86_401),
    "reach_within_s": (0.9, 1, 32, 32.1),
    "media_timeout_s": (-0.1, 0, 3600, 3600.1),
    "log_level": (-1, 0, 5, 6),
}


@pytest.mark.parametrize(("setting", "edges"), EDGES.items())
def test_settings_of_a_group(setting: str, edges: tuple[float, float, float, float]):
    below, first, last, above = edges
    for value in (first, last):
        assert paths_of(GOOD + f"{setting} = {value}") == []
    for value in (below, above):
        assert paths_of(GOOD + f"{setting} = {value}") == [f"groups.main.{setting}"]


@pytest.mark.parametrize(("setting", "edges"), FURTHER_EDGES.items())
def test_settings_of_a_further_group(setting: str, edges: tuple[float, float, float, float]):
    below, first, last, above = edges
    office = GOOD + "further = [{{ group = 'backup', {} = {} }}]\n"
    office += "[groups.backup]\nnumber = []\nmembers = ['bo']\n"
    for value in (first, last):
        assert paths_of(office.format(setting, value)) == []
    for value in (below, above):
        path = f"groups.main.further[0].{setting}"
        assert paths_of(office.format(setting, value)) == [path]


def test_position_messages_may_be_switched_off():
    assert paths_of(GOOD + "position_every_s = 0") == []
    assert paths_of(GOOD + "position_every_s = false") == ["groups.main.position_every_s"]


@pytest.mark.parametrize(("setting", "edges"), SIP_EDGES.items())
def test_settings_of_sip(setting: str, edges: tuple[float, float, float, float]):
    below, first, last, above = edges
    for value in (first, last):
        assert paths_of(f"[sip]\n{setting} = {value}" + GOOD) == []
    for value in (below, above):
        assert f"sip.{setting}" in paths_of(f"[sip]\n{setting} = {value}" + GOOD)


def _members(count: int) -> str:
    tables = [f"[members.m{i}]\naddress = 'sip:m{i}@192.0.2.1'\n" for i in range(count)]
    listed = ", ".join(f"'m{i}'" for i in range(count))
    return "".join(tables) + f"[groups.main]\nnumber = '1000'\nmembers = [{listed}]\n"


def test_twenty_five_members_and_no_more():
    assert paths_of(_members(25)) == []
    assert paths_of(_members(26)) == ["groups.main.members"]


def test_ten_music_files_and_no_more(sound: Callable[[str], Path], tmp_path: Path):
    files = [sound(f"{i}.wav").name for i in range(11)]
    assert paths_of(GOOD + f"music = {files[:10]}", tmp_path) == []
    assert paths_of(GOOD + f"music = {files}", tmp_path) == ["groups.main.music"]


def test_fifty_skills_and_no_more():
    office = GOOD + "[members.eva]\naddress = 'sip:eva@192.0.2.3'\nskills = {}"
    skills = [f"s{i}" for i in range(51)]
    assert paths_of(office.format(skills[:50])) == []
    assert paths_of(office.format(skills)) == ["members.eva.skills"]


def test_names_of_sixty_four_letters_and_no_more():
    group = "\n[groups.{}]\nnumber = '1'\nmembers = ['anna']"
    assert paths_of(MEMBERS + group.format("a" * 64)) == []
    assert paths_of(MEMBERS + group.format("a" * 65)) == [f"groups.{'a' * 65}"]
    assert paths_of(MEMBERS + group.format("'københavn'")) == []
