"""The demo, told quickly, where standard output is no terminal; and cut short."""

import os
import re
import signal
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from running import EXAMPLES, ROOT

from softswitch.testing.peers.process import PeerProcess

DEMO = [sys.executable, "-u", str(EXAMPLES / "demo.py"), "--quick"]


@pytest.fixture(autouse=True)
def package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), str(ROOT / "codecs")]))


def _phones_left(data: Path) -> list[int]:
    """Baresip processes that were started by a demo with this data folder's temporary folder."""
    return [pid for pid, words in _processes() if str(data) in words and "baresip" in words]


def _processes() -> Iterator[tuple[int, str]]:
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            yield int(folder.name), (folder / "cmdline").read_bytes().decode().replace("\0", " ")
        except OSError:
            continue


def test_the_story_goes_as_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    peers = tmp_path / "peers"
    peers.mkdir()
    monkeypatch.setenv("TMPDIR", str(peers))
    data = tmp_path / "data"
    result = subprocess.run(
        [*DEMO, "--data", str(data)], capture_output=True, text=True, timeout=55, check=False
    )
    told = result.stdout
    assert result.returncode == 0, told + result.stderr
    for happening in (
        r"Karen calls main: Anna Holm, Bo Lund, Clara Friis and David Skov ring\.",
        r"answers Karen \(recorded\); .* stop ringing\.",
        r"David Skov says busy to Lars\.",
        r"Eva Bech answers Lars\.",
        r"Rune calls main: all busy, waits as number 1 with music\.",
        r"Tove calls main: all busy, waits as number 3 with music\.",
        r"Uffe finds the queue full: goes to repairs\.",
        r"Sofie gives up after 0:0\d\.",
        r"Sofie \+45 88 77 66 55 +1000 main +gave up",
        r"Uffe \+45 11 22 33 44 +1000 main → repairs +answered",
        r"As told\.",
    ):
        assert re.search(happening, told), happening
    recordings = re.findall(r"^  \d  (\S+\.wav)$", told, re.MULTILINE)
    assert len(recordings) == 6
    assert all(Path(path).stat().st_size > 16_000 for path in recordings)  # a second of sound
    assert _phones_left(peers) == []
    assert list(peers.iterdir()) == []


@pytest.mark.asyncio
async def test_ctrl_c_ends_it_and_nothing_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    demo = PeerProcess("demo")
    peers = tmp_path / "peers"
    peers.mkdir()
    monkeypatch.setenv("TMPDIR", str(peers))
    await demo.start(lambda _: [*DEMO, "--data", str(tmp_path / "data")], {})
    try:
        await demo.until(lambda: b"answers Karen" in demo.read("out.txt") or None, 30, "an answer")
        assert len(_phones_left(peers)) == 14
        demo.send_signal(signal.SIGINT)
        assert await demo.wait(10) == 130
        printed = demo.read("out.txt").decode()
    finally:
        await demo.close(keep=False)
    assert "Stopped" in printed
    assert "Traceback" not in printed
    assert _phones_left(peers) == []
    assert list(peers.iterdir()) == []


def test_a_small_pjsip_is_refused_with_what_to_do(tmp_path: Path):
    """The build for everybody carries four calls: stands in for by a probe that says so."""
    code = (
        "import sys, attrs, softswitch.sip.info as info\n"
        "real = info.read_info()\n"
        "info.read_info = lambda: attrs.evolve(real, max_calls=4)\n"
        f"sys.path.insert(0, {str(EXAMPLES)!r})\n"
        f"sys.argv = ['demo.py', '--data', {str(tmp_path)!r}]\n"
        "import demo\n"
        "sys.exit(demo.main())\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=False
    )
    assert result.returncode == 2
    assert "carries 4 call legs" in result.stdout
    assert "softswitch pjsip build" in result.stdout


def test_the_demo_tells_of_the_example_office():
    """The numbers and groups in the story are those of the file that the reader looks into."""
    office = tomllib.loads((EXAMPLES / "office.toml").read_text(encoding="utf-8"))
    story = (EXAMPLES / "demo_parts" / "story.py").read_text(encoding="utf-8")
    dialled = set(re.findall(r'dials="(\d+)"', story))
    numbers = [group["number"] for group in office["groups"].values()]
    known = {n for number in numbers for n in ([number] if isinstance(number, str) else number)}
    assert dialled == {"1000", "2001"}
    assert dialled <= known
    assert set(re.findall(r'id="([a-z]+)"', story)) == set(office["members"])
