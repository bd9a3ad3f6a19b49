"""A switch behind NAT: bound to an inner address, known by the public one."""

from __future__ import annotations

import pytest

from softswitch.sip import Listener, Transport
from softswitch.telephony import Answered, Ended
from softswitch.testing.peers.ports import free_port
from softswitch.testing.peers.sipp import Sipp
from tests.sip.observing import Door, Observer, running

pytestmark = pytest.mark.asyncio

PUBLIC = "203.0.113.7"
"""An address for examples (RFC 5737)."""


@pytest.mark.parametrize("transport", [Transport.UDP, Transport.TCP])
async def test_those_we_call_see_the_public_address(transport: Transport) -> None:
    listener = Listener(transport=transport, address="127.0.0.1", port=free_port("127.0.0.1"))
    async with (
        running(listen=(listener,), public_address=PUBLIC) as network,
        Sipp("uas_ring", transport=transport.value) as phone,
    ):
        heard = Observer()
        suffix = "" if transport is Transport.UDP else ";transport=tcp"
        leg = network.dial(phone.uri + suffix, listener=heard)
        invite = await phone.message("INVITE")
        leg.hang_up()
        await heard.next(Ended)
        await phone.finished()
    place = f"{PUBLIC}:{listener.port}"
    assert (invite.header("Via") or "").startswith(f"SIP/2.0/{transport.name} {place};")
    assert place in (invite.header("Contact") or "")
    assert invite.audio is not None
    assert invite.audio[0] == PUBLIC
    assert "127.0.0.1" not in invite.body


async def test_callers_see_the_public_address() -> None:
    listener = Listener(address="127.0.0.1", port=free_port("127.0.0.1"))
    async with running(listen=(listener,), public_address=PUBLIC) as network:
        door = Door(network)
        target = f"127.0.0.1:{listener.port}"
        async with Sipp("uac_vanish", target=target, gone_ms=1) as caller:
            leg, _ = await door.next()
            leg.answer()
            answer = await caller.message(200, cseq="INVITE")
    assert f"{PUBLIC}:{listener.port}" in (answer.header("Contact") or "")
    assert answer.audio is not None
    assert answer.audio[0] == PUBLIC


async def test_the_address_told_is_the_public_one() -> None:
    listener = Listener(address="127.0.0.1", port=free_port("127.0.0.1"))
    async with running(listen=(listener,), public_address=PUBLIC) as network:
        assert network.addresses == (f"{PUBLIC}:{listener.port}",)


async def test_without_a_public_address_the_bound_one_is_shown() -> None:
    async with running() as network, Sipp("uas_answer", ring_ms=1) as phone:
        heard = Observer()
        leg = network.dial(phone.uri, listener=heard)
        await heard.next(Answered)
        leg.hang_up()
        await heard.next(Ended)
        invite = await phone.message("INVITE")
        await phone.finished()
    assert invite.audio is not None
    assert invite.audio[0] == "127.0.0.1"
