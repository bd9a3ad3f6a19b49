"""Log-in, survey, call back and the own messages over real SIP and RTP, by keys of RFC 4733."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from softswitch.acd.records import CallRecord
from softswitch.prompts import SoundStore
from softswitch.switch import CallBackQueued, MessageLeft, SurveyAnswered
from softswitch.testing.peers.ports import free_port
from softswitch.testing.peers.rtp import RtpPhone
from softswitch.testing.peers.sipp import Sipp
from softswitch.testing.peers.tones import sine
from tests.office.real_office import Office, office_text, open_text

pytestmark = pytest.mark.asyncio

PIN, LOGIN, OWN_MESSAGES = "2718", "1097", "1098"
VOICE_HZ, ANSWER_HZ, BEEP_HZ, PATIENT_S = 700, 1500, 1000, 20.0
WEB = """
[web]
port = 0
country = "DK"
groups = { main = "Reception" }
"""
SURVEY = """
[surveys.after]
invite = false
questions = [{ id = "nps", kind = "nps", low = 0, high = 10, text = { en = "Would you?" } }]
"""


@asynccontextmanager
async def open_office(
    folder: Path, sounds: SoundStore, anna: str, group: str = "", *, active: bool = True
) -> AsyncIterator[Office]:
    """An office whose member Anna has a code and a PIN."""
    port = free_port()
    more = f'[members.anna]\ncode = "21"\nactive = {str(active).lower()}'
    text = office_text(port, {"anna": anna}, group).replace("[members.anna]", more)
    text = text.replace("[office]", f'[office]\nlogin_number = "{LOGIN}"')
    text += f'\n[voicemail]\nnumber = "{OWN_MESSAGES}"\n'
    async with open_text(folder, text, port, sounds=sounds) as office:
        await office.switch.voicemail.new_pin("anna", PIN)
        yield office


async def keyed(office: Office, number: str, keys: str, **call: object) -> None:
    """Call a number, press keys all in one, and wait until the switch hangs up."""
    async with (
        RtpPhone() as ear,
        Sipp(
            "uac_call_stay",
            target=office.target,
            service=number,
            rtp=ear.address,
            timeout_s=40.0,
            **call,
        ) as caller,
    ):
        await ear.first_packet()
        ear.press(keys)
        await caller.finished()


async def test_after_a_log_in_by_phone_calls_ring_there(
    tmp_path: Path, sounds_8k: SoundStore
) -> None:
    nowhere = "sip:anna@127.0.0.1:9"
    async with (
        RtpPhone() as ear,
        Sipp("uas_answer", service="cottage", rtp=ear.address) as cottage,
        open_office(tmp_path, sounds_8k, nowhere, active=False) as office,
    ):
        here = {"caller": "cottage", "caller_domain": cottage.address}
        await keyed(office, LOGIN, f"21#{PIN}#1#*", **here)
        (member,) = office.switch.snapshot().engine.members
        assert member.active
        async with Sipp("uac_call", target=office.target, talk_ms=300) as caller:
            await cottage.message("INVITE", timeout_s=PATIENT_S)
            await caller.finished()


async def test_a_caller_is_asked_when_the_member_has_hung_up(
    tmp_path: Path, sounds_8k: SoundStore
) -> None:
    async with (
        Sipp("uas_answer_hangup", service="anna", ring_ms=50, talk_ms=500) as anna,
        open_office(tmp_path, sounds_8k, anna.uri, f'survey = "after"\n{SURVEY}') as office,
        RtpPhone() as ear,
        Sipp("uac_call_stay", target=office.target, rtp=ear.address, timeout_s=40.0) as caller,
    ):
        await anna.message("BYE", timeout_s=PATIENT_S)
        finished = await office.record(CallRecord)
        ear.press("9")
        answered = await office.record(SurveyAnswered)
        await caller.finished()
    assert (answered.call_id, answered.member_id) == (finished.call_id, "anna")
    assert answered.answers == {"nps": 9}


async def test_a_call_back_ordered_by_a_program_connects_the_two(
    tmp_path: Path, sounds_8k: SoundStore
) -> None:
    async with (
        RtpPhone() as agent_ear,
        Sipp("uas_answer", service="anna", rtp=agent_ear.address) as anna,
        RtpPhone() as customer_ear,
        Sipp("uas_answer", service="customer", rtp=customer_ear.address) as customer,
        open_office(tmp_path, sounds_8k, anna.uri) as office,
    ):
        order = await office.switch.order_call_back("main", customer.uri)
        await anna.message("INVITE", timeout_s=PATIENT_S)
        await customer.message("INVITE", timeout_s=PATIENT_S)
        await agent_ear.first_packet()
        await customer_ear.first_packet()
        customer_ear.say(sine(VOICE_HZ, 1.0), forever=True)
        await agent_ear.hears(VOICE_HZ, timeout_s=PATIENT_S)
        (talking,) = office.switch.snapshot().talking
    assert (talking.id, talking.member_id) == (order.call_id, "anna")


async def test_a_member_hears_a_message_that_was_left(
    tmp_path: Path, sounds_8k: SoundStore
) -> None:
    group = 'nobody_active = { voicemail = "main" }'
    async with open_office(
        tmp_path, sounds_8k, "sip:anna@127.0.0.1:9", group, active=False
    ) as office:
        await office.switch.voicemail.new_pin("main", PIN)
        async with (
            RtpPhone() as phone,
            Sipp(
                "uac_call_stay", target=office.target, rtp=phone.address, timeout_s=40.0
            ) as caller,
        ):
            await phone.first_packet()
            phone.press("1")
            await phone.hears(BEEP_HZ, least_s=0.35, timeout_s=PATIENT_S)
            phone.say(sine(VOICE_HZ, 3.0))
            phone.press("#1")
            await caller.finished()
        await office.record(MessageLeft)
        async with (
            RtpPhone() as ear,
            Sipp(
                "uac_call_stay",
                target=office.target,
                service=OWN_MESSAGES,
                rtp=ear.address,
                timeout_s=40.0,
            ) as owner,
        ):
            await ear.first_packet()
            ear.press(f"1000#{PIN}#")
            await ear.hears(VOICE_HZ, least_s=1.0, timeout_s=30)
            ear.press("3")
            ear.press("*")
            await owner.finished()
        assert office.switch.voicemail.messages("main") == ()


async def test_a_call_back_ordered_on_the_page_rings_both_and_lets_them_talk(
    tmp_path: Path, sounds_8k: SoundStore
) -> None:
    port, number = free_port(), "+4533111111"
    async with (
        RtpPhone() as agent_ear,
        Sipp("uas_answer", service="anna", rtp=agent_ear.address) as anna,
        RtpPhone() as customer_ear,
        Sipp("uas_answer", service=number, rtp=customer_ear.address) as customer,
    ):
        trunk = f'trunks = [{{ id = "provider", server = "{customer.address}", register = false }}]'
        text = office_text(port, {"anna": anna.uri}, WEB).replace("[sip]", f"[sip]\n{trunk}")
        async with open_text(tmp_path, text, port, sounds=sounds_8k) as office:
            web = "http://{}:{}".format(*office.switch.web_address)
            async with httpx.AsyncClient(base_url=web, follow_redirects=True) as browser:
                form = (await browser.get("/call-back")).text
                signed = re.search(r'name="form" value="([^"]+)"', form)[1]
                fields = {"form": signed, "number": number}
                answer = await browser.post("/call-back/main", data=fields)
            assert "We will call" in answer.text
            await anna.message("INVITE", timeout_s=PATIENT_S)
            invite = await customer.message("INVITE", timeout_s=PATIENT_S)
            await agent_ear.first_packet()
            await customer_ear.first_packet()
            customer_ear.say(sine(VOICE_HZ, 1.0), forever=True)
            await agent_ear.hears(VOICE_HZ, timeout_s=PATIENT_S)
            agent_ear.say(sine(ANSWER_HZ, 1.0), forever=True)
            await customer_ear.hears(ANSWER_HZ, timeout_s=PATIENT_S)
            (talking,) = office.switch.snapshot().talking
            queued = await office.record(CallBackQueued)
    assert number in str(invite)
    assert (talking.id, talking.member_id, queued.origin) == (queued.call_id, "anna", "web")
