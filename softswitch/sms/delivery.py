"""Handing a text to a provider by HTTP, once, and what its answers mean.

Taken: 2xx. Refused for what the text is: most of 4xx. Refused because of the account or of the
configuration, which somebody can put right: 401 to 407 but 406, and redirections. Everything else
is tried again: no answer, 408, 409 (the same text is under way already), 425, 429, 5xx.
"""

from __future__ import annotations

import asyncio  # noqa: TID251 - limits how long a provider may take, and keeps files off the loop
import json
import logging
import os
import re
from typing import Final
from urllib.parse import quote, urlencode

import httpx

from softswitch.errors import MisuseError
from softswitch.post import Delivered, Envelope
from softswitch.sms.provider import Filling, Provider
from softswitch.sms.segments import is_gsm7

ANSWER_MAX: Final = 20_000
"""Bytes of an answer that are read."""

_SAID_MAX: Final = 200
_AGAIN: Final = (408, 409, 425, 429)
_TO_PUT_RIGHT: Final = (401, 402, 403, 404, 405, 407)
_LONG_NUMBER: Final = re.compile(r"\d{5,}(?=\d\d)")


class Counter:
    """Hands texts in; keeps its connections open between them."""

    def __init__(self) -> None:
        self._client: httpx.AsyncClient | None = None
        self._discreet = _Discreet()

    async def hand_in(self, provider: Provider, text: bytes, envelope: Envelope) -> Delivered:
        """Hand a text in. Nothing is raised: whatever goes wrong is told in what is returned."""
        try:
            async with asyncio.timeout(provider.timeout_s):
                return await self._ask(provider, text.decode(), envelope)
        except MisuseError as error:
            return Delivered(still=envelope.to, why=str(error), for_good=True)
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            return Delivered(still=envelope.to, why=_named(error))

    async def close(self) -> None:
        """Close connections."""
        if self._client is not None:
            await self._client.aclose()
            logging.getLogger("httpx").removeFilter(self._discreet)

    async def _ask(self, provider: Provider, text: str, envelope: Envelope) -> Delivered:
        client = await self._connected()
        self._discreet.hosts.add(provider.host)
        request = request_of(client, provider, text, envelope)
        answer = await client.send(request, stream=True)
        try:
            said = await _beginning(answer)
        finally:
            await answer.aclose()
        return _judged(provider, answer, said, _discreetly(said, text), envelope.to)

    async def _connected(self) -> httpx.AsyncClient:
        if self._client is None:  # certificates are read from files
            self._client = await asyncio.to_thread(httpx.AsyncClient, timeout=None)
            logging.getLogger("httpx").addFilter(self._discreet)
        return self._client


def request_of(
    client: httpx.AsyncClient, provider: Provider, text: str, envelope: Envelope
) -> httpx.Request:
    """Make the request that a text is handed in by.

    Raises:
        MisuseError: the environment lacks a secret.
        ValueError: a header holds what headers cannot.
    """
    filling = _filling(provider, text, envelope)
    url = filling.text(provider.url, lambda value: quote(value, safe=""))
    if provider.query:
        url += ("&" if "?" in url else "?") + urlencode(filling.table(provider.query))
    request = client.build_request(
        provider.method,
        url,
        headers=filling.table(provider.headers),
        data=filling.table(provider.form) or None,
        json=None if provider.json is None else filling.json(provider.json),
    )
    if provider.user:
        basic = httpx.BasicAuth(filling.text(provider.user), filling.text(provider.password))
        request = next(basic.auth_flow(request))
    return request


def _filling(provider: Provider, text: str, envelope: Envelope) -> Filling:
    (to,) = envelope.to
    digits = to.removeprefix("+")
    encoding = "gsm7" if is_gsm7(text) else "ucs2"
    values = {
        "to": to,
        "digits": digits,
        "number": digits,
        "text": text,
        "sender": envelope.sender,
        "id": envelope.id,
        "encoding": provider.encoding.get(encoding, encoding),
    }
    return Filling(values, os.environ)


async def _beginning(answer: httpx.Response) -> str:
    """Read as much of an answer as anybody would look at."""
    body = bytearray()
    async for part in answer.aiter_bytes():
        body += part
        if len(body) >= ANSWER_MAX:
            break
    return bytes(body).decode(errors="replace")


def _judged(
    provider: Provider, answer: httpx.Response, said: str, shown: str, to: tuple[str, ...]
) -> Delivered:
    status = answer.status_code
    why = f"{status} {shown}".rstrip()
    if answer.is_success:
        if _without_spaces(provider.answer) in _without_spaces(said):
            return Delivered()
        return Delivered(still=to, why=f"not what a text taken is answered: {why}", hopeless=True)
    if status in _AGAIN or answer.is_server_error:
        return Delivered(still=to, why=why, wait_s=_wait_s(answer))
    if status in _TO_PUT_RIGHT or not answer.is_client_error:
        return Delivered(still=to, why=why, for_good=True)
    return Delivered(still=to, why=why, hopeless=True)


def _without_spaces(text: str) -> str:
    """JSON is written with spaces by some programs and without by others."""
    return "".join(text.split())


def _wait_s(answer: httpx.Response) -> float:
    """Return the seconds that an answer asks to wait (RFC 9110 section 10.2.3), or 0."""
    asked = answer.headers.get("retry-after", "")
    return float(asked) if re.fullmatch(r"[0-9]{1,6}", asked) else 0.0


def _named(error: Exception) -> str:
    """Say what went wrong on the way; what might hold the request itself is left out."""
    if isinstance(error, TimeoutError):
        return "no answer in time"
    said = f": {error}" if isinstance(error, httpx.TransportError) else ""
    return f"{type(error).__name__}{said}"


def _discreetly(said: str, text: str) -> str:
    """Return an answer on one line, without the text and with long numbers but their end hidden."""
    for echo in (text, json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1]):
        said = said.replace(echo, "(the text)") if echo else said
    line = " ".join("".join(c if c.isprintable() else " " for c in said).split())
    hidden = _LONG_NUMBER.sub(lambda digits: "*" * len(digits[0]), line)
    return hidden if len(hidden) <= _SAID_MAX else hidden[:_SAID_MAX] + "..."


class _Discreet(logging.Filter):
    """Keeps what is in the URL of a text, secrets and all, out of the log of `httpx`."""

    def __init__(self) -> None:
        super().__init__()
        self.hosts: set[str] = set()

    def filter(self, record: logging.LogRecord) -> bool:
        """Leave of such a URL the host."""
        if isinstance(record.args, tuple):
            record.args = tuple(self._hidden(one) for one in record.args)
        return True

    def _hidden(self, one: object) -> object:
        return one.host if isinstance(one, httpx.URL) and one.host in self.hosts else one
