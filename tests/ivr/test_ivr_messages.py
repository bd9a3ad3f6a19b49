"""Texts by SMS in flows: what is checked, and what conversations see of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from softswitch.cli import app
from softswitch.errors import ConfigurationError
from softswitch.ivr.checks import ANYWHERE, Surroundings
from softswitch.ivr.conversations import Verdict, load_conversations, run
from softswitch.ivr.diagram import mermaid
from softswitch.ivr.loading import parse_flow
from softswitch.ivr.nodes import SendMessage
from softswitch.ivr.writing import flow_text
from softswitch.sms import TextRules

FLOW = """\
[flow]
name = "Desk"
start = "text"
language = "en"
[variables]
case = "2023"
[nodes.text]
kind = "message"
by = "sms"
to = "{{caller}}"
text = "Your case {{case}} is open."
next = "sent"
failed = "failed"
{more}
[nodes.sent]
kind = "say"
text = "It is sent."
[nodes.failed]
kind = "say"
text = "It is not."
"""
DANISH = Surroundings(texting=TextRules(country="DK", segments_max=2))


def found(flow: str, around: Surroundings = ANYWHERE) -> list[str]:
    try:
        parse_flow(flow, base=Path(), around=around)
    except ConfigurationError as error:
        return [str(one) for one in error.faults]
    return []


def changed(old: str, new: str) -> str:
    assert old in FLOW
    return FLOW.replace(old, new).replace("{{", "{").replace("}}", "}").replace("{more}", "")


RIGHT = changed("[flow]", "[flow]")


@pytest.mark.parametrize("around", [ANYWHERE, DANISH])
def test_a_text_that_can_be_sent(around: Surroundings):
    assert found(RIGHT, around) == []
    assert found(changed("{{caller}}", "33 11 11 11, +46701234567"), around) == []


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("{more}", 'subject = "News"', "nodes.text.subject: A text by SMS has no subject."),
        ("{more}", "attach = 'case'", "nodes.text.attach: Nothing can be attached to a text"),
        ("Your case {{case}} is open.", "", "nodes.text.text: A text by SMS must say something."),
        ('"sms"', '"fax"', "nodes.text.by: "),
    ],
)
def test_what_no_office_could_send(old: str, new: str, told: str):
    (fault,) = found(changed(old, new))
    assert told in fault


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("{{caller}}", "112", "nodes.text.to: No text can be sent to this number. (found '112')"),
        ("{{caller}}", "33111111,12", "nodes.text.to: No text can be sent to this number. (found"),
        (" is open", " is open" * 38, "nodes.text.text: The text takes 3 segments, and 2 are the"),
    ],
)
def test_what_this_office_could_not_send(old: str, new: str, told: str):
    (fault,) = found(changed(old, new), DANISH)
    assert told in fault
    assert found(changed(old, new)) == []


def test_an_office_without_a_provider():
    (fault,) = found(RIGHT, Surroundings(texting=TextRules(why_not="Nobody sends texts.")))
    assert fault == "line 9: nodes.text.by: Nobody sends texts. (found 'sms'); allowed: email"


def hold(step: str, folder: Path) -> Verdict:
    script = folder / "x.test.toml"
    script.write_text(f'[[conversation]]\nname = "x"\ncaller = "+4533111111"\nsteps = [{step}]\n')
    (conversation,) = load_conversations(script)
    return run(parse_flow(RIGHT, base=folder), conversation)


@pytest.mark.parametrize(
    "sends",
    [
        "true",
        '"+4533111111"',
        '{ by = "sms", to = "+4533111111", text = "Your case 2023 is open." }',
        '{ text = "case 2023" }',
    ],
)
def test_a_conversation_sees_the_text_that_went_out(sends: str, tmp_path: Path):
    step = f'{{ sends = {sends}, then = "sent" }}, {{ hears = "It is sent" }}'
    verdict = hold(step, tmp_path)
    assert verdict.wrong == ""
    assert verdict.seen[0] == "(sends +4533111111: Your case 2023 is open.)"


def test_a_conversation_in_which_it_fails(tmp_path: Path):
    step = '{ sends = true, then = "failed" }, { hears = "It is not" }'
    assert hold(step, tmp_path).wrong == ""


def test_a_conversation_that_wants_another_text(tmp_path: Path):
    verdict = hold('{ sends = { by = "sms", text = "closed" } }', tmp_path)
    assert verdict.wrong == (
        "Expected: sends {'by': 'sms', 'text': 'closed'}; happened: "
        "sends {'by': 'sms', 'text': 'Your case 2023 is open.'}"
    )


def test_a_conversation_that_asks_for_what_no_text_has(tmp_path: Path):
    with pytest.raises(ConfigurationError, match=r"steps\[0\].sends.txt: This means nothing"):
        hold('{ sends = { txt = "closed" } }', tmp_path)


@pytest.mark.parametrize(("said", "hears"), [("sent", "It is sent."), ("failed", "It is not.")])
def test_walking_through_it_at_the_keyboard(said: str, hears: str, tmp_path: Path):
    (tmp_path / "desk.toml").write_text(RIGHT)
    command = ["flow", "try", str(tmp_path / "desk.toml"), "--caller", "+4533111111"]
    walked = CliRunner().invoke(app, command, input=f"{said}\n")
    assert walked.exit_code == 0
    assert "sends +4533111111: Your case 2023 is open." in walked.output
    assert hears in walked.output


def test_what_the_office_says_counts_for_flow_check(tmp_path: Path):
    (tmp_path / "desk.toml").write_text(changed("{{caller}}", "112"))
    office = tmp_path / "office.toml"
    sms = '[sms]\nurl = "https://sms.example"\nform = { to = "{to}", text = "{text}" }\n'
    command = ["flow", "check", str(tmp_path / "desk.toml"), "--office", str(office)]
    for text, told in ((sms, "No text can be sent to this number"), ("", "Nobody sends texts")):
        office.write_text(text)
        checked = CliRunner().invoke(app, command)
        assert checked.exit_code != 0
        assert told in " ".join(checked.output.split())


def test_a_flow_with_a_text_is_written_and_drawn(tmp_path: Path):
    flow = parse_flow(RIGHT, base=tmp_path)
    assert flow.nodes["text"] == SendMessage(
        by="sms",
        to="{caller}",
        text="Your case {case} is open.",
        next="sent",
        failed="failed",
    )
    assert parse_flow(flow_text(flow), base=tmp_path).nodes == flow.nodes
    assert "<b>text</b>" in mermaid(flow)
