"""Three rules for the whole suite.

On a CI machine nothing may be missing: there a skipped test is a failed one.

Tests in real time, with sound in packets of 20 ms and peers in processes of their own, may fail
because the machine stood still. They are tried up to three times; every attempt that failed is
shown in the summary, with its error, and `--strict-real-time` allows the first only.

Where tests run in several processes (`make test`), those in real time are one group, which stays in
one process: no two of them share the machine.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from pathlib import Path

import pytest

REAL_TIME = ("sip", "office", "peers", "conformance", "examples", "benchmarks")
"""Folders of tests that measure or meet real time."""

FURTHER_ATTEMPTS = 2

NOTHING_MAY_BE_SKIPPED = os.environ.get("CI") == "true"


def refuse_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    """Turn a skip into a failure that gives its reason (an expected failure is no skip)."""
    if NOTHING_MAY_BE_SKIPPED and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"With CI=true nothing may be skipped. {reason}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """See `refuse_skip`."""
    report = yield
    refuse_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """See `refuse_skip`; for whole modules."""
    report = yield
    refuse_skip(report)
    return report


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--strict-real-time``."""
    parser.addoption(
        "--strict-real-time", action="store_true", help="one attempt for tests in real time, too"
    )


def in_real_time(item: pytest.Item) -> bool:
    """Whether a test lies in one of the folders of `REAL_TIME`."""
    here = Path(__file__).parent
    return item.path.is_relative_to(here) and item.path.relative_to(here).parts[0] in REAL_TIME


def pytest_itemcollected(item: pytest.Item) -> None:
    """Keep tests in real time apart from each other, and allow them further attempts."""
    if in_real_time(item):
        item.add_marker(pytest.mark.xdist_group("real-time"))
        if not item.config.getoption("--strict-real-time"):
            item.add_marker(pytest.mark.flaky(reruns=FURTHER_ATTEMPTS))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what failed before it passed, and why."""
    for report in terminalreporter.getreports("rerun"):
        terminalreporter.section(f"tried again: {report.nodeid}", sep="_", yellow=True)
        terminalreporter.line(report.longreprtext)
