"""Who has which direct number, and whether they are there: by their calendar and by their phone."""

from __future__ import annotations

import asyncio
import tomllib
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from softswitch.hours import absence_at, read_events
from softswitch.prompts.messages import language
from softswitch.prompts.phrases import Phrases
from softswitch.switch import OfficeConfig, Switch
from softswitch.switch.hours_tables import opening_hours

FOLDER: Final = Path(__file__).parent

WHY: Final = {
    "ferie": "holder ferie",
    "møde": "er til møde",
    "kursus": "er på kursus",
    "barsel": "er på barsel",
}
"""What is said for a word in the title of an event; titles themselves are nobody's business."""

AHEAD: Final = timedelta(days=90)
"""How far one absence after the other is followed."""

AWAY: Final = "er ikke til stede"

HERE: Final[dict[str, object]] = {"absent": False, "why": "", "until": ""}


def why(title: str) -> str:
    """Say why somebody is away, in words fit for everybody."""
    folded = title.casefold()
    return next((words for word, words in WHY.items() if word in folded), AWAY)


class People:
    """The employees with a direct number."""

    def __init__(self, switch: Switch, config: OfficeConfig, folder: Path = FOLDER) -> None:
        """Read who has which number.

        Args:
            switch: knows who paused by phone.
            config: its office: members, and when somebody who is back can be reached.
            folder: with ``people.toml`` and ``calendars``.
        """
        self._switch = switch
        self._members = {member.id: member for member in config.members}
        self._hours = opening_hours("office", config.hours["office"])
        self._calendars = folder / "calendars"
        self._people: Mapping[str, Mapping[str, Any]] = tomllib.loads(
            (folder / "people.toml").read_text(encoding="utf-8")
        )

    async def employee(self, number: str) -> dict[str, object] | None:
        """Answer the look-up ``employee``; None: nobody has this number."""
        person = self._people.get(number)
        if person is None:
            return None
        member = self._members[person["member"]]
        deputy = self._members.get(person.get("deputy", ""))
        who: dict[str, object] = {
            "member": member.id,
            "department": person["department"],
            "name": member.name,
            "address": member.address,
            "policy": person["no_answer"],
            "deputy": "" if deputy is None else deputy.address,
        }
        now = self._switch.snapshot().time
        away = await asyncio.to_thread(self.by_calendar, member.id, now)
        return who | (away or self._by_phone(member.id))

    def _by_phone(self, member: str) -> dict[str, object]:
        """Say whether somebody paused, or logged out, by phone: nobody knows for how long."""
        state = self._switch.snapshot().engine.member(member)
        if state.active and not state.paused:
            return HERE
        return {"absent": True, "why": why(state.reason), "until": ""}

    def by_calendar(self, member: str, now: datetime) -> dict[str, object]:
        """Say whether somebody is away by the calendar, and until when. Reads the disk.

        Returns:
            Nothing when the calendar knows of no absence, or there is none.
        """
        file = self._calendars / f"{member}.ics"
        if not file.exists():
            return {}
        day, zone = now.date(), now.tzinfo
        assert zone is not None
        events = read_events(file.read_bytes(), zone, day, day + AHEAD)
        absence = absence_at(events, now)
        if absence is None:
            return {}
        reason, back = why(absence.title), now
        while absence is not None:  # a course may follow the holiday
            back = self._first_at_work(absence.end.astimezone(zone))
            absence = absence_at(events, back)
        words = language("da").phrases
        until = words.time(back.time()) if back.date() == day else _day(words, back)
        return {"absent": True, "why": reason, "until": until}

    def _first_at_work(self, end: datetime) -> datetime:
        """Return when somebody can be reached whose absence ends: not before it opens."""
        if self._hours.is_open(end):
            return end
        return self._hours.next_opening(end) or end


def _day(words: Phrases, back: datetime) -> str:
    return words.date(back.date(), year=False, weekday=True)
