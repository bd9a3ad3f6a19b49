"""The queue engine by itself: its speed beside SimPy and Ciw, and what size does to its cost.

    .venv/bin/python benchmarks/acd.py [--json FILE] [--quick]

No phones and no network: the engine alone, with all rules and records, told by this program what
people do. Takes about a minute and one core. See docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import attrs
from acd_load import decisions, rivals
from acd_load.rows import table
from rich.console import Console
from sip_load.machine import this_machine

from softswitch import machine_code

PLAIN = "plain Python: scripts/compile_engine.py makes it three times as fast"
MEASURES = (
    rivals.rivals,
    decisions.speed,
    decisions.by_groups,
    decisions.by_waiting,
    decisions.by_agents,
    decisions.memory,
)


def main() -> int:
    """Measure; 1 when a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    parser.add_argument("--quick", action="store_true", help="fewer batches")
    arguments = parser.parse_args()
    machine, console = this_machine(), Console()
    batches = 5 if arguments.quick else 30
    rows = [row for measure in MEASURES for row in measure(batches)]
    engine = "machine code" if machine_code.in_use() else PLAIN
    console.print(
        f"{machine.processor}, Python {machine.python}, load average {machine.load:.2f}; "
        f"the engine is {engine}",
        highlight=False,
    )
    console.print(table(rows))
    if arguments.json is not None:
        figures = [attrs.asdict(row) | {"reached": row.reached} for row in rows]
        found = {"machine": attrs.asdict(machine), "engine": engine, "figures": figures}
        arguments.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    return 0 if all(row.reached is not False for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
