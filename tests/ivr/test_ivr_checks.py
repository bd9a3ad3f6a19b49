"""What `flow check` finds, with line and path: each fault planted in a flow that is right."""

from __future__ import annotations

import re
import wave
from pathlib import Path

import pytest

from softswitch.errors import ConfigurationError
from softswitch.ivr import nodes as n
from softswitch.ivr.checks import Surroundings, check
from softswitch.ivr.loading import load_flow, parse_flow
from softswitch.ivr.model import Case, Flow, Node

RIGHT = """\
[flow]
name = "Front desk"
start = "hours"

[keys]
0 = "desk"

[variables]
case = ""
level = 0

[look_ups.cases]
url = "https://cases.example/{id}"

[nodes.hours]
kind = "branch"
cases = [{ when = 'open("main")', to = "menu" }]
otherwise = "closed"

[nodes.closed]
kind = "say"
text = { message = "closed" }

[nodes.menu]
kind = "menu"
prompt = "Press 1 or 2."
choices = { 1 = "case", 2 = "sales" }
timeout_s = 4
otherwise = "desk"

[nodes.case]
kind = "collect"
prompt = "Your case?"
into = "case"
next = "find"
otherwise = "desk"

[nodes.find]
kind = "look_up"
source = "cases"
arguments = { id = "case" }
into = { level = "state.level" }
next = "tell"
failed = "desk"

[nodes.tell]
kind = "say"
text = "Case {case:digits}: {level}."
next = "menu"

[nodes.sales]
kind = "queue"
group = "sales"

[nodes.desk]
kind = "dial"
number = "sip:desk@192.0.2.7"
"""
LINES = RIGHT.split("\n")


def faults_of(text: str, base: Path = Path(), around: Surroundings | None = None) -> list[str]:
    try:
        parse_flow(text, base=base, around=around or Surroundings())
    except ConfigurationError as error:
        return [str(fault) for fault in error.faults]
    return []


def line_of(line: str) -> int:
    return LINES.index(line) + 1


def test_a_flow_that_is_right_has_no_faults():
    assert faults_of(RIGHT) == []
    around = Surroundings(groups=("sales",), calendars=("main",))
    assert faults_of(RIGHT, around=around) == []


@pytest.mark.parametrize(
    ("line", "instead", "path", "about"),
    [
        # dangling
        ('start = "hours"', 'start = "horus"', "flow.start", "Did you mean `hours`?"),
        ('0 = "desk"', '0 = "dsek"', "keys.0", "Did you mean `desk`?"),
        ('otherwise = "closed"', 'otherwise = "shut"', "nodes.hours.otherwise", "no such node"),
        # loops without input
        ('failed = "desk"', 'failed = "find"', "nodes.find.failed", "circle"),
        # menus without timeout
        ("timeout_s = 4", "timeout_s = 0", "nodes.menu.timeout_s", "out of range"),
        # missing prompts
        ('prompt = "Press 1 or 2."', "", "nodes.menu.prompt", "Nothing says what is asked."),
        (
            'text = { message = "closed" }',
            'text = { play = "closed.wav" }',
            "nodes.closed.text",
            "no such sound file",
        ),
        (
            'text = { message = "closed" }',
            'text = { message = "shut" }',
            "nodes.closed.text",
            "no such sentence",
        ),
        ('text = { message = "closed" }', 'text = "  "', "nodes.closed.text", "empty"),
        # missing languages
        (
            'text = { message = "closed" }',
            'text = { da = "Lukket." }',
            "nodes.closed.text",
            "Nothing is heard in en",
        ),
        (
            'text = { message = "closed" }',
            'text = { en = "a", dk = "b" }',
            "nodes.closed.text.dk",
            "no language",
        ),
        # conditions that can never hold
        (
            'cases = [{ when = \'open("main")\', to = "menu" }]',
            "cases = [{ when = 'time < 08:00 and time > 16:00', to = \"menu\" }]",
            "nodes.hours.cases[0].when",
            "never hold",
        ),
        (
            'cases = [{ when = \'open("main")\', to = "menu" }]',
            "cases = [{when='level > 2', to=\"menu\"}, {when='level > 3', to=\"menu\"}]",
            "nodes.hours.cases[1].when",
            "cases before it",
        ),
        # types that do not fit
        (
            'cases = [{ when = \'open("main")\', to = "menu" }]',
            "cases = [{ when = 'case > 2', to = \"menu\" }]",
            "nodes.hours.cases[0].when",
            "Column 6",
        ),
        (
            'cases = [{ when = \'open("main")\', to = "menu" }]',
            "cases = [{ when = 'level + 1', to = \"menu\" }]",
            "nodes.hours.cases[0].when",
            "comes to a",
        ),
        (
            'into = { level = "state.level" }',
            'into = { levl = "x" }',
            "nodes.find.into.levl",
            "Did you mean `level`?",
        ),
        ('into = "case"', 'into = "cases"', "nodes.case.into", "no such variable"),
        (
            'text = "Case {case:digits}: {level}."',
            'text = "Case {cas}."',
            "nodes.tell.text",
            "nothing called `cas`",
        ),
        # shape
        ('kind = "queue"', 'kind = "que"', "nodes.sales.kind", "Did you mean `queue`?"),
        ('group = "sales"', "", "nodes.sales.group", "missing"),
        ('group = "sales"', "group = 7", "nodes.sales.group", "text in quotes"),
        ('group = "sales"', 'group = "sales"\nskils = []', "nodes.sales.skils", "`skills`"),
        ('name = "Front desk"', "", "flow.name", "missing"),
        ('case = ""', "case = []", "variables.case", "begins as"),
        ('case = ""', 'case = ""\ntime = 1', "variables.time", "something else"),
        ('url = "https://cases.example/{id}"', 'uri = "x"', "look_ups.cases.uri", "`url`"),
        ('source = "cases"', 'source = "case"', "nodes.find.source", "no such source"),
        ('failed = "desk"', "", "nodes.find.failed", "no fallback"),
        (
            'choices = { 1 = "case", 2 = "sales" }',
            'choices = { 1 = "case", x = "sales" }',
            "nodes.menu.choices.x",
            "no key",
        ),
        ("[look_ups.cases]", "[lookups.cases]", "lookups", "`look_ups`"),
    ],
)
def test_each_fault_is_found_with_its_line_and_path(line: str, instead: str, path: str, about: str):
    found = faults_of(RIGHT.replace(line, instead, 1))
    ours = [text for text in found if f": {path}: " in text]
    assert len(ours) == 1, found
    assert about in ours[0]
    if instead and "\n" not in instead:
        assert ours[0].startswith(f"line {line_of(line)}: ")


def test_one_fault_hides_no_other():
    text = RIGHT.replace('0 = "desk"', '0 = "x"').replace('kind = "queue"', 'kind = "y"')
    text = text.replace("Press 1 or 2.", "Press {").replace("level}", "leve}")
    assert [fault.split(": ")[1] for fault in faults_of(text)] == [
        "keys.0",
        "nodes.menu.prompt",
        "nodes.tell.text",
        "nodes.sales.kind",
    ]


def test_what_nobody_can_reach():
    text = RIGHT + '\n[nodes.island]\nkind = "say"\ntext = "Hello?"\nnext = "island2"\n'
    text += '\n[nodes.island2]\nkind = "hang_up"\n'
    assert faults_of(text) == [
        f"line {len(LINES) + 1}: nodes.island: No way leads to this node.",
        f"line {len(LINES) + 6}: nodes.island2: No way leads to this node.",
    ]


def test_groups_and_calendars_of_the_office():
    around = Surroundings(groups=("sale",), calendars=("man",))
    found = faults_of(RIGHT, around=around)
    assert len(found) == 2
    assert "nodes.hours.cases[0].when: Column 6: There is no calendar" in found[0]
    assert "Did you mean `sale`?" in found[1]


def circles(**nodes: n.Asking | object) -> list[str]:
    flow = Flow(name="x", start=next(iter(nodes)), nodes=nodes)  # type: ignore[arg-type] # nodes
    return [fault.path for fault in check(flow) if "circle" in fault.message]


def ask(otherwise: str, **choices: str) -> n.Menu:
    return n.Menu(prompt="?", choices={k[1:]: v for k, v in choices.items()}, otherwise=otherwise)


def test_circles_in_which_nobody_does_anything():
    say = n.Say(text="x", next="m")
    assert circles(m=ask("s"), s=say) == ["nodes.s.next"]
    assert circles(m=ask("hang_up", _1="s"), s=say) == []
    assert circles(m=ask("m")) == ["nodes.m.otherwise"]
    assert circles(m=ask("q"), q=n.Queue(group="g", answered="m")) == []
    assert circles(m=ask("q"), q=n.Queue(group="g", not_answered="m")) == ["nodes.q.not_answered"]


def test_back_can_close_a_circle_too():
    back = n.Say(text="x", next="back")
    assert circles(m=ask("hang_up", _1="s"), s=back) == []
    assert circles(m=ask("s"), s=back) == ["nodes.s.next"]
    # two menus below one: silence in either leads up, and up there it ends
    below = ask("back", _1="hang_up")
    assert circles(m=ask("hang_up", _1="a", _2="b"), a=below, b=below) == []
    assert circles(m=ask("a", _1="a"), a=below) == ["nodes.a.otherwise"]


def test_words_of_one_language_in_a_flow_of_two():
    flow = Flow(
        name="x",
        start="a",
        language="da",
        languages=("en",),
        nodes={"a": n.Say(text="Hej", next="b"), "b": n.Say(text={"da": "Hej", "en": "Hello"})},
    )
    assert [fault.path for fault in check(flow)] == ["nodes.a.text"]


def test_a_language_that_the_flow_does_not_speak():
    flow = Flow(name="x", start="a", nodes={"a": n.Language(to="sv")})
    assert [fault.path for fault in check(flow)] == ["nodes.a.to"]


def test_a_flow_made_in_python_is_checked_alike():
    flow = Flow(
        name="x", start="a", nodes={"a": n.Branch(cases=[Case("1 > 2", "b")], otherwise="")}
    )
    assert [fault.path for fault in check(flow)] == [
        "nodes.a.cases[0].to",
        "nodes.a.cases[0].when",
    ]


@pytest.mark.parametrize(
    ("node", "about"),
    [
        (
            n.Menu(prompt="?", choices={"1": "end"}, into="level", otherwise="end"),
            "This gets a text, and the variable holds a number.",
        ),
        (
            n.Menu(prompt="?", choices={"1": "end"}, into="priority", otherwise="end"),
            "This gets a text, and the variable holds a whole number.",
        ),
        (n.Record(into="vip", next="end"), "This gets a text, and the variable holds true or fals"),
        (
            n.Collect(prompt="?", into="vip", next="end", otherwise="end"),
            "No digits are true or false.",
        ),
    ],
)
def test_a_variable_that_cannot_hold_what_it_gets(node: Node, about: str):
    flow = Flow(
        name="x",
        start="ask",
        nodes={"ask": node, "end": n.HangUp()},
        variables={"level": 0, "vip": False},
    )
    [wrong] = check(flow)
    assert wrong.path == "nodes.ask.into"
    assert wrong.message.startswith(about)


def test_cases_are_looked_at_also_where_those_of_another_node_are_wrong():
    right = (Case("priority > 3", "end"), Case("priority > 4", "end"))
    wrong = (Case("no_such > 3", "next"),)
    nodes = {
        "first": n.Branch(cases=wrong, otherwise="next"),
        "next": n.Branch(cases=right, otherwise="end"),
        "end": n.HangUp(),
    }
    paths = [one.path for one in check(Flow(name="x", start="first", nodes=nodes))]
    assert paths == ["nodes.first.cases[0].when", "nodes.next.cases[1].when"]


def test_further_plans_are_read_and_checked_with_their_own_names_and_lines(tmp_path: Path):
    main = '[flow]\nname = "a"\nstart = "s"\n[nodes.s]\nkind = "sub_flow"\nflow = "plans/b.toml"\n'
    (tmp_path / "plans").mkdir()
    (tmp_path / "a.toml").write_text(main)
    inner = '[flow]\nname = "b"\nstart = "p"\n[nodes.p]\nkind = "play"\nfile = "x.wav"\n'
    (tmp_path / "plans" / "b.toml").write_text(inner)
    with pytest.raises(ConfigurationError) as caught:
        load_flow(tmp_path / "a.toml")
    found = [(Path(fault.file).name, fault.line, fault.path) for fault in caught.value.faults]
    assert found == [("b.toml", 6, "nodes.p.file"), ("a.toml", 6, "nodes.s.flow")]
    with wave.open(str(tmp_path / "plans" / "x.wav"), "wb") as writer:
        writer.setparams((1, 2, 8000, 0, "NONE", ""))
    flow = load_flow(tmp_path / "a.toml")
    assert flow.sub_flows["plans/b.toml"].name == "b"


def test_plans_that_lead_into_one_another(tmp_path: Path):
    text = '[flow]\nname = "a"\nstart = "s"\n[nodes.s]\nkind = "sub_flow"\nflow = "{}"\n'
    (tmp_path / "a.toml").write_text(text.format("b.toml"))
    (tmp_path / "b.toml").write_text(text.format("a.toml"))
    with pytest.raises(ConfigurationError, match="in a circle"):
        load_flow(tmp_path / "a.toml")


@pytest.mark.parametrize(
    ("text", "about"),
    [("[flow", "line 1: .*not TOML"), ("a = " + "[" * 5000, "nested|not TOML")],
)
def test_what_is_no_toml(text: str, about: str):
    [found] = faults_of(text)
    assert re.search(about, found)


def test_a_file_that_is_not_there(tmp_path: Path):
    with pytest.raises(ConfigurationError, match="no such file"):
        load_flow(tmp_path / "none.toml")
