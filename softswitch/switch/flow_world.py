"""What conditions of flows are about: the time, the calendars and the groups of this office."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from softswitch.acd.snapshot import GroupSnapshot
from softswitch.hours import OpeningStatus
from softswitch.ivr.world import CallFacts
from softswitch.prompts.messages import language as language_of

if TYPE_CHECKING:
    from softswitch.switch.house import House
    from softswitch.switch.party import Party


class OfficeCalendars(Protocol):
    """The calendars of the office; see `softswitch.switch.calendars.Calendars`."""

    def status(self, name: str) -> OpeningStatus:
        """Whether a calendar is open now; KeyError: there is none of this name."""

    def next_opening(self, name: str) -> datetime | None:
        """When it opens next."""


class OfficeWorld:
    """Answers questions of one flow; see `softswitch.ivr.world.World`."""

    def __init__(self, house: House) -> None:
        self._house = house

    def time_at(self, now: float) -> datetime:  # noqa: ARG002 - the house's own time is the same
        """Return the local time of day."""
        return self._house.clock.at(self._house.now)

    def is_open(self, calendar: str, now: float) -> bool:  # noqa: ARG002 - the same
        """Tell whether a calendar is open."""
        return self._calendars.status(calendar).open

    def is_special(self, calendar: str, now: float) -> bool:  # noqa: ARG002 - the same
        """Tell whether today's hours differ from the normal week."""
        return self._calendars.status(calendar).special

    def opens(self, calendar: str, now: float, language: str) -> str:
        """Return the sentence that says when a calendar opens next."""
        at = self._calendars.next_opening(calendar)
        if at is None:
            return ""
        return language_of(language).phrases.opens(at, self.time_at(now))

    def agents(self, group: str) -> int:
        """Return how many members of a group are logged in."""
        return self._group(group).active

    def agents_free(self, group: str) -> int:
        """Return how many of them could take a call at once."""
        return self._group(group).free

    def waiting(self, group: str) -> int:
        """Return how many callers wait for the group."""
        return len(self._group(group).waiting)

    def expected_wait(self, group: str) -> float:
        """Return how many seconds a new caller would wait: the middle of the range expected.

        0 while a member is free, and as long as nobody can know.
        """
        expected = self._house.queueing.driver.expected_for_new(group)
        return 0.0 if expected is None else (expected.low_s + expected.high_s) / 2

    @property
    def _calendars(self) -> OfficeCalendars:
        return self._house.calendars

    def _group(self, group: str) -> GroupSnapshot:
        return self._house.queueing.driver.snapshot().group(group)


def facts_of(call: Party) -> CallFacts:
    """Return what is known of a call when it comes in."""
    caller, dialled = call.caller, call.dialled
    return CallFacts(
        caller=caller.number,
        caller_name=caller.name,
        caller_withheld=caller.withheld,
        dialled=dialled.number,
        dialled_first=dialled.original or dialled.number,
    )
