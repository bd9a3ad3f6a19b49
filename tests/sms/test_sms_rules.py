"""Whom texts can go to and come from."""

from __future__ import annotations

import pytest

from softswitch.errors import MisuseError
from softswitch.sms import TextRules
from softswitch.sms.rules import is_sender


@pytest.mark.parametrize(
    ("country", "written", "number"),
    [
        ("", "+4533111111", "+4533111111"),
        ("", "+45 33 11 11 11", "+4533111111"),
        ("", "tel:+45-33-11-11-11", "+4533111111"),
        ("DK", "33 11 11 11", "+4533111111"),
        ("DK", "004533111111", "+4533111111"),
        ("DK", "+46701234567", "+46701234567"),
        ("SE", "070-123 45 67", "+46701234567"),  # the national 0 goes
        ("NO", "(412) 34 567", "+4741234567"),
    ],
)
def test_numbers(country: str, written: str, number: str):
    assert TextRules(country=country).number(written) == number


@pytest.mark.parametrize(
    ("country", "written"),
    [
        ("", ""),
        ("", "33111111"),  # of which country?
        ("", "004533111111"),  # 00 is a habit of countries
        ("DK", "112"),
        ("DK", "1000"),
        ("DK", "+45331111111"),  # nine digits
        ("DK", "anonymous"),
        ("DK", "sip:anna@192.0.2.7"),
        ("DK", "33111111x5"),
        ("DK", "33111111\r\nX: y"),
        ("DK", "٣٣١١١١١١"),
        ("", "+999123456789012"),
    ],
)
def test_what_is_no_number(country: str, written: str):
    rules = TextRules(country=country)
    with pytest.raises(MisuseError, match="no number to send a text to"):
        rules.number(written)
    assert rules.number_fault(written) == "No text can be sent to this number."


@pytest.mark.parametrize("sender", ["+4570101010", "1204", "Borger", "City Hall 1", "T&C"])
def test_senders(sender: str):
    assert is_sender(sender)


@pytest.mark.parametrize(
    "sender", ["", "12", "Municipality", "Søren", "a\nb", "+45 70 10", "4" * 16]
)
def test_what_is_no_sender(sender: str):
    assert not is_sender(sender)


def test_texts():
    rules = TextRules(segments_max=2)
    assert rules.text_fault("a" * 306) == ""
    assert rules.text_fault("a" * 307) == "The text takes 3 segments, and 2 are the most."
    assert rules.text_fault(" \n") == "The text is empty."
