"""Shows which step a long piece of work has reached."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Self

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn


class Steps:
    """Named steps, each with the time it took; they may overlap.

    On a terminal they are a live list; elsewhere plain lines.

    Args:
        console: where to.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._progress = Progress(
            SpinnerColumn(finished_text="[green]✓"),
            TextColumn("{task.description}"),
            TimeElapsedColumn(),
            console=console,
        )

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._progress.start()
        return self

    def __exit__(self, *_error: object) -> None:
        if self._console.is_terminal:
            self._progress.stop()

    def step(self, title: str) -> AbstractContextManager[None]:
        """Show ``title`` while the ``with`` block runs, and how long it took."""
        return self._live(title) if self._console.is_terminal else self._plain(title)

    @contextmanager
    def _live(self, title: str) -> Iterator[None]:
        task = self._progress.add_task(title, total=1)
        try:
            yield
        except BaseException:
            self._progress.update(task, description=f"[red]{title}: failed")
            self._progress.stop_task(task)
            raise
        self._progress.update(task, completed=1)

    @contextmanager
    def _plain(self, title: str) -> Iterator[None]:
        self._console.print(f"{title} ...")
        started = time.monotonic()
        yield
        self._console.print(f"{title}: done in {time.monotonic() - started:.1f} s")
