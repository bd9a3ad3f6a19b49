"""The standard week of a group: where unanswered calls go, by the time slots of the week.

A slot is written in the office's own time: "Monday 08:00 to 16:00" means what the clock on its
wall shows. Twice a year that clock jumps. A slot that lies in the hour that is left out does not
happen; one that begins in it begins when the clock goes on. A slot in the hour that comes twice
happens twice.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta, tzinfo

import attrs

from softswitch.acd.model import Target
from softswitch.errors import ConfigurationError, Fault
from softswitch.hours.wall_clock import clock_changes, instants

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DAY_S = 86_400
_WEEK_S = 7 * _DAY_S
_LOOK_AHEAD_DAYS = 8
"""A week and the day of a change of the clock: what has not changed by then never does."""


@attrs.frozen(kw_only=True)
class WeekSlot:
    """A stretch of every week.

    Attributes:
        day: the weekday on which it begins, 0 for Monday, as `datetime.weekday` counts.
        begin: when it begins, in the office's own time.
        end: when it is over; where that is not after `begin`, on the following day. So 00:00 to
            00:00 is a whole day.
        target: where unanswered calls go meanwhile.
    """

    day: int
    begin: time
    end: time
    target: Target

    def __str__(self) -> str:
        return f"{DAYS[self.day]} {self.begin:%H:%M} to {self.end:%H:%M}"

    @property
    def stretch_s(self) -> tuple[int, int]:
        """Begin and end in seconds from Monday 00:00; a Sunday's night ends beyond the week."""
        begin, end = _seconds(self.begin), _seconds(self.end)
        if end <= begin:
            end += _DAY_S
        return self.day * _DAY_S + begin, self.day * _DAY_S + end

    def holds_at(self, second: int) -> bool:
        """Whether a second of the week, from Monday 00:00, lies in the slot."""
        begin, end = self.stretch_s
        return begin <= second < end or begin <= second + _WEEK_S < end


def _in_order(slots: Iterable[WeekSlot]) -> tuple[WeekSlot, ...]:
    return tuple(slots)


@attrs.frozen
class StandardWeek:
    """The slots of a week; outside of all of them the group's default target holds.

    Raises:
        ConfigurationError: a slot is on no weekday, or two overlap; it holds every fault.
    """

    slots: tuple[WeekSlot, ...] = attrs.field(default=(), converter=_in_order)

    def __attrs_post_init__(self) -> None:
        """See that at every time there is one answer."""
        faults = [*_day_faults(self.slots), *_overlaps(self.slots)]
        if faults:
            raise ConfigurationError(faults)

    def target_at(self, local: datetime) -> Target | None:
        """Where unanswered calls go.

        Args:
            local: the office's own time, with or without its zone.

        Returns:
            None outside of all slots.
        """
        second = local.weekday() * _DAY_S + _seconds(local.time())
        return next((slot.target for slot in self.slots if slot.holds_at(second)), None)

    def next_change(self, local: datetime) -> datetime | None:
        """When another target holds than now: for a timer.

        Args:
            local: the office's own time, with its zone.

        Returns:
            In the same zone; None: never.

        Raises:
            ValueError: the time has no zone.
        """
        zone = local.tzinfo
        if zone is None:
            raise ValueError("a time of day without its zone does not say when it is")
        now = self.target_at(local)
        instants = sorted({*self._boundaries(local.date(), zone)})
        later = (at.astimezone(zone) for at in instants if at > local)
        return next((at for at in later if self.target_at(at) != now), None)

    def _boundaries(self, today: date, zone: tzinfo) -> Iterator[datetime]:
        """Instants, in UTC, at which a slot may begin or end: those of slots, and clock changes."""
        times = {slot.begin for slot in self.slots} | {slot.end for slot in self.slots}
        days = [today + timedelta(days=n) for n in range(-1, _LOOK_AHEAD_DAYS + 1)]
        for day, at in itertools.product(days, times):
            yield from instants(day, at, zone)
        yield from clock_changes(days, zone)


def _seconds(of_day: time) -> int:
    return of_day.hour * 3600 + of_day.minute * 60 + of_day.second


def _day_faults(slots: Iterable[WeekSlot]) -> Iterator[Fault]:
    for place, slot in enumerate(slots):
        if not 0 <= slot.day < len(DAYS):
            path, allowed = f"slots[{place}].day", "0 for Monday to 6 for Sunday"
            yield Fault(path=path, value=repr(slot.day), allowed=allowed, message="no such day")


def _overlaps(slots: Iterable[WeekSlot]) -> Iterator[Fault]:
    real = [(place, slot) for place, slot in enumerate(slots) if 0 <= slot.day < len(DAYS)]
    for (_, one), (place, other) in itertools.combinations(real, 2):
        begin, _ = other.stretch_s
        if one.holds_at(begin % _WEEK_S) or other.holds_at(one.stretch_s[0] % _WEEK_S):
            message = f"overlaps with {one}"
            yield Fault(path=f"slots[{place}]", value=str(other), allowed="", message=message)
