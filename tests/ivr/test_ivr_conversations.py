"""Scripted conversations, and the commands that check, draw, try and hold them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from test_ivr_checks import RIGHT
from typer.testing import CliRunner

from softswitch.cli import app
from softswitch.errors import ConfigurationError, EnvironmentFaultError
from softswitch.ivr import diagram
from softswitch.ivr.conversations import Verdict, load_conversations, run, script_of
from softswitch.ivr.loading import parse_flow

HEAD = '[[conversation]]\nname = "x"\nlook_ups.cases = { state = { level = 3 } }\n'


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "desk.toml"
    path.write_text(RIGHT)
    return path


def hold(text: str, tmp_path: Path) -> Verdict:
    script = tmp_path / "x.test.toml"
    script.write_text(text)
    [conversation] = load_conversations(script)
    return run(parse_flow(RIGHT, base=tmp_path), conversation)


RIGHT_STEPS = [
    '{ hears = "press 1 or 2", hears_not = "closed", node = "menu", press = "1" }',
    '{ hears = "Your case", press = "2023#" }',
    '{ looks_up = "cases", hears = "Case 2 0 2 3: 3.", variables = { level = 3, case = "2023" } }',
    "{ silent = 3 }",
    '{ dial = "sip:desk@192.0.2.7", then = "busy" }',
    '{ ends = "completed", language = "en" }',
]


def steps(*lines: str) -> str:
    return HEAD + "steps = [\n" + ",\n".join(lines) + "\n]\n"


def test_a_conversation_that_goes_as_written(tmp_path: Path):
    verdict = hold(steps(*RIGHT_STEPS), tmp_path)
    assert verdict.wrong == ""
    assert verdict.nodes == {"hours", "menu", "case", "find", "tell", "desk"}
    assert verdict.seen[:3] == ("Press 1 or 2.", "> press 1", "Your case?")


@pytest.mark.parametrize(
    ("at", "line", "about"),
    [
        (0, '{ hears = "Press 3", press = "1" }', "Not heard: 'Press 3'"),
        (0, '{ hears_not = "Press 1", press = "1" }', "Heard: 'Press 1'"),
        (0, '{ node = "hours", press = "1" }', "The node is 'menu', not 'hours'"),
        (1, '{ language = "da", press = "2023#" }', "The language is 'en', not 'da'"),
        (1, '{ press = "2023" }', "Expected: looks_up 'cases'; happened: nothing"),
        (2, "{ variables = { level = 4 } }", "Variable level is 3, not 4"),
        (3, '{ press = "2" }', "Expected: dial 'sip:desk@192.0.2.7'; happened: queue 'sales'"),
        (4, '{ dial = "sip:other@192.0.2.7" }', "happened: dial 'sip:desk@192.0.2.7'"),
        (0, '{ then = "answered" }', "waits for no Perform"),
    ],
)
def test_what_is_not_as_written_is_told(at: int, line: str, about: str, tmp_path: Path):
    lines = [*RIGHT_STEPS]
    lines[at] = line
    verdict = hold(steps(*lines), tmp_path)
    assert about in verdict.wrong
    assert not verdict.passed
    assert verdict.step in {at + 1, at + 2}


def test_hours_and_queues_are_overridden(tmp_path: Path):
    text = '[[conversation]]\nopen = { main = false }\nsteps = [{ hears = "We are closed" }]'
    assert hold(text, tmp_path).passed
    flow = parse_flow(
        RIGHT.replace('open("main")', 'time < 12:00 and waiting("sales") > 4'), base=tmp_path
    )
    script = tmp_path / "y.test.toml"
    script.write_text(
        "[[conversation]]\nat = 2026-03-02T11:00:00\ngroups.sales = { waiting = 5 }\n"
        'steps = [{ node = "menu" }]\n'
        "[[conversation]]\nat = 2026-03-02T13:00:00\ngroups.sales = { waiting = 5 }\n"
        'steps = [{ node = "closed" }]\n'
        '[[conversation]]\nat = 2026-03-02T11:00:00\nsteps = [{ node = "closed" }]\n'
    )
    assert [run(flow, one).wrong for one in load_conversations(script)] == ["", "", ""]


@pytest.mark.parametrize(
    ("text", "about"),
    [
        ("[[talk]]", "talk: This means nothing here"),
        ('[[conversation]]\nat = "noon"', "must be a date and time"),
        ("[[conversation]]\nsteps = [{ haers = 1 }]", "Did you mean `hears`?"),
        ('[[conversation]]\nlook_ups.x = "maybe"', "nothing or fails"),
        ("[[conversation]]\ngroups.x = { agent = 1 }", "agents, free, waiting"),
        ("[[", "Invalid initial character"),
    ],
)
def test_scripts_that_are_wrong(text: str, about: str, tmp_path: Path):
    script = tmp_path / "x.test.toml"
    script.write_text(text)
    with pytest.raises(ConfigurationError, match=about.replace("?", r"\?")):
        load_conversations(script)


def call(*arguments: str, keys: str = "") -> tuple[int, str]:
    result = CliRunner().invoke(app, ["flow", *arguments], input=keys)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, result.output


def test_check(file: Path):
    assert call("check", str(file)) == (0, "Front desk: 8 nodes, in en. No faults.\n")
    file.write_text(RIGHT.replace('0 = "desk"', '0 = "x"'))
    status, output = call("check", str(file))
    assert status == 2
    assert f"{file}:6: keys.0: There is no such node." in output.replace("\n", "")
    status, output = call("check", str(file), "--json")
    assert status == 2
    [fault] = json.loads(output)["faults"]
    assert (fault["file"], fault["line"], fault["path"]) == (str(file), 6, "keys.0")


def test_check_against_an_office(file: Path, tmp_path: Path):
    office = tmp_path / "office.toml"
    office.write_text(
        '[members.a]\naddress = "sip:a@192.0.2.9"\n[groups.sale]\nnumber = "1"\nmembers = ["a"]\n'
    )
    status, output = call("check", str(file), "--office", str(office))
    assert status == 2
    assert "Did you mean `sale`?" in output


def test_test(file: Path):
    script_of(file).write_text(steps(*RIGHT_STEPS))
    status, output = call("test", str(file))
    assert status == 0
    assert "1 of 1 conversations went as written." in output
    assert "Nobody came to: closed, sales." in output
    script_of(file).write_text(steps(*RIGHT_STEPS) + steps('{ hears = "Press 3" }'))
    status, output = call("test", str(file))
    assert status == 1
    assert "1 of 2 conversations" in output
    assert "Not heard: 'Press 3'" in output


def test_try_walks_at_the_keyboard(file: Path):
    keys = "1\n2023#\nstate = { level = 7 }\n\n\n\nbusy\n"
    status, output = call("try", str(file), keys=keys)
    assert status == 0
    assert "Case 2 0 2 3: 7." in output
    assert "dial sip:desk@192.0.2.7" in output
    assert output.rstrip().endswith("ends completed")


def test_try_survives_what_makes_no_sense(file: Path):
    status, output = call("try", str(file), "--closed", "main", keys="q\n")
    assert (status, "We are closed" in output) == (0, True)
    status, output = call("try", str(file), keys="1\n12#\nlevel = \nnothing\nh\n")
    assert status == 0
    assert "an answer looks like" in output


def test_a_picture_has_every_node_and_way(file: Path, tmp_path: Path):
    flow = parse_flow(RIGHT, base=tmp_path)
    drawn = diagram.mermaid(flow)
    assert drawn.startswith("flowchart TD\n")
    for name in flow.nodes:
        assert f"<b>{name}</b>" in drawn
    arrows = [line for line in drawn.splitlines() if "-->" in line or "-.->" in line]
    # hours 2, menu 3, case 2, find 2, tell 1; the beginning and the global key
    assert len(arrows) == 12
    assert 'n2 -->|"1"| n3' in drawn
    assert 'n2 -.->|"otherwise"| n7' in drawn
    assert call("graph", str(file)) == (0, drawn)


@pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")
def test_the_picture_as_svg(file: Path, tmp_path: Path):
    output = tmp_path / "desk.svg"
    assert call("graph", str(file), "-o", str(output))[0] == 0
    drawn = output.read_text(encoding="utf-8")
    assert drawn.count('class="node"') == 8 + 2  # the beginning, and the key that counts anywhere
    assert drawn.count('class="edge"') == 12
    for text in ("hours", "Press 1 or 2.", "otherwise", "sip:desk@192.0.2.7"):
        assert text in drawn


def test_without_graphviz_it_is_said_what_to_do(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EnvironmentFaultError, match="graphviz"):
        diagram.svg(parse_flow(RIGHT, base=tmp_path))
    assert call("graph", str(file), "-o", str(tmp_path / "x.svg"))[0] == 1


def test_pictures_of_other_kinds_and_places_are_refused(file: Path, tmp_path: Path):
    status, output = call("graph", str(file), "-o", str(tmp_path / "desk.pdf"))
    assert (status, (tmp_path / "desk.pdf").exists()) == (2, False)
    assert ".svg, .mmd or .md" in output
    status, output = call("graph", str(file), "-o", str(tmp_path / "none" / "desk.mmd"))
    assert status == 1
    assert "cannot be written" in output


def test_conversations_that_cannot_be_held_are_named_by_their_file(file: Path):
    script = script_of(file)
    for text, about in (
        (None, "There is no such file"),
        ("", "There is no conversation"),
        ('[[conversation]]\nsteps = [{ queu = "sales" }]', "Did you mean `queue`?"),
    ):
        if text is not None:
            script.write_text(text)
        status, output = call("test", str(file))
        assert status == 2
        assert output.startswith(str(script))
        assert about in output


def test_a_file_at_fault_is_named_once(file: Path):
    file.write_text("[flow]\nname = Desk\n")
    status, output = call("check", str(file))
    assert status == 2
    assert output.startswith(f"{file}:2: This is not TOML")


@pytest.mark.parametrize(
    ("text", "about"),
    [
        ("[conversation]\nsteps = []", "conversation: Each begins with [[conversation]]."),
        ("[[conversation]]\nsteps = ['x']", "conversation[0].steps: This must be a list of"),
        ("[[conversation]]\nsteps = 3", "conversation[0].steps: This must be a list of"),
        ("[[conversation]]\nlook_ups = 3", "conversation[0].look_ups: This must be a table."),
        ("[[conversation]]\ngroups = ['a']", "conversation[0].groups: This must be a table."),
        (
            "[[conversation]]\nsteps = [{ variables = 3 }]",
            "conversation[0].steps[0].variables: This must be a table.",
        ),
    ],
)
def test_a_script_of_another_shape_is_refused(text: str, about: str, tmp_path: Path):
    script = tmp_path / "x.test.toml"
    script.write_text(text)
    with pytest.raises(ConfigurationError) as refused:
        load_conversations(script)
    [one] = refused.value.faults
    assert f"{one.path}: {one.message}".startswith(about)


@pytest.mark.parametrize(
    ("step", "about"),
    [
        ('{ press = "2" }', "; `queue` is under way: `then` says how it comes out (answered, "),
        ('{ press = "2", then = "anwered" }', "queue does not come out as 'anwered'. Did you"),
    ],
)
def test_what_has_not_come_out_is_told(step: str, about: str, tmp_path: Path):
    assert about in hold(steps(step, '{ hears = "Thank you" }'), tmp_path).wrong


def test_answers_for_a_source_that_the_flow_lacks_are_told(tmp_path: Path):
    wrong = hold(steps("{ ends = true }") + 'look_ups.caes = "nothing"', tmp_path).wrong
    assert wrong.startswith("look_ups.caes: The flow has no such source.")


def test_a_script_at_fault_is_named_with_its_line(file: Path):
    script = script_of(file)
    script.write_text("[[conversation]]\nname = 'a'\nsteps = [{ silent = 'x' }]\n")
    status, output = call("test", str(file))
    assert (status, f"{script}:3: conversation[0].steps[0].silent" in output) == (2, True)


def test_a_caller_who_hangs_up_ends_the_conversation(tmp_path: Path):
    wherever = [
        ['{ press = "2" }', '{ queue = "sales", hangs_up = true }'],
        ["{ hangs_up = true }"],
    ]
    for before in wherever:
        verdict = hold(steps(*before, '{ ends = "caller_hung_up" }'), tmp_path)
        assert verdict.wrong == ""
        assert verdict.seen[-1] == "(ends caller_hung_up)"
    wrong = hold(steps("{ hangs_up = true }", '{ ends = "completed" }'), tmp_path).wrong
    assert wrong == "Expected: ends 'completed'; happened: ends 'caller_hung_up'"
    twice = hold(steps("{ hangs_up = true }", "{ hangs_up = true }", "{ ends = true }"), tmp_path)
    assert twice.wrong.startswith("Expected: ends True; happened: nothing")
