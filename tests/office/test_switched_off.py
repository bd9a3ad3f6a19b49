"""A member's phone that is switched off does not keep the caller for its whole ring time."""

from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.acd.records import CallOutcome, CallRecord, OfferOutcome, OfferRecord
from softswitch.switch.story import read_lines, tell
from softswitch.testing.peers.sipp import Sipp
from tests.office.real_office import open_office
from tests.sip.wire import datagrams

pytestmark = pytest.mark.asyncio

REACH_WITHIN_S = 4.0
"""The default."""

RING_TIME_S = 15.0


async def test_the_next_phone_rings_soon_and_the_log_tells_why(tmp_path: Path) -> None:
    group = f'strategy = "priority"\nring_time_s = {RING_TIME_S}'
    async with (
        datagrams("127.0.0.1:9") as off,
        Sipp("uas_answer_hangup", service="bo", ring_ms=100, talk_ms=500) as bo,
        open_office(tmp_path, {"anna": f"sip:anna@{off.own}", "bo": bo.uri}, group) as office,
        Sipp("uac_call_stay", target=office.target) as caller,
    ):
        call = await office.record(CallRecord)
        await bo.finished()
        await caller.finished()
    offers = [record for record in office.records if isinstance(record, OfferRecord)]
    assert [(offer.member_id, offer.outcome) for offer in offers] == [
        ("anna", OfferOutcome.UNREACHABLE),
        ("bo", OfferOutcome.ANSWERED),
    ]
    assert REACH_WITHIN_S <= offers[1].started_at - offers[0].started_at < RING_TIME_S
    assert (call.outcome, call.member_id) == (CallOutcome.ANSWERED, "bo")
    story = tell(read_lines(office.data_dir), call.call_id)
    assert "anna's phone cannot be reached." in [step.text for step in story.steps]
