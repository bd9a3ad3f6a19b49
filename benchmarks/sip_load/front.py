"""What is done at the command line by programs that measure real calls."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

import attrs
from rich.console import Console

from sip_load.figures import Figure, as_json, write_json
from sip_load.machine import Machine, this_machine
from sip_load.report import table
from sip_load.under_test import UnderTestError
from sip_load.work import Work
from softswitch.errors import SoftswitchError

Measures: TypeAlias = Mapping[str, Callable[[Work], Awaitable[list[Figure]]]]
"""What can be measured, by name."""


def run(measures: Measures, about: str, *, limit_s: float, title: str | None = None) -> int:
    """Run what is wanted; 1 when a goal is missed.

    Args:
        measures: what there is.
        about: what the program does; its first line is for ``--help``.
        limit_s: no measure takes longer.
        title: of the table; None: the usual one.
    """
    arguments = _arguments(measures, about)
    console, machine = Console(), this_machine()
    _introduce(console, machine)
    with Work(console, quick=arguments.quick) as work:
        wanted = arguments.only or list(measures)
        figures = asyncio.run(_measure(measures, work, wanted, limit_s))
    console.print(table(figures) if title is None else table(figures, title))
    if arguments.json is not None:
        write_json(arguments.json, as_json(figures, machine, work.pjsip))
    return 0 if all(figure.reached is not False for figure in figures) else 1


def _arguments(measures: Measures, about: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=about.partition("\n")[0])
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    parser.add_argument(
        "--quick", action="store_true", help="a fraction of time and load, without goals"
    )
    parser.add_argument(
        "--only", action="append", choices=list(measures), help="may be given several times"
    )
    return parser.parse_args()


async def _measure(
    measures: Measures, work: Work, names: Sequence[str], limit_s: float
) -> list[Figure]:
    figures: list[Figure] = []
    for name in names:
        try:
            async with asyncio.timeout(limit_s):
                found = await measures[name](work)
                figures += [attrs.evolve(one, goal=None) for one in found] if work.quick else found
        except TimeoutError:
            figures.append(_missing(name, f"not finished after {limit_s:g} s"))
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
