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


@pytest.mark.asyncio
async def test_the_program_answers_speaks_and_hears_a_key(tmp_path: Path) -> None:
    port = free_port()
    office = the_only("toml").replace("port = 5060", f"port = {port}")
    await asyncio.to_thread((tmp_path / "office.toml").write_text, office)
    await asyncio.to_thread((tmp_path / "first.py").write_text, the_only("python"))
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
    """Call 1001; the flow's three sentences take long, and its end hangs up."""
    async with (
        RtpPhone() as phone,
        Sipp(
            "uac_call_stay", target=f"127.0.0.1:{port}", service="1001", rtp=phone.address
        ) as caller,
    ):
        await caller.message(200, cseq="INVITE")
        await phone.packets(20)
        phone.press("7")
        bye = await caller.message("BYE", sent=False, timeout_s=20)
        assert bye.request_uri.startswith("sip:")
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
