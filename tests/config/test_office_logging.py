"""Logs beside the live view: on one terminal the view stays whole."""

import io
import logging
import sys

import pytest
from rich.console import Console
from rich.live import Live

from softswitch.cli.office_logging import LogLevel, logs_shown

LOG = logging.getLogger("softswitch.switch")


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def _console(file: io.StringIO) -> Console:
    return Console(file=file, force_terminal=file.isatty(), width=60, color_system=None)


def _shown(screen: io.StringIO) -> str:
    """Log a line while a view of two lines is drawn; return what reached the screen."""
    console = _console(screen)
    with (
        logs_shown(LogLevel.INFO, console),
        Live("first row\nsecond row", console=console, auto_refresh=False) as live,
    ):
        LOG.info("the office is open")
        live.refresh()
    return screen.getvalue()


def test_a_line_stands_above_the_view_which_is_drawn_again(monkeypatch: pytest.MonkeyPatch):
    errors = _Terminal()
    monkeypatch.setattr(sys, "stderr", errors)
    shown = _shown(_Terminal())
    before, _, after = shown.partition("softswitch.switch: the office is open")
    assert "first row\nsecond row" in before
    assert "\x1b[1A" in before  # the cursor went up to where the view began
    assert "first row\nsecond row" in after
    assert errors.getvalue() == ""


def test_where_standard_error_is_a_file_it_gets_the_logs(monkeypatch: pytest.MonkeyPatch):
    errors = io.StringIO()
    monkeypatch.setattr(sys, "stderr", errors)
    assert "the office is open" not in _shown(_Terminal())
    assert errors.getvalue().endswith(" INFO softswitch.switch: the office is open\n")


def test_where_only_standard_error_is_a_terminal_it_gets_the_logs(
    monkeypatch: pytest.MonkeyPatch,
):
    errors = _Terminal()
    monkeypatch.setattr(sys, "stderr", errors)
    assert "the office is open" not in _shown(io.StringIO())
    assert "softswitch.switch: the office is open" in errors.getvalue()


def test_afterwards_logging_is_as_it_was():
    before = (LOG.getEffectiveLevel(), list(logging.getLogger().handlers))
    with logs_shown(LogLevel.DEBUG, _console(io.StringIO())):
        assert LOG.isEnabledFor(logging.DEBUG)
    assert (LOG.getEffectiveLevel(), list(logging.getLogger().handlers)) == before
