"""What stands on the screen at the end."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from demo_parts.people import Caller
from demo_parts.stage import Stage
from softswitch.acd.records import CallOutcome
from softswitch.cli.words import OUTCOMES, duration

_COLOURS = {CallOutcome.ANSWERED: "green", CallOutcome.ABANDONED: "red"}


def show_calls(stage: Stage, console: Console) -> None:
    """Print a row for every caller, and where the recordings lie."""
    table = Table(
        title="The calls",
        title_justify="left",
        box=SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
        padding=(0, 1, 0, 0),  # fits a terminal of 80 columns
    )
    for title in ("Caller", "Called", "Outcome", "Waited", "Agent", "Talked", "File"):
        right = title in {"Waited", "Talked", "File"}
        wraps = title == "Called"
        table.add_column(title, justify="right" if right else "left", no_wrap=not wraps)
    recordings: list[Path] = []
    for caller in stage.callers.values():
        table.add_row(*_row(stage, caller, recordings))
    console.print(table)
    console.print("Recordings, caller and agent both in each:", style="bold")
    for place, path in enumerate(recordings, start=1):
        console.print(f"  {place}  {os.path.relpath(path)}", soft_wrap=True, markup=False)


def _row(stage: Stage, caller: Caller, recordings: list[Path]) -> list[str]:
    calls = stage.calls_of(caller)
    last, path = calls[-1], stage.recording_of(calls[-1])
    if path is not None:
        recordings.append(path)
    answered = last.ended_at if last.answered_at is None else last.answered_at
    route = " → ".join(call.group_id for call in calls)
    agent = stage.agents[last.member_id].role.name if last.member_id else ""
    return [
        stage.caller_name(caller.role.id),
        f"{caller.role.dials} {route}",
        f"[{_COLOURS.get(last.outcome, 'magenta')}]{OUTCOMES[last.outcome]}",
        duration(answered - calls[0].joined_at),
        agent,
        "" if last.answered_at is None else duration(last.ended_at - last.answered_at),
        "" if path is None else str(len(recordings)),
    ]


def show_verdict(faults: Sequence[str], console: Console) -> None:
    """Print whether the story went as it should."""
    for fault in faults:
        console.print(f"[red]Not as told:[/] {fault}")
    if not faults:
        console.print(
            "[green]As told.[/] Found again in the sound itself: both voices in every recording;"
            " “vent venligst”, music and the place in the queue in what waiting callers heard."
        )
