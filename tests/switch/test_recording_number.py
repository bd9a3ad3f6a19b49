"""The recording number in the office file: where it may lead, and where not."""

from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.errors import ConfigurationError
from softswitch.switch.loading import parse_office

OFFICE = """
[office]
recording_number = "{number}"
[members.anna]
address = "sip:anna@192.0.2.10"
[groups.main]
number = ["1000", "20*"]
members = ["anna"]
"""


def test_it_is_read(tmp_path: Path):
    office = parse_office(OFFICE.format(number="1099"), base=tmp_path)
    assert office.recording_number == "1099"


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        ("1000", "leads to group `main` already"),
        ("10*", "Nobody can dial this"),
        ("", None),
        ("2099", None),  # an exact number goes before a prefix
    ],
)
def test_it_leads_nowhere_else(tmp_path: Path, number: str, reason: str | None):
    text = OFFICE.format(number=number)
    if reason is None:
        assert parse_office(text, base=tmp_path).recording_number == number
        return
    with pytest.raises(ConfigurationError, match=reason) as caught:
        parse_office(text, base=tmp_path)
    assert [fault.path for fault in caught.value.faults] == ["office.recording_number"]
