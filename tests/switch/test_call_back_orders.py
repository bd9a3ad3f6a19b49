"""Call backs that are ordered: by a program, by phone, in the queue; for now and for later."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import pytest
from office_builder import OPENED, Office, address
from service_desk import Desk

from softswitch.acd.model import Target, TargetKind
from softswitch.acd.records import CallOutcome, Record
from softswitch.errors import EnvironmentFaultError, MisuseError
from softswitch.hours import Span
from softswitch.prompts import SystemMessage
from softswitch.prompts import messages as languages
from softswitch.prompts.guidance import Guidance
from softswitch.switch import CallBackWithdrawn, Switch
from softswitch.switch.call import Call
from softswitch.switch.call_back_order import Standing
from softswitch.switch.hours_tables import HoursTable, OpenSpans, OpenTable
from softswitch.testing import SimulatedTelephony
from softswitch.testing.behaviour import Behaviour
from softswitch.testing.phones import PhoneCall

pytestmark = pytest.mark.virtual_time

CUSTOMER = "sip:+4533111111@customer.example"
PHRASES = languages.language("en").phrases


@asynccontextmanager
async def open_desk(office: Office, **group: object) -> AsyncIterator[Desk]:
    office.group("main", "1000", ("anna",), **group)
    network, switch = opened(office)
    async with switch:
        yield Desk(office, network, switch)


def opened(office: Office, seed: int = 7) -> tuple[SimulatedTelephony, Switch]:
    network, switch = office.open(seed=seed)
    office.phone(network, "anna", answers_after_s=2, hangs_up_after_s=30)
    network.phone(CUSTOMER, answers_after_s=3)
    return network, switch


def phone(desk: Desk, target: str) -> PhoneCall:
    return desk.network.phone_at(target).call


def times_called(desk: Desk, target: str) -> int:
    return len(desk.network.phone_at(target).calls)


async def test_who_orders_is_called_when_a_member_is_free(office: Office):
    async with open_desk(office) as desk:
        await desk.switch.pause_member("anna")
        order = await desk.switch.order_call_back("main", CUSTOMER, name="Customer")
        assert [o.id for o in desk.switch.call_backs] == [order.id]
        (waiting,) = desk.switch.snapshot().waiting
        assert (waiting.id, waiting.call_back) == (order.call_id, CUSTOMER)
        await asyncio.sleep(100)
        await desk.switch.ready_member("anna")
        await asyncio.sleep(60)
        (finished,) = desk.switch.snapshot().finished
        assert list(desk.switch.call_backs) == []
    assert (finished.outcome, finished.member_id) == (CallOutcome.CALLED_BACK, "anna")
    assert [talk.other for talk in phone(desk, CUSTOMER).log.talked] == [address("anna")]
    assert phone(desk, address("anna")).shown.name == "Customer"


async def test_the_same_number_ordered_twice_is_one(office: Office):
    async with open_desk(office) as desk:
        await desk.switch.pause_member("anna")
        first = await desk.switch.order_call_back("main", CUSTOMER)
        again = await desk.switch.order_call_back("main", f" {CUSTOMER} ")
        assert again.call_id == first.call_id
        assert len(desk.switch.snapshot().waiting) == 1
        await desk.switch.ready_member("anna")
        await asyncio.sleep(60)
        assert times_called(desk, CUSTOMER) == 1
        later = await desk.switch.order_call_back("main", CUSTOMER)  # the first is over
        assert later.id != first.id


async def test_who_pressed_the_key_in_the_queue_is_not_called_twice(office: Office):
    async with open_desk(office, call_back_key="5") as desk:
        await desk.switch.pause_member("anna")
        caller = desk.network.call("1000", caller="+4533111111")
        await asyncio.sleep(1)
        caller.press("5")
        await caller.until_ended()
        (waiting,) = desk.switch.snapshot().waiting
        order = await desk.switch.order_call_back("main", waiting.call_back)
        assert order.call_id == waiting.id
        assert len(desk.switch.snapshot().waiting) == 1


async def test_a_time_is_waited_for_through_a_restart(office: Office):
    async with open_desk(office) as desk:
        order = await desk.switch.order_call_back("main", CUSTOMER, at=OPENED + timedelta(hours=2))
        await asyncio.sleep(3600)
        assert desk.switch.snapshot().waiting == ()
        assert times_called(desk, CUSTOMER) == 0
    network, again = opened(office)
    async with again:
        # The clock of this run begins at the same time of day as the one before.
        assert [o.id for o in again.call_backs] == [order.id]
        await asyncio.sleep(2 * 3600 - 10)
        assert network.phone_at(CUSTOMER).calls == []
        await asyncio.sleep(60)
        assert len(network.phone_at(CUSTOMER).calls) == 1
        assert list(again.call_backs) == []


async def test_a_caller_in_the_queue_is_kept_through_a_restart_and_called_once(office: Office):
    async with open_desk(office) as desk:
        await desk.switch.pause_member("anna")
        order = await desk.switch.order_call_back("main", CUSTOMER)
    network, again = opened(office)
    async with again:
        (waiting,) = again.snapshot().waiting
        assert waiting.id == order.call_id
        await again.ready_member("anna")
        await asyncio.sleep(60)
        assert len(network.phone_at(CUSTOMER).calls) == 1
        assert list(again.call_backs) == []


async def test_orders_that_are_older_than_the_queue_are_not_called_twice(office: Office):
    """The process was killed after the queue was written and before the orders were."""
    async with open_desk(office) as desk:
        await desk.switch.pause_member("anna")
        await desk.switch.order_call_back("main", CUSTOMER)
        (before,) = desk.switch.snapshot().waiting
    file = office.folder / "var" / "call-backs.json"
    file.write_text(json.dumps([one | {"call_id": ""} for one in json.loads(file.read_text())]))
    _, again = opened(office, seed=8)  # or ids of the run before would come again
    async with again:
        await asyncio.sleep(1)
        assert [call.id for call in again.snapshot().waiting] == [before.id]
        assert [order.call_id for order in again.call_backs] == [before.id]


async def test_orders_that_cannot_be_read_are_kept_for_somebody_to_look_at(office: Office):
    file = office.folder / "var" / "call-backs.json"
    file.parent.mkdir()
    file.write_text("[{")
    async with open_desk(office) as desk:
        order = await desk.switch.order_call_back("main", CUSTOMER, at=OPENED + timedelta(hours=1))
        assert [one["id"] for one in json.loads(file.read_text())] == [order.id]
    assert file.with_name("call-backs.json.unreadable").read_text() == "[{"


async def test_a_disk_that_takes_nothing_is_told_of_and_the_call_is_made(office: Office):
    file = office.folder / "var" / "call-backs.json"
    soon = OPENED + timedelta(hours=1)
    async with open_desk(office) as desk:
        file.mkdir()  # no file can take its place
        with pytest.raises(EnvironmentFaultError, match="cannot be written"):
            await desk.switch.order_call_back("main", CUSTOMER, at=soon)
        with pytest.raises(EnvironmentFaultError, match="cannot be written"):
            await desk.switch.order_call_back("main", CUSTOMER, at=soon)
        file.rmdir()
        order = await desk.switch.order_call_back("main", CUSTOMER, at=soon)
        assert [one["id"] for one in json.loads(file.read_text())] == [order.id]
        await asyncio.sleep(3600 + 60)
        assert times_called(desk, CUSTOMER) == 1


async def test_a_window_that_has_passed_calls_nobody(office: Office):
    async with open_desk(office) as desk:
        await desk.switch.pause_member("anna")
        await desk.switch.order_call_back(
            "main",
            CUSTOMER,
            at=OPENED + timedelta(hours=1),
            until=OPENED + timedelta(hours=2),
        )
        await asyncio.sleep(3600 + 10)
        assert len(desk.switch.snapshot().waiting) == 1
        await asyncio.sleep(3600)
        assert desk.switch.snapshot().waiting == ()
        assert list(desk.switch.call_backs) == []
        await desk.switch.ready_member("anna")
        await asyncio.sleep(60)
        assert times_called(desk, CUSTOMER) == 0


async def test_who_is_spoken_to_when_the_window_ends_is_in_time(office: Office):
    async with open_desk(office) as desk:
        records: list[Record] = []
        desk.switch.on_record(records.append)
        soon = OPENED + timedelta(seconds=20)  # both talk from second 5 on
        await desk.switch.order_call_back("main", CUSTOMER, until=soon)
        await asyncio.sleep(120)
        assert list(desk.switch.call_backs) == []
        (finished,) = desk.switch.snapshot().finished
    assert finished.outcome is CallOutcome.CALLED_BACK
    assert finished.ended_at - finished.joined_at > 20
    assert not [record for record in records if isinstance(record, CallBackWithdrawn)]


async def test_who_does_not_answer_when_the_window_ends_is_not_tried_again(office: Office):
    async with open_desk(office) as desk:
        records: list[Record] = []
        desk.switch.on_record(records.append)
        desk.network.phone_at(CUSTOMER).behaviour = Behaviour()  # rings, and nobody is there
        soon = OPENED + timedelta(seconds=20)
        await desk.switch.order_call_back("main", CUSTOMER, until=soon)
        await asyncio.sleep(600)
        assert list(desk.switch.call_backs) == []
        assert times_called(desk, CUSTOMER) == 1
    (withdrawn,) = [record for record in records if isinstance(record, CallBackWithdrawn)]
    assert withdrawn.why == "late"


@pytest.mark.parametrize("customer_first", [False, True])
async def test_where_an_order_stands(office: Office, *, customer_first: bool):
    async with open_desk(office, customer_first=customer_first) as desk:
        orders = desk.switch.call_backs
        later = OPENED + timedelta(minutes=1)
        order = await desk.switch.order_call_back("main", CUSTOMER, at=later)
        assert orders.standing(order).standing is Standing.LATER
        await desk.switch.pause_member("anna")
        await asyncio.sleep(70)
        (order,) = orders
        assert orders.standing(order).standing is Standing.WAITING
        await desk.switch.ready_member("anna")
        await asyncio.sleep(2.5)  # the customer rings from second 0, or 2, for three
        assert orders.standing(order).standing is Standing.CALLING


async def test_a_full_queue_is_asked_again(office: Office):
    async with open_desk(office, queue_cap=1) as desk:
        await desk.switch.pause_member("anna")
        desk.network.call("1000", caller="+4533000001", gives_up_after_s=130)
        await asyncio.sleep(1)
        with pytest.raises(MisuseError, match="no more callers"):
            await desk.switch.order_call_back("main", CUSTOMER)
        assert list(desk.switch.call_backs) == []
        await desk.switch.order_call_back("main", CUSTOMER, until=OPENED + timedelta(hours=1))
        await asyncio.sleep(100)
        assert [call.call_back for call in desk.switch.snapshot().waiting] == [""]
        await asyncio.sleep(100)
        assert [call.call_back for call in desk.switch.snapshot().waiting] == [CUSTOMER]


async def test_nobody_is_called_while_the_group_is_closed(office: Office):
    nine = OpenSpans((Span(dt.time(9), dt.time(16)),))
    office.hours = {"desk": HoursTable(week=(OpenTable(open=nine),))}
    office.timezone = "UTC"
    async with open_desk(office, hours="desk") as desk:
        order = await desk.switch.order_call_back("main", CUSTOMER)
        assert order.at == datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
        await asyncio.sleep(3590)
        assert times_called(desk, CUSTOMER) == 0
        await asyncio.sleep(70)
        assert times_called(desk, CUSTOMER) == 1


async def test_a_customer_who_is_not_there_is_tried_again(office: Office):
    rules = {"call_back_attempts": 2, "call_back_retry_s": 300}
    async with open_desk(office, **rules) as desk:
        desk.network.phone_at(CUSTOMER).behaviour = type(desk.network.phone_at(CUSTOMER).behaviour)(
            refuses_with=486
        )
        await desk.switch.order_call_back("main", CUSTOMER)
        await asyncio.sleep(200)
        assert times_called(desk, CUSTOMER) == 1
        await asyncio.sleep(200)
        assert times_called(desk, CUSTOMER) == 2
        assert list(desk.switch.call_backs) == []
        (finished,) = desk.switch.snapshot().finished
    assert finished.outcome is CallOutcome.ABANDONED


async def test_a_cancelled_order_calls_nobody(office: Office):
    async with open_desk(office) as desk:
        await desk.switch.pause_member("anna")
        order = await desk.switch.order_call_back("main", CUSTOMER)
        await desk.switch.call_backs.cancel(order.id)
        await desk.switch.call_backs.cancel(order.id)
        assert desk.switch.snapshot().waiting == ()
        await desk.switch.ready_member("anna")
        await asyncio.sleep(60)
        assert times_called(desk, CUSTOMER) == 0


@pytest.mark.parametrize(
    ("number", "wrong"),
    [("", "neither"), ("hello", "neither"), ("sip:a b@c", "SIP URI"), ("+4533111111", "trunk")],
)
async def test_what_cannot_be_dialled_is_refused(office: Office, number: str, wrong: str):
    async with open_desk(office) as desk:
        with pytest.raises(MisuseError, match=wrong):
            await desk.switch.order_call_back("main", number)


async def test_times_that_do_not_fit_are_refused(office: Office):
    async with open_desk(office) as desk:
        soon = OPENED + timedelta(hours=1)
        for times in ({"until": OPENED}, {"at": soon, "until": soon}, {"at": datetime(2026, 3, 3)}):  # noqa: DTZ001
            with pytest.raises(MisuseError):
                await desk.switch.order_call_back("main", CUSTOMER, **times)
        with pytest.raises(MisuseError, match="no group"):
            await desk.switch.order_call_back("other", CUSTOMER)


# By phone.


@asynccontextmanager
async def ordering(office: Office, number: str) -> AsyncIterator[tuple[Desk, PhoneCall, list]]:
    """A caller to number 9 who is asked; whose own number is ``number``."""
    async with open_desk(office) as desk:
        await desk.switch.pause_member("anna")
        orders: list[object] = []

        @desk.switch.flow("9")
        async def flow(call: Call) -> None:
            orders.append(await call.order_call_back("main", number))

        yield desk, desk.network.call("9"), orders


async def test_the_number_is_told_and_confirmed(office: Office):
    async with ordering(office, CUSTOMER) as (desk, call, orders):
        await desk.answer(call, Guidance.CALL_BACK_CONFIRM, "1")
        await call.until_ended()
        (waiting,) = desk.switch.snapshot().waiting
    assert waiting.call_back == CUSTOMER
    assert len(orders) == 1
    assert desk.heard(call, Guidance.CALL_BACK_ORDERED)


async def test_another_number_is_keyed_and_told(office: Office, monkeypatch):
    async with ordering(office, CUSTOMER) as (desk, call, _):
        monkeypatch.setattr(desk.switch.call_backs, "dialable", lambda number: number)
        await desk.answer(call, Guidance.CALL_BACK_CONFIRM, "2")
        await desk.answer(call, Guidance.ENTER_NUMBER, "33222222#")
        await call.until_hears(desk.file(PHRASES.call_back_to("33222222")))
        call.press("1")
        await call.until_ended()
        (waiting,) = desk.switch.snapshot().waiting
    assert waiting.call_back == "33222222"


async def test_without_a_confirmation_nobody_is_called(office: Office):
    async with ordering(office, CUSTOMER) as (desk, call, orders):
        await call.until_ended()
        assert desk.switch.snapshot().waiting == ()
    assert orders == [None]
    assert len(call.log.stretches(desk.file(Guidance.CALL_BACK_CONFIRM))) == 3
    assert desk.heard(call, Guidance.CALL_BACK_CANCELLED)


async def test_a_number_that_cannot_be_dialled_is_asked_for_again(office: Office):
    async with ordering(office, "") as (desk, call, orders):
        for _ in range(3):
            await desk.answer(call, Guidance.ENTER_NUMBER, "12345678#")  # there is no trunk
            await call.until_hears(desk.file(Guidance.NUMBER_WRONG))
        await call.until_ended()
    assert orders == [None]


# In the queue.


@asynccontextmanager
async def waiting(office: Office) -> AsyncIterator[tuple[Desk, PhoneCall]]:
    """A caller who waits for Anna, and has pressed the key for a call back."""
    rules = {"call_back_key": "5", "call_back_confirm": True}
    leave = {"1": Target(TargetKind.MESSAGE)}
    async with open_desk(office, leave_keys=leave, **rules) as desk:
        await desk.switch.pause_member("anna")
        call = desk.network.call("1000", caller="+4533111111")
        await asyncio.sleep(10)
        call.press("5")
        await call.until_hears(desk.file(Guidance.CALL_BACK_CONFIRM))
        yield desk, call


async def test_a_waiting_caller_confirms_and_keeps_the_place(office: Office):
    async with waiting(office) as (desk, call):
        (before,) = desk.switch.snapshot().waiting
        call.press("1")  # a key that otherwise leaves the queue
        await call.until_ended()
        (after,) = desk.switch.snapshot().waiting
    assert desk.heard(call, SystemMessage.WILL_CALL_BACK)
    assert (after.id, after.joined_at) == (before.id, before.joined_at)
    assert after.call_back == "sip:+4533111111@caller.example"


async def test_a_member_who_answers_meanwhile_ends_the_asking(office: Office):
    async with waiting(office) as (desk, call):
        await desk.switch.ready_member("anna")
        await call.until_ended()
        (finished,) = desk.switch.snapshot().finished
    assert finished.outcome is CallOutcome.ANSWERED
    confirm = call.log.stretches(desk.file(Guidance.CALL_BACK_CONFIRM))
    assert confirm[-1].to_s <= call.log.talked[0].from_s


async def test_who_confirms_nothing_waits_on_with_music(office: Office):
    async with waiting(office) as (desk, call):
        await asyncio.sleep(100)
        (still,) = desk.switch.snapshot().waiting
        assert still.call_back == ""
        assert call.hears_now & set(office.store.default_music())
        call.press("1")
        await call.until_ended()
    assert desk.heard(call, SystemMessage.STANDARD)
