"""An office file whose callers leave messages, and a switch that can be killed."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

SERVE = """
import asyncio, sys
from pathlib import Path
from softswitch.prompts import SoundStore
from softswitch.switch import Switch, load_office

async def main():
    office = load_office(sys.argv[1])
    async with Switch(office, sounds=SoundStore(Path(sys.argv[2]), 8000)) as switch:
        await switch.set_member("anna", active=False)
        print("open", flush=True)
        await switch.serve_forever()

asyncio.run(main())
"""


def voicemail_lines(mail_port: int) -> str:
    """Lines of a group that sends all calls to its voicemail, and the tables that go with it."""
    return "\n".join(
        (
            'nobody_active = "voicemail"',
            'voicemail_to = ["desk@example.org"]',
            "[voicemail]",
            'number = "1098"',
            "[mail]",
            'host = "127.0.0.1"',
            f"port = {mail_port}",
            'tls = "none"',
            'sender = "switch@example.org"',
        )
    )


@asynccontextmanager
async def switch_process(
    office_file: Path, sounds: Path
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run a switch in a process of its own until the block ends, or it is killed."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        SERVE,
        str(office_file),
        str(sounds),
        stdout=asyncio.subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(40):
            assert await process.stdout.readline() == b"open\n"
        yield process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGKILL)
        await process.wait()
        process._transport.close()  # noqa: SLF001 - asyncio has no public way to do so
