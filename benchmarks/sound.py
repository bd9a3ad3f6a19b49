"""Sound by itself: codecs, key presses, resampling and announcements, beside other programs.

    .venv/bin/python benchmarks/sound.py [--json FILE] [--only NAME]

No calls and no network. Everybody gets the same sound, one after the other, in the same run. Takes
about two minutes and one core. See docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import MappingProxyType

import attrs
from acd_load.rows import Row, table
from rich.console import Console
from sip_load.machine import this_machine
from sound_load import codecs, keys, rendering, resampling

MEASURES: MappingProxyType[str, Callable[[], list[Row]]] = MappingProxyType(
    {
        "codecs": codecs.rows,
        "keys": keys.rows,
        "resampling": resampling.rows,
        "rendering": rendering.rows,
    }
)


def main() -> int:
    """Measure; 1 when a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    parser.add_argument(
        "--only", action="append", choices=list(MEASURES), help="may be given several times"
    )
    arguments = parser.parse_args()
    machine, console = this_machine(), Console()
    rows = [row for name in arguments.only or MEASURES for row in MEASURES[name]()]
    console.print(
        f"{machine.processor}, Python {machine.python}, load average {machine.load:.2f}",
        highlight=False,
    )
    console.print(table(rows, "sound by itself"))
    if arguments.json is not None:
        figures = [attrs.asdict(row) | {"reached": row.reached} for row in rows]
        found = {"machine": attrs.asdict(machine), "figures": figures}
        arguments.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    return 0 if all(row.reached is not False for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
