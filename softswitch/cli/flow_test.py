"""``softswitch flow test``: the conversations written beside a flow, held and judged."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from softswitch.errors import ConfigurationError, Fault
from softswitch.ivr.conversations import Conversation, Verdict, load_conversations, run
from softswitch.ivr.model import Flow


def conversations_in(script: Path) -> tuple[Conversation, ...]:
    """Read the conversations of a file, at least one.

    Raises:
        ConfigurationError: it cannot be read, something in it is wrong, or it has none.
    """
    if not script.exists():
        message = "There is no such file: conversations with a flow stand here."
        raise ConfigurationError([Fault(path=str(script), message=message)])
    conversations = load_conversations(script)
    if not conversations:
        message = "There is no conversation."
        allowed = "a table [[conversation]] for each"
        raise ConfigurationError([Fault(path=str(script), message=message, allowed=allowed)])
    return conversations


def run_all(
    flow: Flow, conversations: Iterable[Conversation], console: Console, *, verbose: bool
) -> bool:
    """Hold every conversation and show how it went; tell whether all were as written."""
    verdicts = [run(flow, conversation) for conversation in conversations]
    for verdict in verdicts:
        _show(verdict, console, verbose=verbose)
    _summarise(flow, verdicts, console)
    return all(verdict.passed for verdict in verdicts)


def _show(verdict: Verdict, console: Console, *, verbose: bool) -> None:
    sign = ("✓ ", "green") if verdict.passed else ("✗ ", "bold red")
    console.print(Text.assemble(sign, verdict.name))
    if not verdict.passed:
        place = f"Step {verdict.step}: " if verdict.step else ""
        console.print(f"  {place}{verdict.wrong}", style="red", markup=False)
    if verdict.seen and (verbose or not verdict.passed):
        lines = [Text(line, "bold" if line.startswith(">") else "") for line in verdict.seen]
        console.print(Panel(Text("\n").join(lines), expand=False, border_style="dim"))


def _summarise(flow: Flow, verdicts: list[Verdict], console: Console) -> None:
    passed = sum(verdict.passed for verdict in verdicts)
    visited = {node for verdict in verdicts for node in verdict.nodes}
    missed = [name for name in flow.nodes if name not in visited]
    style = "bold green" if passed == len(verdicts) else "bold red"
    console.print(f"{passed} of {len(verdicts)} conversations went as written.", style=style)
    if missed:
        console.print(f"Nobody came to: {', '.join(missed)}.", style="yellow", markup=False)
