"""PJSIP at its own limit (RFC 3261 sections 20.33 and 21.5.4), reached with a small one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from softswitch.errors import CapacityError
from softswitch.sip import SipTelephony, library
from softswitch.telephony import Answered, Ended
from tests.sip.observing import Door, Observer, running
from tests.sip.wire import Call, Wire, datagrams, sdp

pytestmark = pytest.mark.asyncio

ROOM = 4
"""What an unmodified PJSIP has: so few that none are kept free."""


@asynccontextmanager
async def small() -> AsyncIterator[tuple[SipTelephony, list[Wire]]]:
    """A network whose PJSIP has room for four calls, and five peers of it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(library, "calls_of_the_build", lambda: ROOM)
        async with running(retry_after_s=33) as network, AsyncExitStack() as stack:
            assert network.capacity == ROOM
            address = network.addresses[0]
            yield network, [await stack.enter_async_context(datagrams(address)) for _ in range(5)]


async def test_the_fifth_caller_is_told_when_to_come_again() -> None:
    async with small() as (network, wires):
        door = Door(network)
        calls = [Call(wire, network.addresses[0]) for wire in wires]
        listeners = []
        for call in calls[:ROOM]:
            call.send("INVITE", body=sdp())
            leg, heard = await door.next()
            leg.answer()
            call.joined(await call.wire.answer(200))
            call.send("ACK", cseq=1)
            await heard.next(Answered)
            listeners.append(heard)
        calls[-1].send("INVITE", body=sdp())
        refusal = await wires[-1].answer(cseq="INVITE")
        calls[-1].to = refusal.header("To") or ""
        calls[-1].send("ACK", cseq=1)
        assert network.refused == 1
        assert network.in_use == ROOM

        assert (await calls[0].hang_up()).status == 200
        await listeners[0].next(Ended)
        again = Call(wires[-1], network.addresses[0])
        again.send("INVITE", body=sdp())
        leg, _ = await door.next()
        leg.answer()
        assert (await wires[-1].answer(cseq="INVITE")).status == 200
    assert (refusal.status, refusal.header("Retry-After")) == (503, "33")


async def test_whoever_is_no_caller_is_answered_as_ever() -> None:
    async with small() as (network, wires):
        door = Door(network)
        for wire in wires[:ROOM]:
            Call(wire, network.addresses[0]).send("INVITE", body=sdp())
            await door.next()
        statuses = []
        for method in ("OPTIONS", "NEWMETHOD", "BYE"):
            Call(wires[-1], network.addresses[0]).send(method)
            statuses.append((await wires[-1].answer(cseq=method)).status)
    assert statuses == [200, 501, 481]


async def test_calls_that_are_ending_take_room_and_dialling_says_so() -> None:
    async with small() as (network, wires):
        for wire in wires[:ROOM]:
            leg = network.dial(f"sip:mute@{wire.own}", listener=Observer())
            await wire.request("INVITE")
            leg.hang_up()  # PJSIP holds the CANCEL back until the phone says something
        assert network.in_use == 0
        with pytest.raises(CapacityError) as full:
            network.dial(f"sip:bo@{wires[-1].own}", listener=Observer())
        assert network.in_use == 0
        Call(wires[-1], network.addresses[0]).send("INVITE", body=sdp())
        refusal = await wires[-1].answer(cseq="INVITE")
    assert full.value.retry_after_s == 33
    assert (refusal.status, refusal.header("Retry-After")) == (503, "33")
