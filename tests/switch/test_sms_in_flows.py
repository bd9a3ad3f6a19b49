"""Texts by SMS from flows of files and of Python, to a provider that is a real HTTP server.

Phones are simulated, in real time: the provider is on a socket. What needs no provider is under
virtual time.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import attrs
import pytest
from office_builder import Office

from softswitch.errors import CallEndedError, ConfigurationError, MisuseError
from softswitch.ivr.expressions import Template
from softswitch.ivr.loading import parse_flow
from softswitch.ivr.nodes import SendMessage
from softswitch.post import Envelope
from softswitch.switch import Call, Switch, post_office
from softswitch.switch.sms_tables import JsonTable, SmsTable
from softswitch.testing import SimulatedTelephony
from softswitch.testing.phones import PhoneCall
from tests.sms.sms_provider import SmsBag, sms_provider

CALLER = "+4533111111"
FLOW = """
[flow]
name = "Test"
start = "first"
language = "en"
[nodes.first]
kind = "message"
by = "sms"
to = "{to}"
text = "{text}"
next = "good"
failed = "bad"
[nodes.good]
kind = "wait"
seconds = 30
[nodes.bad]
kind = "wait"
seconds = 30
"""


def table(port: int = 9, **settings: object) -> SmsTable:
    usual: dict[str, object] = {
        "url": f"http://127.0.0.1:{port}/send",
        "headers": {"Idempotency-Key": "{id}"},
        "json": JsonTable(to="{to}", text="{text}"),
        "country": "DK",
        "timeout_s": 1.0,
    }
    return SmsTable(**(usual | settings))


@asynccontextmanager
async def opened(
    office: Office, sms: SmsTable, *, to: str = "{caller}", text: str = "You called."
) -> AsyncIterator[tuple[SimulatedTelephony, Switch]]:
    """An open office whose number 5 is a flow that sends a text."""
    office.group("main", "1000", ("anna",))
    office.services = {"sms": sms}
    network, switch = office.open()
    flow = FLOW.replace("{to}", to).replace("{text}", text)
    switch.use("5", parse_flow(flow, base=office.folder))
    async with switch:
        yield network, switch


def waiting(folder: Path) -> dict[str, str]:
    """The texts on the disk, by their ids."""
    return {path.stem: path.read_text() for path in (folder / "var" / "sms").glob("*.txt")}


async def nodes_of(call: PhoneCall, switch: Switch) -> tuple[str, ...]:
    """Hang up after five seconds, and return the nodes that the caller came to."""
    found: list[object] = []
    switch.on_record(found.append)
    await asyncio.sleep(5)
    call.hang_up()
    await asyncio.sleep(1)
    (record,) = [one for one in found if type(one).__name__ == "FlowRecord"]
    return tuple(record.nodes)


@pytest.mark.asyncio
async def test_a_text_arrives(office: Office):
    async with sms_provider() as bag, opened(office, table(bag.port)) as (network, _):
        network.call("5", caller=CALLER)
        await bag.until_asked(1)
    (asked,) = bag.asked
    assert asked.json == {"to": CALLER, "text": "You called."}
    assert asked.headers["idempotency-key"].startswith("sms-")
    assert waiting(office.folder) == {}


@pytest.mark.asyncio
async def test_a_provider_that_is_away_and_comes_back(
    office: Office, monkeypatch: pytest.MonkeyPatch
):
    """Away, then slow, then in trouble: the same text all the while, and once taken no more."""
    monkeypatch.setattr(post_office, "FIRST_WAIT_S", 0.05)
    bag = SmsBag()
    bag.answers = [None, (503, "")]
    async with AsyncExitStack() as stack, opened(office, table(bag.port)) as (_, switch):
        (name,) = await switch.send_sms(CALLER, "You called.")
        assert waiting(office.folder) == {name: "You called."}
        await stack.enter_async_context(sms_provider(bag))
        await bag.until_asked(3)
    assert [asked.headers["idempotency-key"] for asked in bag.asked] == [name] * 3
    assert waiting(office.folder) == {}


@pytest.mark.asyncio
async def test_a_text_that_is_refused_is_put_aside(office: Office):
    async with sms_provider() as bag, opened(office, table(bag.port)) as (network, _):
        bag.answers = [(400, "no such number")]
        network.call("5", caller=CALLER)
        await bag.until_asked(1)
    assert len(bag.asked) == 1
    aside = office.folder / "var" / "sms" / "undelivered"
    assert [path.read_text() for path in aside.glob("*.txt")] == ["You called."]


@pytest.mark.asyncio
async def test_texts_from_python(office: Office):
    found: list[tuple[str, ...]] = []
    ways: list[str] = []

    async def flow(call: Call) -> None:
        found.append(await call.send_sms("To you."))
        found.append(await call.send_sms("To others.", to="33 22 22 22, +4533222223"))
        with pytest.raises(MisuseError, match="no number"):
            await call.send_sms("To nobody.", to="112")
        node = SendMessage(by="sms", to="{caller}", text="By a node.", next="on", failed="no")
        ways.append((await call.do(node)).way)
        ways.append((await call.do(attrs.evolve(node, to=Template("112")))).way)

    async with sms_provider() as bag, opened(office, table(bag.port)) as (network, switch):
        switch.flow("6")(flow)
        call = network.call("6", caller=CALLER)
        await call.until_ended()
        found.append(await switch.send_sms("+4533444444", "Besides."))
        await bag.until_asked(5)
    assert ways == ["on", "no"]
    assert [(one.json["to"], one.json["text"]) for one in bag.asked] == [
        (CALLER, "To you."),
        ("+4533222222", "To others."),
        ("+4533222223", "To others."),
        (CALLER, "By a node."),
        ("+4533444444", "Besides."),
    ]
    ids = [asked.headers["idempotency-key"] for asked in bag.asked]
    assert [name for names in found for name in names] == [*ids[:3], ids[4]]
    assert len(set(ids)) == 5


@pytest.mark.virtual_time
@pytest.mark.parametrize(
    ("to", "text", "numbers"),
    [
        ("{caller}", "You called.", {CALLER}),
        ("{dialled}, 33 22 22 22", "You called.", set()),  # 5 is no number: nobody gets it
        ("33222222, {caller}", "You called.", {"+4533222222", CALLER}),
        ("{caller}, {caller}", "You called.", {CALLER}),
        ("{caller}", "{caller}" * 60, set()),  # 660 septets are five segments
        ("{caller}", "{caller_name}", set()),  # empty
    ],
)
async def test_what_is_sent_is_kept_and_what_cannot_be_is_told(
    office: Office, to: str, text: str, numbers: set[str]
):
    async with opened(office, table(), to=to, text=text) as (network, switch):
        nodes = await nodes_of(network.call("5", caller=CALLER), switch)
        posted = switch.texts
        assert len(waiting(office.folder)) == len(numbers)
    assert nodes == ("first", "good" if numbers else "bad")
    assert all(isinstance(one, Envelope) for one in posted)
    assert {number for one in posted for number in one.to} == numbers


@pytest.mark.virtual_time
async def test_a_caller_who_shows_no_number(office: Office):
    async with opened(office, table()) as (network, switch):
        nodes = await nodes_of(network.call("5", caller=""), switch)
    assert nodes == ("first", "bad")


@pytest.mark.virtual_time
async def test_an_office_without_a_provider(office: Office):
    office.group("main", "1000", ("anna",))
    _, switch = office.open()
    async with switch:
        with pytest.raises(MisuseError, match=r"`url` of \[sms\] is missing"):
            await switch.send_sms(CALLER, "No.")


@pytest.mark.virtual_time
async def test_a_flow_that_texts_in_an_office_without_a_provider_is_refused(office: Office):
    with pytest.raises(ConfigurationError, match=r"nodes.first.by: Nobody sends texts"):
        async with opened(office, SmsTable()):
            pass


@pytest.mark.virtual_time
async def test_another_provider_while_texts_wait(office: Office):
    """What waits goes to whoever is named when it is tried; nothing is sent with none."""
    async with opened(office, table()) as (network, switch):
        await nodes_of(network.call("5", caller=CALLER), switch)
        (before,) = switch.texts
        await switch.apply(await switch.plan(attrs.evolve(office.config(), sms=SmsTable())))
        await asyncio.sleep(48 * 3600)  # nobody to give up by
        assert switch.texts == (before,)
        await switch.apply(await switch.plan(office.config()))
        await asyncio.sleep(3600)
        assert switch.texts == ()
    aside = office.folder / "var" / "sms" / "undelivered"
    assert [path.stem for path in aside.glob("*.txt")] == [before.id]


@pytest.mark.virtual_time
async def test_a_caller_who_is_gone_gets_the_text_all_the_same(office: Office):
    sent: list[tuple[str, ...]] = []

    async def flow(call: Call) -> None:
        await call.answer()
        try:
            await call.collect(timeout_s=60)
        except CallEndedError:
            sent.append(await call.send_sms("Sorry to have missed you."))
            raise

    async with opened(office, table()) as (network, switch):
        switch.flow("6")(flow)
        call = network.call("6", caller=CALLER)
        await asyncio.sleep(1)
        call.hang_up()
        await asyncio.sleep(1)
        assert [one.id for one in switch.texts] == [*sent[0]]
