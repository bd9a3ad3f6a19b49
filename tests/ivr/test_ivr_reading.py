"""Reading never breaks: whatever stands in a file is taken, or refused with its place."""

from __future__ import annotations

import datetime as dt
import tomllib
from pathlib import Path
from typing import Any

import pytest
import tomli_w
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_ivr_checks import RIGHT, faults_of

from softswitch.errors import ConfigurationError, Fault
from softswitch.ivr.commands import SpokenText, SpokenValue, SpokenWords
from softswitch.ivr.expressions import Value
from softswitch.ivr.loading import parse_flow
from softswitch.ivr.reading import FlowReader
from softswitch.ivr.spoken import words_of

TABLE_KEYS = (
    *("da", "en", "play", "say", "message", "sound", "welcome", "hours"),
    *("when", "to", "1", "x", ""),
)
JUNK = st.recursive(
    st.one_of(
        st.booleans(),
        st.integers(-5, 100),
        st.floats(allow_nan=False, allow_infinity=False),
        st.sampled_from(["", "x", "menu", "back", "1 +", "level > 2", "{", "{level}", "a.wav"]),
        st.dates(dt.date(2020, 1, 1), dt.date(2030, 1, 1)),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(TABLE_KEYS),
            inner,
            max_size=3,
        ),
    ),
    max_leaves=4,
)


def places(table: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:  # noqa: ANN401 - as TOML
    """Give the path of everything in a file."""
    steps = table.items() if isinstance(table, dict) else enumerate(table)
    found = []
    for step, inner in steps:
        found.append((*path, step))
        if isinstance(inner, dict | list):
            found += places(inner, (*path, step))
    return found


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_anything_anywhere_is_taken_or_refused_where_it_stands(data: st.DataObject):
    raw = tomllib.loads(RIGHT)
    for path in data.draw(st.lists(st.sampled_from(places(raw)), min_size=1, max_size=2)):
        at: Any = raw
        try:
            for step in path[:-1]:
                at = at[step]
            at[path[-1]] = data.draw(JUNK)
        except (KeyError, TypeError, IndexError):
            continue  # the first change took the second one's place away
    text = tomli_w.dumps(raw)
    faults: tuple[Fault, ...] = ()
    try:
        flow = parse_flow(text, base=Path())
    except ConfigurationError as error:
        faults = error.faults
    else:
        reader = FlowReader(Path())
        assert reader.read(raw).nodes == flow.nodes
        assert reader.faults == []
    assert all(fault.message and fault.path for fault in faults)


@pytest.mark.parametrize(
    ("line", "instead", "path", "about"),
    [
        ('prompt = "Press 1 or 2."', "prompt = 7", "nodes.menu.prompt", "cannot be heard"),
        ('prompt = "Press 1 or 2."', "prompt = { plai = 'x' }", "nodes.menu.prompt", "heard"),
        ('prompt = "Press 1 or 2."', "prompt = ['a', 7]", "nodes.menu.prompt[1]", "heard"),
        ('prompt = "Press 1 or 2."', "prompt = { say = 'x', language = 'xx' }",
         "nodes.menu.prompt", "no language"),
        ('prompt = "Press 1 or 2."', "prompt = { play = 7 }", "nodes.menu.prompt", "path"),
        ('prompt = "Press 1 or 2."', "prompt = 'a'\nagain = 'b'", "nodes.menu.again", "list"),
        ('prompt = "Press 1 or 2."', "prompt = 'a'\nbarge_in = 1", "nodes.menu.barge_in",
         "true or false"),
        ('prompt = "Press 1 or 2."', "prompt = 'a'\nattempts = 2.5", "nodes.menu.attempts",
         "whole number"),
        ('choices = { 1 = "case", 2 = "sales" }', "choices = []", "nodes.menu.choices", "table"),
        ('choices = { 1 = "case", 2 = "sales" }', "choices = { 1 = 2 }", "nodes.menu.choices.1",
         "text"),
        ('group = "sales"', 'group = "sales"\nskills = "x"', "nodes.sales.skills", "list"),
        ('arguments = { id = "case" }', "arguments = []", "nodes.find.arguments", "table"),
        ('arguments = { id = "case" }', "arguments = { id = '1 +' }", "nodes.find.arguments.id",
         "Column 4"),
        ("cases = [{ when = 'open(\"main\")', to = \"menu\" }]", "cases = 1", "nodes.hours.cases",
         "list"),
        ("cases = [{ when = 'open(\"main\")', to = \"menu\" }]", "cases = [{ when = 'true' }]",
         "nodes.hours.cases[0]", "`when` and `to`"),
        ('number = "sip:desk@192.0.2.7"', 'number = "{"', "nodes.desk.number", "partner"),
        ('url = "https://cases.example/{id}"', 'url = "x"\ntimeout_s = 0',
         "look_ups.cases.timeout_s", "range"),
        ('name = "Front desk"', 'name = "x"\nlanguage = "xx"', "flow.language", "not known"),
        ('name = "Front desk"', 'name = "x"\nlanguages = ["xx"]', "flow.languages[0]", "language"),
        ("[nodes.sales]", "[nodes.back]\nkind = 'hang_up'\n[nodes.sales]", "nodes.back", "name"),
        ('0 = "desk"', "0 = 1", "keys.0", "text"),
        ("level = 0", '"le vel" = 0', 'variables."le vel"', "could not be used"),
        ("level = 0", "level = 0\nopen = 1", "variables.open", "something else"),
    ],
)  # fmt: skip
def test_each_refusal_names_place_and_reason(line: str, instead: str, path: str, about: str):
    found = [text for text in faults_of(RIGHT.replace(line, instead, 1)) if f": {path}: " in text]
    assert found
    assert about in found[0]


@pytest.mark.parametrize(
    ("value", "form", "language", "said"),
    [
        ("2023", "digits", "en", "two zero two three"),
        ("2023", "text", "en", "2023"),
        (21, "number", "da", "enogtyve"),
        (21.0, "number", "en", "twenty-one"),
        (3, "ordinal", "en", "third"),
        (dt.date(2026, 3, 2), "date", "en", "the second of March twenty twenty-six"),
        ("2026-03-02", "date", "en", "the second of March twenty twenty-six"),
        (dt.time(8, 0), "text", "en", "eight o'clock in the morning"),
        ("08:00", "time", "en", "eight o'clock in the morning"),
        (2.5, "text", "en", "2.5"),
        # what has no such form is said as it stands
        ("no date", "date", "en", "no date"),
        ("x", "number", "en", "x"),
        (2.5, "number", "en", "2.5"),
    ],
)
def test_values_in_words(value: Value, form: str, language: str, said: str):
    words = SpokenWords((SpokenText("It is "), SpokenValue(value, form), SpokenText(".")), language)
    assert words_of(words) == f"It is {said}."
