"""The language of conditions: what it means, what it refuses, what it can prove."""

from __future__ import annotations

import contextlib
import datetime as dt
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from softswitch.ivr.expressions import (
    Expression,
    ExpressionError,
    ExpressionFault,
    Template,
    Vocabulary,
    can_hold,
    holds,
)
from softswitch.ivr.expressions.syntax import Value
from softswitch.ivr.expressions.types import NUMBER, TEXT, TRUTH

KNOWN = Vocabulary().knowing({"level": NUMBER, "vip": TRUTH, "town": TEXT})


class Situation:
    """A Monday, ten o'clock."""

    def __init__(self, **values: Value) -> None:
        self._values: dict[str, Value] = {
            "time": dt.time(10, 0),
            "date": dt.date(2026, 3, 2),
            "weekday": "mon",
            "caller": "+4512345678",
            "digits": "2023",
            "priority": 0,
            "level": 2,
            "vip": False,
            "town": "Fjordby",
            **values,
        }

    def value_of(self, name: str) -> Value:
        return self._values[name]

    def ask(self, question: str, about: tuple[Value, ...]) -> Value:
        answers: dict[str, Value] = {
            "open": about[0] == "main",
            "closed": about[0] != "main",
            "agents": 3,
            "waiting": 5,
            "expected_wait": 90.0,
        }
        if question == "length":
            return len(str(about[0]))
        if question == "starts_with":
            return str(about[0]).startswith(str(about[1]))
        return answers[question]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("true", True),
        ("not true", False),
        ("08:00 <= time < 16:00", True),
        ("08:00 <= time < 10:00", False),
        ("time == 10:00", True),
        ("date >= 2026-03-02 and date < 2026-03-03", True),
        ('weekday in ("sat", "sun")', False),
        ('weekday not in ("sat", "sun")', True),
        ('caller in ["+4511111111", "+4512345678"]', True),
        ('starts_with(caller, "+45")', True),
        ('open("main") and not open("shop")', True),
        ('closed("shop")', True),
        ('waiting("sales") > 4 or vip', True),
        ('waiting("sales") > 5 or vip', False),
        ('agents("sales") + 1 > 3', True),
        ("level - 1 == 1", True),
        ("length(digits) == 4", True),
        # and binds tighter than or, not tighter than and
        ("true or false and false", True),
        ("(true or false) and false", False),
        ("not false and false", False),
        ("not (false and false)", True),
        ("1 < 2 < 3", True),
        ("1 < 3 < 2", False),
        ("-1 < 0", True),
        (r'town == "a \"b\" \\ c"', False),
        ("'Fjordby' == town", True),
        ('expected_wait("sales") > 60.5', True),
        ("vip == false", True),
    ],
)
def test_what_it_comes_to(text: str, *, expected: bool):
    expression = Expression(text)
    assert expression.faults(KNOWN, TRUTH) == []
    assert holds(expression, Situation()) is expected


@pytest.mark.parametrize(
    ("text", "column", "about"),
    [
        ("", 1, "The end"),
        ("level >", 8, "The end"),
        ("level = 2", 7, "'=' means nothing"),
        ("level & 2", 7, "'&' means nothing"),
        ('town == "Fjord', 9, "closing quote"),
        ("time == 25:00", 9, "no time 25:00"),
        ("date == 2026-02-30", 9, "no date"),
        ("(level > 2", 11, "The end"),
        ("level > 2)", 10, "does not belong"),
        ("level in 2", 10, "brackets"),
        ("level in ()", 10, "empty"),
        ("level not 2", 11, "'2'"),
        ("import os", 8, "does not belong"),
        ("and", 1, "where a value must be"),
        ("level.x", 6, "'.' means nothing"),
        ("(" * 60 + "1" + ")" * 60, 51, "deeply"),
        ("1 + " * 300 + "1", 1001, "longer"),
    ],
)
def test_what_is_no_expression_is_told_with_its_column(text: str, column: int, about: str):
    with pytest.raises(ExpressionError, match=about.replace("(", r"\(")) as caught:
        Expression(text)
    assert caught.value.faults[0].column == column


@pytest.mark.parametrize(
    ("text", "column", "about"),
    [
        ("level", 1, "This comes to a number"),
        ("levl > 2", 1, "Did you mean `level`"),
        ('agent("sales") > 1', 1, "Did you mean `agents`"),
        ('level == "2"', 7, "A number is never a text"),
        ("time > 8", 6, "A time of day is never a"),
        ("town < town", 6, "has no order"),
        ('weekday == "monday"', 12, "never"),
        ('"monday" == weekday', 1, "never"),
        ('weekday in ("sat", "dimanche")', 20, "never"),
        ("not level", 5, "This is a number"),
        ("vip and level", 9, "This is a number"),
        ('"a" + 1 == 2', 1, "This is a text"),
        ("agents(town) > 1", 8, "in so many words"),
        ("agents() > 1", 1, "1 thing"),
        ("open", 1, "needs the name of a calendar"),
        ("length(level) > 1", 8, "This is a number"),
    ],
)
def test_what_does_not_fit_is_told_with_its_column(text: str, column: int, about: str):
    faults = Expression(text).faults(KNOWN, TRUTH)
    assert [fault.column for fault in faults] == [column]
    assert about in faults[0].message


@pytest.mark.parametrize(
    "text",
    [
        "false",
        "1 > 2",
        "time < 08:00 and time > 16:00",
        "time < 00:00",
        "08:00 < time < 08:00",
        'weekday in ("sat", "sun") and weekday == "mon"',
        'weekday not in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")',
        'agents("a") < 0',
        'agents("a") > 1 and agents("a") < 2',
        'waiting("a") > 2 and not waiting("a") >= 2',
        'open("a") and closed("a")',
        "vip and not vip",
        "vip == true and vip == false",
        'caller == "1" and caller == "2"',
        'caller == "1" and caller not in ("1", "2")',
        'caller in ("1", "2") and caller in ("3", "4")',
        "date > 2026-12-24 and date < 2026-12-25",
        "level >= 2 and level <= 2 and level != 2",
        "2 < level and 1 > level",
        "not (time < 12:00 or time >= 12:00)",
        "length(digits) == 2 and length(digits) == 3",
        "(vip or level > 3) and not vip and level < 2",
        'agents("a") + 1 < 3 and agents("a") + 1 > 5',
        'weekday == "mon" and (weekday == "tue" or weekday == "wed")',
        'agents("a") in (1.5, 2.5)',
    ],
)
def test_what_can_never_hold(text: str):
    expression = Expression(text)
    assert expression.faults(KNOWN, TRUTH) == []
    assert not can_hold(expression.part, KNOWN)
    assert can_hold(Expression(f"not ({text})").part, KNOWN)


@pytest.mark.parametrize(
    "text",
    [
        "true",
        "time <= 08:00 and time >= 08:00",
        'agents("a") >= 1 and agents("a") < 2',
        'agents("a") > 1 and agents("b") < 2',
        'expected_wait("a") > 1 and expected_wait("a") < 2',
        'open("a") and closed("b")',
        'caller != "1" and caller != "2"',
        "level > 2 and level < 2.5",
        'agents("a") > waiting("a") and agents("a") < 1',
        "date > 2026-12-24 and date < 2026-12-26",
        'starts_with(caller, "+45") and caller == "+4512345678"',
    ],
)
def test_what_could_hold(text: str):
    assert can_hold(Expression(text).part, KNOWN)


_LEVELS = ("0", "1", "2", "3")
_ATOMS = st.one_of(
    st.builds(
        "level {} {}".format,
        st.sampled_from(["<", "<=", ">", ">=", "==", "!="]),
        st.sampled_from(_LEVELS),
    ),
    st.builds(
        'weekday {} "{}"'.format, st.sampled_from(["==", "!="]), st.sampled_from(["mon", "tue"])
    ),
    st.builds('weekday {} ("mon", "sat")'.format, st.sampled_from(["in", "not in"])),
    st.sampled_from(["vip", "not vip", "vip == false"]),
)
_CONDITIONS = st.recursive(
    _ATOMS,
    lambda inner: st.one_of(
        st.builds("({} and {})".format, inner, inner),
        st.builds("({} or {})".format, inner, inner),
        st.builds("not ({})".format, inner),
    ),
    max_leaves=6,
)


@given(_CONDITIONS)
def test_reasoning_agrees_with_trying_every_situation(text: str):
    """The slow twin: every weekday, and a level between and on each of the bounds."""
    expression = Expression(text)
    situations = (
        Situation(level=level, weekday=day, vip=vip)
        for level, day, vip in itertools.product(
            [half / 2 for half in range(-1, 8)],
            ["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
            [True, False],
        )
    )
    found = any(holds(expression, situation) for situation in situations)
    assert can_hold(expression.part, KNOWN) is found


@given(st.text(max_size=30))
def test_no_text_whatever_does_anything_but_be_read_or_refused(text: str):
    found: tuple[ExpressionFault, ...] = ()
    with contextlib.suppress(ExpressionError):
        found = tuple(Expression(text).faults(KNOWN))
    try:
        Expression(text)
    except ExpressionError as error:
        found = error.faults
    assert all(1 <= fault.column <= len(text) + 1 and fault.message for fault in found)


def test_slots_in_texts():
    template = Template("Case {digits:digits} of {{x}} costs {level - 1: amount}.")
    assert [getattr(piece, "form", piece) for piece in template.pieces] == [
        "Case ",
        "digits",
        " of {x} costs ",
        "amount",
        ".",
    ]
    assert not template.fixed
    assert Template("{{}} nothing").fixed


@pytest.mark.parametrize(
    ("text", "column"), [("a {b", 3), ("a } b", 3), ("a {level >}", 11), ("{level:loud}", 1)]
)
def test_slots_that_are_wrong(text: str, column: int):
    with pytest.raises(ExpressionError) as caught:
        Template(text)
    assert caught.value.faults[0].column == column
