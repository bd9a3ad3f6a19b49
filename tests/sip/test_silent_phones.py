"""A dialled phone that gives no sign of life, and some that give a late or a small one."""

from __future__ import annotations

import pytest

from softswitch.sip import SipTelephony
from softswitch.telephony import Ended, EndedBy, EndReason, LegState, Ringing
from tests.sip.observing import Observer, running
from tests.sip.wire import Wire, datagrams, sdp

pytestmark = pytest.mark.asyncio

REACH_S = 1.0
"""PJSIP repeats an INVITE after 0.5, 1.5 and 3.5 s (RFC 3261 section 17.1.1.2)."""


async def silence(network: SipTelephony, wire: Wire) -> Ended:
    """Dial a phone that is switched off; return how that ended."""
    heard = Observer()
    leg = network.dial(f"sip:bo@{wire.own}", listener=heard, ring_time_s=40.0)
    ended = await heard.next(Ended)
    assert heard.events == [ended]
    assert leg.state is LegState.ENDED
    return ended


async def test_a_phone_that_says_nothing_at_all_cannot_be_reached() -> None:
    async with running(reach_within_s=REACH_S) as network, datagrams(network.addresses[0]) as wire:
        ended = await silence(network, wire)
        assert network.in_use == 0
    assert (ended.by, ended.why) == (EndedBy.NETWORK, EndReason.UNREACHABLE)
    assert ended.status == 408  # as silence is told of: RFC 3261 section 8.1.3.1


async def test_its_invite_is_not_repeated_any_more() -> None:
    """Two phones after each other: the time of a third INVITE to the first is over then."""
    async with (
        running(reach_within_s=REACH_S) as network,
        datagrams(network.addresses[0]) as first,
        datagrams(network.addresses[0]) as second,
    ):
        await silence(network, first)
        await silence(network, second)
        second.reply(await second.request("INVITE"), 486)
        await second.request("ACK")
        assert [message.method for message in first.waiting()] == ["INVITE", "INVITE"]


async def test_a_phone_that_rings_too_late_is_cancelled() -> None:
    async with running(reach_within_s=REACH_S) as network, datagrams(network.addresses[0]) as wire:
        await silence(network, wire)
        invite = await wire.request("INVITE")
        wire.reply(invite, 180)
        cancel = await wire.request("CANCEL")
        wire.reply(cancel, 200)
        wire.reply(invite, 487)
        await wire.request("ACK")
    assert cancel.header("Call-ID") == invite.header("Call-ID")


async def test_a_phone_that_answers_too_late_is_released() -> None:
    async with running(reach_within_s=REACH_S) as network, datagrams(network.addresses[0]) as wire:
        await silence(network, wire)
        wire.reply(await wire.request("INVITE"), 200, body=sdp())
        await wire.request("ACK")
        wire.reply(await wire.request("BYE"), 200)


async def test_a_phone_that_only_tries_may_take_the_whole_ring_time() -> None:
    """It rings after another phone, dialled later, has been found to be silent."""
    async with (
        running(reach_within_s=REACH_S) as network,
        datagrams(network.addresses[0]) as trying,
        datagrams(network.addresses[0]) as silent,
    ):
        heard = Observer()
        network.dial(f"sip:anna@{trying.own}", listener=heard, ring_time_s=3.0)
        invite = await trying.request("INVITE")
        trying.reply(invite, 100)
        await silence(network, silent)
        assert heard.events == []
        ended = await heard.next(Ended)
        trying.reply(await trying.request("CANCEL"), 200)
        trying.reply(invite, 487)
        await trying.request("ACK")
    assert (ended.by, ended.why) == (EndedBy.US, EndReason.NO_ANSWER)


async def test_a_phone_that_rings_at_the_second_try_is_in_time() -> None:
    async with (
        running(reach_within_s=REACH_S) as network,
        datagrams(network.addresses[0]) as drowsy,
        datagrams(network.addresses[0]) as silent,
    ):
        heard = Observer()
        leg = network.dial(f"sip:anna@{drowsy.own}", listener=heard)
        await drowsy.request("INVITE")
        invite = await drowsy.request("INVITE")
        drowsy.reply(invite, 180)
        await silence(network, silent)
        leg.hang_up()
        drowsy.reply(await drowsy.request("CANCEL"), 200)
        drowsy.reply(invite, 487)
        await drowsy.request("ACK")
    assert len(heard.all(Ringing)) == 1
    assert heard.all(Ended)[0].why is EndReason.CANCELLED
