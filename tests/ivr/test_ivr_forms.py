"""How values are said in texts: every form in words, and forms that do not fit."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from flow_steps import Steps, flow_of

from softswitch.errors import ConfigurationError
from softswitch.ivr import commands as cmd
from softswitch.ivr import events as ev
from softswitch.ivr import nodes as n
from softswitch.ivr.checks import check
from softswitch.ivr.expressions import ExpressionError, Template, Value, Vocabulary
from softswitch.ivr.expressions.forms import FORMS
from softswitch.ivr.expressions.types import KNOWN
from softswitch.ivr.loading import parse_flow
from softswitch.ivr.rehearsal import PretendWorld
from softswitch.ivr.spoken import words_of

XMAS = dt.date(2026, 12, 24)  # a Thursday

SAID: list[tuple[str, str, Value, str]] = [
    ("text", "en", "open", "open"),
    ("digits", "en", "204", "two zero four"),
    ("number", "en", 21, "twenty-one"),
    ("number", "da", "21", "enogtyve"),
    ("ordinal", "en", 21, "twenty-first"),
    ("amount", "en", 2.5, "two pounds and fifty pence"),
    ("amount EUR", "da", "2.50", "to euro og halvtreds cent"),
    ("date", "en", XMAS, "the twenty-fourth of December twenty twenty-six"),
    ("weekday", "en", XMAS, "Thursday"),
    ("weekday", "en", "2026-12-24", "Thursday"),
    ("weekday", "en", "mon", "Monday"),
    ("weekday", "da", "sat", "lørdag"),
    ("year", "en", XMAS, "twenty twenty-six"),
    ("year", "en", 1999, "nineteen ninety-nine"),
    ("year", "en", "1999-01-02", "nineteen ninety-nine"),
    ("time", "en", dt.time(8), "eight o'clock in the morning"),
    ("at", "en", dt.time(8), "at eight in the morning"),
    ("at", "da", "08:00", "klokken otte"),
    ("minutes", "en", 121, "three minutes"),
    ("minutes", "en", 0, "one minute"),
    ("minutes", "da", 60, "ét minut"),
    ("minutes", "en", 7201, "three hours"),
    ("wait", "nb", 180, "Ventetiden er sannsynligvis omtrent tre minutter."),
    ("position", "sv", 3, "Du är nummer tre i kön."),
    ("phone", "en", "020 7946 0958", "oh two oh, seven nine four six, oh nine five eight"),
    ("case", "en", "2023/114", "twenty twenty-three slash one hundred and fourteen"),
]


def spoken(form: str, language: str, value: Value, today: dt.date | None = None) -> str:
    name, _, currency = form.partition(" ")
    return words_of(cmd.SpokenWords((cmd.SpokenValue(value, name, currency, today),), language))


@pytest.mark.parametrize(("form", "language", "value", "words"), SAID)
def test_what_is_said(form: str, language: str, value: Value, words: str):
    assert spoken(form, language, value) == words


def test_every_form_was_tried():
    assert {form.split()[0] for form, *_ in SAID} | {"day"} == set(FORMS)


@pytest.mark.parametrize(
    ("today", "words"),
    [
        (XMAS, "today"),
        (XMAS - dt.timedelta(1), "tomorrow"),
        (XMAS + dt.timedelta(1), "yesterday"),
        (XMAS - dt.timedelta(3), "on Thursday"),
    ],
)
def test_a_day_is_said_as_seen_from_the_day_of_the_call(today: dt.date, words: str):
    say = n.Say(text="It arrives {due:day}.")
    world = PretendWorld(begins=dt.datetime.combine(today, dt.time(10), dt.UTC))
    steps = Steps(flow_of({"a": say}, variables={"due": XMAS}), world)
    steps.tell(ev.Begun()).tell(ev.Answered())
    assert isinstance(steps.last, cmd.Play)
    [piece] = steps.last.pieces
    assert isinstance(piece, cmd.SpokenWords)
    assert words_of(piece) == f"It arrives {words}."


def test_what_has_no_words_is_said_as_it_stands():
    assert spoken("weekday", "en", "some day") == "some day"
    assert spoken("minutes", "en", "soon") == "soon"
    assert spoken("amount XYZ", "en", 2) == "2"


FITTING = {
    "caller": {*FORMS},
    "date": {"text", "date", "day", "weekday", "year"},
    "time": {"text", "time", "at"},
    "weekday": {"text", "digits", "phone", "case", "weekday"},
    "caller_withheld": {"text"},
    "priority": {*FORMS} - {"date", "day", "weekday", "time", "at"},
}


@pytest.mark.parametrize("name", FITTING)
def test_forms_fit_what_they_are_for(name: str):
    fitting = {
        form for form in FORMS if not Template(f"{{{name}:{form}}}").faults(Vocabulary(KNOWN))
    }
    assert fitting == FITTING[name]


def test_a_form_that_does_not_fit_is_refused_with_its_line(tmp_path: Path):
    text = '[flow]\nname="x"\nstart="a"\n[nodes.a]\nkind="say"\ntext="It is {time:date}."\n'
    flow = flow_of({"a": n.Say(text="It is {time:date}.")})
    [one] = check(flow)
    assert one.path == "nodes.a.text"
    assert "The form `date` does not say this: it is a time of day." in one.message
    assert one.allowed == "text, time, at"
    with pytest.raises(ConfigurationError, match=r"line 6: nodes\.a\.text"):
        parse_flow(text, base=tmp_path)


def test_currencies():
    assert check(flow_of({"a": n.Say(text="{priority:amount NOK}")})) == ()
    [one] = check(flow_of({"a": n.Say(text="{priority:amount XYZ}")}))
    assert one.message == "This currency has no words in en."
    assert "EUR" in one.allowed
    for wrong in ("{priority:digits EUR}", "{priority:money}", "{priority:amount euro}"):
        with pytest.raises(ExpressionError):
            Template(wrong)
