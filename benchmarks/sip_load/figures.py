"""What was measured, held against what is to be reached."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import attrs
import numpy as np

from sip_load.machine import Machine


@attrs.frozen(kw_only=True)
class Figure:
    """One line of the result.

    Attributes:
        name: what was measured.
        load: under what.
        value: the figure; None where it could not be had.
        unit: of value and goal.
        goal: what is to be reached; None where there is no goal.
        at_least: the goal is a least value, not a greatest.
        elsewhere: what Asterisk 22 does on a machine of the same size.
        note: what the reader should know; why there is no figure.
    """

    name: str
    load: str
    value: float | None
    unit: str
    goal: float | None = None
    at_least: bool = False
    elsewhere: str = ""
    note: str = ""

    @property
    def reached(self) -> bool | None:
        """Whether the goal is reached; None where there is none."""
        if self.goal is None:
            return None
        if self.value is None:
            return False
        return self.value >= self.goal if self.at_least else self.value <= self.goal


def percentile_ms(times_s: Sequence[float], percent: float) -> float | None:
    """Percentile of times in seconds, in milliseconds; None when there are none."""
    return float(np.percentile(times_s, percent)) * 1000 if len(times_s) else None


def as_json(figures: Sequence[Figure], machine: Machine, pjsip: str) -> str:
    """Everything as text for programs."""
    rows = [attrs.asdict(figure) | {"reached": figure.reached} for figure in figures]
    return json.dumps({"machine": attrs.asdict(machine), "pjsip": pjsip, "figures": rows}, indent=2)


def write_json(path: Path, text: str) -> None:
    """Write the result, with the folder that it lies in."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text + "\n", encoding="utf-8")
