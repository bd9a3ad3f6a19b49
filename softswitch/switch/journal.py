"""What happened: records kept in memory for live views, and as JSON lines for later.

Records are facts of the queue engine and of the runtime. Lines are written in batches by a task
of its own, off the loop's thread; `Journal.close` writes what is left.
"""

from __future__ import annotations

import asyncio
import contextlib
import enum
import json
import logging
from collections import deque
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import attrs

from softswitch.acd.records import CallRecord, Record

log = logging.getLogger(__name__)

KEPT = 1000
"""How many records, and how many finished calls, stay in memory."""

GATHER_S = 0.1
"""How long lines are gathered before a thread writes them: calls do not wait for the disk, and
the loop is not handed over to the thread for every one of them."""


@attrs.frozen(kw_only=True)
class RecordingMade(Record):
    """A conversation was recorded.

    Attributes:
        call_id: the call.
        path: the WAV file.
    """

    call_id: str
    path: Path


@attrs.frozen(kw_only=True)
class MessageLeft(Record):
    """A caller spoke to a group's voicemail.

    Attributes:
        call_id: the call.
        group_id: whose voicemail.
        caller: number of the caller. Personal data.
        path: the WAV file.
        length_s: how long the message is.
    """

    call_id: str
    group_id: str
    caller: str
    path: Path
    length_s: float


class Journal:
    """Takes every record, keeps the latest, and passes all of them on."""

    def __init__(self, wall: Callable[[float], datetime], file: Path | None) -> None:
        self._wall = wall
        self._file = file
        self._recent: deque[Record] = deque(maxlen=KEPT)
        self._finished: deque[CallRecord] = deque(maxlen=KEPT)
        self._listeners: list[Callable[[Record], None]] = []
        self._readers: set[asyncio.Queue[Record | None]] = set()
        self._lines: list[tuple[Record, datetime]] = []
        self._more = asyncio.Event()
        self._closing = asyncio.Event()
        self._writer: asyncio.Task[None] | None = None

    @property
    def recent(self) -> tuple[Record, ...]:
        """The latest records, the oldest first."""
        return tuple(self._recent)

    @property
    def finished(self) -> tuple[CallRecord, ...]:
        """The calls that ended last, the oldest first."""
        return tuple(self._finished)

    def listen(self, listener: Callable[[Record], None]) -> None:
        """Give every record from now on to ``listener`` as well."""
        self._listeners.append(listener)

    def read(self) -> AsyncIterator[Record]:
        """Iterate over every record from now on, until the journal is closed."""
        queue: asyncio.Queue[Record | None] = asyncio.Queue()
        self._readers.add(queue)
        return self._read(queue)

    async def _read(self, queue: asyncio.Queue[Record | None]) -> AsyncIterator[Record]:
        try:
            while (record := await queue.get()) is not None:
                yield record
        finally:
            self._readers.discard(queue)

    def note(self, record: Record) -> None:
        """Take a record."""
        self._recent.append(record)
        if isinstance(record, CallRecord):
            self._finished.append(record)
        if self._file is not None:
            self._lines.append((record, self._wall(record.at)))
            self._more.set()
        for queue in self._readers:
            queue.put_nowait(record)
        for listener in self._listeners:
            self._call(listener, record)

    def start(self) -> None:
        """Begin to write lines."""
        self._writer = asyncio.create_task(self._write(), name="journal")

    async def close(self) -> None:
        """Write what is left and let readers go."""
        if self._writer is not None:
            self._closing.set()
            self._more.set()
            await self._writer
        for queue in self._readers:
            queue.put_nowait(None)

    async def _write(self) -> None:
        while not self._closing.is_set() or self._lines:
            await self._more.wait()
            await gather_more(self._closing)
            await self._flush()

    async def _flush(self) -> None:
        lines, self._lines = self._lines, []
        self._more.clear()
        if self._file is None or not lines:
            return
        try:
            await asyncio.to_thread(_append, self._file, lines)
        except OSError:
            log.exception("%d records could not be written to %s", len(lines), self._file)

    def _call(self, listener: Callable[[Record], None], record: Record) -> None:
        try:
            listener(record)
        except Exception:
            log.exception("a listener failed on %s", type(record).__name__)


async def gather_more(closing: asyncio.Event) -> None:
    """Give lines time to gather, unless it is time to write what is left."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(GATHER_S):
            await closing.wait()


def as_json(record: Record, wall: datetime) -> str:
    """Return a record as one line of JSON, with the time of day beside the engine's time."""
    return json.dumps({"record": "", "time": wall.isoformat(), **fields_of(record)})


def fields_of(record: Record) -> dict[str, Any]:
    """Return a record as JSON has it, with the name of its kind."""
    fields = attrs.asdict(record, value_serializer=_plain)
    return {"record": type(record).__name__, **fields}


def _plain(_record: object, _field: object, value: object) -> object:
    if isinstance(value, enum.Enum):
        return value.value
    return str(value) if isinstance(value, Path) else value


def _append(path: Path, lines: list[tuple[Record, datetime]]) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.writelines(f"{as_json(record, wall)}\n" for record, wall in lines)
