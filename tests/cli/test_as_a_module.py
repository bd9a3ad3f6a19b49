"""``python -m softswitch`` is the command ``softswitch``."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def test_the_module_and_the_command_say_the_same() -> None:
    """The help, which names every command."""
    script = Path(sys.executable).with_name("softswitch")
    by_module, by_script = (
        subprocess.run([*command, "--help"], capture_output=True, text=True, check=True, timeout=60)
        for command in ([sys.executable, "-m", "softswitch"], [str(script)])
    )
    assert by_module.stdout == by_script.stdout
    assert "simulate" in by_module.stdout
