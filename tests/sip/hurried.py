"""A network in a process of its own whose clock runs fast, so that minutes pass in seconds.

PJSIP takes no session interval under 90 s (RFC 4028 section 4). Here it runs as ever, but asks a
clock that goes `SPEED` times as fast: a small library, loaded before the system's, answers
`clock_gettime`. Sockets, and the peer in the test's own process, keep to real time.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from softswitch.sip import Listener, SipConfig, SipTelephony
from softswitch.telephony import Answered, Ended, Leg, LegEvent

SPEED = 30
SESSION_S = 90

FAST_CLOCK = """
#define _GNU_SOURCE
#include <time.h>
#include <unistd.h>
#include <sys/syscall.h>

#define NANOS 1000000000LL
static long long began[16];

int clock_gettime(clockid_t clock, struct timespec *time)
{
    if (syscall(SYS_clock_gettime, clock, time) != 0)
        return -1;
    if (clock != CLOCK_MONOTONIC && clock != CLOCK_REALTIME)
        return 0;
    long long now = time->tv_sec * NANOS + time->tv_nsec;
    if (!began[clock])
        began[clock] = now;
    now = began[clock] + (now - began[clock]) * SPEED;
    time->tv_sec = now / NANOS;
    time->tv_nsec = now % NANOS;
    return 0;
}
"""


class Hurried:
    """The process, seen from the test.

    Attributes:
        address: ``host:port`` of its SIP.
    """

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.address = ""
        self._process = process

    async def told(self, what: str) -> dict[str, object]:
        """The next thing of a kind that it tells; others are passed over."""
        assert self._process.stdout is not None
        async with asyncio.timeout(20):
            while line := await self._process.stdout.readline():
                told: dict[str, object] = json.loads(line)
                if told["what"] == what:
                    return told
        raise AssertionError(f"it ended before it told of {what}")

    def dial(self, target: str) -> None:
        """Let it call somebody."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{target}\n".encode())


@asynccontextmanager
async def hurried(folder: Path) -> AsyncIterator[Hurried]:
    """A network that answers every caller, dials whom it is told, and tells how calls go."""
    (folder / "clock.c").write_text(FAST_CLOCK, encoding="utf-8")
    compiler = shutil.which("cc") or "gcc"
    options = ("-shared", "-fPIC", f"-DSPEED={SPEED}", "-o", "clock.so", "clock.c")
    made = await asyncio.create_subprocess_exec(compiler, *options, cwd=folder)
    assert await made.wait() == 0
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", __name__),
        cwd=Path(__file__).parents[2],
        env=os.environ | {"LD_PRELOAD": str(folder / "clock.so")},
        stdin=pipe,
        stdout=pipe,
    )
    try:
        network = Hurried(process)
        network.address = str((await network.told("ready"))["address"])
        yield network
    finally:
        process.kill()
        await process.communicate()


# -- in the process --------------------------------------------------------------------------------


def tell(what: str, **more: object) -> None:
    """Tell the test, with the time by this process's clock."""
    print(json.dumps({"what": what, "at_s": asyncio.get_running_loop().time()} | more), flush=True)  # noqa: T201


def heard(event: LegEvent) -> None:
    """Tell what the test may want to know."""
    if isinstance(event, Answered):
        tell("answered")
    if isinstance(event, Ended):
        tell("ended", why=event.why.value, by=event.by.value, status=event.status)


def take(leg: Leg) -> None:
    """Answer a caller, and hang up at once on whoever dialled ``leave``."""
    leg.listen(heard)
    leg.answer()
    if leg.dialled.number == "leave":
        leg.hang_up()


async def main() -> None:
    """Run until killed."""
    listen = (Listener(address="127.0.0.1", port=0),)
    config = SipConfig(listen=listen, session_expires_s=SESSION_S, media_timeout_s=0)
    network = SipTelephony(config)
    await network.start()
    network.on_incoming(take)
    tell("ready", address=network.addresses[0])
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    while target := await reader.readline():
        network.dial(target.decode().strip(), listener=heard)


if __name__ == "__main__":
    asyncio.run(main())
