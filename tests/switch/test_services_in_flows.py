"""Flows of files that lead to services: voicemail, survey, letter, call back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from office_builder import Office
from service_desk import Desk, spoken

from softswitch.ivr.loading import parse_flow
from softswitch.prompts.guidance import Guidance
from softswitch.switch import SurveyAnswered
from softswitch.switch.service_tables import MailTable, QuestionTable, SurveyTable
from softswitch.testing.phones import PhoneCall

pytestmark = pytest.mark.virtual_time

MAIL = MailTable(host="127.0.0.1", port=9, tls="none", sender="switch@example.org")
QUESTION = QuestionTable(id="csat", text={"en": "Are you satisfied?"})


@asynccontextmanager
async def flowing(office: Office, nodes: str) -> AsyncIterator[tuple[Desk, PhoneCall]]:
    """A caller in a flow that begins at the node ``first``; ``good`` and ``bad`` say so."""
    text = f'[flow]\nname = "Test"\nstart = "first"\nlanguage = "en"\n{nodes}\n'
    for name in ("good", "bad"):
        if f'"{name}"' in nodes:
            text += f'[nodes.{name}]\nkind = "say"\ntext = "This is {name}."\n'
    office.group("main", "1000", ("anna",))
    office.services = {"mail": MAIL, "surveys": {"after": SurveyTable(questions=(QUESTION,))}}
    network, switch = office.open()
    switch.use("5", parse_flow(text, base=office.folder))
    async with switch:
        await switch.pause_member("anna")
        yield Desk(office, network, switch), network.call("5", caller="+4533111111")


async def test_a_survey(office: Office):
    nodes = '[nodes.first]\nkind = "survey"\nsurvey = "after"\nnext = "good"'
    async with flowing(office, nodes) as (desk, call):
        found: list[object] = []
        desk.switch.on_record(found.append)
        await desk.answer(call, Guidance.SURVEY_INVITE, "1")
        await desk.answer(call, "Are you satisfied?", "4")
        await call.until_hears(desk.file("This is good."))
        await call.until_ended()
    (answered,) = [record for record in found if isinstance(record, SurveyAnswered)]
    assert answered.answers == {"csat": 4}


async def test_a_message_to_a_person_and_to_an_address_of_the_flow(office: Office):
    nodes = """[nodes.first]
        kind = "voicemail"
        box = "anna"
        email = "somebody@example.org"
        next = "good"
        """
    async with flowing(office, nodes) as (desk, call):
        call.says = spoken(office.folder, 3.0)
        await desk.until_beep(call)
        await asyncio.sleep(3.0)
        call.press("#1")
        await call.until_hears(desk.file("This is good."))
        (message,) = desk.switch.voicemail.messages("anna")
        posted = desk.switch.letters
    assert message.length_s == pytest.approx(3.0, abs=0.1)
    assert [envelope.to for envelope in posted] == [("somebody@example.org",)]


@pytest.mark.parametrize(("to", "way"), [("a@example.org", "good"), ("nobody", "bad")])
async def test_a_letter(office: Office, to: str, way: str):
    nodes = f"""[nodes.first]
        kind = "message"
        by = "email"
        to = "{to}"
        subject = "A call from {{caller}}"
        text = "Please ring."
        next = "good"
        failed = "bad"
        """
    async with flowing(office, nodes) as (desk, call):
        await call.until_hears(desk.file(f"This is {way}."))
        await call.until_ended()
        posted = desk.switch.letters
        letters = [file.read_bytes() for file in (office.folder / "var" / "outbox").glob("*.eml")]
        assert len(posted) == len(letters)
    assert [b"Subject: A call from +4533111111" in letter for letter in letters] == (
        [True] if way == "good" else []
    )


async def test_a_call_back_ordered_twice_is_one(office: Office):
    nodes = """[nodes.first]
        kind = "call_back"
        group = "main"
        next = "again"
        failed = "bad"
        [nodes.again]
        kind = "call_back"
        group = "main"
        next = "good"
        failed = "bad"
        """
    async with flowing(office, nodes) as (desk, call):
        await call.until_hears(desk.file("This is good."))
        (waiting,) = desk.switch.snapshot().waiting
    assert waiting.call_back == "sip:+4533111111@caller.example"
    assert waiting.caller == "+4533111111"
