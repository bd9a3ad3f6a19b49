"""Outside data for flows: functions of the program, and web services by configuration.

Every look-up runs on its own: a slow one holds up the call that asked and no other. Answers can be
kept for a while; two calls that ask the same at once ask once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Final, TypeAlias

import attrs
import httpx

from softswitch.errors import MisuseError, PeerError
from softswitch.ivr.expressions import Value
from softswitch.ivr.sources import Source
from softswitch.switch.web_answers import values_of
from softswitch.switch.web_requests import request_of

LookUpFunction: TypeAlias = Callable[..., Awaitable[Mapping[str, object] | None]]
"""Is given the arguments by name; returns what was found, or None."""

ANSWER_MAX: Final = 1_000_000
"""Bytes of an answer beyond which it is refused."""

CACHED_MAX: Final = 10_000
"""Answers kept at most."""


@attrs.frozen
class _Kept:
    values: Mapping[str, object] | None
    until_s: float


class LookUps:
    """Gets data, each kind from its source."""

    def __init__(self, *, transport: httpx.AsyncBaseTransport | None = None) -> None:
        """Set up; no connection is opened yet.

        Args:
            transport: what carries HTTP; the network when None.
        """
        self._functions: dict[str, LookUpFunction] = {}
        self._transport = transport
        self._client: httpx.AsyncClient | None = None
        self._kept: dict[tuple[object, ...], _Kept] = {}
        self._asking: dict[tuple[object, ...], asyncio.Task[Mapping[str, object] | None]] = {}

    def register(self, name: str, function: LookUpFunction) -> None:
        """Let a source without a URL be this function."""
        self._functions[name] = function

    def knows(self, name: str) -> bool:
        """Tell whether there is a function of this name."""
        return name in self._functions

    async def get(
        self, name: str, source: Source, arguments: Mapping[str, Value]
    ) -> Mapping[str, object] | None:
        """Return what a source answers, or None where there is nothing of the kind.

        Raises:
            MisuseError: there is no function of this name.
            PeerError: the web service refused, or answered what is no table.
            Exception: whatever the function raises.
        """
        now_s = asyncio.get_running_loop().time()
        key: tuple[object, ...] = (name, repr(source), *sorted(arguments.items()))
        if not _is_shared(source):
            key = (*key, object())
        kept = self._kept.get(key)
        if kept is not None and now_s < kept.until_s:
            return kept.values
        asking = self._asking.get(key)
        if asking is None:
            asking = asyncio.create_task(self._ask(name, source, arguments), name=f"look-up {name}")
            self._asking[key] = asking
            asking.add_done_callback(lambda task: self._answered(key, source, task))
        return await asyncio.shield(asking)

    async def close(self) -> None:
        """End what is under way and close connections."""
        for task in tuple(self._asking.values()):
            task.cancel()
        if self._client is not None:
            await self._client.aclose()

    def _answered(
        self,
        key: tuple[object, ...],
        source: Source,
        task: asyncio.Task[Mapping[str, object] | None],
    ) -> None:
        """Keep an answer, and let failures go: whoever asked has heard of them."""
        self._asking.pop(key, None)
        if task.cancelled() or task.exception() is not None or source.cache_s <= 0:
            return
        if len(self._kept) >= CACHED_MAX:
            del self._kept[next(iter(self._kept))]
        until_s = asyncio.get_running_loop().time() + source.cache_s
        self._kept[key] = _Kept(task.result(), until_s)

    async def _ask(
        self, name: str, source: Source, arguments: Mapping[str, Value]
    ) -> Mapping[str, object] | None:
        async with asyncio.timeout(source.timeout_s):
            if source.url:
                return await self._fetch(source, arguments)
            function = self._functions.get(name)
            if function is None:
                raise MisuseError(f"no function was registered for the look-up {name!r}")
            return await function(**arguments)

    async def _fetch(
        self, source: Source, arguments: Mapping[str, Value]
    ) -> Mapping[str, object] | None:
        if self._client is None:
            self._client = httpx.AsyncClient(transport=self._transport, timeout=None)  # noqa: S113 - `_ask` limits the whole
        request = await request_of(self._client, source, arguments)
        answer = await self._client.send(request, stream=True)
        try:
            if answer.status_code in source.not_found:
                return None
            if answer.status_code not in source.expected:
                raise PeerError("the web service refused", status=answer.status_code)
            return values_of(source, await _body(answer), answer)
        finally:
            await answer.aclose()


def _is_shared(source: Source) -> bool:
    """Tell whether calls that ask the same may share an answer: where asking changes nothing."""
    return source.method == "GET" or source.cache_s > 0


async def _body(answer: httpx.Response) -> bytes:
    body = bytearray()
    async for part in answer.aiter_bytes():
        body += part
        if len(body) > ANSWER_MAX:
            raise PeerError("the web service answered too much", status=502)
    return bytes(body)
