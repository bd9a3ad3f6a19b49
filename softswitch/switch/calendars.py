"""The opening hours of an office at work, with what its calendar files say at the moment.

A source is read when the switch opens and then every so often, each on its own. What was read last
is kept, on disk too, and holds for as long as the source cannot be read: a web server that is away
closes no office and opens none.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import attrs
import httpx

from softswitch.durable import write_whole
from softswitch.hours import (
    Event,
    ImportedDays,
    OpeningHours,
    OpeningStatus,
    read_events,
    special_days,
)
from softswitch.switch.hours_tables import CalendarTable, HoursTable, opening_hours
from softswitch.switch.tasks import Tasks

MAX_BYTES: Final = 10_000_000
"""Larger files are refused: a calendar of ten years of an office has some hundred kilobytes."""

FETCH_S: Final = 20.0
"""A web server has this long for the whole file."""

WINDOW: Final = (timedelta(days=31), timedelta(days=430))
"""How far back and ahead events are looked at."""

_log = logging.getLogger(__name__)


class CalendarFeed:
    """One iCalendar file or address, and the events last read from it."""

    def __init__(
        self, source: CalendarTable, *, keep_in: Path, clock: Callable[[], datetime]
    ) -> None:
        """Set up; nothing is read yet.

        Args:
            source: where it comes from.
            keep_in: folder for the copy of what was fetched last.
            clock: the office's time of day.
        """
        self.source = source
        self.name = source.url or str(source.file)
        self.events: tuple[Event, ...] = ()
        self.trouble = ""
        digest = hashlib.sha256(self.name.encode()).hexdigest()[:16]
        self._copy = keep_in / f"{digest}.ics"
        self._clock = clock

    async def refresh(self) -> None:
        """Read it again; on failure say so in the log, once, and keep what there is."""
        try:
            text = await self._fetch()
            events = await asyncio.to_thread(self._read, text)
            if self.source.url:
                await asyncio.to_thread(self._keep, text)
        except (OSError, ValueError, httpx.HTTPError, httpx.InvalidURL) as error:
            await self._failed(error)
        else:
            self.events, self.trouble = events, ""

    async def _failed(self, error: Exception) -> None:
        trouble = f"{type(error).__name__}: {error}"
        if trouble != self.trouble:
            _log.warning("calendar %s cannot be read, the last copy holds: %s", self.name, trouble)
        self.trouble = trouble
        if not self.events:
            self.events = await asyncio.to_thread(self._last_copy)

    async def _fetch(self) -> bytes:
        if self.source.file is not None:
            return await asyncio.to_thread(_file_bytes, self.source.file)
        async with asyncio.timeout(FETCH_S), httpx.AsyncClient(follow_redirects=True) as client:
            return await _body(client, self.source.url)

    def _read(self, text: bytes) -> tuple[Event, ...]:
        now = self._clock()
        back, ahead = WINDOW
        zone = now.tzinfo
        if zone is None:
            raise ValueError("the office's time of day has no zone")
        return read_events(text, zone, (now - back).date(), (now + ahead).date())

    def _keep(self, text: bytes) -> None:
        self._copy.parent.mkdir(parents=True, exist_ok=True)
        write_whole(self._copy, text)

    def _last_copy(self) -> tuple[Event, ...]:
        try:
            return self._read(self._copy.read_bytes())
        except (OSError, ValueError):
            return ()


def _file_bytes(path: Path) -> bytes:
    with path.open("rb") as file:
        return _bounded(file.read(MAX_BYTES + 1))


async def _body(client: httpx.AsyncClient, url: str) -> bytes:
    body = bytearray()
    async with client.stream("GET", url) as answer:
        answer.raise_for_status()
        async for part in answer.aiter_bytes():
            body += part
            _bounded(body)
    return bytes(body)


def _bounded(text: bytes | bytearray) -> bytes:
    if len(text) > MAX_BYTES:
        raise ValueError(f"larger than {MAX_BYTES:,} bytes")
    return bytes(text)


class Calendars:
    """Every calendar of opening hours of an office."""

    def __init__(
        self,
        hours: Mapping[str, HoursTable],
        *,
        keep_in: Path,
        clock: Callable[[], datetime],
        tasks: Tasks,
    ) -> None:
        """Set up; no file is read before `open`.

        Args:
            hours: the tables of the office file, by their ids.
            keep_in: folder for copies of what was fetched.
            clock: the office's time of day, with its zone.
            tasks: run what goes on in the background.
        """
        self._clock = clock
        self._tasks = tasks
        self._timers: dict[CalendarFeed, asyncio.TimerHandle] = {}
        self._hours = {name: opening_hours(name, table) for name, table in hours.items()}
        self._feeds = {
            name: tuple(
                CalendarFeed(source, keep_in=keep_in, clock=clock) for source in table.calendars
            )
            for name, table in hours.items()
        }

    async def open(self) -> None:
        """Read every source once, then keep reading."""
        feeds = [feed for feeds in self._feeds.values() for feed in feeds]
        await asyncio.gather(*(feed.refresh() for feed in feeds))
        for name in self._feeds:
            self._take(name)
        for name, of_hours in self._feeds.items():
            for feed in of_hours:
                self._read_again_later(name, feed)

    def close(self) -> None:
        """Read no more."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()

    def status(self, name: str) -> OpeningStatus:
        """Whether a calendar is open now, and why.

        Raises:
            KeyError: there is no such calendar.
        """
        return self._hours[name].status(self._clock())

    def next_opening(self, name: str) -> datetime | None:
        """When it opens next, for the announcement; None: not within a year."""
        return self._hours[name].next_opening(self._clock())

    def opening_hours(self, name: str) -> OpeningHours:
        """Return a calendar as it is at the moment."""
        return self._hours[name]

    @property
    def troubles(self) -> Mapping[str, str]:
        """Sources that could not be read last time, with the reason."""
        feeds = (feed for feeds in self._feeds.values() for feed in feeds)
        return {feed.name: feed.trouble for feed in feeds if feed.trouble}

    def _read_again_later(self, name: str, feed: CalendarFeed) -> None:
        def read() -> None:
            self._tasks.spawn(self._read_again(name, feed), name=f"calendar {feed.name}")

        delay_s = 60.0 * feed.source.refresh_min
        self._timers[feed] = asyncio.get_running_loop().call_later(delay_s, read)

    async def _read_again(self, name: str, feed: CalendarFeed) -> None:
        await feed.refresh()
        self._take(name)
        if feed in self._timers:
            self._read_again_later(name, feed)

    def _take(self, name: str) -> None:
        events = [event for feed in self._feeds[name] for event in feed.events]
        imported = special_days(events) if events else ImportedDays()
        self._hours[name] = attrs.evolve(self._hours[name], imported=imported)
