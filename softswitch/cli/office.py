"""``softswitch check`` and ``softswitch run``: an office file looked at, and run."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Annotated, Final

import typer
from rich.console import Console

from softswitch.cli.flow_watching import flows_followed
from softswitch.cli.following import library_followed
from softswitch.cli.live import watch
from softswitch.cli.modules import Modules, extend, imported
from softswitch.cli.office_logging import LogLevel, logs_shown
from softswitch.cli.office_view import (
    capacity,
    describe,
    describe_faults,
    fault_lines,
    show,
    show_faults,
)
from softswitch.cli.output import errors_explained
from softswitch.cli.reloading import reloaded_on_signal
from softswitch.errors import ConfigurationError
from softswitch.switch.config import OfficeConfig
from softswitch.switch.loading import load_office

FAULTY: Final = 2
"""Exit status of a refused office file."""

CUT_SHORT: Final = 1
"""Exit status of a switch that was told to stop at once."""

OfficeFile = Annotated[Path, typer.Argument(metavar="OFFICE.TOML", help="The office file.")]


def check(
    office: OfficeFile,
    *,
    modules: Modules = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Say what would run, or everything that is wrong with an office file (exit status 2)."""
    with errors_explained():
        imported(modules, office)
    try:
        config = load_office(office, flows=bool(modules))
    except ConfigurationError as error:
        if as_json:
            typer.echo(json.dumps(describe_faults(error.faults, office), indent=2))
        else:
            show_faults(error.faults, office, Console())
        raise typer.Exit(FAULTY) from None
    facts = capacity()
    if as_json:
        typer.echo(json.dumps(describe(config, office, facts), indent=2))
    else:
        show(config, office, facts, Console())


def run(
    office: OfficeFile,
    *,
    modules: Modules = None,
    drain_s: Annotated[
        float,
        typer.Option("--drain", min=0, help="Seconds that calls get to end after a first signal."),
    ] = 30.0,
    log_level: Annotated[
        LogLevel,
        typer.Option("--log-level", help="The least important messages that are logged."),
    ] = LogLevel.INFO,
) -> None:
    """Run an office until SIGINT or SIGTERM: the first lets calls end, the second ends them.

    SIGHUP reads the office file again.
    """
    with errors_explained():
        found = imported(modules, office)
    try:
        config = load_office(office, flows=bool(modules))
    except ConfigurationError as error:
        typer.echo("\n".join(fault_lines(error.faults, office)), err=True)
        raise typer.Exit(FAULTY) from None
    screen = Console()
    with errors_explained(), logs_shown(log_level, screen):
        try:
            asyncio.run(_serve(config, office, found, drain_s, screen))
        except asyncio.CancelledError:
            raise typer.Exit(CUT_SHORT) from None


class _Signals:
    """Counts SIGINT and SIGTERM: the first sets `asked`, the second cancels the task at work."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self._task = asyncio.current_task()
        self._loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            self._loop.add_signal_handler(number, self._received)

    def _received(self) -> None:
        if self.asked.is_set() and self._task:
            self._task.cancel()
        self.asked.set()


async def _serve(
    config: OfficeConfig,
    office: Path,
    modules: Sequence[ModuleType],
    drain_s: float,
    console: Console,
) -> None:
    """Run the switch until a signal, then drain it.

    Raises:
        asyncio.CancelledError: a second signal came.
    """
    from softswitch.switch.switch import Switch  # noqa: PLC0415 - loads PJSIP

    signals = _Signals()
    switch = Switch(config)
    extend(switch, modules)
    async with (
        switch,
        watch(switch, console),
        reloaded_on_signal(switch, office, flows=bool(modules)),
        library_followed(switch, config.data_dir),
        flows_followed(switch, config.flows),
    ):
        console.print(f"Running {config.name or 'the office'}; Ctrl-C drains and stops.")
        await signals.asked.wait()
        console.print(f"Stopping: no new calls; those in progress have {drain_s:g} s.")
        await switch.drain(drain_s)
    console.print("Stopped.")
