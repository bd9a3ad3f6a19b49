"""Sentences, against the tables in ``sentences/`` that a person has written and read."""

import datetime as dt
import re
import tomllib
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from softswitch.prompts import language
from softswitch.prompts.numbers import Gender
from softswitch.prompts.opening import OpenDays
from softswitch.prompts.phrases import Phrases

TABLES = Path(__file__).parent / "sentences"
CODES = ("da", "en", "nb", "sv")
NOW = dt.datetime(2026, 11, 22, 7, 0)  # noqa: DTZ001 - local time, a Sunday


def moment(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


def week(text: str) -> list[OpenDays]:
    return [
        OpenDays(
            first=int(first),
            last=int(last),
            opens=dt.time.fromisoformat(opens),
            closes=dt.time.fromisoformat(closes),
        )
        for first, last, opens, closes in re.findall(r"(\d)-(\d) ([\d:]+)-([\d:]+)", text)
    ]


def amount(phrases: Phrases, text: str) -> str:
    value, currency = text.split()
    return phrases.amount(Decimal(value), currency)


def received(phrases: Phrases, text: str) -> str:
    day, time, *number = text.split()
    return phrases.message_received(moment(f"{day} {time}"), NOW, *number or [None])


def wait(phrases: Phrases, text: str) -> str:
    low_s, high_s = map(float, text.split("-"))
    return phrases.expected_wait(low_s, high_s)


SAYERS: dict[str, Callable[[Phrases, str], str]] = {
    "cardinal": lambda phrases, text: phrases.cardinal(int(text)),
    "cardinal_common": lambda phrases, text: phrases.cardinal(int(text), Gender.COMMON),
    "cardinal_neuter": lambda phrases, text: phrases.cardinal(int(text), Gender.NEUTER),
    "ordinal": lambda phrases, text: phrases.ordinal(int(text)),
    "ordinal_neuter": lambda phrases, text: phrases.ordinal(int(text), Gender.NEUTER),
    "position": lambda phrases, text: phrases.position(int(text)),
    "wait": wait,
    "time": lambda phrases, text: phrases.time(dt.time.fromisoformat(text)),
    "at": lambda phrases, text: phrases.at(dt.time.fromisoformat(text)),
    "year": lambda phrases, text: phrases.year(int(text)),
    "date": lambda phrases, text: phrases.date(dt.date.fromisoformat(text)),
    "weekday": lambda phrases, text: phrases.date(
        dt.date.fromisoformat(text), year=False, weekday=True
    ),
    "amount": amount,
    "telephone": lambda phrases, text: phrases.telephone_number(text),
    "digits": lambda phrases, text: phrases.digits(text),
    "case": lambda phrases, text: phrases.case_number(text),
    "day": lambda phrases, text: phrases.day(dt.date.fromisoformat(text), NOW.date()),
    "opens": lambda phrases, text: phrases.opens(moment(text), NOW),
    "closes": lambda phrases, text: phrases.closes(moment(text), NOW),
    "hours": lambda phrases, text: phrases.opening_hours(week(text)),
    "new_messages": lambda phrases, text: phrases.new_messages(int(text)),
    "received": received,
    "call_back_to": lambda phrases, text: phrases.call_back_to(text),
    "entered": lambda phrases, text: phrases.entered(text),
    "case_status": lambda phrases, text: phrases.case_status(text),
}


def rows() -> Iterator[tuple[str, str, str, str]]:
    """Language, kind, value and sentence."""
    for code in CODES:
        tables = tomllib.loads((TABLES / f"{code}.toml").read_text(encoding="utf-8"))
        for kind, (value, sentence) in tables.pop("services").items():
            yield code, kind, value, sentence
        for kind, table in tables.items():
            for value, sentence in table.items():
                yield code, kind, value, sentence


@pytest.mark.parametrize(("code", "kind", "value", "sentence"), list(rows()))
def test_it_is_said_as_a_person_would_write_it(code: str, kind: str, value: str, sentence: str):
    assert SAYERS[kind](language(code).phrases, value) == sentence


@pytest.mark.parametrize("code", CODES)
def test_every_kind_of_phrase_is_in_every_table(code: str):
    found = [row for row in rows() if row[0] == code]
    assert {kind for _, kind, _, _ in found} == set(SAYERS)
    assert len(found) >= 120
