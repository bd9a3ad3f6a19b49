"""Row E4: members log in, pause and log out by phone from any number, and are rung there."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from office_builder import Office, address
from service_desk import Desk

from softswitch.acd.model import Member
from softswitch.errors import MisuseError
from softswitch.prompts import messages as languages
from softswitch.prompts.guidance import Guidance
from softswitch.sip.config import SipConfig, Trunk
from softswitch.switch.service_tables import Person
from softswitch.testing.phones import PhoneCall

pytestmark = pytest.mark.virtual_time

PIN, LOGIN = "2718", "1097"
COTTAGE = "sip:+4599999999@caller.example"
"""The phone of whoever calls as +4599999999."""


@asynccontextmanager
async def open_desk(
    office: Office, *, active: bool = False, **services: object
) -> AsyncIterator[Desk]:
    office.members["anna"] = Member(id="anna", address=address("anna"), active=active)
    office.group("main", "1000", ("anna",))
    office.services = {"login_number": LOGIN, "people": {"anna": Person(code="21")}, **services}
    network, switch = office.open()
    for where in (address("anna"), COTTAGE):
        network.phone(where, answers_after_s=2, hangs_up_after_s=10)
    async with switch:
        await switch.voicemail.new_pin("anna", PIN)
        yield Desk(office, network, switch)


async def let_in(desk: Desk, caller: str = "+4599999999") -> PhoneCall:
    call = desk.network.call(LOGIN, caller=caller)
    await desk.answer(call, Guidance.LOGIN_ENTER_NUMBER, "21#")
    await desk.answer(call, Guidance.PIN_ENTER, f"{PIN}#")
    return call


async def choose(desk: Desk, call: PhoneCall, key: str, told: Guidance) -> None:
    await desk.answer(call, Guidance.LOGIN_MENU, key)
    await call.until_hears(desk.file(told))


async def rung(desk: Desk) -> list[str]:
    """Whom a call to the group rings."""
    await desk.network.call("1000").until_ended()
    return [where for where in (address("anna"), COTTAGE) if desk.network.phone_at(where).calls]


def anna(desk: Desk):
    (member,) = desk.switch.snapshot().engine.members
    return member


async def test_after_logging_in_calls_ring_at_the_phone_that_called(office: Office):
    async with open_desk(office) as desk:
        call = await let_in(desk)
        await desk.answer(call, Guidance.LOGIN_MENU, "1")
        await desk.answer(call, Guidance.LOGIN_PHONE, "#")
        await call.until_hears(desk.file(Guidance.LOGIN_IN))
        call.hang_up()
        assert anna(desk).active
        assert await rung(desk) == [COTTAGE]


async def test_the_phone_logged_in_from_holds_through_a_restart_until_logging_out(office: Office):
    async with open_desk(office) as desk:
        call = await let_in(desk)
        await desk.answer(call, Guidance.LOGIN_MENU, "1")
        await desk.answer(call, Guidance.LOGIN_PHONE, "#")
        await call.until_hears(desk.file(Guidance.LOGIN_IN))
        call.hang_up()
    network, again = office.open()
    for where in (address("anna"), COTTAGE):
        network.phone(where, answers_after_s=2, hangs_up_after_s=10)
    async with again:
        desk = Desk(office, network, again)
        assert await rung(desk) == [COTTAGE]
        known = network.call(LOGIN, caller="+4599999999")  # known by the phone of the log-in
        await desk.answer(known, Guidance.PIN_ENTER, f"{PIN}#")
        await choose(desk, known, "2", Guidance.LOGIN_OUT)
        assert not anna(desk).active
        known.hang_up()
        await again.set_member("anna", active=True)
        network.phone_at(COTTAGE).calls.clear()
        assert await rung(desk) == [address("anna")]


async def test_another_phone_may_be_keyed(office: Office):
    trunk = Trunk(id="provider", server="sip.example.net", register=False)
    async with open_desk(office, sip=SipConfig(trunks=(trunk,))) as desk:
        outside = desk.network.phone("33222222", answers_after_s=1, hangs_up_after_s=5)
        call = await let_in(desk)
        await desk.answer(call, Guidance.LOGIN_MENU, "1")
        await desk.answer(call, Guidance.LOGIN_PHONE, "33222222#")
        await call.until_hears(desk.file(Guidance.LOGIN_IN))
        call.hang_up()
        assert await rung(desk) == []
        assert len(outside.calls) == 1


async def test_a_phone_that_cannot_be_dialled_is_refused(office: Office):
    async with open_desk(office) as desk:
        call = await let_in(desk)
        await desk.answer(call, Guidance.LOGIN_MENU, "1")
        await desk.answer(call, Guidance.LOGIN_PHONE, "33222222#")  # there is no trunk
        await call.until_hears(desk.file(Guidance.NUMBER_WRONG))
        assert not anna(desk).active
        call.hang_up()


async def test_the_own_phone_is_known_and_stays_the_own_phone(office: Office):
    async with open_desk(office):
        pass
    office.members["anna"] = Member(id="anna", address="sip:21@caller.example", active=False)
    network, switch = office.open()
    own = network.phone("sip:21@caller.example", answers_after_s=1, hangs_up_after_s=5)
    async with switch:
        desk = Desk(office, network, switch)
        call = network.call(LOGIN, caller="21")
        await desk.answer(call, Guidance.PIN_ENTER, f"{PIN}#")
        await desk.answer(call, Guidance.LOGIN_MENU, "1")
        await desk.answer(call, Guidance.LOGIN_PHONE, "#")
        await call.until_hears(desk.file(Guidance.LOGIN_IN))
        call.hang_up()
        await network.call("1000").until_ended()
    assert len(own.calls) == 1
    assert not desk.heard(call, Guidance.LOGIN_ENTER_NUMBER)
    stored = (office.folder / "var" / "members.json").read_text(encoding="utf-8")
    assert json.loads(stored)["anna"]["address"] == ""


async def test_pausing_with_a_reason_and_being_ready_again(office: Office):
    async with open_desk(office, active=True, pause_reasons=("lunch", "meeting")) as desk:
        call = await let_in(desk)
        await desk.answer(call, Guidance.LOGIN_MENU, "3")
        cardinal = languages.language("en").phrases.cardinal
        await call.until_hears(desk.file(f"{cardinal(1)}: lunch."))
        call.press("2")
        await call.until_hears(desk.file(Guidance.LOGIN_PAUSED))
        assert (anna(desk).paused, anna(desk).reason) == (True, "meeting")
        await choose(desk, call, "4", Guidance.LOGIN_READY)
        assert not anna(desk).paused
        call.hang_up()
        await asyncio.sleep(1)
        assert await rung(desk) == [address("anna")]


async def test_pausing_without_reasons(office: Office):
    async with open_desk(office, active=True) as desk:
        call = await let_in(desk)
        await choose(desk, call, "3", Guidance.LOGIN_PAUSED)
        assert anna(desk).paused
        call.hang_up()


async def test_an_unknown_code_and_a_wrong_pin_come_to_nothing(office: Office):
    async with open_desk(office) as desk:
        call = desk.network.call(LOGIN, caller="+4599999999")
        await desk.answer(call, Guidance.LOGIN_ENTER_NUMBER, "99#")
        await call.until_hears(desk.file(Guidance.LOGIN_UNKNOWN))
        await desk.answer(call, Guidance.LOGIN_ENTER_NUMBER, "21#")
        for _ in range(3):
            await desk.answer(call, Guidance.PIN_ENTER, "0000#")
            await call.until_hears(desk.file(Guidance.PIN_WRONG))
        log = await call.until_ended()
    assert log.heard[-1].file == desk.file(Guidance.PIN_LOCKED)
    assert not desk.heard(call, Guidance.LOGIN_MENU)


# Groups.


@asynccontextmanager
async def two_groups(office: Office) -> AsyncIterator[Desk]:
    """Anna is in both groups, Bo in the second; both answer after two seconds."""
    for group_id, number, members in (
        ("sales", "1000", ("anna",)),
        ("repairs", "2000", ("anna", "bo")),
    ):
        office.group(group_id, number, members)
    office.services = {"login_number": LOGIN, "people": {"anna": Person(code="21")}}
    async with reopened(office) as desk:
        await desk.switch.voicemail.new_pin("anna", PIN)
        yield desk


@asynccontextmanager
async def reopened(office: Office) -> AsyncIterator[Desk]:
    network, switch = office.open()
    for name in ("anna", "bo"):
        network.phone(address(name), answers_after_s=2, hangs_up_after_s=5)
    async with switch:
        yield Desk(office, network, switch)


async def answers(desk: Desk, number: str) -> list[str]:
    """Who answers a call."""
    call = desk.network.call(number, gives_up_after_s=60)
    log = await call.until_ended()
    return [talk.other for talk in log.talked]


async def test_a_member_chooses_groups_by_phone_and_through_restarts(office: Office):
    async with two_groups(office) as desk:
        assert await answers(desk, "2000") == [address("anna")]
        call = await let_in(desk)
        await desk.answer(call, Guidance.LOGIN_MENU, "5")
        await desk.answer(call, "sales.", "1")
        await desk.answer(call, "repairs.", "2")
        await call.until_hears(desk.file(Guidance.THANK_YOU))
        call.hang_up()
        assert await answers(desk, "2000") == [address("bo")]
        assert await answers(desk, "1000") == [address("anna")]
        await desk.switch.set_member("anna", active=False)
        await desk.switch.set_member("anna", active=True)
        assert await answers(desk, "2000") == [address("bo")]
    async with reopened(office) as desk:
        assert await answers(desk, "2000") == [address("bo")]
        plan = await desk.switch.plan(office.config())
        await desk.switch.apply(plan)
        assert await answers(desk, "2000") == [address("bo")]
        await desk.switch.choose_groups("anna", ("sales", "repairs"))
        assert await answers(desk, "2000") == [address("anna")]


async def test_a_caller_who_waits_goes_on_when_members_choose(office: Office):
    async with two_groups(office) as desk:
        await desk.switch.pause_member("anna")
        await desk.switch.pause_member("bo")
        call = desk.network.call("2000")
        await asyncio.sleep(10)
        await desk.switch.choose_groups("anna", ("sales",))
        (waiting,) = desk.switch.snapshot().waiting
        assert waiting.waited_s == pytest.approx(10)
        await desk.switch.ready_member("anna")
        await asyncio.sleep(10)
        assert not call.log.talked
        await desk.switch.ready_member("bo")
        log = await call.until_ended()
    assert [talk.other for talk in log.talked] == [address("bo")]


async def test_a_group_may_be_left_by_everybody(office: Office):
    async with two_groups(office) as desk:
        await desk.switch.choose_groups("anna", ("repairs",))
        assert await answers(desk, "1000") == []
        await desk.switch.choose_groups("anna", ("repairs", "sales"))
        assert await answers(desk, "1000") == [address("anna")]


async def test_only_own_groups_can_be_chosen(office: Office):
    async with two_groups(office) as desk:
        with pytest.raises(MisuseError, match="sales"):
            desk.switch.choose_groups("bo", ("sales",))
        with pytest.raises(MisuseError, match="eva"):
            desk.switch.choose_groups("eva", ())
