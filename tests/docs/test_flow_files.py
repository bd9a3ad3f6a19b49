"""docs/flow-files.md: its flow is right, its conversation goes as written, its Python runs."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import attrs
import pytest
from documents import ROOT, blocks, compiled

import softswitch.ivr.nodes  # noqa: F401 - makes the kinds of nodes known
from softswitch.acd import Group, Member
from softswitch.acd.commands import ForwardReason
from softswitch.cli.flow import app
from softswitch.errors import ConfigurationError
from softswitch.ivr.checks import Surroundings
from softswitch.ivr.conversation_files import HAPPENINGS, load_conversations
from softswitch.ivr.conversations import run
from softswitch.ivr.expressions.expression import FORMS
from softswitch.ivr.expressions.types import KNOWN, QUESTIONS
from softswitch.ivr.loading import parse_flow
from softswitch.ivr.model import KINDS, Source
from softswitch.ivr.nodes import Play
from softswitch.ivr.nodes.asking import Asking
from softswitch.ivr.prompts import Welcome
from softswitch.ivr.rehearsal import OUTCOMES, PretendWorld, Rehearsal
from softswitch.prompts import SoundStore
from softswitch.speech.sphinx import PocketSphinx
from softswitch.switch import GroupConfig, OfficeConfig, Switch
from softswitch.testing import SimulatedTelephony

PAGE = ROOT / "docs" / "flow-files.md"
TEXT = PAGE.read_text(encoding="utf-8")


def test_the_flow_is_right_and_the_conversation_goes_as_written(tmp_path: Path):
    main, script, *_ = blocks(PAGE, "toml")
    around = Surroundings(groups=("advice",), calendars=("office",))
    flow = parse_flow(main.text, base=tmp_path, around=around)
    file = tmp_path / "main.test.toml"
    file.write_text(script.text, encoding="utf-8")
    verdicts = [run(flow, one) for one in load_conversations(file)]
    assert [verdict.wrong for verdict in verdicts] == [""]


def test_a_main_number_that_greets_first_is_right(tmp_path: Path):
    main, _, welcome, *_ = blocks(PAGE, "toml")
    text = main.text.replace('start = "open?"', 'start = "welcome"') + welcome.text
    flow = parse_flow(text, base=tmp_path, around=Surroundings(calendars=("office",)))
    assert flow.nodes["welcome"] == Play(file=Welcome(hours="office"), next="open?")


def test_a_menu_whose_choices_can_be_said_is_right(tmp_path: Path):
    _, _, _, menu, *_ = blocks(PAGE, "toml")
    text = f'[flow]\nname = "Words"\nstart = "reason"\n{menu.text}'
    for name in ("hours", "switchboard"):
        text += f'\n[nodes.{name}]\nkind = "hang_up"\n'
    rehearsal = Rehearsal(
        parse_flow(text, base=tmp_path, around=Surroundings(ears=PocketSphinx())), PretendWorld()
    )
    rehearsal.begin()
    rehearsal.say("opening hours")
    assert rehearsal.at == "hours"


def test_a_group_by_variable_is_right(tmp_path: Path):
    *_, department, _ = blocks(PAGE, "toml")
    groups = Surroundings(groups=("sales", "service"))
    assert parse_flow(department.text, base=tmp_path, around=groups).choices
    with pytest.raises(ConfigurationError, match="This can be 'service'"):
        parse_flow(department.text, base=tmp_path, around=Surroundings(groups=("sales",)))


def test_every_way_that_something_comes_out_is_named():
    for ways in OUTCOMES.values():
        for way in set(ways) - {reason.value for reason in ForwardReason}:
            assert f"`{way}`" in TEXT, way


def test_a_web_service_is_asked_as_written(tmp_path: Path):
    *_, source = blocks(PAGE, "toml")
    look_up = """
[flow]
name = "Tickets"
start = "open"
[variables]
ticket = ""
[nodes.open]
kind = "look_up"
source = "tickets"
arguments = { queue = "dialled", number = "caller" }
into = { ticket = "id" }
"""
    flow = parse_flow(look_up + source.text, base=tmp_path)
    usual = attrs.asdict(Source(form={}))
    written = attrs.asdict(flow.sources["tickets"])
    assert {name for name, value in written.items() if value == usual[name]} == {"answer"}
    for name in attrs.fields_dict(Source):
        assert name in source.text, name


def test_every_kind_and_setting_has_its_place():
    own = {name: kind for name, kind in KINDS.items() if kind.__module__.startswith("softswitch")}
    shared = set(attrs.fields_dict(Asking))
    section = TEXT.partition("## Kinds of nodes")[2].partition("## Data from outside")[0]
    for name, kind in own.items():
        [row] = [line for line in section.splitlines() if line.startswith(f"| `{name}` |")]
        for setting in attrs.fields_dict(kind):
            place = section if setting in shared else row
            assert f"`{setting}`" in place, (name, setting)


def test_everything_that_can_be_asked_and_said_has_its_place():
    for name in (*KNOWN, *FORMS, *HAPPENINGS):
        assert f"`{name}`" in TEXT, name
    for name in QUESTIONS:
        assert f"`{name}(" in TEXT, name


def test_every_command_has_its_place():
    names = [one.name or one.callback.__name__ for one in app.registered_commands if one.callback]
    for name in names:
        assert f"`softswitch flow {name} " in TEXT, name


@pytest.mark.virtual_time
async def test_the_python_runs(tmp_path: Path):
    store = SoundStore(tmp_path / "sounds", 8000)
    config = OfficeConfig(
        data_dir=tmp_path / "var",
        members=(Member(id="anna", address="sip:anna@127.0.0.1:5071"),),
        groups=(GroupConfig(engine=Group(id="advice", members=("anna",))),),
    )
    network = SimulatedTelephony()
    switch = Switch(config, network, rng=random.Random(1), sounds=store)  # noqa: S311
    namespace = {"switch": switch, "__name__": "page"}
    try:
        for block in blocks(PAGE, "python"):
            exec(compiled(block, PAGE), namespace)  # noqa: S102 - our own page
        async with switch:
            call = network.call("3000", presses=[(0.5, "1234#")])
            await call.until_answered()
            await asyncio.sleep(8)
            call.hang_up()
            log = await call.until_ended()
    finally:
        KINDS.pop("lottery", None)
    assert store.say("You keyed 1234.", "en") in log.files()
    assert store.say("For advice, press 1.", "en") in log.files()
