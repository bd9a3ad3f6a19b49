"""What softswitch uses of recurring-ical-events, which carries no annotations of its own."""

from datetime import date, datetime

import icalendar

class CalendarQuery:
    def between(self, start: date | datetime, stop: date | datetime) -> list[icalendar.Event]: ...

def of(a_calendar: icalendar.Component, *, skip_bad_series: bool = False) -> CalendarQuery: ...
