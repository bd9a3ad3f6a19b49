"""The log of what the queue engine was told, by which a switch begins where it ended.

``engine.jsonl``: the first line says with which groups, members and time the engine began, each
further line one thing that it was told. Played back, the engine is what it was: who is free since
when, who waits, whose place is kept. Times are the engine's; they go on from where the last run
ended, so that the time in which the switch was down counts for nobody.

A log that has become long is replaced by one whose first line holds all that the engine knows, as
`Engine.freeze` writes it down. The new one is written aside, synced, and takes the old one's place
in one step, so that there is a whole log at every moment; the old one is kept beside it.

Lines are written in batches by a thread and synced to the disk. A process that is killed loses the
last moment; a line torn in the middle is cut off when the next one begins.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import attrs
import msgspec

from softswitch.acd import events as ev
from softswitch.acd.journal import Input
from softswitch.acd.model import Group, Member
from softswitch.durable import flush_folder
from softswitch.switch.journal import gather_more

log = logging.getLogger(__name__)

LINES_MAX: Final = 50_000
"""A log longer than this is replaced by one that begins with what the engine knows."""

_FORMAT: Final = 2
_FORMATS: Final = (1, _FORMAT)
"""Those that can be read; the first one knows no `Beginning.state`."""

_EVENTS: Final = {
    name: kind
    for name, kind in vars(ev).items()
    if isinstance(kind, type) and issubclass(kind, ev.EngineEvent)
}


@attrs.frozen(kw_only=True)
class Beginning:
    """How an engine began.

    Attributes:
        now: the engine's time.
        paused: members who were paused, and why.
        state: all that it knew, by `Engine.freeze`; None: it began with nothing.
    """

    groups: tuple[Group, ...]
    members: tuple[Member, ...]
    now: float
    paused: dict[str, str] = attrs.field(factory=dict)
    state: dict[str, Any] | None = None


@attrs.frozen(kw_only=True)
class LoggedPast:
    """What a log holds.

    Attributes:
        inputs: what the engine was told.
        length: bytes of the file that could be read; the rest is to be cut off.
    """

    beginning: Beginning
    inputs: tuple[Input, ...]
    length: int


def beginning_line(beginning: Beginning) -> str:
    """Write the first line of a log."""
    table = msgspec.to_builtins(attrs.evolve(beginning, state=None))
    return json.dumps({"engine_log": _FORMAT, **table, "state": beginning.state}) + "\n"


def input_line(told: Input) -> str:
    """Write one thing that an engine was told."""
    line: dict[str, Any] = {"now": told.now}
    if told.event is not None:
        line["event"] = type(told.event).__name__
        line |= msgspec.to_builtins(told.event)
    return json.dumps(line) + "\n"


def is_engine_log(path: Path) -> bool:
    """Tell whether a file is such a log."""
    with path.open("rb") as file:
        return b'"engine_log"' in file.read(64)


def read_log(path: Path) -> LoggedPast | None:
    """Read a log as far as it can be understood; None: there is none that can.

    Raises:
        OSError: the file is there and cannot be read.
    """
    try:
        lines = _whole_lines(path)
        first = next(lines)
    except (FileNotFoundError, StopIteration):
        return None
    try:
        beginning = msgspec.convert(_checked(first), Beginning)
    except (ValueError, KeyError, TypeError, msgspec.ValidationError) as error:
        log.warning("%s is no log that this version can read: %s", path, error)
        return None
    inputs, length = [], len(first)
    for line in lines:
        try:
            inputs.append(_input(line))
        except (ValueError, KeyError, TypeError, msgspec.ValidationError) as error:
            log.warning("%s is cut off at byte %d: %s", path, length, error)
            break
        length += len(line)
    return LoggedPast(beginning=beginning, inputs=tuple(inputs), length=length)


def _whole_lines(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        for line in file:
            if line.endswith(b"\n"):
                yield line


def _checked(line: bytes) -> dict[str, Any]:
    table: dict[str, Any] = json.loads(line)
    if table.pop("engine_log") not in _FORMATS:
        raise ValueError("it has another format")
    return table


def _input(line: bytes) -> Input:
    table = json.loads(line)
    now = float(table.pop("now"))
    name = table.pop("event", None)
    event = None if name is None else msgspec.convert(table, _EVENTS[name])
    return Input(now=now, event=event)


class EngineLog:
    """Takes what the engine is told, and keeps it.

    Attributes:
        muted: what the engine is told now is a repetition, and not to be kept.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.muted = False
        self._lines = 0
        self._fresh: list[Input] = []
        self._more = asyncio.Event()
        self._closing = asyncio.Event()
        self._writer: asyncio.Task[None] | None = None

    def note(self, told: Input) -> None:
        """Take one thing."""
        if not self.muted:
            self._fresh.append(told)
            self._more.set()

    def forget(self) -> None:
        """Leave aside what was taken and not yet written."""
        self.muted, self._fresh = False, []

    def begin(self, beginning: Beginning) -> None:
        """Begin a new file; the one before is kept beside it until the next time."""
        replace_log(self.path, beginning_line(beginning))
        self._lines = 0

    def go_on(self, past: LoggedPast) -> None:
        """Go on with the file that was read, less what could not be."""
        os.truncate(self.path, past.length)
        self._lines = len(past.inputs)

    def start(self, present: Callable[[], Beginning]) -> None:
        """Begin to write.

        Args:
            present: says how a new file could begin now, with everything in it that was noted;
                asked when this one has become long.
        """
        self._writer = asyncio.create_task(self._write(present), name="engine log")

    async def close(self) -> None:
        """Write what is left."""
        if self._writer is not None:
            self._closing.set()
            self._more.set()
            await self._writer

    async def _write(self, present: Callable[[], Beginning]) -> None:
        while not self._closing.is_set() or self._fresh:
            await self._more.wait()
            await gather_more(self._closing)
            self._more.clear()
            fresh, self._fresh = self._fresh, []
            try:
                await asyncio.to_thread(_append_inputs, self.path, fresh)
                self._lines += len(fresh)
                if self._lines > LINES_MAX:
                    fresh = await self._begin_anew(present)
            except OSError:
                log.exception("%d lines could not be written to %s", len(fresh), self.path)

    async def _begin_anew(self, present: Callable[[], Beginning]) -> list[Input]:
        """Replace the file; returns what was noted since the last lines were written."""
        self._lines = 0  # where it cannot be replaced, it is tried again after as many lines
        beginning, fresh, self._fresh = present(), self._fresh, []
        await asyncio.to_thread(_append_inputs, self.path, fresh)
        await asyncio.to_thread(self.begin, beginning)
        return fresh


def _append_inputs(path: Path, inputs: list[Input]) -> None:
    if inputs:
        _append(path, "".join(map(input_line, inputs)))


def _append(path: Path, text: str) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def replace_log(path: Path, first_line: str) -> None:
    """Put a new log in the place of one, in one step; the old one stays beside it."""
    aside, old = path.with_suffix(".new.jsonl"), path.with_suffix(".old.jsonl")
    aside.unlink(missing_ok=True)
    _append(aside, first_line)
    if path.exists():
        old.unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # a file system without links keeps no old one
            os.link(path, old)
    aside.replace(path)
    flush_folder(path.parent)
