"""Days: the queue engine's counts begin anew at the office's midnight.

The engine knows no calendar. Midnight is 00:00 in the office's time zone, so the day on which
summer time begins has 23 hours and the one on which it ends 25; where the clocks go forward at
midnight itself the day begins with the first moment that there is. A switch that was down at
midnight tells the new day when it opens.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import TYPE_CHECKING

from softswitch.acd import events as ev

if TYPE_CHECKING:
    from softswitch.switch.house import House


def midnight_after(day: date, zone: tzinfo | None) -> datetime:
    """Return when a day ends, in UTC.

    Args:
        day: the day.
        zone: whose day; None: that of the machine.
    """
    begins = datetime.combine(day + timedelta(days=1), time(), tzinfo=zone)
    return begins.astimezone(UTC)


class Days:
    """Tells the queue engine when a day begins."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._timer: asyncio.TimerHandle | None = None

    def follow(self, counting: str) -> None:
        """Begin, and from now on tell each new day.

        Args:
            counting: the day that the engine counts already.
        """
        today = self._house.clock.at(self._house.now).date()
        if counting != today.isoformat():
            self._begin(today)
        self._wait_for_the_end_of(today)

    def close(self) -> None:
        """Tell nothing more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _begin(self, day: date) -> None:
        self._house.queueing.driver.tell(ev.CountingBegins(day=day.isoformat()))

    def _wait_for_the_end_of(self, day: date) -> None:
        clock = self._house.clock
        left = midnight_after(day, clock.zone) - clock.at(self._house.now)
        # Also where a timer wakes a moment early is the day to come the next one.
        after, loop = day + timedelta(days=1), asyncio.get_running_loop()
        self._timer = loop.call_later(max(left.total_seconds(), 0.0), self._turn_over, after)

    def _turn_over(self, day: date) -> None:
        self._begin(day)
        self._wait_for_the_end_of(day)
