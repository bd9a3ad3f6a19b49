"""The page for people: read as a browser reads it, filled in, sent over a real connection."""

from __future__ import annotations

import asyncio
import re
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import pytest
from web_office import (
    ANNA,
    CUSTOMER,
    MONDAY,
    PATIENT_S,
    Page,
    fill_in,
    office_text,
    running,
)

from softswitch.acd.records import CallOutcome, CallRecord
from softswitch.prompts import SoundStore
from softswitch.switch import CallBackOrdered, CallBackQueued, CallBackWithdrawn
from softswitch.switch.call_back_order import Origin
from softswitch.testing.behaviour import Behaviour

pytestmark = pytest.mark.asyncio

ORDER_LINK = re.compile(r"/call-back/order/[A-Za-z0-9_-]{32}")


async def test_who_fills_in_the_form_is_called(tmp_path: Path, store: SoundStore):
    text = office_text(active=True)
    async with running(tmp_path, store, text) as office, office.browser() as browser:
        agent = office.network.phone(ANNA, answers_after_s=0.05, hangs_up_after_s=0.4)
        customer = office.network.phone(CUSTOMER, answers_after_s=0.05)
        await fill_in(browser, number="33 11 11 11", name="Fru Holm")
        finished = await office.record(CallRecord)
        ordered, queued = await office.record(CallBackOrdered), await office.record(CallBackQueued)
    assert (finished.outcome, finished.member_id) == (CallOutcome.CALLED_BACK, "anna")
    assert [talk.other for talk in customer.call.log.talked] == [ANNA]
    assert agent.call.shown.name == "Fru Holm"
    assert (ordered.origin, ordered.number) == ("web", CUSTOMER)
    assert (queued.order_id, queued.call_id) == (ordered.order_id, finished.call_id)


async def test_the_place_is_told_and_kept_under_a_secret_link(tmp_path: Path, store: SoundStore):
    async with running(tmp_path, store, office_text()) as office:
        await office.switch.order_call_back("main", "+4533111121")
        async with office.browser() as browser:
            answer, page = await fill_in(browser, number=CUSTOMER)
            assert ORDER_LINK.fullmatch(answer.url.path)
            assert "Vi ringer til +45 33 11 11 11." in page.text
            assert "Du er nummer 2 i køen." in page.text
        async with office.browser() as elsewhere:
            page = Page(await elsewhere.get(answer.url.path))
            assert "Du er nummer 2 i køen." in page.text
            done = Page(await elsewhere.post(page.action, data=page.fields))
            assert "Vi ringer ikke" in done.text
            assert (await elsewhere.get(answer.url.path)).status_code == 404
        assert [o.number for o in office.switch.call_backs] == ["+4533111121"]
        withdrawn = await office.record(CallBackWithdrawn)
    assert (withdrawn.origin, withdrawn.why) == ("web", "cancelled")


async def test_an_order_survives_a_restart_with_its_link(tmp_path: Path, store: SoundStore):
    async with running(tmp_path, store, office_text()) as office, office.browser() as browser:
        answer, _ = await fill_in(browser, number=CUSTOMER, name="Fru Holm")
    async with running(tmp_path, store, office_text()) as office, office.browser() as browser:
        (order,) = office.switch.call_backs
        page = Page(await browser.get(answer.url.path))
    assert (order.number, order.name, order.origin) == (CUSTOMER, "Fru Holm", Origin.WEB)
    assert "Du er nummer 1 i køen." in page.text


async def test_a_second_order_is_no_double_and_tells_strangers_nothing(
    tmp_path: Path, store: SoundStore
):
    async with running(tmp_path, store, office_text()) as office:
        async with office.browser() as browser:
            first, _ = await fill_in(browser, number=CUSTOMER)
            again, _ = await fill_in(browser, number="0045 33111111")
        async with office.browser() as stranger:
            other, page = await fill_in(stranger, number="33111111")
        assert len(list(office.switch.call_backs)) == 1
        (order,) = office.switch.call_backs
    assert again.url.path == first.url.path
    assert (other.status_code, other.url.path) == (200, "/call-back/main")
    assert "står allerede på listen" in page.text
    assert order.key not in other.text


async def test_who_waits_in_the_queue_is_not_ordered_twice(tmp_path: Path, store: SoundStore):
    async with running(tmp_path, store, office_text()) as office, office.browser() as browser:
        caller = office.network.call("70102030", caller="33111111")
        await asyncio.wait_for(caller.until_answered(), PATIENT_S)
        caller.press("5")
        await asyncio.wait_for(caller.until_ended(), PATIENT_S)
        _, page = await fill_in(browser, number=CUSTOMER)
        (waiting,) = office.switch.snapshot().waiting
        (order,) = office.switch.call_backs
    assert waiting.call_back == "33111111"
    assert (order.call_id, order.origin) == (waiting.id, Origin.PHONE)
    assert "står allerede på listen" in page.text


async def test_a_time_is_wished_and_kept(tmp_path: Path, store: SoundStore):
    async with running(tmp_path, store, office_text()) as office, office.browser() as browser:
        _, page = await fill_in(browser, number=CUSTOMER, time="2026-03-03T09:30")
        (order,) = office.switch.call_backs
        assert office.switch.snapshot().waiting == ()
    assert order.at == datetime(2026, 3, 3, 9, 30, tzinfo=ZoneInfo("Europe/Copenhagen"))
    assert "Vi ringer tirsdag den 3. marts kl. 09.30 eller kort efter." in page.text


async def test_while_closed_the_next_opening_is_told_and_waited_for(
    tmp_path: Path, store: SoundStore
):
    evening = MONDAY + timedelta(hours=9)
    async with running(tmp_path, store, office_text(), evening) as office:
        async with office.browser() as browser:
            form = Page(await browser.get("/call-back/main"))
            _, page = await fill_in(browser, number=CUSTOMER)
        (order,) = office.switch.call_backs
    assert "Vi åbner tirsdag den 3. marts kl. 09.00 og ringer til dig derefter." in form.text
    assert order.at == datetime(2026, 3, 3, 9, 0, tzinfo=ZoneInfo("Europe/Copenhagen"))
    assert "Vi ringer tirsdag den 3. marts kl. 09.00 eller kort efter." in page.text


FAULTY = (
    ({"number": ""}, "number", "Skriv dit telefonnummer."),
    ({"number": "hej"}, "number", "Det er ikke et telefonnummer."),
    ({"number": "112"}, "number", "Det er ikke et telefonnummer."),
    ({"number": "90 11 22 33"}, "number", "Det nummer kan vi ikke ringe til."),
    ({"number": "+46 8 123 456 78"}, "number", "Det nummer kan vi ikke ringe til."),
    ({"number": "70 10 20 30"}, "number", "Det nummer kan vi ikke ringe til."),
    ({"name": "x" * 61}, "name", "Navnet er for langt"),
    ({"name": "Holm\u202e"}, "name", "tegn, der ikke kan læses"),
    ({"time": "i morgen"}, "time", "Vælg en dag og et klokkeslæt."),
    ({"time": "0001-01-01T00:00"}, "time", "Vælg en dag og et klokkeslæt."),
    ({"time": "2026-03-29T02:30"}, "time", "Vælg en dag og et klokkeslæt."),
    ({"time": "2026-03-02T10:30"}, "time", "Tidspunktet er forbi."),
    ({"time": "2026-04-30T10:30"}, "time", "inden for 14 dage"),
    ({"time": "2026-03-02T20:00"}, "time", "Vi åbner tirsdag den 3. marts kl. 09.00."),
    ({"time": "2026-03-07T10:00"}, "time", "Vi åbner mandag den 9. marts kl. 09.00."),
)


async def test_what_does_not_fit_is_named_beside_its_field_and_kept(
    tmp_path: Path, store: SoundStore
):
    async with running(tmp_path, store, office_text()) as office, office.browser() as browser:
        for fields, wrong, told in FAULTY:
            sent = {"number": "33111111", "name": "Fru Holm"} | fields
            answer, page = await fill_in(browser, **sent)
            assert answer.status_code == 422, fields
            assert page.invalid == {wrong}, fields
            assert f"{wrong}-fault" in page.described[wrong].split()
            assert f"#{wrong}" in page.links
            assert told in page.text
            assert {name: page.fields[name] for name in sent} == sent
        assert list(office.switch.call_backs) == []


async def test_every_field_has_a_label_and_no_script_is_needed(tmp_path: Path, store: SoundStore):
    async with running(tmp_path, store, office_text()) as office, office.browser() as browser:
        answer = await browser.get("/call-back/english")
        page = Page(answer)
    assert page.lang == "en" == answer.headers["Content-Language"]
    assert set(page.fields) - {"form"} == page.labels
    assert {one for ids in page.described.values() for one in ids.split()} <= page.ids
    assert "script" not in page.tags
    assert "English desk" in page.text


async def test_who_shall_call_is_chosen_where_there_is_a_choice(tmp_path: Path, store: SoundStore):
    async with running(tmp_path, store, office_text()) as office, office.browser() as browser:
        page = Page(await browser.get("/call-back"))
        assert page.links == ["/call-back/main", "/call-back/english"]
        for path in ("/call-back/other", "/call-back/main/1", "/elsewhere"):
            assert (await browser.get(path)).status_code == 404
    only = office_text().replace(', english = "English desk"', "")
    async with running(tmp_path, store, only) as office, office.browser() as browser:
        assert Page(await browser.get("/call-back")).action == "/call-back/main"


async def test_a_full_group_asks_to_try_again(tmp_path: Path, store: SoundStore):
    async with running(tmp_path, store, office_text()) as office, office.browser() as browser:
        for n in range(3):
            await office.switch.order_call_back("main", f"+453311112{n}")
        answer, page = await fill_in(browser, number=CUSTOMER)
        assert len(list(office.switch.call_backs)) == 3
        await office.switch.order_call_back("english", "+4533111129")
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert "Prøv igen om lidt." in page.text
    assert page.fields["number"] == CUSTOMER


async def test_an_expected_wait_is_told_where_the_group_states_one(
    tmp_path: Path, store: SoundStore
):
    text = office_text(active=True, group='expected_wait = "queue_length"')
    async with running(tmp_path, store, text) as office, office.browser() as browser:
        agent = office.network.phone(ANNA, answers_after_s=0.05, hangs_up_after_s=0.3)
        numbers = [f"+453311112{n}" for n in range(4)]
        customers = [office.network.phone(number, answers_after_s=0.05) for number in numbers]
        for nth, number in enumerate(numbers[:3], start=1):
            await office.switch.order_call_back("main", number)
            await office.record(CallRecord, nth=nth)  # from which the office learns
        agent.behaviour = Behaviour(answers_after_s=0.05)
        await office.switch.order_call_back("main", numbers[3])
        call = await asyncio.wait_for(customers[3].until_called(), PATIENT_S)
        await asyncio.wait_for(call.until_answered(), PATIENT_S)
        _, page = await fill_in(browser, number=CUSTOMER)
    assert "Du er nummer 1 i køen." in page.text
    assert "Vi ringer formentlig inden for et minut." in page.text


@pytest.mark.parametrize("lang", ["nb", "sv", "en"])
async def test_every_language_has_every_word(tmp_path: Path, store: SoundStore, lang: str):
    text = office_text(group=f'language = "{lang}"')
    evening = MONDAY + timedelta(hours=9)
    async with running(tmp_path, store, text, evening) as office, office.browser() as browser:
        for fields in ({"number": "x"}, {"number": CUSTOMER, "time": "2026-03-07T10:00"}):
            _, page = await fill_in(browser, **fields)
            assert page.lang == lang
        answer, page = await fill_in(browser, number=CUSTOMER)
        assert page.lang == lang
        done = Page(await browser.post(page.action, data=page.fields))
    assert httpx.URL(answer.url).path == page.action
    assert done.lang == lang
