"""Incoming and outgoing calls, with SIPp at the other end."""

from __future__ import annotations

import pytest

from softswitch.errors import CallEndedError, CapacityError, MisuseError
from softswitch.telephony import (
    COMPLETED_ELSEWHERE,
    Answered,
    Ended,
    EndedBy,
    EndReason,
    Identity,
    LegState,
    Reason,
    Ringing,
)
from softswitch.testing.peers.sipp import Sipp
from tests.sip.observing import Door, Observer, running

pytestmark = pytest.mark.asyncio


async def test_a_caller_is_answered_and_hangs_up() -> None:
    async with running() as network:
        door = Door(network)
        async with Sipp("uac_call", target=network.addresses[0], service="1234") as caller:
            leg, heard = await door.next()
            assert leg.dialled.number == "1234"
            leg.ring()
            leg.answer()
            ended = await heard.next(Ended)
            await caller.finished()
    assert (ended.by, ended.why, ended.status) == (EndedBy.PEER, EndReason.NORMAL, 200)
    assert len(heard.all(Answered)) == 1
    assert leg.state is LegState.ENDED
    assert caller.messages[-1].status == 200


async def test_we_hang_up_with_a_reason() -> None:
    async with running() as network:
        door = Door(network)
        async with Sipp("uac_call_stay", target=network.addresses[0]) as caller:
            leg, heard = await door.next()
            leg.answer()
            await heard.next(Answered)
            await caller.message("ACK")
            leg.hang_up(Reason(protocol="Q.850", cause=16, text="that's all"))
            bye = await caller.message("BYE")
            ended = await heard.next(Ended)
            await caller.finished()
    assert bye.header("Reason") == 'Q.850;cause=16;text="that\'s all"'
    assert (ended.by, ended.why) == (EndedBy.US, EndReason.NORMAL)


@pytest.mark.parametrize("status", [302, 404, 486, 500, 603])
async def test_any_status_refuses(status: int) -> None:
    async with running() as network:
        door = Door(network)
        async with Sipp("uac_refused", target=network.addresses[0], status=status) as caller:
            leg, heard = await door.next()
            leg.reject(status, reason=Reason(cause=status, text="no"), retry_after_s=7)
            await heard.next(Ended)
            answer = await caller.message(status)
            await caller.finished()
    assert answer.header("Retry-After") == "7"
    assert answer.header("Reason") == f'SIP;cause={status};text="no"'


@pytest.mark.parametrize("status", [99, 200, 299, 700])
async def test_a_refusal_is_a_status_from_300_to_699(status: int) -> None:
    async with running() as network:
        door = Door(network)
        async with Sipp("uac_refused", target=network.addresses[0], status=480) as caller:
            leg, _ = await door.next()
            with pytest.raises(MisuseError, match="300 to 699"):
                leg.reject(status)
            leg.reject(480)
            await caller.finished()


async def test_a_caller_who_cancels() -> None:
    async with running() as network:
        door = Door(network)
        async with Sipp("uac_cancel", target=network.addresses[0], ring_ms=50) as caller:
            leg, heard = await door.next()
            leg.ring()
            ended = await heard.next(Ended)
            await caller.finished()
    assert (ended.by, ended.why, ended.status) == (EndedBy.PEER, EndReason.CANCELLED, 487)


async def test_an_ended_leg_takes_no_commands() -> None:
    async with running() as network:
        door = Door(network)
        async with Sipp("uac_call", target=network.addresses[0], talk_ms=10) as caller:
            leg, heard = await door.next()
            leg.answer()
            await heard.next(Ended)
            await caller.finished()
        for command in (leg.answer, leg.ring, leg.hold, lambda: leg.send_digits("1")):
            with pytest.raises(CallEndedError):
                command()
        leg.hang_up()


async def test_we_dial_and_the_phone_answers() -> None:
    async with running() as network, Sipp("uas_answer", service="anna", ring_ms=20) as phone:
        heard = Observer()
        leg = network.dial(
            phone.uri,
            listener=heard,
            caller=Identity(uri="", number="+4570102030", name='Børge "B"'),
            headers={"X-Group": "main"},
        )
        await heard.next(Ringing)
        await heard.next(Answered)
        await phone.message("ACK")
        leg.hang_up()
        await heard.next(Ended)
        invite = await phone.message("INVITE")
        await phone.finished()
    assert invite.header("X-Group") == "main"
    assert "<sip:+4570102030@" in invite.header("From")
    assert invite.header("From").startswith('"Børge \\"B\\""')


@pytest.mark.parametrize(
    ("status", "why"),
    [
        (486, EndReason.BUSY),
        (600, EndReason.BUSY),
        (603, EndReason.REJECTED),
        (480, EndReason.NO_ANSWER),
        (404, EndReason.NOT_FOUND),
        (500, EndReason.UNREACHABLE),
    ],
)
async def test_a_phone_that_refuses(status: int, why: EndReason) -> None:
    async with running() as network, Sipp("uas_refuse", status=status, ring_ms=10) as phone:
        heard = Observer()
        network.dial(phone.uri, listener=heard)
        ended = await heard.next(Ended)
        await phone.finished()
    assert (ended.by, ended.why, ended.status) == (EndedBy.PEER, why, status)


async def test_ring_time_over_cancels() -> None:
    async with running() as network, Sipp("uas_ring") as phone:
        heard = Observer()
        network.dial(phone.uri, listener=heard, ring_time_s=0.3)
        ended = await heard.next(Ended)
        await phone.message("CANCEL")
        await phone.finished()
    assert (ended.by, ended.why) == (EndedBy.US, EndReason.NO_ANSWER)


async def test_cancel_tells_that_the_call_was_answered_elsewhere() -> None:
    async with running() as network, Sipp("uas_ring") as phone:
        heard = Observer()
        leg = network.dial(phone.uri, listener=heard)
        await heard.next(Ringing)
        leg.hang_up(COMPLETED_ELSEWHERE)
        cancel = await phone.message("CANCEL")
        await phone.finished()
    assert cancel.header("Reason") == 'SIP;cause=200;text="Call completed elsewhere"'


async def test_nobody_at_the_address() -> None:
    async with running() as network:
        heard = Observer()
        network.dial("sip:nobody@127.0.0.1:9", listener=heard, ring_time_s=0.5)
        ended = await heard.next(Ended)
    assert ended.why in (EndReason.UNREACHABLE, EndReason.NO_ANSWER)


@pytest.mark.parametrize(
    "target", ["", "anna", "sip:", "sip:a b@c", "http://x", "12345", "sip:a@b\r\nX: y", "tel:+45"]
)
async def test_what_cannot_be_dialled_is_refused(target: str) -> None:
    async with running() as network:
        with pytest.raises(MisuseError):
            network.dial(target, listener=Observer())
        assert network.in_use == 0


async def test_a_header_cannot_be_forged() -> None:
    async with running() as network:
        with pytest.raises(MisuseError, match="line break"):
            network.dial(
                "sip:a@127.0.0.1:9", listener=Observer(), headers={"X-A": "1\r\nX-Evil: 2"}
            )
        assert network.in_use == 0


async def test_over_capacity_is_refused_politely() -> None:
    async with running(max_calls=1, retry_after_s=33) as network:
        door = Door(network)
        target = network.addresses[0]
        async with Sipp("uac_call_stay", target=target) as first:
            leg, heard = await door.next()
            leg.answer()
            await heard.next(Answered)
            with pytest.raises(CapacityError) as full:
                network.dial("sip:a@127.0.0.1:9", listener=Observer())
            async with Sipp("uac_refused", target=target, status=503) as second:
                refusal = await second.message(503)
                await second.finished()
            leg.hang_up()
            await first.finished()
    assert refusal.header("Retry-After") == "33"
    assert full.value.retry_after_s == 33


async def test_draining_lets_the_last_call_finish() -> None:
    async with running() as network:
        door = Door(network)
        target = network.addresses[0]
        async with Sipp("uac_call", target=target, talk_ms=600) as first:
            leg, heard = await door.next()
            leg.answer()
            await heard.next(Answered)
            network.draining = True
            async with Sipp("uac_refused", target=target, status=503) as second:
                await second.finished()
            await network.drain(5.0)
            assert network.in_use == 0
            await first.finished()
    assert heard.all(Ended)[0].by is EndedBy.PEER


async def test_stopping_ends_calls_in_progress() -> None:
    async with running() as network:
        door = Door(network)
        async with Sipp("uac_call_stay", target=network.addresses[0]) as caller:
            leg, heard = await door.next()
            leg.answer()
            await heard.next(Answered)
            await caller.message("ACK")
            await network.stop()
            await caller.finished()
    assert heard.all(Ended)[0].why is EndReason.SHUTDOWN
