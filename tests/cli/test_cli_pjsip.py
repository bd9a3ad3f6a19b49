"""`softswitch pjsip` as a person or a script runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from softswitch.sip.info import meaning, read_info


def softswitch(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own, on a wide screen."""
    return subprocess.run(
        [sys.executable, "-c", "from softswitch.cli import app; app()", *arguments],
        env={**os.environ, "COLUMNS": "200", "NO_COLOR": "1", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_json_is_nothing_but_json() -> None:
    done = softswitch("pjsip", "info", "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout) == read_info().to_dict()
    assert done.stderr == ""


def test_a_person_reads_facts_and_what_they_mean() -> None:
    done = softswitch("pjsip", "info")
    facts = read_info()
    assert done.returncode == 0
    assert f"{facts.max_calls:,}" in done.stdout
    assert facts.tls in done.stdout
    for sentence in meaning(facts):
        assert f"• {sentence}\n" in done.stdout


def test_without_a_working_library_the_remedy_is_named(tmp_path: Path) -> None:
    (tmp_path / "pjsua2.py").write_text("raise ImportError('no PJSIP here')")
    done = softswitch("pjsip", "info", PYTHONPATH=str(tmp_path))
    assert done.returncode == 1
    assert done.stdout == ""
    assert "no PJSIP here" in done.stderr
    assert "softswitch pjsip build" in done.stderr
    assert "Traceback" not in done.stderr.replace("  Traceback", "")


def test_a_build_that_fails_ends_in_a_message_and_status_1(tmp_path: Path) -> None:
    done = softswitch("pjsip", "build", str(tmp_path / "none.tar"), XDG_CACHE_HOME=str(tmp_path))
    assert done.returncode == 1
    assert done.stderr.startswith(f"error: Cannot read {tmp_path}/none.tar: No such file")
    assert "The PJSIP that is installed was left as it is." in done.stderr
