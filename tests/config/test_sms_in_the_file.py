"""`[sms]` in the office file: what it says, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.errors import ConfigurationError
from softswitch.switch import parse_office

URL = 'url = "https://sms.example/send"\n'
BODY = 'json = { to = "{to}", text = "{text}" }\n'


def faults(text: str) -> str:
    """Return what is wrong with an office that has these lines under ``[sms]``."""
    try:
        parse_office(f"[sms]\n{text}", base=Path())
    except ConfigurationError as error:
        return str(error)
    return ""


def test_a_provider_in_the_file(tmp_path: Path):
    office = parse_office(
        """
        [sms]
        url = "https://sms.example/send/${ACCOUNT}"
        user = "token"
        password = "very secret"
        sender = "Borger"
        country = "DK"
        kept_h = 2
        encoding = { ucs2 = "unicode" }
        [sms.headers]
        Idempotency-Key = "{id}"
        X-Key = "very secret"
        [sms.json]
        from = "{sender}"
        flash = false
        parts = [[1, 2.5], ["{text}"]]
        to = [{ msisdn = "{number}" }]
        """,
        base=tmp_path,
    )
    provider = office.sms.provider
    assert provider is not None
    assert provider.json == {
        "from": "{sender}",
        "flash": False,
        "parts": [[1, 2.5], ["{text}"]],
        "to": [{"msisdn": "{number}"}],
    }
    assert provider.encoding == {"gsm7": "gsm7", "ucs2": "unicode"}
    assert office.sms.rules.country == "DK"
    assert office.sms.kept_for.total_seconds() == 7200
    assert "very secret" not in repr(office)


def test_without_a_provider_nothing_is_sent(tmp_path: Path):
    office = parse_office("[office]", base=tmp_path)
    assert office.sms.provider is None
    assert office.sms.rules.why_not == "Nobody sends texts: `url` of [sms] is missing."


@pytest.mark.parametrize(
    "lines",
    [
        URL + BODY,
        URL + 'form = { To = "{digits}", Body = "{text}" }',
        URL + 'method = "GET"\nquery = { to = "{to}", text = "{text}" }',
        'url = "https://sms.example/{to}"\nmethod = "PUT"\njson = { text = "{text}" }',
        'url = "http://192.168.1.7/send"\nuser = "u"\n' + BODY,  # a modem in the house
        'url = "http://sms.example/send"\n' + BODY,  # nothing secret
    ],
)
def test_what_fits_is_taken(lines: str):
    assert faults(lines) == ""


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ('url = "sms.example"\n' + BODY, "sms.url: This is no address of a web service"),
        ('url = "https://u:p@sms.example"\n' + BODY, "sms.url: A name and password belong"),
        ('url = "http://sms.example"\nuser = "u"\n' + BODY, "sms.url: The secret would travel"),
        (
            'url = "http://sms.example"\nquery = { k = "${KEY}" }\n' + BODY,
            "sms.url: The secret would travel",
        ),
        (URL + 'json = { text = "{text}" }', "sms: No request would hold {to}, {digits} or"),
        (URL + 'json = { to = "{to}" }', "sms: No request would hold {text}"),
        (URL + BODY + 'form = { a = "b" }', "sms.json: There is a `form` already"),
        (URL + BODY + 'method = "GET"', "sms.method: GET has no body"),
        (URL + BODY + 'method = "PATCH"', "sms.method: This is not known"),
        (URL + BODY + 'sender = "Much too long"', "sms.sender: Phones cannot show this sender"),
        (URL + 'json = { to = "{to}", text = "{text}", s = "{sender}" }', "sms.sender: This is"),
        (URL + 'json = { to = "{too}", text = "{text}" }', "There is no place {too}. Did you mean"),
        (URL + BODY + 'headers = { A = "{text}" }', "sms.headers: {text} cannot stand here"),
        (URL + BODY + 'headers = { A = "a\\nB: c" }', "sms.headers.A: This holds a control"),
        (URL + BODY + 'encoding = { gsm = "x" }', "sms.encoding.gsm: There is no such encoding"),
        (URL + BODY + 'country = "Denmark"', "sms.country: The numbers of this country"),
        (URL + BODY + "segments_max = 0", "sms.segments_max: This is out of range"),
        (URL + BODY + "timeout_s = 0.5", "sms.timeout_s: This is out of range"),
        (URL + "json = { at = 2026-03-02 }", "sms.json: JSON has no times"),
        (URL + "json = { at = [nan] }", "sms.json: JSON has no times"),
        (URL + 'json = "{text}"', "sms.json: This must be a table"),
    ],
)
def test_what_does_not_fit_is_refused(lines: str, told: str):
    assert told in faults(lines)


@pytest.mark.parametrize("line", ["headers = { A = 4711 }", "password = 4711", "json = 4711"])
def test_a_secret_is_never_shown(line: str):
    found = faults(URL + BODY.replace("json", "form") + line)
    assert "hidden" in found
    assert "4711" not in found
