"""The switch under test, as a process of its own: `python -m sip_load.child MODE OPTIONS`.

Its first line on standard output is `{"ready": true, ...}` with the address it listens on. It then
answers each line `{"ask": ...}` on standard input with one line, and ends when that is closed.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from types import MappingProxyType
from typing import Any, Final

from ivr_load import menus

from sip_load import duties, offices
from sip_load.duties import Duty

DUTIES: Final[Mapping[str, Callable[[Mapping[str, Any]], AbstractAsyncContextManager[Duty]]]] = (
    MappingProxyType(
        {
            "answer": duties.answering,
            "music": duties.music,
            "bridge": duties.bridging,
            "flow": offices.flow,
            "queue": offices.queue,
            "wait": offices.waiting,
            "menus": menus.menus,
        }
    )
)


def _say(message: Mapping[str, Any]) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


async def _questions() -> asyncio.StreamReader:
    reader = asyncio.StreamReader()
    protocol = asyncio.StreamReaderProtocol(reader)
    await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, sys.stdin)
    return reader


async def _answer_questions(duty: Duty) -> None:
    questions = await _questions()
    while line := await questions.readline():
        question = json.loads(line)
        if question["ask"] == "stop":
            return
        _say(duty.counts())


async def _serve(mode: str, options: Mapping[str, Any]) -> None:
    async with contextlib.AsyncExitStack() as stack:
        duty = await stack.enter_async_context(DUTIES[mode](options))
        _say({"ready": True, "address": duty.address, "pjsip": duty.pjsip})
        await _answer_questions(duty)


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1], json.loads(sys.argv[2])))
