"""Flows as TOML and back, and from Python to everything that shows a flow."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from random_flows import flows
from test_ivr_checks import RIGHT
from test_ivr_conversations import call

from softswitch.errors import ConfigurationError
from softswitch.ivr import nodes as n
from softswitch.ivr.differences import differences
from softswitch.ivr.loading import flow_files, load_flow, parse_flow
from softswitch.ivr.model import Flow
from softswitch.ivr.reading import FlowReader
from softswitch.ivr.writing import flow_text, write_flow
from softswitch.prompts import SystemMessage


def read_back(text: str) -> Flow:
    """Read without the checks: random flows need not be right."""

    reader = FlowReader(Path())
    flow = reader.read(tomllib.loads(text))
    assert reader.faults == []
    return flow


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(flows())
def test_what_is_written_is_read_back_as_it_was(flow: Flow):
    again = read_back(flow_text(flow))
    assert (again.nodes, again.keys, again.variables) == (flow.nodes, flow.keys, flow.variables)
    assert (again.start, again.sources) == (flow.start, flow.sources)
    assert again.early_media == flow.early_media


def test_every_kind_of_prompt_is_written_and_read_back():
    say = n.Say(text=["A {digits:digits}", Path("a/b.wav"), SystemMessage.CLOSED])
    play = n.Play(file={"da": [Path("a.wav"), Path("b.wav")], "en": Path("c.wav")})
    flow = Flow(name="x", start="s", nodes={"s": say, "p": play}, languages=("da",))
    assert read_back(flow_text(flow)).nodes == flow.nodes
    assert 'kind = "say"' in flow_text(flow)
    assert "barge_in" not in flow_text(flow)


def test_a_flow_with_plans_is_written_to_files(tmp_path: Path):
    inner = Flow(name="inner", start="h", nodes={"h": n.HangUp()})
    flow = Flow(name="outer", start="s", nodes={"s": n.SubFlow(flow="plans/inner.toml")},
                sub_flows={"plans/inner.toml": inner})  # fmt: skip
    write_flow(flow, tmp_path / "outer.toml")
    again = load_flow(tmp_path / "outer.toml")
    assert again.sub_flows["plans/inner.toml"].nodes == inner.nodes
    assert set(flow_files(tmp_path / "outer.toml")) == {"outer.toml", "plans/inner.toml"}


def test_the_version_is_that_of_the_text_and_of_its_plans(tmp_path: Path):
    inner = Flow(name="inner", start="h", nodes={"h": n.HangUp()})
    outer = Flow(name="outer", start="s", nodes={"s": n.SubFlow(flow="i.toml")},
                 sub_flows={"i.toml": inner})  # fmt: skip
    write_flow(outer, tmp_path / "o.toml")
    before = load_flow(tmp_path / "o.toml")
    assert load_flow(tmp_path / "o.toml").version == before.version
    write_flow(Flow(name="inner", start="h", nodes={"h": n.HangUp(status=486)}),
               tmp_path / "i.toml")  # fmt: skip
    after = load_flow(tmp_path / "o.toml")
    assert after.version != before.version
    assert differences(before, after) == ("In i.toml: Node h changes: status.",)


def test_differences_in_words():
    before = parse_flow(RIGHT, base=Path())
    text = RIGHT.replace("Your case?", "Which case?").replace("timeout_s = 4", "timeout_s = 6")
    text = text.replace('0 = "desk"', '9 = "desk"').replace("[nodes.closed]", "[nodes.shut]")
    text = text.replace('otherwise = "closed"', 'otherwise = "shut"')
    assert differences(before, parse_flow(text, base=Path())) == (
        "Setting keys changes.",
        "Node hours changes: otherwise.",
        "Node shut is new.",
        "Node menu changes: timeout_s.",
        "Node case changes: prompt.",
        "Node closed is removed.",
    )
    assert differences(before, before) == ()
    assert differences(None, before) == ("The flow is new.",)


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "our_flows.py").write_text(
        "from softswitch.ivr.model import Flow\nfrom softswitch.ivr.nodes import HangUp, Say\n"
        'desk = Flow(name="Desk", start="hello", nodes={"hello": Say(text="Hello.")})\n'
        'bad = Flow(name="Bad", start="x", nodes={"hello": HangUp()})\n'
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    yield "our_flows"
    sys.modules.pop("our_flows", None)


def test_a_flow_in_python_is_checked_drawn_and_shown(module: str):
    assert call("check", f"{module}:desk") == (0, "Desk: 1 nodes, in en. No faults.\n")
    assert "<b>hello</b>" in call("graph", f"{module}:desk")[1]
    status, text = call("show", f"{module}:desk")
    assert status == 0
    assert parse_flow(text, base=Path()).name == "Desk"
    assert call("check", f"{module}:bad")[0] == 2
    assert call("check", f"{module}:none")[0] == 2


def test_a_file_is_shown_in_its_own_words(tmp_path: Path):
    file = tmp_path / "desk.toml"
    file.write_text(RIGHT)
    status, text = call("show", str(file))
    assert status == 0
    assert parse_flow(text, base=tmp_path).nodes == parse_flow(RIGHT, base=tmp_path).nodes
    with pytest.raises(ConfigurationError):
        parse_flow(text.replace("[flow]", "[flo]"), base=tmp_path)
