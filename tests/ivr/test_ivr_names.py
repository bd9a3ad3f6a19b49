"""Groups, boxes, surveys and numbers that a call's own values name."""

from __future__ import annotations

from pathlib import Path

import pytest
from flow_steps import Steps, flow_of

from softswitch.errors import ConfigurationError
from softswitch.ivr import commands as cmd
from softswitch.ivr import events as ev
from softswitch.ivr import nodes as n
from softswitch.ivr.checks import Surroundings, check
from softswitch.ivr.expressions import Template
from softswitch.ivr.loading import parse_flow
from softswitch.ivr.model import Flow, Node
from softswitch.ivr.possible_values import PossibleValues
from softswitch.ivr.writing import flow_text

AROUND = Surroundings(
    groups=("sales", "service"), boxes=("sales", "service", "anna"), surveys=("after",)
)
END = n.HangUp()


def faults_of(nodes: dict[str, Node], **settings: object) -> list[str]:
    return [str(one) for one in check(flow_of({**nodes, "end": END}, **settings), AROUND)]


def chosen(first: str, second: str, node: Node) -> dict[str, Node]:
    """A menu whose two choices set the department, then a node that is led by it."""
    return {
        "menu": n.Menu(prompt="Well?", choices={"1": "one", "2": "two"}, otherwise="end"),
        "one": n.Set(values={"department": f'"{first}"'}, next="lead"),
        "two": n.Set(values={"department": f'"{second}"'}, next="lead"),
        "lead": node,
    }


LEADING = {
    "queue": n.Queue(group="{department}"),
    "call_back": n.CallBack(group="{department}"),
    "voicemail": n.Voicemail(box="{department}"),
}


@pytest.mark.parametrize("kind", LEADING)
def test_values_that_nodes_set_must_be_names_that_there_are(kind: str):
    variables = {"department": "sales"}
    assert faults_of(chosen("sales", "service", LEADING[kind]), variables=variables) == []
    [wrong] = faults_of(chosen("sales", "servce", LEADING[kind]), variables=variables)
    setting = "box" if kind == "voicemail" else "group"
    assert wrong.startswith(f"nodes.lead.{setting}: This can be 'servce'. There is no ")
    assert "Did you mean `service`?" in wrong


@pytest.mark.parametrize("kind", LEADING)
def test_a_variable_that_may_be_empty_still_needs_a_way(kind: str):
    nodes = chosen("sales", "service", LEADING[kind])
    [wrong] = faults_of(nodes, variables={"department": ""})
    assert wrong.startswith("nodes.lead.failed: Nothing says what follows when there is no such")
    assert "it can be empty" in wrong


@pytest.mark.parametrize(
    ("node", "way"),
    [
        (n.Queue(group="{digits}"), "failed"),
        (n.Queue(group="{digits}", reasons={"queue_full": "end"}), "failed"),
        (n.CallBack(group="{digits}", next="end"), "failed"),
        (n.Voicemail(box="{digits}"), "failed"),
        (n.Survey(survey="{digits}"), "failed"),
        (n.Dial(number="sip:{digits}@192.0.2.7", busy="end"), "otherwise"),
        (n.Transfer(number="{digits}"), "failed"),
    ],
)
def test_what_the_caller_keys_can_be_anything(node: Node, way: str):
    reached = n.Say(text="Well.", next="end")
    menu = n.Menu(prompt="?", choices={"1": "lead", "2": "x"}, otherwise="end")
    [wrong] = faults_of({"menu": menu, "lead": node, "x": reached})
    assert wrong.startswith(f"nodes.lead.{way}: Nothing says what follows")
    assert "it can be anything" in wrong
    led = type(node)(**{**_settings(node), way: "end"})
    assert faults_of({"menu": menu, "lead": led, "x": reached}) == []


def _settings(node: Node) -> dict[str, object]:
    return {name: getattr(node, name) for name in type(node).__slots__ if name[0] != "_"}


def test_the_ways_that_count_instead():
    led = {"a": n.Queue(group="{digits}", not_answered="end")}
    assert faults_of(led) == []
    assert faults_of({"a": n.Survey(survey="{digits}", next="end")}) == []


@pytest.mark.parametrize("node", [n.Dial(number=""), n.Transfer(number=" ")])
def test_a_number_that_is_none_is_refused(node: Node):
    menu = n.Menu(prompt="?", choices={"1": "lead"}, otherwise="end")
    [wrong] = faults_of({"menu": menu, "lead": node})
    assert wrong.startswith("nodes.lead.number: This names no number.")


def test_the_priority_may_be_what_it_was_at_first():
    nodes = {
        "menu": n.Menu(prompt="?", choices={"1": "urgent", "2": "end"}, otherwise="lead"),
        "urgent": n.Set(values={"priority": "1"}, next="lead"),
        "lead": n.Queue(group="team{priority}"),
    }
    [wrong] = check(flow_of({**nodes, "end": END}), Surroundings(groups=("team1",)))
    assert wrong.path == "nodes.lead.failed"


def test_names_as_written_are_looked_at_too():
    for node in (n.Voicemail(box="ana"), n.Survey(survey="befor"), n.Queue(group="sale")):
        [wrong] = faults_of(
            {"a": n.Menu(prompt="?", choices={"1": "b"}, otherwise="end"), "b": node}
        )
        assert "of this name" in wrong


def test_keys_of_a_menu_are_what_its_variable_can_be():
    menu = n.Menu(prompt="?", choices={"1": "go", "2": "go"}, into="key", otherwise="end")
    flow = flow_of(
        {"m": menu, "go": n.Queue(group="team{key}"), "end": END}, variables={"key": "1"}
    )
    assert PossibleValues(flow).texts(Template("team{key}")) == {"team1", "team2"}
    [first, second] = check(flow, AROUND)
    assert (first.path, second.path) == ("nodes.go.group", "nodes.go.group")
    known = Surroundings(groups=("team1", "team2"))
    assert check(flow, known) == ()


def test_a_variable_set_from_another_and_back():
    nodes = {
        "a": n.Set(values={"x": "y", "y": "x"}, next="b"),
        "b": n.Set(values={"y": '"service"'}, next="c"),
        "c": n.Queue(group="{x}"),
    }
    flow = flow_of(nodes, variables={"x": "sales", "y": "sales"})
    assert PossibleValues(flow).texts(Template("{x}")) == {"sales", "service"}
    assert check(flow, AROUND) == ()


def test_what_a_plan_around_sets_counts_in_the_plan():
    inner = Flow(
        name="inner",
        start="q",
        nodes={"q": n.Queue(group="{department}")},
        variables={"department": "sales"},
    )
    assert check(inner, AROUND) == ()
    outer = flow_of(
        {
            "s": n.Set(values={"department": '"stores"'}, next="in"),
            "in": n.SubFlow(flow="inner", next="end"),
            "end": END,
        },
        variables={"department": "sales"},
        sub_flows={"inner": inner},
    )
    [wrong] = check(outer, AROUND)
    assert wrong.path == "nodes.in.flow"
    assert "In the plan 'inner', nodes.q.group: This can be 'stores'." in wrong.message


CHOSEN = """\
[flow]
name = "Chosen"
start = "find"
[variables]
department = { choices = ["sales", "service"], first = "service" }
[look_ups.people]
[nodes.find]
kind = "look_up"
source = "people"
into = { department = "group" }
next = "go"
failed = "go"
[nodes.go]
kind = "queue"
group = "{department}"
"""


def test_declared_choices_need_no_way_for_the_unknown():
    flow = parse_flow(CHOSEN, base=Path(), around=AROUND)
    assert flow.variables == {"department": "service"}
    assert flow.choices == {"department": ("sales", "service")}
    assert parse_flow(flow_text(flow), base=Path()).choices == flow.choices


@pytest.mark.parametrize(
    ("given", "group"),
    [("sales", "sales"), ("service", "service"), ("stores", "service"), (7, "service")],
)
def test_data_from_outside_is_held_to_the_choices(given: object, group: str):
    steps = Steps(parse_flow(CHOSEN, base=Path(), around=AROUND))
    steps.tell(ev.Begun())
    assert isinstance(steps.last, cmd.LookUp)
    steps.tell(ev.LookedUp(id=steps.last.id, values={"group": given}))
    assert isinstance(steps.last, cmd.QueueFor)
    assert steps.last.group == group


@pytest.mark.parametrize(
    ("line", "instead", "about"),
    [
        ('["sales", "service"]', '["sales", "servce"]', "variables.department.first: This is none"),
        ('["sales", "service"]', "[]", "variables.department.choices: There must be some"),
        ('["sales", "service"]', '["a", "a"]', "variables.department.choices: There must be some"),
        ('["sales", "service"]', "3", "variables.department.choices: This must be a list"),
        ("first =", "frist =", "variables.department.frist: There is no such setting. Did you"),
        ('"service"], first = "service"', '"stores"]', "nodes.go.group: This can be 'stores'."),
        (
            'kind = "queue"',
            'kind = "set"\nvalues = { department = "digits" }\nnext="q"\n[nodes.q]\nkind="queue"',
            "nodes.go.values.department: This can be anything",
        ),
        (
            'kind = "queue"',
            'kind="set"\nvalues={department="\'x\'"}\nnext="q"\n[nodes.q]\nkind="queue"',
            "nodes.go.values.department: This can be 'x', which is none of the choices",
        ),
    ],
)
def test_choices_that_are_wrong(line: str, instead: str, about: str):
    assert line in CHOSEN
    with pytest.raises(ConfigurationError) as error:
        parse_flow(CHOSEN.replace(line, instead), base=Path(), around=AROUND)
    assert any(about in str(one) for one in error.value.faults), error.value.faults


def test_keyed_digits_that_are_no_choice_are_asked_for_again():
    collect = n.Collect(prompt="Which?", into="box", most=2, next="go", otherwise="end")
    flow = flow_of(
        {"c": collect, "go": n.Voicemail(box="{box}"), "end": END},
        variables={"box": "11"},
        choices={"box": ("11", "12")},
    )
    assert check(flow, Surroundings(boxes=("11", "12"))) == ()
    steps = Steps(flow).begin().heard().press("13")
    assert steps.nodes == ["c"]
    steps.heard().press("12")
    assert isinstance(steps.last, cmd.TakeMessage)
    assert steps.last.box == "12"


@pytest.mark.parametrize(
    ("node", "command", "about"),
    [
        (n.Queue(group="g{level}", failed="end"), cmd.QueueFor, "group"),
        (n.CallBack(group="g{level}", failed="end"), cmd.PromiseCallBack, "group"),
        (n.Voicemail(box="g{level}", failed="end"), cmd.TakeMessage, "box"),
        (n.Survey(survey="g{level}", failed="end"), cmd.AskSurvey, "survey"),
        (n.Dial(number="g{level}", otherwise="end"), cmd.DialFor, "number"),
        (n.Transfer(number="g{level}", failed="end"), cmd.TransferTo, "number"),
    ],
)
def test_a_name_that_turns_out_to_be_nobodys_takes_the_way(
    node: Node, command: type[cmd.Perform], about: str
):
    steps = Steps(flow_of({"a": node, "end": END}, variables={"level": 3})).begin()
    assert isinstance(steps.last, command)
    assert getattr(steps.last, about) == "g3"
    steps.tell(ev.Failed(id=steps.last.id, why="there is none"))
    assert steps.nodes == ["a", "end"]
