"""A provider of texts on loopback: HTTP/1.1 as h11 understands it, answers as the test says."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import attrs
import h11

from softswitch.testing.peers.ports import free_port


@attrs.frozen
class Asked:
    """One request, as it came."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.target).query))

    @property
    def form(self) -> dict[str, str]:
        assert self.headers["content-type"] == "application/x-www-form-urlencoded"
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))

    @property
    def json(self) -> Any:  # noqa: ANN401 - whatever JSON says
        assert self.headers["content-type"] == "application/json"
        return json.loads(self.body)


@attrs.define(eq=False)
class SmsBag:
    """What the provider was asked, and what it answers.

    Attributes:
        asked: every request, in order.
        answers: status and body of the next answers, before it says 201; None: it never answers.
        answer_headers: go with every answer.
    """

    port: int = attrs.field(factory=free_port)
    asked: list[Asked] = attrs.field(factory=list)
    answers: list[tuple[int, str] | None] = attrs.field(factory=list)
    answer_headers: list[tuple[str, str]] = attrs.field(factory=list)
    news: asyncio.Event = attrs.field(factory=asyncio.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def until_asked(self, count: int, timeout_s: float = 30.0) -> None:
        """Return when so many requests have come."""
        async with asyncio.timeout(timeout_s):
            while len(self.asked) < count:
                self.news.clear()
                await self.news.wait()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take requests of one connection until it ends."""
        line = h11.Connection(h11.SERVER)
        try:
            while (asked := await _request(line, reader)) is not None:
                self.asked.append(asked)
                answer = self.answers.pop(0) if self.answers else (201, '{"id": "1"}')
                self.news.set()
                if answer is None:
                    await reader.read()  # until the other side gives up
                    break
                writer.write(_answer(line, *answer, self.answer_headers))
                await writer.drain()
                line.start_next_cycle()
        except (ConnectionError, h11.ProtocolError):
            pass
        finally:
            writer.close()


async def _request(line: h11.Connection, reader: asyncio.StreamReader) -> Asked | None:
    head: h11.Request | None = None
    body = b""
    while True:
        event = line.next_event()
        if event is h11.NEED_DATA:
            line.receive_data(await reader.read(65_536))
        elif isinstance(event, h11.Request):
            head = event
        elif isinstance(event, h11.Data):
            body += bytes(event.data)
        elif isinstance(event, h11.EndOfMessage):
            assert head is not None
            headers = {name.decode(): value.decode() for name, value in head.headers}
            return Asked(head.method.decode(), head.target.decode(), headers, body)
        else:
            return None


def _answer(line: h11.Connection, status: int, said: str, headers: list[tuple[str, str]]) -> bytes:
    body = said.encode()
    head = h11.Response(
        status_code=status, headers=[*headers, ("content-length", str(len(body)))], reason=b"So"
    )
    parts = (line.send(head), line.send(h11.Data(data=body)), line.send(h11.EndOfMessage()))
    return b"".join(part or b"" for part in parts)


@asynccontextmanager
async def sms_provider(bag: SmsBag | None = None) -> AsyncIterator[SmsBag]:
    """Take texts on loopback; a bag that is given keeps its port."""
    bag = bag or SmsBag()
    tasks: set[asyncio.Task[None]] = set()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(bag.serve(reader, writer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    server = await asyncio.start_server(connected, "127.0.0.1", bag.port)
    try:
        yield bag
    finally:
        server.close()
        for task in tuple(tasks):
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        await server.wait_closed()
