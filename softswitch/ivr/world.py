"""What a session can know of the world around it."""

from __future__ import annotations

from datetime import datetime
from typing import Final, Protocol

import attrs


@attrs.frozen(kw_only=True)
class CallFacts:
    """What is known of a call when it comes in. Personal data.

    Attributes:
        caller: number of the caller, or empty.
        caller_name: as the network tells it, or empty.
        caller_withheld: the caller asked not to be shown.
        dialled: the number that the call came in on.
        dialled_first: the number dialled first, when the call was diverted on its way.
    """

    caller: str = ""
    caller_name: str = ""
    caller_withheld: bool = False
    dialled: str = ""
    dialled_first: str = ""


NOTHING_KNOWN: Final = CallFacts()
"""Of a call whose network tells nothing."""


class World(Protocol):
    """Answers questions at the moment at which they are asked; never waits."""

    def time_at(self, now: float) -> datetime:
        """Return the local time of day at a time of the session."""

    def is_open(self, calendar: str, now: float) -> bool:
        """Tell whether a calendar is open."""

    def is_special(self, calendar: str, now: float) -> bool:
        """Tell whether today's hours differ from the normal week."""

    def opens(self, calendar: str, now: float, language: str) -> str:
        """Return the sentence that says when a calendar opens next; empty: not within a year."""

    def agents(self, group: str) -> int:
        """Return how many members of a group are logged in."""

    def agents_free(self, group: str) -> int:
        """Return how many of them could take a call at once."""

    def waiting(self, group: str) -> int:
        """Return how many callers wait for the group."""

    def expected_wait(self, group: str) -> float:
        """Return how many seconds a new caller would wait."""
