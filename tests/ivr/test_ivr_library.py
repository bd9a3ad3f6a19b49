"""Flows that name the sound library: read, written, checked, rehearsed, without an office."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from test_ivr_checks import faults_of

from softswitch.errors import ConfigurationError
from softswitch.ivr import nodes as n
from softswitch.ivr.check_prompts import named_sounds
from softswitch.ivr.checks import Surroundings
from softswitch.ivr.diagram import mermaid
from softswitch.ivr.loading import load_flow, parse_flow
from softswitch.ivr.model import Flow
from softswitch.ivr.prompts import LibrarySound, Welcome, WelcomePart, prompt_of
from softswitch.ivr.reading import FlowReader
from softswitch.ivr.rehearsal import Heard, PretendWorld, Rehearsal
from softswitch.ivr.writing import flow_text

FLOW = """\
[flow]
name = "Front"
start = "welcome"

[nodes.welcome]
kind = "play"
file = { welcome = true, hours = "office" }
next = "news"

[nodes.news]
kind = "say"
text = [{ sound = "news" }, { greeting = "sales" }, { hotprompt = true }, "That is all."]
"""
AROUND = Surroundings(groups=("sales",), calendars=("office",), sounds=("news", "prices"))


def test_every_form_is_read():
    flow = parse_flow(FLOW, base=Path(), around=AROUND)
    assert flow.nodes["welcome"] == n.Play(file=Welcome(hours="office"), next="news")
    assert flow.nodes["news"] == n.Say(
        text=[
            LibrarySound("news"),
            Welcome(part=WelcomePart.GREETING, group="sales"),
            Welcome(part=WelcomePart.HOTPROMPT),
            "That is all.",
        ]
    )


def test_every_form_is_written_and_read_back():
    play = n.Play(
        file={
            "da": [Path("a.wav"), LibrarySound("nyt")],
            "en": Welcome(part=WelcomePart.GREETING, group="sales", hours="office"),
        }
    )
    queue = n.Queue(group="sales", greeting=Welcome(group="sales"))
    flow = Flow(name="x", start="p", nodes={"p": play, "q": queue}, languages=("da",))
    reader = FlowReader(Path())
    assert reader.read(tomllib.loads(flow_text(flow))).nodes == flow.nodes
    assert reader.faults == []


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ('sound = "news"', 'sound = "new"', "The library has no sound of this name. Did you mean"),
        ('greeting = "sales"', 'greeting = "sale"', "There is no group of this name. Did you mean"),
        ('hours = "office"', 'hours = "of"', "There is no calendar of this name."),
        ('sound = "news"', "sound = 3", "This must be a name."),
        ("hotprompt = true", "hotprompt = false", "This must be a name."),
        ("welcome = true", "welcome = true, greeting = true", "the path of a sound file"),
    ],
)
def test_what_there_is_not_is_found_where_it_stands(right: str, wrong: str, said: str):
    (fault,) = faults_of(FLOW.replace(right, wrong), around=AROUND)
    node = "welcome" if right in {'hours = "office"', "welcome = true"} else "news"
    setting = "file" if node == "welcome" else "text"
    line = 7 if node == "welcome" else 12
    assert f"{line}: nodes.{node}.{setting}" in fault
    assert said in fault


def test_what_is_not_known_is_not_checked():
    other = FLOW.replace('sound = "news"', 'sound = "anything"')
    assert list(named_sounds(parse_flow(other, base=Path()))) == [("anything", "news")]


def test_sounds_are_named_with_their_nodes_through_all_plans(tmp_path: Path):
    inner = FLOW.replace('name = "Front"', 'name = "Inner"')
    (tmp_path / "inner.toml").write_text(inner)
    outer = (
        '[flow]\nname = "Outer"\nstart = "menu"\n[nodes.menu]\nkind = "menu"\n'
        'prompt = { sound = "menu" }\nagain = [{ sound = "again" }]\n'
        'choices = { 1 = "plan" }\notherwise = "hang_up"\n'
        '[nodes.plan]\nkind = "sub_flow"\nflow = "inner.toml"\n'
    )
    (tmp_path / "outer.toml").write_text(outer)
    assert list(named_sounds(load_flow(tmp_path / "outer.toml"))) == [
        ("menu", "menu"),
        ("again", "menu"),
        ("news", "inner.toml/news"),
    ]
    around = Surroundings(sounds=("menu", "again"))
    with pytest.raises(ConfigurationError) as refused:
        load_flow(tmp_path / "outer.toml", around)
    assert [fault.path for fault in refused.value.faults] == ["nodes.news.text", "nodes.plan.flow"]


def test_they_are_seen_in_rehearsals_and_pictures():
    flow = parse_flow(FLOW, base=Path())
    rehearsal = Rehearsal(flow, PretendWorld())
    rehearsal.begin()
    assert [one.text for one in rehearsal.seen if isinstance(one, Heard)] == [
        "[welcome]",
        "[news]",
        "[greeting of sales]",
        "[hotprompt]",
        "That is all.",
    ]
    assert "[news] [greeting] [hotprompt] That is all." in mermaid(flow)


def test_a_program_gives_them_like_any_prompt():
    prompt = prompt_of([LibrarySound("news"), "Goodbye."])
    assert prompt.pieces("en")[0] == LibrarySound("news")
