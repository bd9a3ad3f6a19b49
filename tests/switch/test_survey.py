"""Questions after the call: what callers key and say, and what is kept of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from office_builder import Office
from service_desk import Desk, spoken

from softswitch.errors import MisuseError
from softswitch.prompts import SystemMessage
from softswitch.prompts.guidance import Guidance
from softswitch.switch import SurveyAnswered
from softswitch.switch.call import Call
from softswitch.switch.service_tables import QuestionTable, SurveyTable
from softswitch.testing.phones import PhoneCall

pytestmark = pytest.mark.virtual_time

NPS = QuestionTable(id="nps", kind="nps", text={"en": "Would you recommend us?"}, low=0, high=10)
CSAT = QuestionTable(
    id="csat", kind="csat", text={"da": "Er du tilfreds?", "en": "Are you satisfied?"}
)
ASK_NPS, ASK_CSAT = "Would you recommend us?", "Are you satisfied?"


@asynccontextmanager
async def open_desk(office: Office, **survey: object) -> AsyncIterator[tuple[Desk, list]]:
    office.group("main", "1000", ("anna",), survey="after")
    questions = survey.pop("questions", (NPS, CSAT))
    office.services = {"surveys": {"after": SurveyTable(questions=questions, **survey)}}
    network, switch = office.open()
    office.phone(network, "anna", answers_after_s=1, hangs_up_after_s=10)
    found: list[SurveyAnswered] = []
    switch.on_record(lambda r: found.append(r) if isinstance(r, SurveyAnswered) else None)
    async with switch:
        yield Desk(office, network, switch), found


async def invited(desk: Desk) -> PhoneCall:
    """Talk to Anna until she hangs up, and agree to be asked."""
    call = desk.network.call("1000")
    await desk.answer(call, Guidance.SURVEY_INVITE_SEVERAL, "1")
    return call


async def test_answers_are_tied_to_call_group_and_agent(office: Office):
    async with open_desk(office) as (desk, found):
        call = await invited(desk)
        await desk.answer(call, ASK_NPS, "9")
        await desk.answer(call, ASK_CSAT, "4")
        await call.until_ended()
        (finished,) = desk.switch.snapshot().finished
    (record,) = found
    assert (record.call_id, record.group_id, record.member_id) == (finished.call_id, "main", "anna")
    assert (record.survey, record.answers, record.complete) == (
        "after",
        {"nps": 9, "csat": 4},
        True,
    )
    assert desk.heard(call, Guidance.SURVEY_THANKS)
    lines = (office.folder / "var" / "journal.jsonl").read_text(encoding="utf-8").splitlines()
    (line,) = [one for one in map(json.loads, lines) if one["record"] == "SurveyAnswered"]
    assert line["answers"] == {"nps": 9, "csat": 4}


@pytest.mark.parametrize(("keys", "answer"), [("10", 10), ("1#", 1), ("0", 0), ("7", 7)])
async def test_ten_takes_two_keys_and_others_are_not_waited_for(
    office: Office, keys: str, answer: int
):
    async with open_desk(office, questions=(NPS,)) as (desk, found):
        call = desk.network.call("1000")
        await desk.answer(call, Guidance.SURVEY_INVITE, "1")
        await desk.answer(call, ASK_NPS, keys)
        keyed_s = asyncio.get_running_loop().time()
        await call.until_hears(desk.file(Guidance.SURVEY_THANKS))
        assert asyncio.get_running_loop().time() == keyed_s
        await call.until_ended()
    assert found[0].answers == {"nps": answer}


async def test_a_single_one_is_taken_after_a_moment(office: Office):
    async with open_desk(office, questions=(NPS,)) as (desk, found):
        call = desk.network.call("1000")
        await desk.answer(call, Guidance.SURVEY_INVITE, "1")
        await desk.answer(call, ASK_NPS, "1")
        await call.until_ended()
    assert found[0].answers == {"nps": 1}


async def test_an_impossible_answer_is_asked_for_again(office: Office):
    async with open_desk(office) as (desk, found):
        call = await invited(desk)
        await desk.answer(call, ASK_NPS, "9")
        await desk.answer(call, ASK_CSAT, "8")
        await call.until_hears(desk.file(SystemMessage.INVALID_CHOICE))
        await desk.answer(call, ASK_CSAT, "5")
        await call.until_ended()
    assert found[0].answers == {"nps": 9, "csat": 5}


async def test_who_hangs_up_has_answered_what_was_answered(office: Office):
    async with open_desk(office) as (desk, found):
        call = await invited(desk)
        await desk.answer(call, ASK_NPS, "3")
        await call.until_hears(desk.file(ASK_CSAT))
        call.hang_up()
        await asyncio.sleep(1)
    assert (found[0].answers, found[0].complete) == ({"nps": 3}, False)


async def test_who_does_not_want_to_is_not_asked(office: Office):
    async with open_desk(office) as (desk, found):
        call = desk.network.call("1000")
        await desk.answer(call, Guidance.SURVEY_INVITE_SEVERAL, "2")
        log = await call.until_ended()
    assert found == []
    assert not log.stretches(desk.file(ASK_NPS))


async def test_a_question_without_an_answer_is_left_out(office: Office):
    async with open_desk(office) as (desk, found):
        call = await invited(desk)
        for _ in range(3):
            await desk.answer(call, ASK_NPS, "*")
            await call.until_hears(desk.file(SystemMessage.INVALID_CHOICE))
        await desk.answer(call, ASK_CSAT, "2")
        await call.until_ended()
    assert (found[0].answers, found[0].complete) == ({"csat": 2}, False)


async def test_a_comment_is_recorded(office: Office):
    async with open_desk(office, questions=(CSAT,), comment=True) as (desk, found):
        call = desk.network.call("1000")
        await desk.answer(call, Guidance.SURVEY_INVITE, "1")
        await desk.answer(call, ASK_CSAT, "5")
        call.says = spoken(office.folder, 3.0)
        await desk.until_beep(call)
        await call.until_ended()
    comment = found[0].comment
    assert comment is not None
    assert comment.parent == office.folder / "var" / "surveys"
    # Three seconds of speech, and four of silence that end it.
    (recorded,) = [one for one in desk.network.recordings if one.path == comment]
    assert 7.0 <= recorded.to_s - recorded.from_s <= 7.6


async def test_a_silent_comment_is_none(office: Office):
    async with open_desk(office, questions=(CSAT,), comment=True) as (desk, found):
        call = desk.network.call("1000")
        await desk.answer(call, Guidance.SURVEY_INVITE, "1")
        await desk.answer(call, ASK_CSAT, "5")
        await desk.until_beep(call)
        call.press("#")
        await call.until_ended()
    assert found[0].comment is None
    assert list((office.folder / "var" / "surveys").iterdir()) == []


async def test_a_caller_who_hangs_up_first_is_asked_nothing(office: Office):
    async with open_desk(office) as (desk, found):
        await desk.network.call("1000", hangs_up_after_s=5).until_ended()
        await asyncio.sleep(1)
    assert found == []


async def test_a_flow_may_ask_without_any_agent(office: Office):
    async with open_desk(office, invite=False) as (desk, found):

        @desk.switch.flow("9")
        async def flow(call: Call) -> None:
            with pytest.raises(MisuseError, match="other"):
                await call.survey("other")
            await call.survey("after", lang="da")

        call = desk.network.call("9")
        await call.until_hears(office.store.say(ASK_NPS, "da"))  # there is no Danish text
        call.press("0")
        await call.until_hears(office.store.say("Er du tilfreds?", "da"))
        call.press("1")
        await call.until_ended()
    assert (found[0].group_id, found[0].member_id) == ("", None)
    assert found[0].answers == {"nps": 0, "csat": 1}
