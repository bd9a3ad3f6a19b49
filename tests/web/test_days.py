"""Orders over days, under virtual time: wished times, limits of a day."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from web_office import ANNA, CUSTOMER, MONDAY, fill_in, office_text, running

from softswitch.acd.records import CallOutcome, CallRecord
from softswitch.prompts import SoundStore
from softswitch.switch import CallBackQueued

pytestmark = pytest.mark.virtual_time


async def test_a_time_of_another_day_is_kept_to_the_minute(tmp_path: Path, store: SoundStore):
    async with running(tmp_path, store, office_text(active=True)) as office:
        office.network.phone(ANNA, answers_after_s=2, hangs_up_after_s=30)
        customer = office.network.phone(CUSTOMER, answers_after_s=3)
        async with office.browser(timeout=None) as browser:
            await fill_in(browser, number=CUSTOMER, time="2026-03-04T14:30")
        wished = MONDAY.replace(day=4, hour=13, minute=30)  # in Copenhagen 14:30
        await asyncio.sleep((wished - MONDAY - timedelta(minutes=1)).total_seconds())
        assert customer.calls == []
        await asyncio.sleep(120)
        (talk,) = customer.call.log.talked
        assert list(office.switch.call_backs) == []
        queued, finished = await office.record(CallBackQueued), await office.record(CallRecord)
    assert (queued.call_id, finished.outcome) == (finished.call_id, CallOutcome.CALLED_BACK)
    assert queued.at == finished.joined_at
    assert talk.from_s == pytest.approx((wished - MONDAY).total_seconds() + 2 + 3, abs=2)


async def test_after_a_day_a_number_can_be_ordered_again(tmp_path: Path, store: SoundStore):
    order = {"group": "english", "number": CUSTOMER}
    async with running(tmp_path, store, office_text()) as office:
        program = office.program()
        program.timeout = None
        async with program:

            async def status() -> int:
                answer = await program.post("/api/call-backs", json=order)
                if place := answer.headers.get("Location"):
                    await program.delete(place)
                return answer.status_code

            first = [await status() for _ in range(4)]
            await asyncio.sleep(23 * 3600)
            before = await status()
            await asyncio.sleep(3600 + 10)
            after = await status()
    assert first == [201, 201, 201, 429]
    assert (before, after) == (429, 201)
