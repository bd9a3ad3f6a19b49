"""The calendar of an office: what holds at which time of the week.

Pure: nothing here reads a clock. The queue engine knows no weekdays at all; whoever knows the
time of day looks here and tells it.
"""

from softswitch.hours.standard_week import StandardWeek, WeekSlot

__all__ = ["StandardWeek", "WeekSlot"]
