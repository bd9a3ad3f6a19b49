"""What is written of a call of a group that an agent handed over within the switch."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import pytest

from softswitch.acd.records import CallOutcome, CallRecord, ConversationRecord, MemberState
from softswitch.switch import Call
from softswitch.testing.peers.baresip import Baresip
from tests.office.real_office import open_office
from tests.sip import wire
from tests.sip.observing import calls_of_pjsip

pytestmark = pytest.mark.asyncio


async def test_the_record_lasts_as_long_as_the_colleague_talks(tmp_path: Path) -> None:
    async with (
        Baresip("customer", tone_hz=700, auto=True) as customer,
        Baresip("colleague", tone_hz=1100, auto=True) as colleague,
        open_office(tmp_path, {"colleague": colleague.uri}, "wrap_up_s = 0") as office,
        wire.datagrams(office.target) as first_line,
        wire.datagrams(office.target) as second_line,
    ):

        @office.switch.flow("55")
        async def connect(call: Call) -> None:
            await call.answer()
            await call.bridge(await call.dial(customer.uri))

        talk, consultation = (
            wire.Call(first_line, office.target),
            wire.Call(second_line, office.target),
        )
        talk.uri = f"sip:55@{office.target}"
        await talk.set_up()
        await customer.established()
        answer = await consultation.set_up()
        await colleague.established()

        tag = answer.tag("To")
        dialog = quote(f"{consultation.id};to-tag={tag};from-tag=w")
        talk.send("REFER", f"Refer-To: <sip:1000@{office.target}?Replaces={dialog}>")
        for line in (second_line, first_line):
            line.reply(await line.request("BYE"), 200)
        await customer.hears(1100)
        await colleague.hears(700)

        snapshot = office.switch.snapshot()
        assert calls_of_pjsip() == 2  # customer and colleague, and no call to ourselves
        assert [member.state for member in snapshot.members] == [MemberState.IN_CALL]
        assert [r for r in office.records if isinstance(r, CallRecord | ConversationRecord)] == []

        await customer.hang_up()
        await colleague.closed()
        record = await office.record(CallRecord)
        conversation = await office.record(ConversationRecord)
        written = [r for r in office.records if isinstance(r, CallRecord | ConversationRecord)]
    assert (record.outcome, record.member_id) == (CallOutcome.ANSWERED, "colleague")
    assert conversation.started_at == record.answered_at
    assert conversation.at >= snapshot.now
    assert len(written) == 2
