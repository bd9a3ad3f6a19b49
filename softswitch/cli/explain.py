"""``softswitch explain``: why a call went where it went."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from softswitch.cli.output import errors_explained
from softswitch.cli.words import number
from softswitch.switch.story import Step, StepKind, Story, read_lines, tell

_STYLES = {
    StepKind.JOINED: "cyan",
    StepKind.CONNECTED: "green",
    StepKind.ENDED: "bold",
}


def explain(
    log: Annotated[
        Path,
        typer.Argument(
            metavar="LOG", help="Data folder of an office, its journal.jsonl, or engine.jsonl."
        ),
    ],
    *,
    call: Annotated[str, typer.Option(metavar="ID", help="The call's id, as in the journal.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Say why a call went where it went: who was rung, why not the others, what came of it."""
    with errors_explained():
        story = tell(read_lines(log), call)
    if as_json:
        typer.echo(json.dumps(as_table(story), indent=2))
    else:
        show(story, Console())


def as_table(story: Story) -> dict[str, Any]:
    """Return a story for JSON."""
    return {
        "call": story.call_id,
        "caller": story.caller,
        "outcome": story.outcome,
        "steps": [_step_as_table(step) for step in story.steps],
    }


def _step_as_table(step: Step) -> dict[str, Any]:
    return {
        "kind": step.kind.value,
        "at_s": step.at_s,
        "time": step.time.isoformat() if step.time else None,
        "text": step.text,
        "not_chosen": dict(step.not_chosen),
    }


def show(story: Story, console: Console) -> None:
    """Print a story as a timeline."""
    title = f"Call {story.call_id} from {number(story.caller)}"
    console.print(Text(title, style="bold"))
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(justify="right", style="dim", no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    table.add_column()
    for step in story.steps:
        clock = f"{step.time:%H:%M:%S}" if step.time else ""
        table.add_row(clock, f"{step.at_s:.1f} s", _text(step))
    console.print(table)
    if story.outcome is None:
        console.print("The log does not tell how it ended: it may still go on.")


def _text(step: Step) -> Text:
    text = Text(step.text, style=_STYLES.get(step.kind, ""))
    for member, why in step.not_chosen:
        text.append(f"\n  not {member}: {why}", style="dim")
    return text
