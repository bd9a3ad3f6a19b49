"""The README's office file loads, and its program answers a real SIP call."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest
from documents import ROOT, blocks

from softswitch.acd.model import Target, TargetKind
from softswitch.sip.config import Listener
from softswitch.switch import parse_office
from softswitch.testing.peers import RtpPhone, Sipp, free_port

README = ROOT / "README.md"


def the_only(language: str) -> str:
    [block] = blocks(README, language)
    return block.text


def test_the_office_file_says_what_its_comments_say(tmp_path: Path) -> None:
    office = parse_office(the_only("toml"), base=tmp_path)
    [group] = office.groups
    assert office.sip.listen == (Listener(address="127.0.0.1", port=5060),)
    assert group.numbers == ("1000",)
    assert group.engine.members == ("anna", "bo") == tuple(m.id for m in office.members)
    assert group.engine.overflow == Target(TargetKind.VOICEMAIL)


def test_the_program_is_the_first_example_without_its_comments() -> None:
    example = (ROOT / "examples" / "01_hello.py").read_text(encoding="utf-8")
    there = {line.partition("  # ")[0].strip() for line in example.splitlines()}
    own = {"async def main() -> None:", "asyncio.run(main())"}
    for line in the_only("python").replace("port=5060", "port=port").splitlines():
        assert line.strip() in there | own


@pytest.mark.asyncio
async def test_the_program_answers_speaks_and_hangs_up(tmp_path: Path) -> None:
    port = free_port()
    code = the_only("python").replace("port=5060", f"port={port}")
    await asyncio.to_thread((tmp_path / "first.py").write_text, code)
    program = await asyncio.create_subprocess_exec(
        sys.executable, "-c", WHEN_OPEN, cwd=tmp_path, stdout=asyncio.subprocess.PIPE
    )
    try:
        assert program.stdout is not None
        async with asyncio.timeout(30):
            assert await program.stdout.readline() == b"open\n"
        await call(port)
    finally:
        program.terminate()
        await program.wait()


async def call(port: int) -> None:
    """Call 1000, listen, and wait to be hung up."""
    async with (
        RtpPhone() as phone,
        Sipp("uac_call_stay", target=f"127.0.0.1:{port}", rtp=phone.address) as caller,
    ):
        await caller.message(200, cseq="INVITE")
        bye = await caller.message("BYE", sent=False, timeout_s=20)
        assert bye.cseq_method == "BYE"
        assert loudness(phone) > 500


def loudness(phone: RtpPhone) -> float:
    """RMS of what was heard, of 32767; silence is 0 to 8."""
    heard = phone.ear.samples().astype(float)
    return float((heard**2).mean() ** 0.5)


WHEN_OPEN = f"""
import logging, runpy, sys
sys.path[:0] = {[str(ROOT), str(ROOT / "codecs")]!r}

class Open(logging.Handler):
    def emit(self, record):
        if record.getMessage().endswith("is open"):
            print("open", flush=True)

logging.getLogger("softswitch").setLevel(logging.INFO)
logging.getLogger("softswitch").addHandler(Open())
runpy.run_path("first.py", run_name="__main__")
"""
