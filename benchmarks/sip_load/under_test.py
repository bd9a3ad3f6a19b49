"""The switch under test, seen from outside: started, asked, weighed and stopped."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import attrs

from sip_load.machine import cpu_s, rss_mb

_START_S = 60.0
_ANSWER_S = 20.0
_STOP_S = 15.0
_HERE = Path(__file__).resolve().parent.parent


class UnderTestError(Exception):
    """The switch under test did not start, or does not answer."""


@attrs.frozen(kw_only=True)
class Weight:
    """What a process has used until an instant.

    Attributes:
        at_s: the instant, on the clock of ``time.monotonic``.
        cpu_s: processor time since its start.
        rss_mb: memory then.
    """

    at_s: float
    cpu_s: float
    rss_mb: float

    def share_since(self, earlier: Weight) -> float:
        """Share of one core used since then: 1.0 is a whole core."""
        return (self.cpu_s - earlier.cpu_s) / (self.at_s - earlier.at_s)


class SwitchUnderTest:
    """A child process that does one of `sip_load.child.DUTIES`."""

    def __init__(self, mode: str, **options: object) -> None:
        self._mode = mode
        self._options = options
        self._open = contextlib.AsyncExitStack()
        self._child: asyncio.subprocess.Process | None = None
        self.address = ""
        self.pjsip = ""

    async def __aenter__(self) -> Self:
        folder = self._open.enter_context(tempfile.TemporaryDirectory(prefix="softswitch-bench-"))
        options = json.dumps({"folder": folder} | self._options)
        self._child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "sip_load.child", self._mode, options),
            cwd=_HERE,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        try:
            ready = await self._line(_START_S)
        except BaseException:
            await self._end()
            raise
        self.address, self.pjsip = str(ready["address"]), str(ready["pjsip"])
        return self

    async def __aexit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        await self._end()

    async def _end(self) -> None:
        child = self._running()
        if child.stdin is not None:
            child.stdin.close()
        try:
            await asyncio.wait_for(child.wait(), _STOP_S)
        except TimeoutError:
            child.kill()
            await child.wait()
        await self._open.aclose()

    def _running(self) -> asyncio.subprocess.Process:
        if self._child is None:
            raise UnderTestError("the switch under test has not been started")
        return self._child

    async def _line(self, timeout_s: float) -> Mapping[str, Any]:
        child = self._running()
        assert child.stdout is not None
        try:
            line = await asyncio.wait_for(child.stdout.readline(), timeout_s)
        except TimeoutError:
            raise UnderTestError(f"the switch said nothing for {timeout_s:g} s") from None
        if not line:
            raise UnderTestError(f"the switch ended with {await child.wait()}")
        found: Mapping[str, Any] = json.loads(line)
        return found

    async def counts(self) -> Mapping[str, int]:
        """What has happened to its calls so far."""
        child = self._running()
        assert child.stdin is not None
        child.stdin.write(b'{"ask": "counts"}\n')
        await child.stdin.drain()
        return await self._line(_ANSWER_S)

    async def until(self, name: str, least: int, timeout_s: float) -> int:
        """Ask twice a second until a count is reached or time is up; what it is then."""
        deadline_s = time.monotonic() + timeout_s
        while True:
            count = (await self.counts())[name]
            if count >= least or time.monotonic() > deadline_s:
                return count
            await asyncio.sleep(0.5)

    @property
    def pid(self) -> int:
        """Process id."""
        return self._running().pid

    def weigh(self) -> Weight:
        """What it has used until now."""
        return Weight(at_s=time.monotonic(), cpu_s=cpu_s(self.pid), rss_mb=rss_mb(self.pid))
