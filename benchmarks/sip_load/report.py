"""The result as a table for people."""

from __future__ import annotations

from collections.abc import Sequence

from rich import box
from rich.table import Table

from sip_load.figures import Figure


def _number(value: float | None) -> str:
    if value is None:
        return "-"
    if value == int(value) and abs(value) < 1e6:
        return str(int(value))
    return (
        f"{value:.3f}" if abs(value) < 1 else f"{value:.2f}" if abs(value) < 100 else f"{value:.0f}"
    )


def _goal(figure: Figure) -> str:
    if figure.goal is None or not figure.unit:
        return ""
    return f"{'≥' if figure.at_least else '≤'} {_number(figure.goal)}"


def _verdict(figure: Figure) -> str:
    words = {None: "", True: "[green]reached[/]", False: "[red]not reached[/]"}
    return words[figure.reached]


def table(figures: Sequence[Figure], title: str = "softswitch under load") -> Table:
    """One row for each figure."""
    shown = Table(title=title, box=box.SIMPLE_HEAD)
    shown.add_column("measured")
    shown.add_column("under")
    for heading in ("value", "goal"):
        shown.add_column(heading, justify="right", no_wrap=True)
    for heading in ("", "Asterisk 22", "note"):
        shown.add_column(heading)
    for one in figures:
        value = f"{_number(one.value)} {one.unit}"
        shown.add_row(one.name, one.load, value, _goal(one), _verdict(one), one.elsewhere, one.note)
    return shown
