"""Steps are lines where there is no terminal, and a list with ticks where there is one."""

from __future__ import annotations

import io
import re

import pytest
from rich.console import Console

from softswitch.sip.server_build.progress import Steps


def test_lines_without_a_terminal() -> None:
    shown = io.StringIO()
    with Steps(Console(file=shown)) as steps, steps.step("Outer"), steps.step("Inner"):
        pass
    lines = [re.sub(r"\d+\.\d s$", "0.0 s", line) for line in shown.getvalue().splitlines()]
    assert lines == ["Outer ...", "Inner ...", "Inner: done in 0.0 s", "Outer: done in 0.0 s"]


def test_a_failed_step_is_marked_on_a_terminal() -> None:
    shown = io.StringIO()
    console = Console(file=shown, force_terminal=True, color_system=None, width=80)
    with Steps(console) as steps:
        with steps.step("Good one"):
            pass
        with pytest.raises(RuntimeError), steps.step("Bad one"):
            raise RuntimeError
    last_frame = shown.getvalue().split("Good one")[-1]
    assert "Bad one: failed" in last_frame
    assert re.search(r"✓ Good one", shown.getvalue())
