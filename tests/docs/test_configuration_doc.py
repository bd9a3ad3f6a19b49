"""docs/configuration.md is what the classes say, and what it says of the file holds."""

import importlib.util
import re
from pathlib import Path

import pytest
from documents import ROOT, blocks

from softswitch.errors import ConfigurationError
from softswitch.switch import parse_office

PAGE = ROOT / "docs" / "configuration.md"
SMALLEST = """
[sip]
[members.anna]
address = "sip:anna@192.0.2.10"
[groups.main]
number = "1000"
members = ["anna"]
"""


def made_now() -> str:
    path = ROOT / "scripts" / "make_configuration_doc.py"
    spec = importlib.util.spec_from_file_location("make_configuration_doc", path)
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    return str(script.page())


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == made_now()


def test_no_place_of_the_template_was_left_empty() -> None:
    assert "{{" not in made_now()


def test_the_smallest_file_is_one(tmp_path: Path) -> None:
    smallest, *_ = blocks(PAGE, "toml")
    office = parse_office(smallest.text, base=tmp_path)
    assert [group.numbers for group in office.groups] == [("1000",)]


def test_every_other_example_is_part_of_one(tmp_path: Path) -> None:
    smallest, *others = blocks(PAGE, "toml")
    for block in others:
        parse_office(f"{smallest.text}\n{block.text}", base=tmp_path)


def rows(heading: str) -> list[tuple[str, str]]:
    """Key and value of each row of the table under a heading."""
    section = PAGE.read_text(encoding="utf-8").partition(f"## {heading}\n")[2]
    table = section.partition("\n| Key")[2].partition("\n\n")[0]
    return re.findall(r"^\| `(\w+)` \| ([^|]*) \|", table, re.MULTILINE)


@pytest.mark.parametrize("heading", ["`[sip]`", "`[groups.ID]`"])
def test_numbers_just_out_of_a_documented_range_are_refused(heading: str, tmp_path: Path) -> None:
    table = "[groups.main]" if "groups" in heading else "[sip]"
    ranges = [
        (key, *map(int, found.groups()))
        for key, value in rows(heading)
        if (found := re.search(r"number from (-?\d+) to (\d+)", value))
    ]
    assert len(ranges) > 4
    for key, low, high in ranges:
        for value, allowed in ((low, True), (high, True), (low - 1, False), (high + 1, False)):
            text = SMALLEST.replace(table, f"{table}\n{key} = {value}")
            assert (f"{key}: This is out of range" in faults(text, tmp_path)) is not allowed


def faults(text: str, folder: Path) -> str:
    try:
        parse_office(text, base=folder)
    except ConfigurationError as error:
        return str(error)
    return ""
