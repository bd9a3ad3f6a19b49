"""Where nothing may be missing, a skipped test is a failed one."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

CONFTEST = Path(__file__).resolve().parents[1] / "conftest.py"
TESTS = """
import pytest

def test_passes(): pass

def test_skips_itself(): pytest.skip("no phone here")

@pytest.mark.skipif(True, reason="no proxy here")
def test_is_skipped(): pass

@pytest.mark.xfail(reason="known")
def test_is_known_to_fail(): assert False
"""


@pytest.mark.parametrize(
    ("ci", "outcomes"),
    [
        ("true", {"passed": 1, "failed": 1, "errors": 1, "xfailed": 1}),
        ("", {"passed": 1, "skipped": 2, "xfailed": 1}),
    ],
)
def test_skips_fail_only_there(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, ci: str, outcomes: dict[str, int]
) -> None:
    monkeypatch.setenv("CI", ci)
    pytester.makeconftest(CONFTEST.read_text())
    pytester.makepyfile(TESTS)
    result = pytester.runpytest_subprocess()
    result.assert_outcomes(**outcomes)


def test_a_module_skipped_whole_is_an_error_with_its_reason(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", "true")
    pytester.makeconftest(CONFTEST.read_text())
    pytester.makepyfile("import pytest; pytest.importorskip('no_such_module')")
    result = pytester.runpytest_subprocess()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*With CI=true nothing may be skipped.*no_such_module*"])
