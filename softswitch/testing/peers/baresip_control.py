"""The remote control of baresip: JSON in netstrings over TCP (its module ctrl_tcp)."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import time
from collections.abc import Callable

import attrs

from softswitch.errors import SoftswitchError


class ControlError(SoftswitchError):
    """Baresip refused a command, or is gone."""


@attrs.frozen(kw_only=True)
class PhoneEvent:
    """Something baresip told.

    Attributes:
        kind: ``CALL_INCOMING``, ``CALL_RINGING``, ``CALL_PROGRESS``, ``CALL_ESTABLISHED``,
            ``CALL_CLOSED``, ``CALL_DTMF_START``, ``CALL_TRANSFER``, ``REGISTER_OK`` and so on.
        call_id: Call-ID; empty for events of no call.
        peer: address of the other end.
        peer_name: display name of the other end.
        detail: what else it says: why a call was closed, which digit, how media is secured.
        at_ns: when it was read, on the clock of ``time.monotonic_ns``.
    """

    kind: str
    call_id: str = ""
    peer: str = ""
    peer_name: str = ""
    detail: str = ""
    at_ns: int


async def read_netstring(reader: asyncio.StreamReader) -> bytes:
    """One netstring (https://cr.yp.to/proto/netstrings.txt): length, colon, bytes, comma.

    Raises:
        asyncio.IncompleteReadError: the other end closed.
        ControlError: what came is no netstring.
    """
    length = (await reader.readuntil(b":"))[:-1]
    if not length.isdigit():
        raise ControlError(f"not a netstring: {length!r}")
    data = await reader.readexactly(int(length) + 1)
    return data[:-1]


def netstring(data: bytes) -> bytes:
    """``data`` framed as a netstring."""
    return b"%d:%b," % (len(data), data)


def _event(fields: dict[str, str]) -> PhoneEvent:
    return PhoneEvent(
        kind=fields.get("type", ""),
        call_id=fields.get("id", ""),
        peer=fields.get("peeruri", ""),
        peer_name=fields.get("peerdisplayname", ""),
        detail=fields.get("param", ""),
        at_ns=time.monotonic_ns(),
    )


class Control:
    """One connection: commands with their answers, and the stream of events.

    Args:
        on_event: called for each event, on the loop.
    """

    def __init__(self, on_event: Callable[[PhoneEvent], None]) -> None:
        self._on_event = on_event
        self._answers: dict[str, asyncio.Future[str]] = {}
        self._numbers = itertools.count(1)
        self._writer: asyncio.StreamWriter | None = None
        self._task: asyncio.Task[None] | None = None

    async def connect(self, host: str, port: int) -> None:
        """Connect to a baresip that listens already."""
        reader, self._writer = await asyncio.open_connection(host, port)
        self._task = asyncio.create_task(self._read(reader))

    async def _read(self, reader: asyncio.StreamReader) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                self._dispatch(json.loads(await read_netstring(reader)))
        for answer in self._answers.values():
            if not answer.done():
                answer.set_exception(ControlError("baresip closed its remote control"))

    def _dispatch(self, fields: dict[str, str]) -> None:
        if fields.get("event"):
            self._on_event(_event(fields))
            return
        answer = self._answers.pop(fields.get("token", ""), None)
        if answer is None or answer.done():
            return
        if fields.get("ok"):
            answer.set_result(fields.get("data", ""))
        else:
            answer.set_exception(ControlError(f"baresip refused: {fields.get('data', '')}"))

    async def command(self, name: str, params: str = "", *, timeout_s: float = 5.0) -> str:
        """Give a command of baresip's menu and wait for its answer.

        Raises:
            ControlError: it refused, or does not answer.
        """
        if self._writer is None or self._task is None or self._task.done():
            raise ControlError("baresip is not connected")
        token = str(next(self._numbers))
        answer = asyncio.get_running_loop().create_future()
        self._answers[token] = answer
        fields = {"command": name, "params": params, "token": token}
        self._writer.write(netstring(json.dumps(fields).encode()))
        try:
            async with asyncio.timeout(timeout_s):
                return str(await answer)
        except TimeoutError:
            raise ControlError(f"baresip did not answer {name} {params}") from None
        finally:
            self._answers.pop(token, None)

    async def close(self) -> None:
        """Disconnect."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        if self._writer is not None:
            self._writer.close()
            with contextlib.suppress(ConnectionError):
                await self._writer.wait_closed()
            self._writer = None
