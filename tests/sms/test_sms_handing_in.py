"""Handing texts to a real HTTP server: what it is asked, and what its answers mean."""

from __future__ import annotations

import base64
import logging
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import attrs
import pytest
import pytest_asyncio
from sms_provider import SmsBag, sms_provider

from softswitch.post import Delivered, Envelope
from softswitch.sms import Counter, Provider
from softswitch.testing.peers.ports import free_port

pytestmark = pytest.mark.asyncio

TEXT = 'Your case {id} is "open": æøå'
NUMBER = "+4533111111"
SENT = Envelope(
    id="sms-1", sender="Borger", to=(NUMBER,), since=datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
)


@pytest_asyncio.fixture
async def counter() -> AsyncIterator[Counter]:
    counter = Counter()
    yield counter
    await counter.close()


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


# What providers document, each in its own manner.


async def test_as_twilio_wants_it(counter: Counter, monkeypatch: pytest.MonkeyPatch):
    """Basic authentication, a form, the account in the path."""
    monkeypatch.setenv("TWILIO_SID", "AC01")
    monkeypatch.setenv("TWILIO_TOKEN", "a secret")
    async with sms_provider() as bag:
        provider = Provider(
            url=bag.url + "/2010-04-01/Accounts/${TWILIO_SID}/Messages.json",
            user="${TWILIO_SID}",
            password="${TWILIO_TOKEN}",  # noqa: S106
            form={"To": "{to}", "From": "{sender}", "Body": "{text}"},
        )
        assert await counter.hand_in(provider, TEXT.encode(), SENT) == Delivered()
    (asked,) = bag.asked
    assert (asked.method, asked.path) == ("POST", "/2010-04-01/Accounts/AC01/Messages.json")
    assert asked.headers["authorization"] == basic("AC01", "a secret")
    assert asked.form == {"To": NUMBER, "From": "Borger", "Body": TEXT}


async def test_as_gatewayapi_wants_it(counter: Counter):
    """A token as user, lists within tables, the number as a number."""
    async with sms_provider() as bag:
        provider = Provider(
            url=bag.url + "/rest/mtsms",
            user="token",
            json={
                "sender": "{sender}",
                "message": "{text}",
                "encoding": "{encoding}",
                "userref": "{id}",
                "recipients": [{"msisdn": "{number}"}],
            },
            encoding={"gsm7": "UTF8", "ucs2": "UCS2"},
        )
        assert await counter.hand_in(provider, TEXT.encode(), SENT) == Delivered()
        assert await counter.hand_in(provider, "č".encode(), SENT) == Delivered()
    first, second = bag.asked
    assert first.headers["authorization"] == basic("token", "")
    assert first.json == {
        "sender": "Borger",
        "message": TEXT,
        "encoding": "UTF8",
        "userref": "sms-1",
        "recipients": [{"msisdn": 4533111111}],
    }
    assert (second.json["message"], second.json["encoding"]) == ("č", "UCS2")


async def test_as_link_mobility_wants_it(counter: Counter):
    """Basic authentication, JSON with truths among texts."""
    async with sms_provider() as bag:
        bag.answers = [(200, '{"messageId": "x", "resultCode": 1005}')]
        provider = Provider(
            url=bag.url + "/sms/send",
            user="u",
            password="p",  # noqa: S106
            json={
                "source": "{sender}",
                "destination": "{to}",
                "userData": "{text}",
                "platformId": "COMMON_API",
                "platformPartnerId": "1000",
                "useDeliveryReport": False,
            },
            answer='"resultCode": 1005',
        )
        assert await counter.hand_in(provider, TEXT.encode(), SENT) == Delivered()
    assert bag.asked[0].json["useDeliveryReport"] is False
    assert bag.asked[0].json["destination"] == NUMBER


async def test_with_a_bearer_token_and_a_key_against_doubles(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("SMS_TOKEN", "t0ken")
    async with sms_provider() as bag:
        provider = Provider(
            url=bag.url + "/v2/messages",
            headers={"Authorization": "Bearer ${SMS_TOKEN}", "Idempotency-Key": "{id}"},
            json={"to": "{to}", "from": "{sender}", "text": "{text}"},
        )
        for _ in range(2):
            await counter.hand_in(provider, TEXT.encode(), SENT)
    assert [asked.headers["idempotency-key"] for asked in bag.asked] == ["sms-1", "sms-1"]
    assert bag.asked[0].headers["authorization"] == "Bearer t0ken"


async def test_by_get(counter: Counter):
    text = "50 % & more?\n{to}"
    async with sms_provider() as bag:
        provider = Provider(
            url=bag.url + "/send?api=2",
            method="GET",
            query={"to": "{digits}", "message": "{text}", "key": "k"},
        )
        assert await counter.hand_in(provider, text.encode(), SENT) == Delivered()
    (asked,) = bag.asked
    assert (asked.method, asked.body) == ("GET", b"")
    assert asked.query == {"api": "2", "to": "4533111111", "message": text, "key": "k"}


# What answers mean.


def plain(bag: SmsBag, **settings: object) -> Provider:
    usual: dict[str, object] = {"url": bag.url + "/send", "form": {"t": "{to}", "x": "{text}"}}
    return Provider(**(usual | settings))


@pytest.mark.parametrize(
    ("status", "for_good", "hopeless"),
    [
        (400, False, True),
        (422, False, True),
        (401, True, False),
        (402, True, False),
        (403, True, False),
        (404, True, False),
        (302, True, False),
        (408, False, False),
        (409, False, False),
        (429, False, False),
        (500, False, False),
        (503, False, False),
    ],
)
async def test_answers(counter: Counter, status: int, *, for_good: bool, hopeless: bool):
    async with sms_provider() as bag:
        bag.answers = [(status, "No.")]
        done = await counter.hand_in(plain(bag), TEXT.encode(), SENT)
    assert done == Delivered(
        still=(NUMBER,), why=f"{status} No.", for_good=for_good, hopeless=hopeless
    )
    assert len(bag.asked) == 1


@pytest.mark.parametrize("status", [200, 201, 202, 204])
async def test_taken(counter: Counter, status: int):
    async with sms_provider() as bag:
        bag.answers = [(status, "")]
        assert await counter.hand_in(plain(bag), TEXT.encode(), SENT) == Delivered()


async def test_success_that_is_none(counter: Counter):
    """As Vonage's: 200, and a status of its own."""
    async with sms_provider() as bag:
        bag.answers = [(200, '{"messages": [{"status": "29"}]}'), (200, '[{"status":"0"}]')]
        done = await counter.hand_in(plain(bag, answer='"status": "0"'), TEXT.encode(), SENT)
        taken = await counter.hand_in(plain(bag, answer='"status": "0"'), TEXT.encode(), SENT)
    assert (done.still, done.hopeless) == ((NUMBER,), True)
    assert taken == Delivered()


async def test_a_provider_that_asks_for_patience(counter: Counter):
    async with sms_provider() as bag:
        bag.answers, bag.answer_headers = [(429, "")], [("Retry-After", "120")]
        done = await counter.hand_in(plain(bag), TEXT.encode(), SENT)
    assert (done.wait_s, done.why) == (120, "429")


async def test_nobody_is_there(counter: Counter):
    provider = plain(SmsBag(port=free_port()))
    done = await counter.hand_in(provider, TEXT.encode(), SENT)
    assert (done.still, done.for_good, done.hopeless) == ((NUMBER,), False, False)
    assert done.why.startswith("ConnectError")


async def test_a_slow_provider(counter: Counter):
    async with sms_provider() as bag:
        bag.answers = [None]
        done = await counter.hand_in(plain(bag, timeout_s=1.0), TEXT.encode(), SENT)
        assert done == Delivered(still=(NUMBER,), why="no answer in time")
        assert await counter.hand_in(plain(bag), TEXT.encode(), SENT) == Delivered()


async def test_an_answer_without_end(counter: Counter):
    async with sms_provider() as bag:
        bag.answers = [(500, "x" * 1_000_000)]
        done = await counter.hand_in(plain(bag), TEXT.encode(), SENT)
    assert len(done.why) < 250


async def test_a_secret_that_is_not_there(counter: Counter, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("SMS_TOKEN", raising=False)
    async with sms_provider() as bag:
        provider = plain(bag, headers={"Authorization": "Bearer ${SMS_TOKEN}"})
        done = await counter.hand_in(provider, TEXT.encode(), SENT)
    assert bag.asked == []
    assert done == Delivered(
        still=(NUMBER,), why="the environment has no variable SMS_TOKEN", for_good=True
    )


async def test_neither_text_nor_number_nor_secret_comes_into_the_log(
    counter: Counter, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.INFO)
    echo = f'{{"to": "{NUMBER}", "body": "Your case {{id}} is \\"open\\": \\u00e6\\u00f8\\u00e5"}}'
    async with sms_provider() as bag:
        bag.answers = [(400, echo)]
        provider = plain(
            bag, method="GET", form={}, query={"to": "{to}", "text": "{text}", "key": "53cret"}
        )
        done = await counter.hand_in(provider, TEXT.encode(), SENT)
    assert done.why == '400 {"to": "+********11", "body": "(the text)"}'
    assert caplog.messages, "httpx tells of requests"
    for secret in ("53cret", "33111111", "case"):
        assert secret not in caplog.text
    assert "53cret" not in repr(provider)
    assert "53cret" not in repr(attrs.evolve(provider, password="53cret"))  # noqa: S106
