"""The number plan: which dialled number leads where."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from softswitch.errors import MisuseError

if TYPE_CHECKING:
    from softswitch.switch.call import Call

Flow = Callable[["Call"], Awaitable[None]]
"""What happens to one call, told as an async function."""


class NumberPlan:
    """Numbers, prefixes such as ``12*``, and ``*`` for whatever is left.

    An exact number wins over every prefix, a longer prefix over a shorter one.
    """

    def __init__(self) -> None:
        self._exact: dict[str, Flow] = {}
        self._prefixes: dict[str, Flow] = {}

    def add(self, pattern: str, flow: Flow) -> None:
        """Let a number, or every number with a prefix, lead to ``flow``.

        Raises:
            MisuseError: the pattern is taken, empty, or has a star before its end.
        """
        table = self._prefixes if pattern.endswith("*") else self._exact
        key = pattern.removesuffix("*")
        if "*" in key or not pattern:
            raise MisuseError(f"{pattern!r} is neither a number nor a prefix such as 12*")
        if key in table:
            raise MisuseError(f"{pattern} leads somewhere already")
        table[key] = flow

    def find(self, number: str) -> Flow | None:
        """Return where a dialled number leads, or None."""
        if number in self._exact:
            return self._exact[number]
        fitting = [prefix for prefix in self._prefixes if number.startswith(prefix)]
        return self._prefixes[max(fitting, key=len)] if fitting else None

    def exact(self, number: str) -> Flow | None:
        """Return where exactly this number leads, prefixes left aside."""
        return self._exact.get(number)


def masked(number: str) -> str:
    """Return a number as logs may show it: all but the last two characters hidden."""
    return "*" * max(len(number) - 2, 0) + number[-2:]
