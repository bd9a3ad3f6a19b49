"""The log of what the queue engine was told, by which a switch begins where it ended.

``engine.jsonl``: the first line says with which groups, members and time the engine began, each
further line one thing that it was told. Played back, the engine is what it was: who is free since
when, who waits, whose place is kept. Times are the engine's; they go on from where the last run
ended, so that the time in which the switch was down counts for nobody.

Lines are written in batches by a thread and synced to the disk. A process that is killed loses the
last moment; a line torn in the middle is cut off when the next one begins.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import attrs
import cattrs
from cattrs.preconf.json import make_converter

from softswitch.acd import events as ev
from softswitch.acd.journal import Input
from softswitch.acd.model import Group, Member
from softswitch.switch.journal import gather_more

log = logging.getLogger(__name__)

LINES_MAX: Final = 50_000
"""A log longer than this is begun anew at the next quiet moment."""

_FORMAT: Final = 1
_EVENTS: Final = {
    name: kind
    for name, kind in vars(ev).items()
    if isinstance(kind, type) and issubclass(kind, ev.EngineEvent)
}
_CONVERTER: Final = make_converter()


@attrs.frozen(kw_only=True)
class Beginning:
    """How an engine began.

    Attributes:
        now: the engine's time.
        paused: members who were paused, and why.
    """

    groups: tuple[Group, ...]
    members: tuple[Member, ...]
    now: float
    paused: dict[str, str] = attrs.field(factory=dict)


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
    return json.dumps({"engine_log": _FORMAT, **_CONVERTER.unstructure(beginning)}) + "\n"


def input_line(told: Input) -> str:
    """Write one thing that an engine was told."""
    line: dict[str, Any] = {"now": told.now}
    if told.event is not None:
        line["event"] = type(told.event).__name__
        line |= _CONVERTER.unstructure(told.event)
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
        beginning = _CONVERTER.structure(_checked(first), Beginning)
    except (ValueError, KeyError, TypeError, cattrs.BaseValidationError) as error:
        log.warning("%s is no log that this version can read: %s", path, error)
        return None
    inputs, length = [], len(first)
    for line in lines:
        try:
            inputs.append(_input(line))
        except (ValueError, KeyError, TypeError, cattrs.BaseValidationError) as error:
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
    if table.pop("engine_log") != _FORMAT:
        raise ValueError("it has another format")
    return table


def _input(line: bytes) -> Input:
    table = json.loads(line)
    now = float(table.pop("now"))
    name = table.pop("event", None)
    event = None if name is None else _CONVERTER.structure(table, _EVENTS[name])
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
        if self.path.exists():
            self.path.replace(self.path.with_suffix(".old.jsonl"))
        _append(self.path, beginning_line(beginning))
        self._lines = 0

    def go_on(self, past: LoggedPast) -> None:
        """Go on with the file that was read, less what could not be."""
        os.truncate(self.path, past.length)
        self._lines = len(past.inputs)

    def start(self, quiet: Callable[[], Beginning | None]) -> None:
        """Begin to write.

        Args:
            quiet: says how a new file could begin now; asked when this one has become long.
        """
        self._writer = asyncio.create_task(self._write(quiet), name="engine log")

    async def close(self) -> None:
        """Write what is left."""
        if self._writer is not None:
            self._closing.set()
            self._more.set()
            await self._writer

    async def _write(self, quiet: Callable[[], Beginning | None]) -> None:
        while not self._closing.is_set() or self._fresh:
            await self._more.wait()
            await gather_more(self._closing)
            self._more.clear()
            fresh, self._fresh = self._fresh, []
            try:
                await asyncio.to_thread(_append_inputs, self.path, fresh)
                self._lines += len(fresh)
                if self._lines > LINES_MAX and not self._fresh and (beginning := quiet()):
                    await asyncio.to_thread(self.begin, beginning)
            except OSError:
                log.exception("%d lines could not be written to %s", len(fresh), self.path)


def _append_inputs(path: Path, inputs: list[Input]) -> None:
    if inputs:
        _append(path, "".join(map(input_line, inputs)))


def _append(path: Path, text: str) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
