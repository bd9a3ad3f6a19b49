"""Sessions that run out (RFC 4028 section 10) or are kept up, on a clock in a hurry."""

from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.testing.peers.messages import SipMessage
from tests.sip.hurried import SESSION_S, Hurried, hurried
from tests.sip.wire import Call, Wire, datagrams, sdp

pytestmark = pytest.mark.asyncio

TIMEOUT_S = 32
"""64 T1, after which a request counts as unanswered (RFC 3261 section 17.1)."""

OURS = f"Session-Expires: {SESSION_S};refresher=uac"


async def lasted_s(network: Hurried) -> tuple[float, dict[str, object]]:
    """How long a call is up by the network's clock, and what it says of its end."""
    answered = await network.told("answered")
    ended = await network.told("ended")
    return float(str(ended["at_s"])) - float(str(answered["at_s"])), ended


async def called(network: Hurried, wire: Wire) -> SipMessage:
    """Let the network call us, and say that it shall keep the session up."""
    network.dial(f"sip:bo@{wire.own}")
    invite = await wire.request("INVITE")
    wire.reply(invite, 200, "Require: timer", OURS, "Allow: INVITE, ACK, BYE, UPDATE", body=sdp())
    await wire.request("ACK")
    return invite


async def test_a_caller_who_no_longer_refreshes_is_let_go(tmp_path: Path) -> None:
    async with hurried(tmp_path) as network, datagrams(network.address) as wire:
        call = Call(wire, network.address)
        answer = await call.set_up("Supported: timer", OURS)
        bye = await wire.request("BYE")
        wire.reply(bye, 200)
        up_s, ended = await lasted_s(network)
    assert (answer.header("Session-Expires") or "").replace(" ", "") == OURS.split(": ")[1]
    # a third of the interval before its end, but not more than 32 s before
    assert up_s >= SESSION_S - min(32, SESSION_S / 3) - 1
    assert (ended["by"], ended["why"]) == ("network", "session_expired")
    assert "cause=408" in (bye.header("Reason") or "")


async def test_a_phone_that_answers_no_refresh_is_let_go(tmp_path: Path) -> None:
    async with hurried(tmp_path) as network, datagrams(network.address) as wire:
        await called(network, wire)
        refresh = await wire.request("UPDATE")
        up_s, ended = await lasted_s(network)
    assert (refresh.header("Session-Expires") or "").replace(" ", "") == OURS.split(": ")[1]
    assert up_s >= SESSION_S / 2 + TIMEOUT_S - 1  # section 7.2: refreshed at half the interval
    assert (ended["by"], ended["why"]) == ("network", "session_expired")


async def test_a_session_that_is_refreshed_outlives_its_interval(tmp_path: Path) -> None:
    async with hurried(tmp_path) as network, datagrams(network.address) as wire:
        call = Call(wire, network.address)
        granted = OURS.replace("uac", "uas")
        await call.set_up("Supported: timer", granted, "Allow: INVITE, ACK, BYE, UPDATE")
        refreshes: set[str | None] = set()
        while len(refreshes) < 3:  # some come twice, so fast is that clock
            refresh = await wire.request("UPDATE")
            wire.reply(refresh, 200, "Require: timer", OURS)
            refreshes.add(refresh.header("CSeq"))
        assert (await call.hang_up()).status == 200
        up_s, ended = await lasted_s(network)
    assert up_s >= 3 * SESSION_S / 2 - 1
    assert (ended["by"], ended["why"]) == ("peer", "normal")


@pytest.mark.parametrize(("dialled", "by"), [("stay", "network"), ("leave", "us")])
async def test_a_caller_who_never_says_ack_is_let_go(dialled: str, by: str, tmp_path: Path) -> None:
    """RFC 3261 section 13.3.1.4: BYE when the 200 has been repeated for 64 T1."""
    async with hurried(tmp_path) as network, datagrams(network.address) as wire:
        call = Call(wire, network.address)
        call.uri = f"sip:{dialled}@{network.address}"
        call.send("INVITE", body=sdp())
        answers = [await wire.answer(200)]
        while (message := await wire.next()).method != "BYE":
            answers.append(message)
        wire.reply(message, 200)
        ended = await network.told("ended")
    assert [answer.status for answer in answers] == [200] * len(answers)
    assert len(answers) > 5  # after T1, 2 T1, 4 T1, then every T2
    assert "cause=408" in (message.header("Reason") or "")
    assert ended["by"] == by
