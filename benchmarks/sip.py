"""How many calls a switch carries, how fast, and what each costs: `make bench`.

    .venv/bin/python benchmarks/sip.py [--json FILE] [--quick] [--only NAME]

Raises the load until something gives or the stated load is reached. See docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from types import MappingProxyType

import attrs
from rich.console import Console
from sip_load import bridging, calls, queueing, waiting
from sip_load.figures import Figure, as_json, write_json
from sip_load.machine import Machine, this_machine
from sip_load.report import table
from sip_load.under_test import UnderTestError
from sip_load.work import Work

from softswitch.errors import SoftswitchError

_LIMIT_S = 420.0
"""No measure takes longer."""

MEASURES: MappingProxyType[str, Callable[[Work], Awaitable[list[Figure]]]] = MappingProxyType(
    {
        "calls": calls.plain_calls,
        "flow": calls.flow_calls,
        "memory": calls.memory,
        "music": waiting.music,
        "wait": waiting.office_music,
        "bridge": bridging.bridged,
        "ring": queueing.first_ring,
        "next": queueing.next_ring,
    }
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
                found = await MEASURES[name](work)
                figures += [attrs.evolve(one, goal=None) for one in found] if work.quick else found
        except TimeoutError:
            figures.append(_missing(name, f"not finished after {_LIMIT_S:g} s"))
        except (UnderTestError, SoftswitchError) as error:
            figures.append(_missing(name, str(error).partition("\n")[0]))
    return figures


def _missing(name: str, why: str) -> Figure:
    return Figure(name=name, load="", value=None, unit="", goal=0.0, note=why)


def _introduce(console: Console, machine: Machine) -> None:
    console.print(
        f"{machine.processor}, {machine.cores} cores, Linux {machine.kernel}, "
        f"Python {machine.python}, load average {machine.load:.2f}",
        highlight=False,
    )
    if machine.busy:
        console.print(
            "The machine is busy: the figures will be worse than the switch is.", style="yellow"
        )


def main() -> int:
    """Run what is wanted; 1 when a goal is missed."""
    arguments = _arguments()
    console, machine = Console(), this_machine()
    _introduce(console, machine)
    with Work(console, quick=arguments.quick) as work:
        figures = asyncio.run(_measure(work, arguments.only or list(MEASURES)))
    console.print(table(figures))
    if arguments.json is not None:
        write_json(arguments.json, as_json(figures, machine, work.pjsip))
    return 0 if all(figure.reached is not False for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
