"""Kinds of nodes of a program's own that give values for variables."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

import attrs
import pytest
from office_builder import Office, address

from softswitch.errors import ConfigurationError
from softswitch.ivr import fields as f
from softswitch.ivr.conversations import load_conversations, run
from softswitch.ivr.expressions import Value
from softswitch.ivr.loading import parse_flow
from softswitch.ivr.model import KINDS, OwnNode, OwnResult, node_kind
from softswitch.switch import Call


@pytest.fixture
def reader_kind():
    """A kind of node that gives values besides its outcome."""

    @node_kind("meter")
    @attrs.frozen(kw_only=True)
    class Meter(OwnNode):
        gives: ClassVar = {"reading": 0, "owner": ""}
        shows: str = f.text("")

        async def run(self, call: Call, variables: Mapping[str, Value]) -> str | OwnResult:  # noqa: ARG002 - of no use here
            await call.answer()
            shown = {"number": 42, "words": "much"}.get(self.shows)
            return "away" if shown is None else OwnResult("read", {"reading": shown, "owner": "Bo"})

    yield Meter
    del KINDS["meter"]


METER = """\
[flow]
name = "Meter"
start = "read"
[variables]
level = 7
name = "nobody"
[nodes.read]
kind = "meter"
shows = "{shows}"
into = { level = "reading", name = "owner" }
outcomes = { read = "told", away = "told" }
otherwise = "sorry"
[nodes.told]
kind = "say"
text = "{name}: {level}."
[nodes.sorry]
kind = "say"
text = "Sorry, {name}: {level}."
"""


@pytest.mark.virtual_time
@pytest.mark.parametrize(
    ("shows", "told"),
    [
        ("number", "Bo: 42."),
        ("", "nobody: 7."),  # the outcome alone: variables stay as they are
        ("words", "Sorry, nobody: 7."),  # what does not fit is not kept, nor what came with it
    ],
)
async def test_a_kind_of_ones_own_sets_variables(
    office: Office, reader_kind: type, shows: str, told: str
):
    network, switch = office.open()
    text = METER.replace("{shows}", shows)
    switch.use("2000", parse_flow(text, base=office.folder))
    async with switch:
        log = await network.call("2000").until_ended()
    assert reader_kind.kind == "meter"
    assert [one.file for one in log.heard] == [office.store.say(told, "en")]


@pytest.mark.virtual_time
async def test_another_call_that_ends_is_no_end_of_the_flow(office: Office, reader_kind: type):
    """The caller is still there: what the program lets happen is an exception like any other."""

    async def ask_a_colleague(self: object, call: Call, variables: object) -> str:  # noqa: ARG001 - as `run`
        other = await call.dial(address("anna"))
        other.hang_up()
        await other.until_ended()
        await other.say("Are you there?")
        return "read"

    office.group("main", "1000", ("anna",))
    network, switch = office.open()
    office.phone(network, "anna", answers_after_s=1)
    reader_kind.run = ask_a_colleague  # type: ignore[attr-defined] # a class of this test's own
    switch.use("2000", parse_flow(METER, base=office.folder))
    async with switch:
        log = await network.call("2000").until_ended()
    assert log.heard[-1].file == office.store.say("Sorry, nobody: 7.", "en")


@pytest.mark.parametrize(
    ("into", "about"),
    [
        ('{ level = "redding" }', "into.level: Nodes of kind meter give nothing of this name."),
        (
            '{ level = "owner" }',
            "into.level: What the node gives is a text, and the variable holds a whole number.",
        ),
        ('{ lvl = "reading" }', "into.lvl: The flow has no such variable."),
    ],
)
def test_what_a_kind_of_ones_own_gives_is_checked(
    tmp_path: Path, reader_kind: type, into: str, about: str
):
    text = METER.replace('{ level = "reading", name = "owner" }', into)
    with pytest.raises(ConfigurationError) as refused:
        parse_flow(text, base=tmp_path)
    assert reader_kind.kind == "meter"
    [found] = refused.value.faults
    assert str(found).startswith(f"line 10: nodes.read.{about}")


def test_a_conversation_says_what_a_kind_of_ones_own_gives(tmp_path: Path, reader_kind: type):
    script = tmp_path / "meter.test.toml"
    script.write_text(
        "[[conversation]]\nsteps = [{ then = 'read', gives = { reading = 5, owner = 'Eva' } },\n"
        "{ hears = 'Eva: 5.', variables = { level = 5 } }]\n"
    )
    [conversation] = load_conversations(script)
    assert reader_kind.kind == "meter"
    assert run(parse_flow(METER, base=tmp_path), conversation).wrong == ""
