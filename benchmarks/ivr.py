"""Call flows under load: sessions per second, and menus on real calls.

    .venv/bin/python benchmarks/ivr.py [--json FILE] [--quick] [--only NAME]

See docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from types import MappingProxyType

import attrs
from ivr_load import pressing, sessions
from rich.console import Console
from sip_load.figures import Figure, as_json, write_json
from sip_load.machine import this_machine
from sip_load.report import table
from sip_load.under_test import UnderTestError
from sip_load.work import Work

from softswitch.errors import SoftswitchError

_LIMIT_S = 300.0
"""No measure takes longer."""

MEASURES: MappingProxyType[str, Callable[[Work], Awaitable[list[Figure]]]] = MappingProxyType(
    {"sessions": sessions.sessions, "keys": pressing.keys}
)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    parser.add_argument(
        "--quick", action="store_true", help="a fraction of time and load, without goals"
    )
    parser.add_argument(
        "--only", action="append", choices=list(MEASURES), help="may be given several times"
    )
    return parser.parse_args()


async def _measure(work: Work, names: Sequence[str]) -> list[Figure]:
    figures: list[Figure] = []
    for name in names:
        try:
            async with asyncio.timeout(_LIMIT_S):
                figures += await MEASURES[name](work)
        except (TimeoutError, UnderTestError, SoftswitchError) as error:
            why = str(error).partition("\n")[0] or f"not finished after {_LIMIT_S:g} s"
            figures.append(Figure(name=name, load="", value=None, unit="", goal=0.0, note=why))
    return [attrs.evolve(one, goal=None) for one in figures] if work.quick else figures


def main() -> int:
    """Run what is wanted; 1 when a goal is missed."""
    arguments = _arguments()
    console, machine = Console(), this_machine()
    console.print(
        f"{machine.processor}, Python {machine.python}, load average {machine.load:.2f}",
        highlight=False,
    )
    if machine.busy:
        console.print("The machine is busy: the figures are worse for it.", style="yellow")
    with Work(console, quick=arguments.quick) as work:
        figures = asyncio.run(_measure(work, arguments.only or list(MEASURES)))
    console.print(table(figures, "call flows under load"))
    if arguments.json is not None:
        write_json(arguments.json, as_json(figures, machine, work.pjsip))
    return 0 if all(figure.reached is not False for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
