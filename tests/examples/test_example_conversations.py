"""The conversations written beside the flows of the examples, held one and all."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import bot  # noqa: F401 - a kind of node
import pytest
from running import EXAMPLES, ROOT

from softswitch.ivr.conversations import load_conversations, run, script_of
from softswitch.ivr.loading import load_flow
from softswitch.switch import load_office
from softswitch.switch.flow_rules import surroundings

SCRIPTS = sorted(EXAMPLES.glob("*/*.test.toml"))
FLOWS = [file.with_name(file.name.replace(".test", "")) for file in SCRIPTS]


def of(file: Path) -> str:
    return f"{file.parent.name}/{file.stem}"


def test_every_flow_has_conversations():
    tables = (tomllib.loads(file.read_text(encoding="utf-8")) for file in EXAMPLES.glob("*/*.toml"))
    assert sum("flow" in table for table in tables) == len(FLOWS) == 6


@pytest.mark.parametrize("file", FLOWS, ids=of)
def test_a_flow_fits_its_office(file: Path):
    office = load_office(file.with_name("office.toml"), flows=True)
    load_flow(file, surroundings(office))


@pytest.mark.parametrize("file", FLOWS, ids=of)
def test_conversations_go_as_written_and_somebody_comes_everywhere(file: Path):
    flow = load_flow(file)
    verdicts = [run(flow, one) for one in load_conversations(script_of(file))]
    wrong = {one.name: f"step {one.step}: {one.wrong}" for one in verdicts if not one.passed}
    assert wrong == {}
    visited = frozenset().union(*(verdict.nodes for verdict in verdicts))
    assert [name for name in flow.nodes if name not in visited] == []


def test_the_command_holds_them_as_the_file_says():
    start = "from softswitch.cli import app; app()"
    flow = ["flow", "test", "bot/front.toml", "--import", "bot"]
    path = os.pathsep.join([str(ROOT), str(ROOT / "codecs")])
    result = subprocess.run(
        [sys.executable, "-c", start, *flow],
        cwd=EXAMPLES,
        env=os.environ | {"PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert "4 of 4 conversations went as written." in result.stdout


def test_the_shop_takes_twenty_lines():
    text = (EXAMPLES / "shop" / "office.toml").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 20
    assert len(re.findall(r"^\[groups\.", text, re.MULTILINE)) == 1
