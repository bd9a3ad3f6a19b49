"""Row E9 on real SIP: the caller presses a key, hangs up, keeps the place, and is called back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import attrs
import pytest

from softswitch.acd.records import CallOutcome, CallRecord
from softswitch.prompts import SoundStore
from softswitch.testing.peers.baresip import Baresip
from softswitch.testing.peers.messages import SipMessage
from softswitch.testing.peers.rtp import RtpPhone
from softswitch.testing.peers.sipp import Sipp
from softswitch.testing.peers.tones import sine
from tests.office.real_office import Office, open_office

pytestmark = pytest.mark.asyncio

AGENT_HZ, CUSTOMER_HZ, RING_TONE_HZ = 1100, 700, 425
PATIENT_S = 15.0


@attrs.frozen
class Ends:
    """An office whose only agent is away, and a customer to whom a call back was promised.

    Attributes:
        agent, agent_ear: the agent's phone, which answers soon, and its sound.
        customer, customer_ear: where the customer waits for the call.
    """

    office: Office
    agent: Sipp
    agent_ear: RtpPhone
    customer: Sipp
    customer_ear: RtpPhone

    async def talk(self) -> None:
        """Each says something and hears what the other says."""
        await self.agent_ear.first_packet()
        await self.customer_ear.first_packet()
        self.agent_ear.say(sine(AGENT_HZ, 1.0), forever=True)
        self.customer_ear.say(sine(CUSTOMER_HZ, 1.0), forever=True)
        await self.customer_ear.hears(AGENT_HZ, timeout_s=PATIENT_S)
        await self.agent_ear.hears(CUSTOMER_HZ, timeout_s=PATIENT_S)


async def invited(phone: Sipp) -> SipMessage:
    return await phone.message("INVITE", timeout_s=PATIENT_S)


async def answered(phone: Sipp) -> SipMessage:
    return await phone.message(200, cseq="INVITE", timeout_s=PATIENT_S)


@pytest.fixture(scope="module")
def sounds(tmp_path_factory: pytest.TempPathFactory) -> SoundStore:
    """Messages and music are rendered once, for all of these tests."""
    return SoundStore(tmp_path_factory.mktemp("sounds"), 8000)


@asynccontextmanager
async def promised(
    folder: Path,
    sounds: SoundStore,
    group: str,
    *,
    agent: str = "uas_answer",
    customer: str = "uas_answer",
) -> AsyncIterator[Ends]:
    """The customer calls, waits, presses 5, hears that a call will come, and is hung up."""
    async with (
        RtpPhone() as agent_ear,
        Sipp(agent, service="anna", rtp=agent_ear.address) as anna,
        RtpPhone() as customer_ear,
        Sipp(customer, service="kunde", rtp=customer_ear.address) as phone,
        open_office(
            folder, {"anna": anna.uri}, f'call_back_key = "5"\n{group}', sounds=sounds
        ) as office,
    ):
        await office.switch.pause_member("anna", "lunch")
        async with (
            RtpPhone() as ear,
            Sipp(
                "uac_call_stay",
                target=office.target,
                rtp=ear.address,
                caller="kunde",
                caller_domain=phone.address,
            ) as caller,
        ):
            await ear.first_packet()
            ear.press("5")
            await caller.message("BYE", timeout_s=PATIENT_S)
            await caller.finished()
        (waiting,) = office.switch.snapshot().waiting
        assert waiting.call_back == f"sip:kunde@{phone.address}"
        yield Ends(office, anna, agent_ear, phone, customer_ear)


async def test_agent_first_the_agent_hears_it_ring_at_the_customers(
    tmp_path: Path, sounds: SoundStore
) -> None:
    async with promised(tmp_path, sounds, "") as ends:
        await ends.office.switch.ready_member("anna")
        await ends.agent_ear.hears(RING_TONE_HZ, timeout_s=PATIENT_S)
        await ends.talk()
        agent_answered, rung = await answered(ends.agent), await invited(ends.customer)
        (talking,) = ends.office.switch.snapshot().talking
    assert agent_answered.at_ns < rung.at_ns
    assert talking.member_id == "anna"


async def test_customer_first_no_agent_waits_for_the_customer(
    tmp_path: Path, sounds: SoundStore
) -> None:
    async with promised(tmp_path, sounds, "customer_first = true") as ends:
        await ends.office.switch.ready_member("anna")
        await ends.talk()
        customer_answered, rung = await answered(ends.customer), await invited(ends.agent)
        assert ends.office.switch.snapshot().waiting == ()
    assert customer_answered.at_ns < rung.at_ns


async def test_an_agent_who_hangs_up_first_stops_the_ringing_at_the_customers(
    tmp_path: Path, sounds: SoundStore
) -> None:
    async with promised(
        tmp_path, sounds, "", agent="uas_answer_hangup", customer="uas_ring"
    ) as ends:
        await ends.office.switch.ready_member("anna")
        await answered(ends.agent)
        await ends.office.switch.pause_member("anna")  # no more calls after this one
        rung = await invited(ends.customer)
        cancelled = await ends.customer.message("CANCEL", timeout_s=PATIENT_S)
        await ends.customer.finished()
        (waiting,) = ends.office.switch.snapshot().waiting
    assert rung.at_ns < cancelled.at_ns
    assert waiting.position == 1


async def test_one_phone_calls_presses_is_called_back_and_talks(
    tmp_path: Path, sounds: SoundStore
) -> None:
    """Whole phones at both ends: baresip calls, and the same baresip is called."""
    async with (
        Baresip("anna", tone_hz=AGENT_HZ, auto=True) as anna,
        Baresip("customer", tone_hz=CUSTOMER_HZ) as customer,
        open_office(tmp_path, {"anna": anna.uri}, 'call_back_key = "5"', sounds=sounds) as office,
    ):
        await office.switch.pause_member("anna", "lunch")
        await customer.dial(f"sip:1000@{office.target}")
        await customer.established()
        await customer.press("5")
        await customer.closed(timeout_s=PATIENT_S)
        await office.switch.ready_member("anna")
        await anna.established(timeout_s=PATIENT_S)
        await customer.incoming(timeout_s=PATIENT_S)
        await customer.answer()
        await customer.hears(AGENT_HZ, timeout_s=PATIENT_S)
        await anna.hears(CUSTOMER_HZ, timeout_s=PATIENT_S)
        await customer.hang_up()
        call = await office.record(CallRecord)
    assert (call.outcome, call.member_id) == (CallOutcome.CALLED_BACK, "anna")
    assert call.answered_at is not None
