"""What every measure is given: how long it may take, and a place to say how it goes."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Iterator, Sequence
from typing import Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
)

_TICK_S = 0.25


class Work:
    """Progress of the whole benchmark. Use as a context manager.

    Attributes:
        quick: a fraction of the time and of the load.
        pjsip: version that the switch under test runs on; empty before it was asked.
    """

    def __init__(self, console: Console, *, quick: bool) -> None:
        self.quick = quick
        self.pjsip = ""
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            TimeElapsedColumn(),
            console=console,
        )

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def say(self, text: str) -> None:
        """Write a line above the bars."""
        self._progress.console.print(f"  {text}", highlight=False, markup=False)

    def steps(self, loads: Sequence[int], title: str, unit: str) -> Iterator[int]:
        """Give one load after the other, showing which."""
        task = self._progress.add_task(title, total=len(loads))
        for load in loads:
            self._progress.update(task, description=f"{title}: {load} {unit}")
            yield load
            self._progress.advance(task)

    @contextlib.contextmanager
    def passing(self, title: str, seconds: float) -> Iterator[None]:
        """Show time going by while something runs that takes about so long."""
        task = self._progress.add_task(title, total=seconds)
        clock = asyncio.create_task(self._clock(task, seconds))
        try:
            yield
        finally:
            clock.cancel()
            self._progress.update(task, completed=seconds)

    async def _clock(self, task: int, seconds: float) -> None:
        begun_s = time.monotonic()
        while (passed_s := time.monotonic() - begun_s) < seconds:
            self._progress.update(task, completed=passed_s)  # type: ignore[arg-type] # TaskID is an int
            await asyncio.sleep(_TICK_S)
