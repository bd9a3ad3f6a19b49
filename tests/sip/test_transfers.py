"""Transfers: asked by us and by the phone, blind and consulted (RFC 3515, RFC 3891)."""

from __future__ import annotations

import pytest

from softswitch.errors import MisuseError
from softswitch.telephony import (
    Answered,
    Ended,
    EndedBy,
    EndReason,
    MediaReady,
    Replaced,
    TransferProgress,
    TransferRequested,
)
from softswitch.testing.peers.baresip import Baresip
from softswitch.testing.peers.sipp import Sipp
from tests.sip.observing import Door, Observer, running
from tests.sip.transferee import TRANSFEREE

pytestmark = pytest.mark.asyncio


async def test_we_ask_a_phone_to_call_somebody_else() -> None:
    async with running() as network, Sipp(TRANSFEREE, service="anna") as phone:
        heard = Observer()
        leg = network.dial(phone.uri, listener=heard)
        with pytest.raises(MisuseError, match="not been answered"):
            leg.transfer("sip:bo@127.0.0.1:5099")
        await heard.next(Answered)
        leg.transfer("sip:bo@127.0.0.1:5099")
        refer = await phone.message("REFER")
        accepted = await heard.next(TransferProgress)
        progress = await heard.next(TransferProgress, nth=2)
        leg.hang_up()
        await phone.finished()
    assert refer.header("Refer-To") in ("sip:bo@127.0.0.1:5099", "<sip:bo@127.0.0.1:5099>")
    assert (accepted.status, accepted.final) == (100, False)
    assert (progress.status, progress.final) == (200, True)


async def test_we_ask_a_phone_to_take_over_our_place_in_another_call() -> None:
    async with (
        running() as network,
        Sipp(TRANSFEREE, service="anna") as phone,
        Sipp("uas_answer", service="bo", ring_ms=10) as partner,
    ):
        heard, other_heard = Observer(), Observer()
        leg = network.dial(phone.uri, listener=heard)
        other = network.dial(partner.uri, listener=other_heard)
        await heard.next(Answered)
        await other_heard.next(Answered)
        leg.transfer_to(other)
        refer = await phone.message("REFER")
        invite = await partner.message("INVITE")
        await heard.next(TransferProgress, nth=2)
        leg.hang_up()
        other.hang_up()
        await phone.finished()
        await partner.finished()
    target = refer.header("Refer-To") or ""
    assert f"bo@{partner.address}" in target
    assert f"Replaces={(invite.header('Call-ID') or '').replace('@', '%40')}" in target


async def test_a_phone_transfers_its_partner_blind() -> None:
    async with (
        running() as network,
        Sipp("uas_answer", service="bo", ring_ms=30) as target,
        Baresip("agent") as agent,
        Baresip("customer", tone_hz=650) as customer,
    ):
        door = Door(network)
        await customer.dial(f"sip:1000@{network.addresses[0]}")
        customer_leg, customer_heard = await door.next()
        customer_leg.answer()
        await customer_heard.next(MediaReady)
        await agent.dial(f"sip:1000@{network.addresses[0]}")
        leg, heard = await door.next()
        leg.answer()
        await agent.established()
        await agent.transfer(target.uri)
        request = await heard.next(TransferRequested)
        answered = Observer()
        request.leg.listen(answered)
        await answered.next(Answered)
        customer_leg.bridge(request.leg)
        notified = await agent.message(
            lambda m: m.method == "NOTIFY" and "SIP/2.0 200" in m.body, sent=False
        )
        request.leg.hang_up()
        await target.finished()
    assert request.target == target.uri
    assert "terminated" in (notified.header("Subscription-State") or "")


async def test_a_transfer_to_nobody_leaves_the_call_as_it_was() -> None:
    async with (
        running() as network,
        Sipp("uas_refuse", status=486, ring_ms=10) as busy,
        Baresip("agent") as agent,
    ):
        door = Door(network)
        await agent.dial(f"sip:1000@{network.addresses[0]}")
        leg, heard = await door.next()
        leg.answer()
        await agent.established()
        await agent.transfer(busy.uri)
        request = await heard.next(TransferRequested)
        refused = Observer()
        request.leg.listen(refused)
        ended = await refused.next(Ended)
        await agent.message(lambda m: m.method == "NOTIFY" and "486" in m.body, sent=False)
        await busy.finished()
        by_us = [event for event in heard.all(Ended) if event.by is not EndedBy.PEER]
        assert by_us == []  # what the phone does now is its own choice
    assert ended.why is EndReason.BUSY


async def test_an_invite_with_replaces_takes_a_legs_place() -> None:
    async with running() as network:
        door = Door(network)
        async with Sipp("uac_call_stay", target=network.addresses[0]) as first:
            leg, heard = await door.next()
            leg.answer()
            await heard.next(Answered)
            answer = await first.message(200, cseq="INVITE")
            dialog = ";".join(
                [
                    answer.header("Call-ID") or "",
                    f"to-tag={(answer.header('To') or '').partition('tag=')[2]}",
                    f"from-tag={(answer.header('From') or '').partition('tag=')[2]}",
                ]
            )
            async with Sipp(
                "uac_call_stay",
                target=network.addresses[0],
                headers={"Replaces": dialog, "Require": "replaces"},
            ) as second:
                replaced = await heard.next(Replaced)
                ended = await heard.next(Ended)
                successor = Observer()
                replaced.leg.listen(successor)
                await successor.next(Answered)
                await first.finished()
                replaced.leg.hang_up()
                await second.finished()
    assert ended.why is EndReason.REPLACED
    assert network.in_use == 0
