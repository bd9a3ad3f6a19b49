"""Where the logs of a running office go: to standard error, or above the live view."""

from __future__ import annotations

import contextlib
import enum
import logging
import sys
from collections.abc import Iterator
from typing import Final

from rich.console import Console
from rich.highlighter import NullHighlighter
from rich.logging import RichHandler

_FORMAT: Final = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_OF_PJSIP: Final = "softswitch.pjsip"


class LogLevel(enum.Enum):
    """The least important messages that are shown."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@contextlib.contextmanager
def logs_shown(level: LogLevel, screen: Console) -> Iterator[None]:
    """Show logs while the block runs.

    PJSIP's own messages are chosen by ``log_level`` under ``[sip]``, and shown whatever ``level``
    is; other libraries speak up from warnings on.

    Args:
        level: what softswitch itself says.
        screen: the console of the live view. Where it and standard error are one terminal, logs
            are printed by it, above the view; else they go to standard error, a line each.
    """
    root, ours, pjsip = map(logging.getLogger, ("", "softswitch", _OF_PJSIP))
    before = [(logger, logger.level) for logger in (root, ours, pjsip)]
    handler = _handler(screen)
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    ours.setLevel(level.name)
    pjsip.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        root.removeHandler(handler)
        for logger, was in before:
            logger.setLevel(was)


def _handler(screen: Console) -> logging.Handler:
    if not sys.stderr.isatty():
        plain = logging.StreamHandler(sys.stderr)
        plain.setFormatter(logging.Formatter(_FORMAT))
        return plain
    console = screen if screen.is_terminal else Console(stderr=True)
    coloured = RichHandler(
        console=console,
        show_path=False,
        omit_repeated_times=False,
        log_time_format="%H:%M:%S",
        highlighter=NullHighlighter(),
    )
    coloured.setFormatter(logging.Formatter("%(name)s: %(message)s"))
    return coloured
