"""Row D2: the message in front of everything, switched by phone with a PIN, or by a schedule."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from office_builder import OPENED, MakeWav, Office
from service_desk import Desk, spoken

from softswitch.prompts import SystemMessage
from softswitch.prompts.guidance import Guidance
from softswitch.prompts.library import Origin, SoundKind
from softswitch.switch.hotprompt_flow import NAME
from softswitch.testing.phones import PhoneCall
from softswitch.testing.sounding import duration_s

pytestmark = pytest.mark.virtual_time

PIN, NUMBER = "314159", "1096"


@asynccontextmanager
async def open_desk(office: Office) -> AsyncIterator[Desk]:
    office.group("main", "1000", ("anna",))
    office.services = {"hotprompt_number": NUMBER}
    network, switch = office.open()
    async with switch:
        await switch.sounds.new_pin(PIN)
        yield Desk(office, network, switch)


async def let_in(desk: Desk) -> PhoneCall:
    call = desk.network.call(NUMBER, caller="admin")
    await desk.answer(call, Guidance.PIN_ENTER, f"{PIN}#")
    return call


async def record(desk: Desk, call: PhoneCall, seconds: float) -> None:
    call.says = spoken(desk.office.folder, seconds)
    await desk.answer(call, Guidance.HOTPROMPT_MENU, "2")
    await call.until_hears(desk.file(Guidance.HOTPROMPT_SPEAK))
    await desk.until_beep(call)
    await asyncio.sleep(seconds)
    call.press("#")
    await call.until_hears(desk.file(SystemMessage.RECORDING_SAVED))


async def first_heard_s(desk: Desk) -> float:
    """How long the first thing is that a caller to the main number hears."""
    log = await desk.network.call("1000", hangs_up_after_s=9).until_ended()
    file = log.heard[0].file
    assert file is not None
    return duration_s(file)


async def test_recorded_switched_on_heard_and_switched_off_by_phone(office: Office):
    async with open_desk(office) as desk:
        usual_s = await first_heard_s(desk)
        call = await let_in(desk)
        await desk.answer(call, Guidance.HOTPROMPT_MENU, "1")
        await call.until_hears(desk.file(Guidance.HOTPROMPT_NONE))
        await record(desk, call, 4.0)
        assert await first_heard_s(desk) == usual_s  # recorded, and not yet on
        await desk.answer(call, Guidance.HOTPROMPT_MENU, "3")
        await call.until_hears(desk.file(Guidance.HOTPROMPT_ON))
        on_s = await first_heard_s(desk)
        await desk.answer(call, Guidance.HOTPROMPT_MENU, "1")
        await call.until_hears(await desk.switch.sounds.sound(NAME))
        await desk.answer(call, Guidance.HOTPROMPT_MENU, "4")
        await call.until_hears(desk.file(Guidance.HOTPROMPT_OFF))
        off_s = await first_heard_s(desk)
        sound = desk.switch.sounds.catalogue.sound(NAME)
        call.hang_up()
    assert on_s == pytest.approx(4.0, abs=0.1)
    assert off_s == usual_s
    assert (sound.kind, sound.version().origin) == (SoundKind.HOTPROMPT, Origin.PHONE)


async def test_what_is_recorded_while_it_is_on_is_heard_at_once(office: Office):
    async with open_desk(office) as desk:
        call = await let_in(desk)
        await record(desk, call, 2.0)
        await desk.answer(call, Guidance.HOTPROMPT_MENU, "3")
        await call.until_hears(desk.file(Guidance.HOTPROMPT_ON))
        await record(desk, call, 5.0)
        assert await first_heard_s(desk) == pytest.approx(5.0, abs=0.1)
        call.hang_up()


async def test_a_wrong_pin_changes_nothing(office: Office):
    async with open_desk(office) as desk:
        call = desk.network.call(NUMBER)
        for _ in range(3):
            await desk.answer(call, Guidance.PIN_ENTER, "000000#")
            await call.until_hears(desk.file(Guidance.PIN_WRONG))
        await call.until_ended()
        assert desk.switch.sounds.catalogue.sounds == {}
    assert not desk.heard(call, Guidance.HOTPROMPT_MENU)


async def test_a_schedule_switches_it_on_and_off(office: Office, wav: MakeWav):
    async with open_desk(office) as desk:
        usual_s = await first_heard_s(desk)
        begins, ends = OPENED + timedelta(hours=1), OPENED + timedelta(hours=2)
        await desk.switch.sounds.change(
            lambda library: library.add("storm", wav("storm", 3), SoundKind.HOTPROMPT)
        )
        await desk.switch.sounds.change(
            lambda library: library.hotprompt_on("storm", since=begins, until=ends)
        )
        heard = [await first_heard_s(desk)]
        for _ in range(2):
            await asyncio.sleep(3600)
            heard.append(await first_heard_s(desk))
    assert heard == [usual_s, pytest.approx(3.0), usual_s]
