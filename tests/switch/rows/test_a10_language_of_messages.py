"""A10: the group's language sets every system message."""

from __future__ import annotations

import pytest
from office_builder import Office

from softswitch.acd.model import Target, TargetKind
from softswitch.prompts import SystemMessage
from softswitch.prompts.messages import language

pytestmark = pytest.mark.virtual_time

LANGUAGES = ("da", "nb", "sv", "en")


async def test_a10_the_standard_message_in_danish():
    said = language("da").messages[SystemMessage.STANDARD]
    assert said == "Vi kan desværre ikke besvare dit opkald, prøv venligst igen senere."


async def test_a10_please_hold_in_danish_and_english():
    assert language("da").messages[SystemMessage.PLEASE_HOLD] == "Vent venligst."
    assert language("en").messages[SystemMessage.PLEASE_HOLD] == "Please hold the line."


@pytest.mark.parametrize("code", LANGUAGES)
async def test_a10_a_waiting_caller_is_spoken_to_in_the_groups_language(office: Office, code: str):
    """Please hold, and the place in the queue after half a minute of music."""
    office.group("main", "1000", ("anna",), language=code)
    network, switch = office.open()
    async with switch:
        await switch.pause_member("anna")
        log = await network.call("1000", gives_up_after_s=40).until_ended()
    hold, music, position, _ = log.files()
    assert hold == office.store.system(SystemMessage.PLEASE_HOLD, code)
    assert music in office.store.default_music()
    assert position == office.store.position(1, code)


@pytest.mark.parametrize("code", LANGUAGES)
async def test_a10_a_caller_whom_nobody_can_answer_hears_the_standard_message_in_it(
    office: Office, code: str
):
    message = Target(TargetKind.MESSAGE)
    office.group("main", "1000", ("anna",), language=code, queue=False, no_queue=message)
    network, switch = office.open()
    async with switch:
        await switch.pause_member("anna")
        log = await network.call("1000", gives_up_after_s=60).until_ended()
    assert log.files() == [office.store.system(SystemMessage.STANDARD, code)]


async def test_a10_a_caller_sent_to_another_group_hears_that_groups_language(office: Office):
    danish = Target(TargetKind.GROUP, "dansk")
    office.group("english", "1000", ("anna",), language="en", queue=False, no_queue=danish)
    office.group("dansk", "2000", ("bo",), language="da")
    network, switch = office.open()
    async with switch:
        await switch.pause_member("anna")
        await switch.pause_member("bo")
        log = await network.call("1000", gives_up_after_s=10).until_ended()
    assert log.files()[0] == office.store.system(SystemMessage.PLEASE_HOLD, "da")
