"""What was measured, a row for each figure."""

from __future__ import annotations

from collections.abc import Sequence

import attrs
from rich import box
from rich.table import Table


@attrs.frozen(kw_only=True)
class Row:
    """One line of the result.

    Attributes:
        measured: what.
        under: how much of it, or by what.
        value: the figure.
        unit: of the figure.
        ratio: to the first size of the same measure, or of softswitch to this program; or None.
        at_most: what the ratio may be at most.
        at_least: what it has to be at least.
    """

    measured: str
    under: str
    value: float
    unit: str
    ratio: float | None = None
    at_most: float | None = None
    at_least: float | None = None

    @property
    def reached(self) -> bool | None:
        """Whether the ratio is what it should be; None where there is no goal."""
        if self.ratio is None or (self.at_most is None and self.at_least is None):
            return None
        low = float("-inf") if self.at_least is None else self.at_least
        high = float("inf") if self.at_most is None else self.at_most
        return low <= self.ratio <= high

    @property
    def goal(self) -> str:
        """The goal of the ratio, for people."""
        if self.at_least is not None:
            return f"≥ {self.at_least:g}"
        return "" if self.at_most is None else f"≤ {self.at_most:g}"


def table(rows: Sequence[Row], title: str = "the queue engine by itself") -> Table:
    """One line for each figure."""
    shown = Table(title=title, box=box.SIMPLE_HEAD)
    for heading in ("measured", "under"):
        shown.add_column(heading)
    for heading in ("value", "ratio", "goal"):
        shown.add_column(heading, justify="right", no_wrap=True)
    shown.add_column("")
    words = {None: "", True: "[green]reached[/]", False: "[red]not reached[/]"}
    for row in rows:
        ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
        value = f"{row.value:,.0f}" if row.value >= 1000 else f"{row.value:.1f}"
        verdict = words[row.reached]
        shown.add_row(row.measured, row.under, f"{value} {row.unit}", ratio, row.goal, verdict)
    return shown
