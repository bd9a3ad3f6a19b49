"""The service counts of a group while they change; `ServiceCounts` is their frozen picture."""

from __future__ import annotations

from typing import Final

from softswitch.acd.names import CallOutcome

_ABANDONED: Final = CallOutcome.ABANDONED
_FORWARDED: Final = CallOutcome.FORWARDED
_REFUSED: Final = CallOutcome.REFUSED
"""Looked up once: up to Python 3.11 a member of an enumeration is no plain attribute."""


class Served:
    """How the calls of a group fared so far. For the meaning of the counts see `ServiceCounts`."""

    within_s: float
    offered: int
    answered: int
    abandoned: int
    forwarded: int
    refused: int
    answered_in_time: int
    abandoned_in_time: int

    def __init__(
        self,
        within_s: float,
        *,
        offered: int = 0,
        answered: int = 0,
        abandoned: int = 0,
        forwarded: int = 0,
        refused: int = 0,
        answered_in_time: int = 0,
        abandoned_in_time: int = 0,
    ) -> None:
        self.within_s, self.offered, self.answered = within_s, offered, answered
        self.abandoned, self.forwarded, self.refused = abandoned, forwarded, refused
        self.answered_in_time, self.abandoned_in_time = answered_in_time, abandoned_in_time

    def count(self, waited_s: float, outcome: CallOutcome) -> None:
        """One more call: answered, whether it is over or not, or lost."""
        in_time = waited_s <= self.within_s
        self.offered += 1
        if outcome is _ABANDONED:
            self.abandoned += 1
            self.abandoned_in_time += in_time
        elif outcome is _FORWARDED:
            self.forwarded += 1
        elif outcome is _REFUSED:
            self.refused += 1
        else:
            self.answered += 1
            self.answered_in_time += in_time

    def fork(self) -> Served:
        """The same counts, to be changed apart from these."""
        return Served(
            self.within_s,
            offered=self.offered,
            answered=self.answered,
            abandoned=self.abandoned,
            forwarded=self.forwarded,
            refused=self.refused,
            answered_in_time=self.answered_in_time,
            abandoned_in_time=self.abandoned_in_time,
        )
