"""Times of day in words."""

from __future__ import annotations

import datetime as dt

import attrs

from softswitch.prompts.numbers import Numbers


@attrs.frozen(kw_only=True)
class PartOfDay:
    """Hours before ``until`` (and from where the part before ends) are said to be ``words``."""

    until: int
    words: str


@attrs.frozen(kw_only=True)
class Times:
    """How times are read; the attributes are those of the table ``[times]``.

    Languages that count to 12 name the part of the day. In templates, ``{hour}``, ``{minute}``
    and ``{part}`` stand for those in words.

    Attributes:
        hours: the words for the hours from 0 to 23.
        whole_hour: a whole hour after "from" or "until".
        hour_and_minute: any other time there.
        minute_below_ten: minutes from 1 to 9, with ``{minute}``.
        midnight: 00:00.
        midday: 12:00; empty where it is read as any hour is.
        alone: a whole hour standing alone: "eight o'clock in the morning".
        at: when something happens, with ``{time}``: "at eight".
        at_midnight: when something happens at 00:00.
        parts: parts of the day in order, the last until 24; none in languages that count to 24.
        plain: first and last hour whose part of the day goes without saying in opening hours.
    """

    hours: tuple[str, ...] = attrs.field(
        validator=attrs.validators.and_(attrs.validators.min_len(24), attrs.validators.max_len(24))
    )
    whole_hour: str
    hour_and_minute: str
    minute_below_ten: str
    midnight: str
    midday: str = ""
    alone: str
    at: str
    at_midnight: str
    parts: tuple[PartOfDay, ...] = ()
    plain: tuple[int, int] = (0, -1)

    def time(self, moment: dt.time, numbers: Numbers) -> str:
        """Return a time of day standing alone: "klokken otte", "eight o'clock in the morning".

        Seconds are left out.
        """
        if moment.minute or self._name(moment):
            return self.after(moment, numbers)
        return self._filled(self.alone, moment, numbers, part=True)

    def after(self, moment: dt.time, numbers: Numbers, *, part: bool = True) -> str:
        """Return a time of day as it stands after "from" or "until".

        Args:
            moment: the time; seconds are left out.
            numbers: of the same language.
            part: name the part of the day, in languages that count to 12, also where it goes
                without saying.
        """
        name = self._name(moment)
        if name:
            return name
        template = self.hour_and_minute if moment.minute else self.whole_hour
        needed = part or not self.plain[0] <= moment.hour <= self.plain[1]
        return self._filled(template, moment, numbers, part=needed)

    def when(self, moment: dt.time, numbers: Numbers, *, part: bool = True) -> str:
        """Return when something happens: "klokken otte", "at eight"; as `after`."""
        if not moment.hour and not moment.minute:
            return self.at_midnight
        return self.at.format(time=self.after(moment, numbers, part=part))

    def _name(self, moment: dt.time) -> str:
        whole = {0: self.midnight, 12: self.midday}
        return "" if moment.minute else whole.get(moment.hour, "")

    def _filled(self, template: str, moment: dt.time, numbers: Numbers, *, part: bool) -> str:
        minute = numbers.cardinal(moment.minute)
        if moment.minute < 10:
            minute = self.minute_below_ten.format(minute=minute)
        words = template.format(
            hour=self.hours[moment.hour],
            minute=minute,
            part=self._part(moment.hour) if part else "",
        )
        return words.rstrip()

    def _part(self, hour: int) -> str:
        return next((part.words for part in self.parts if hour < part.until), "")
