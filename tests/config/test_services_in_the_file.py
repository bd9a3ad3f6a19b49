"""Voicemail, mail and surveys in the office file: what it says, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.errors import ConfigurationError
from softswitch.switch import parse_office
from softswitch.switch.service_tables import Person, is_mail_address

SMALLEST = """
[members.anna]
address = "sip:anna@192.0.2.10"
{members}
[members.bo]
address = "sip:bo@192.0.2.11"
{bo}
[groups.main]
number = "1000"
members = ["anna"]
{groups}
"""


def faults(folder: Path, text: str, *, members: str = "", bo: str = "", groups: str = "") -> str:
    """Return what is wrong with a small office and these lines."""
    office = SMALLEST.format(members=members, bo=bo, groups=groups) + text
    try:
        parse_office(office, base=folder)
    except ConfigurationError as error:
        return str(error)
    return ""


def test_voicemail_and_mail_in_the_file(tmp_path: Path):
    office = parse_office(
        """
        [members.anna]
        address = "sip:anna@192.0.2.10"
        code = "21"
        voicemail_to = ["anna@example.org"]
        [groups.main]
        number = "1000"
        members = ["anna"]
        voicemail_to = ["desk@example.org", "chief@example.org"]
        [voicemail]
        number = "1098"
        silence_s = 4
        [mail]
        host = "mail.example.org"
        sender = "switch@example.org"
        user = "switch"
        password = "very secret"
        """,
        base=tmp_path,
    )
    assert office.voicemail.silence_s == 4
    assert office.people["anna"] == Person(code="21", voicemail_to=("anna@example.org",))
    assert office.groups[0].voicemail_to == ("desk@example.org", "chief@example.org")
    assert office.mail.password == "very secret"  # noqa: S105
    assert "very secret" not in repr(office)


MAIL = """
[mail]
host = "mail.example.org"
sender = "switch@example.org"
"""
SURVEY = """
[surveys.after]
questions = [{ id = "nps", kind = "nps", text = { en = "Would you?" }, low = 0, high = 10 }]
"""


def test_what_fits_is_taken(tmp_path: Path):
    groups = 'survey = "after"\nvoicemail_to = ["a@b.example"]'
    assert faults(tmp_path, MAIL + SURVEY, groups=groups) == ""


@pytest.mark.parametrize(
    ("text", "lines", "told"),
    [
        ("", {"groups": 'voicemail_to = ["a@b.example"]'}, "groups.main.voicemail_to: There is no"),
        (
            MAIL,
            {"groups": 'voicemail_to = ["a b"]'},
            "groups.main.voicemail_to[0]: This is no mail",
        ),
        (MAIL, {"members": 'voicemail_to = ["@b"]'}, "members.anna.voicemail_to[0]: This is no"),
        ('[mail]\nhost = "x"', {}, "mail.sender: Letters need a sender"),
        (MAIL + 'tls = "ssl"', {}, "mail.tls: This is not known"),
        (MAIL + 'tls = "none"\npassword = "p"', {}, "mail.tls: The password would travel"),
        (MAIL + "port = 0", {}, "mail.port: This is out of range"),
        ('[voicemail]\nnumber = "1000"', {}, "voicemail.number: This number leads to group `main`"),
        ("[voicemail]\nsilence_s = 1", {}, "voicemail.silence_s: This is out of range"),
        ("", {"members": 'code = "2a"'}, "members.anna.code: This cannot be keyed"),
        ("", {"members": 'code = "2"', "bo": 'code = "2"'}, "members.bo.code: Member `anna` has"),
        ("", {"groups": 'survey = "aftr"'}, "groups.main.survey: There is no such survey"),
        (SURVEY.replace("0,", "1,"), {}, "surveys.after.questions[0].kind: A net promoter"),
        (SURVEY.replace("10", "0"), {}, "surveys.after.questions[0].high: No answer"),
        (SURVEY.replace('text = { en = "Would you?" },', ""), {}, "questions[0]: This must have"),
        (SURVEY.replace('"nps", kind', '"", kind'), {}, "surveys.after.questions[0].id: This name"),
    ],
)
def test_what_does_not_fit_is_refused(tmp_path: Path, text: str, lines: dict[str, str], told: str):
    assert told in faults(tmp_path, text, **lines)


def test_a_password_is_never_shown(tmp_path: Path):
    text = MAIL + 'user = "u"\npassword = 4711'
    assert "mail.password" in faults(tmp_path, text)
    assert "4711" not in faults(tmp_path, text)
    control = MAIL + 'user = "u"\npassword = "very\\u0000secret"'
    assert "secret" not in faults(tmp_path, control)


@pytest.mark.parametrize("text", ["a@b", "first.last+tag@mail.example.org", "æ@ø.example"])
def test_addresses_that_can_be_written_to(text: str):
    assert is_mail_address(text)


@pytest.mark.parametrize(
    "text", ["", "a", "@b", "a@", "a b@c", "a@b\r\nBcc: x@y", "<a@b>", "a@b@c"]
)
def test_what_is_no_address(text: str):
    assert not is_mail_address(text)
