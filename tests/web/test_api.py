"""What programs are answered: RFC 9110 statuses, RFC 9457 problems."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest
from web_office import ANNA, CUSTOMER, fill_in, office_text, running

from softswitch.acd.records import CallOutcome, CallRecord
from softswitch.prompts import SoundStore
from softswitch.switch import CallBackOrdered

pytestmark = pytest.mark.asyncio

URL = "/api/call-backs"
ORDER = {"group": "main", "number": "33 11 11 11", "name": "Fru Holm"}
JSON = {"Content-Type": "application/json"}


async def test_ordered_looked_up_and_withdrawn(tmp_path: Path, store: SoundStore):
    async with running(tmp_path, store, office_text()) as office, office.program() as program:
        made = await program.post(URL, json=ORDER)
        assert made.status_code == 201
        place = made.headers["Location"]
        assert place == f"{URL}/{made.json()['id']}"
        found = await program.get(place)
        assert found.status_code == 200
        told = found.json()
        assert told == made.json()
        expected = {"group": "main", "number": CUSTOMER, "name": "Fru Holm", "origin": "api"}
        assert {key: told[key] for key in expected} == expected
        assert (told["state"], told["position"]) == ("waiting", 1)
        assert (await program.delete(place)).status_code == 204
        assert (await program.get(place)).status_code == 404
        assert (await program.delete(place)).status_code == 404
        ordered = await office.record(CallBackOrdered)
    assert ordered.origin == "api"
    assert str(tmp_path) not in made.text


async def test_a_second_order_is_answered_with_the_first(tmp_path: Path, store: SoundStore):
    async with running(tmp_path, store, office_text()) as office, office.program() as program:
        first = await program.post(URL, json=ORDER)
        again = await program.post(URL, json=ORDER | {"number": CUSTOMER, "name": "Other"})
        elsewhere = await program.post(URL, json=ORDER | {"group": "english"})
        assert len(list(office.switch.call_backs)) == 2
    assert (again.status_code, again.json()) == (200, first.json())
    assert again.headers["Location"] == first.headers["Location"]
    assert elsewhere.status_code == 201


async def test_page_and_program_speak_of_the_same_order(tmp_path: Path, store: SoundStore):
    async with running(tmp_path, store, office_text()) as office:
        async with office.browser() as browser:
            answer, _ = await fill_in(browser, number=CUSTOMER)
        async with office.program() as program:
            told = await program.post(URL, json=ORDER)
    assert told.status_code == 200
    assert told.json()["link"] == answer.url.path
    assert told.json()["origin"] == "web"


async def test_what_is_ordered_for_now_is_called(tmp_path: Path, store: SoundStore):
    async with running(tmp_path, store, office_text(active=True)) as office:
        office.network.phone(ANNA, answers_after_s=0.05, hangs_up_after_s=0.3)
        customer = office.network.phone(CUSTOMER, answers_after_s=0.05)
        async with office.program() as program:
            assert (await program.post(URL, json=ORDER)).status_code == 201
        finished = await office.record(CallRecord)
    assert finished.outcome is CallOutcome.CALLED_BACK
    assert [talk.other for talk in customer.call.log.talked] == [ANNA]


FAULTY = (
    ({}, {"group": "missing", "number": "missing"}),
    ({"group": "mian", "number": CUSTOMER}, {"group": "group"}),
    (ORDER | {"number": 33111111}, {"number": "number"}),
    (ORDER | {"number": "sip:anna@phones.example"}, {"number": "number"}),
    (ORDER | {"number": "90112233"}, {"number": "number_not_served"}),
    (ORDER | {"wished_at": "2026-03-03T09:30"}, {"wished_at": "time"}),
    (ORDER | {"wished_at": 12}, {"wished_at": "time"}),
    (ORDER | {"wished_at": "2026-03-02T09:30:00Z"}, {"wished_at": "past"}),
    (ORDER | {"wished_at": "2027-03-02T09:30:00Z"}, {"wished_at": "too_far"}),
    (ORDER | {"wished_at": "2026-03-07T09:30:00Z"}, {"wished_at": "closed"}),
    (ORDER | {"priority": 9}, {"priority": "unknown"}),
    (ORDER | {"name": "x" * 61, "number": "hej"}, {"name": "name", "number": "number"}),
    (ORDER | {"name": "Holm\x00"}, {"name": "name"}),
)


async def test_every_fault_names_field_value_and_what_is_allowed(tmp_path: Path, store: SoundStore):
    async with running(tmp_path, store, office_text()) as office, office.program() as program:
        for order, faults in FAULTY:
            answer = await program.post(URL, json=order)
            problem = answer.json()
            assert answer.headers["Content-Type"].startswith("application/problem+json")
            assert (answer.status_code, problem["status"]) == (422, 422), order
            assert problem["type"] == "about:blank"
            assert {told["field"]: told["code"] for told in problem["errors"]} == faults
            for told in problem["errors"]:
                assert told["allowed"]
                assert_is_what_was_sent(told, order)
        assert list(office.switch.call_backs) == []


def assert_is_what_was_sent(told: dict[str, str], order: dict[str, object]) -> None:
    sent = str(order.get(told["field"], ""))
    if told["code"] in ("past", "too_far", "closed"):
        assert datetime.fromisoformat(told["value"]) == datetime.fromisoformat(sent)
    elif told["code"] != "unknown":
        assert told["value"] == sent[:60]


async def test_a_name_is_one_line(tmp_path: Path, store: SoundStore):
    async with running(tmp_path, store, office_text()) as office, office.program() as program:
        answer = await program.post(URL, json=ORDER | {"name": " Holm\r\nVia:  sip\t"})
    assert answer.json()["name"] == "Holm Via: sip"


async def test_a_closed_time_names_the_next_opening(tmp_path: Path, store: SoundStore):
    async with running(tmp_path, store, office_text()) as office, office.program() as program:
        wished = ORDER | {"wished_at": "2026-03-07T09:30:00Z"}
        (told,) = (await program.post(URL, json=wished)).json()["errors"]
        kept = await program.post(URL, json=ORDER | {"wished_at": told["opens_at"]})
    assert told["opens_at"] == "2026-03-09T09:00:00+01:00"
    assert kept.json()["state"] == "later"
    assert kept.json()["not_before"] == "2026-03-09T09:00:00+01:00"


BODIES = (
    (b"{", JSON, 400),
    (b"[]", JSON, 400),
    (b"[" * 8000, JSON, 400),
    (b"1" * 8000, JSON, 400),
    (b"\xff\xfe", JSON, 400),
    (b"x" * 9000, JSON, 413),
    (b"{}", {"Content-Type": "text/plain"}, 415),
    (b"{}", JSON | {"Content-Encoding": "gzip"}, 415),
)


async def test_bodies_that_are_none(tmp_path: Path, store: SoundStore):
    async with running(tmp_path, store, office_text()) as office, office.program() as program:
        for body, headers, status in BODIES:
            answer = await program.post(URL, content=body, headers=headers)
            assert (answer.status_code, answer.json()["status"]) == (status, status), body[:20]


async def test_methods_and_places_that_are_not_there(tmp_path: Path, store: SoundStore):
    async with running(tmp_path, store, office_text()) as office, office.program() as program:
        wrong = await program.put(URL, json=ORDER)
        nowhere = await program.get("/api/elsewhere")
        unknown = await program.get(f"{URL}/{'x' * 32}")
    assert (wrong.status_code, wrong.headers["Allow"]) == (405, "POST")
    assert (nowhere.status_code, unknown.status_code) == (404, 404)
    for answer in (wrong, nowhere, unknown):
        assert answer.headers["Content-Type"].startswith("application/problem+json")


async def test_without_the_token_nothing_is_told(tmp_path: Path, store: SoundStore):
    async with running(tmp_path, store, office_text()) as office, office.program() as program:
        place = (await program.post(URL, json=ORDER)).headers["Location"]
        async with office.browser() as stranger:
            for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic eDp4"}):
                answer = await stranger.get(place, headers=headers)
                assert answer.status_code == 401
                assert answer.headers["WWW-Authenticate"] == "Bearer"
            assert (await stranger.post(URL, json=ORDER)).status_code == 401
            assert (await stranger.delete(place)).status_code == 401
        assert (await program.get(place)).status_code == 200


async def test_wrong_tokens_count_like_any_request_and_right_ones_do_not(
    tmp_path: Path, store: SoundStore
):
    text = office_text(web="requests_per_minute = 5")
    async with running(tmp_path, store, text) as office:
        async with office.browser() as stranger:
            guesses = [{"Authorization": f"Bearer {n}"} for n in range(7)]
            wrong = [(await stranger.get(URL, headers=one)).status_code for one in guesses]
        async with office.program() as program:
            right = [(await program.get(f"{URL}/{'x' * 32}")).status_code for _ in range(7)]
    assert wrong == [401] * 5 + [429] * 2
    assert right == [404] * 7


async def test_without_a_token_in_the_file_programs_find_nothing(tmp_path: Path, store: SoundStore):
    text = office_text().replace('token = "a secret that programs know"', "")
    async with running(tmp_path, store, text) as office, office.program() as program:
        answer = await program.post(URL, json=ORDER)
    assert answer.status_code == 401


async def test_a_full_group_says_when_to_come_back(tmp_path: Path, store: SoundStore):
    async with running(tmp_path, store, office_text()) as office, office.program() as program:
        numbers = [f"+453311112{n}" for n in range(4)]
        answers = [await program.post(URL, json=ORDER | {"number": n}) for n in numbers]
    assert [answer.status_code for answer in answers] == [201, 201, 201, 503]
    assert int(answers[3].headers["Retry-After"]) > 0
    assert answers[3].json()["code"] == "full"
    assert json.loads(answers[3].text)["title"] == "Service Unavailable"
