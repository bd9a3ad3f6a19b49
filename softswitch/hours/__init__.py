"""The calendar of an office: what holds at which time of the week and of the year.

Pure: nothing here reads a clock, a file or a network. The queue engine knows no weekdays at all;
whoever knows the time of day looks here and tells it.
"""

from softswitch.hours.calendar import DayPlan, OpeningHours, OpeningStatus
from softswitch.hours.days import (
    DayRule,
    NormalWeek,
    PublicHolidays,
    Ruling,
    Span,
    SpecialDay,
    YearlyDay,
    parse_span,
)
from softswitch.hours.imported import (
    Closure,
    Event,
    ImportedDays,
    absence_at,
    read_events,
    special_days,
)
from softswitch.hours.standard_week import StandardWeek, WeekSlot

__all__ = [
    "Closure",
    "DayPlan",
    "DayRule",
    "Event",
    "ImportedDays",
    "NormalWeek",
    "OpeningHours",
    "OpeningStatus",
    "PublicHolidays",
    "Ruling",
    "Span",
    "SpecialDay",
    "StandardWeek",
    "WeekSlot",
    "YearlyDay",
    "absence_at",
    "parse_span",
    "read_events",
    "special_days",
]
