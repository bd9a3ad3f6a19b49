"""Outside data for flows: functions of the program, and web services by configuration.

Every look-up runs on its own: a slow one holds up the call that asked and no other. Answers can be
kept for a while; two calls that ask the same at once ask once.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, TypeAlias
from urllib.parse import quote

import attrs
import httpx

from softswitch.errors import MisuseError, PeerError
from softswitch.ivr.expressions import Value
from softswitch.ivr.model import Source

LookUpFunction: TypeAlias = Callable[..., Awaitable[Mapping[str, object] | None]]
"""Is given the arguments by name; returns what was found, or None."""

ANSWER_MAX: Final = 1_000_000
"""Bytes of an answer beyond which it is refused."""

CACHED_MAX: Final = 10_000
"""Answers kept at most."""

_NOT_FOUND: Final = (404, 410)
_SLOT: Final = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")
_SECRET: Final = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


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
        key = (name, source.url, *sorted(arguments.items()))
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
        headers = {name: _with_secrets(value) for name, value in source.headers.items()}
        url = _SLOT.sub(lambda slot: quote(str(arguments[slot[1]]), safe=""), source.url)
        async with self._client.stream("GET", url, headers=headers) as answer:
            if answer.status_code in _NOT_FOUND:
                return None
            if answer.status_code != httpx.codes.OK:
                raise PeerError("the web service refused", status=answer.status_code)
            body = bytearray()
            async for part in answer.aiter_bytes():
                body += part
                if len(body) > ANSWER_MAX:
                    raise PeerError("the web service answered too much", status=502)
        return _table(bytes(body))


def _with_secrets(text: str) -> str:
    return _SECRET.sub(lambda slot: os.environ.get(slot[1], ""), text)


def _table(body: bytes) -> Mapping[str, object]:
    try:
        values: Any = json.loads(body)
    except ValueError:
        raise PeerError("the web service answered no JSON", status=502) from None
    if not isinstance(values, dict):
        raise PeerError("the web service answered no table", status=502)
    return values
