"""What happened: records kept in memory for live views, and as JSON lines for later.

Records are facts of the queue engine and of the runtime. Lines are written in batches by a task
of its own, off the loop's thread; `Journal.close` writes what is left.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections import deque
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from softswitch.acd.model import Target
from softswitch.acd.records import CallRecord, Record

log = logging.getLogger(__name__)

KEPT = 1000
"""How many records, and how many finished calls, stay in memory."""

GATHER_S = 0.1
"""How long lines are gathered before a thread writes them: calls do not wait for the disk, and
the loop is not handed over to the thread for every one of them."""


class RecordingMade(Record, frozen=True, kw_only=True):
    """A conversation was recorded.

    Attributes:
        call_id: the call.
        path: the WAV file.
    """

    call_id: str
    path: Path


class CallTurnedAway(Record, frozen=True, kw_only=True):
    """A call reached a group that was closed; it joined no queue.

    Attributes:
        call_id: the call.
        group_id: the group.
        caller: number of the caller. Personal data.
        target: where the call went.
        rule: what closed the group: the normal week, or the name of a special day or holiday.
    """

    call_id: str
    group_id: str
    caller: str
    target: Target
    rule: str


class MessageLeft(Record, frozen=True, kw_only=True):
    """A caller left a message.

    Attributes:
        call_id: the call.
        group_id: whose voicemail: a group's, or a member's.
        caller: number of the caller. Personal data.
        path: the WAV file.
        length_s: how long the message is.
        urgent: the caller marked it so.
    """

    call_id: str
    group_id: str
    caller: str
    path: Path
    length_s: float
    urgent: bool = False


class DialledCall(Record, frozen=True, kw_only=True):
    """A call that the switch dialled for another one is over.

    Attributes:
        call_id: the call that it was dialled for.
        caller: number of that call's phone. Personal data.
        member_id: whose phone that is, where it is a member's: the member's outgoing call.
        target: what was dialled. Personal data.
        started_at: since when it was dialled.
        answered_at: since when the two talked, or None.
        transfer: a phone asked for it, for its partner (REFER).
    """

    call_id: str
    caller: str
    member_id: str | None
    target: str
    started_at: float
    answered_at: float | None
    transfer: bool = False


class SurveyAnswered(Record, frozen=True, kw_only=True):
    """A caller answered questions after a call.

    Attributes:
        call_id: the call, as in the group's records.
        group_id: the group that served the caller; empty: none did.
        member_id: who talked to the caller, or None.
        survey: id of the survey.
        answers: by question; those not answered are left out.
        comment: the recording of what was said freely, or None.
        complete: every question was answered.
    """

    call_id: str
    group_id: str
    member_id: str | None
    survey: str
    answers: dict[str, int]
    comment: Path | None = None
    complete: bool = True


class CallBackOrdered(Record, frozen=True, kw_only=True):
    """Somebody is to be called back.

    Attributes:
        order_id: the order.
        group_id: whose members call.
        number: whom they call. Personal data.
        origin: how it was ordered: by `phone`, on the `web` page, through the `api`, or by the
            `program` that embeds the switch.
        due: not before this time of day.
    """

    order_id: str
    group_id: str
    number: str
    origin: str
    due: datetime


class CallBackQueued(Record, frozen=True, kw_only=True):
    """The time of an ordered call back has come: it stands in the group's queue as a call.

    Attributes:
        order_id: the order.
        call_id: the call, as in the group's records.
        group_id: the group.
        origin: see `CallBackOrdered`.
    """

    order_id: str
    call_id: str
    group_id: str
    origin: str


class CallBackWithdrawn(Record, frozen=True, kw_only=True):
    """An ordered call back is over without a call.

    Attributes:
        order_id: the order.
        call_id: the call where it stood in the queue, else empty.
        group_id: the group.
        origin: see `CallBackOrdered`.
        why: `cancelled` by who ordered it, `late`: the wished window is over, or `impossible`: the
            group is gone.
    """

    order_id: str
    call_id: str
    group_id: str
    origin: str
    why: str


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
    return {"record": type(record).__name__, **msgspec.to_builtins(record, enc_hook=str)}


def _append(path: Path, lines: list[tuple[Record, datetime]]) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.writelines(f"{as_json(record, wall)}\n" for record, wall in lines)
