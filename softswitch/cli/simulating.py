"""What ``simulate`` and ``staff`` share: from options to experiments, and running them."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import attrs
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from softswitch.cli.modules import imported
from softswitch.cli.office_view import fault_lines
from softswitch.errors import ConfigurationError, Fault, MisuseError
from softswitch.reports.erlang import Demand, ErlangA, ErlangC, Forecast, Model, agents_needed
from softswitch.reports.service_level import Goal
from softswitch.simulation import distributions
from softswitch.simulation.journal import read_journal
from softswitch.simulation.office import Answering, Experiment, Office
from softswitch.simulation.picture import Curve
from softswitch.simulation.replay import RecordedTraffic
from softswitch.simulation.replications import Outcome, replicate
from softswitch.simulation.staffing import StaffingPoint
from softswitch.simulation.traffic import DrawnTraffic
from softswitch.switch.config import OfficeConfig
from softswitch.switch.loading import load_office

FAULTY: Final = 2
"""Exit status of a refused office file."""


def read_office(path: Path, modules: list[str] | None) -> OfficeConfig:
    """Read an office file, or say everything that is wrong with it and exit."""
    imported(modules, path)
    try:
        return load_office(path)
    except ConfigurationError as error:
        typer.echo("\n".join(fault_lines(error.faults, path)), err=True)
        raise typer.Exit(FAULTY) from None


def office_of(config: OfficeConfig, group: str | None, strategy: str | None) -> tuple[Office, str]:
    """An office to be simulated, and the id of the group asked for, by default the first.

    Raises:
        MisuseError: there is no such group, or no group at all.
    """
    office = Office(
        groups=tuple(group.engine for group in config.groups),
        members=config.members,
        numbers={number: group.id for group in config.groups for number in group.numbers},
    )
    if not office.groups:
        raise MisuseError("The office has no group that could be called.")
    chosen = office.group(group or office.groups[0].id)
    if strategy is not None:
        office = _with_strategy(office, chosen.id, strategy)
    return office, chosen.id


def _with_strategy(office: Office, group_id: str, strategy: str) -> Office:
    if strategy not in office.strategies:
        known = ", ".join(office.strategies)
        raise MisuseError(f"There is no strategy {strategy}; there are: {known}.")
    groups = tuple(
        attrs.evolve(group, strategy=strategy) if group.id == group_id else group
        for group in office.groups
    )
    return attrs.evolve(office, groups=groups)


@attrs.frozen(kw_only=True)
class TrafficOptions:
    """Traffic as it stands on the command line."""

    calls_per_hour: float
    hours: float
    talk: str
    patience: str | None
    profile: str | None = None

    @property
    def talk_lengths(self) -> distributions.Distribution:
        """How long talks are."""
        return distributions.parse(self.talk, path="--talk")

    @property
    def patience_lengths(self) -> distributions.Distribution:
        """How patient callers are."""
        if self.patience in (None, "forever"):
            return distributions.FOR_EVER
        return distributions.parse(self.patience, path="--patience")

    def drawn(self, group_id: str) -> DrawnTraffic:
        """Traffic for a group.

        Raises:
            ConfigurationError: an option cannot be read.
        """
        rates = _rates(self.profile) if self.profile else [self.calls_per_hour]
        return DrawnTraffic(
            group_id=group_id,
            calls_per_hour=rates,
            hours=len(rates) / 2 if self.profile else self.hours,
            talk=self.talk_lengths,
            patience=self.patience_lengths,
        )

    def demand(self, wrap_up_s: float) -> Demand:
        """The same for Erlang's formulas, which know means only."""
        return Demand(
            calls_per_hour=self.calls_per_hour,
            handling_s=self.talk_lengths.mean_s + wrap_up_s,
            patience_s=self.patience_lengths.mean_s,
        )


def _rates(text: str) -> list[float]:
    try:
        rates = [float(rate) for rate in text.split(",")]
    except ValueError:
        rates = []
    if rates and all(0 <= rate < math.inf for rate in rates):
        return rates
    allowed = "calls per hour for each half hour, such as 60,120,90"
    message = "This is no profile of a day."
    fault = Fault(path="--profile", value=repr(text), allowed=allowed, message=message)
    raise ConfigurationError([fault])


def recorded(journal: Path, office: Office) -> RecordedTraffic:
    """Traffic from a journal.

    Raises:
        ConfigurationError: the journal cannot be read.
        MisuseError: it tells of groups that the office does not have.
    """
    traffic = read_journal(journal).without_strangers([member.id for member in office.members])
    for group_id in {call.group_id for call in traffic.calls}:
        office.group(group_id)
    return traffic


def answering(usual: Answering, after: str | None, missed: float | None) -> Answering:
    """How phones are answered: as usual, but for what an option says.

    Raises:
        ConfigurationError: an option cannot be read.
    """
    if after is not None:
        delay = distributions.parse(after, plain="constant", path="--answer")
        usual = attrs.evolve(usual, after=delay)
    return usual if missed is None else attrs.evolve(usual, missed=missed)


def _processes(asked: int | None) -> int:
    """As many as asked for; otherwise as there are cores to run on."""
    return asked or len(os.sched_getaffinity(0))


@attrs.frozen(kw_only=True)
class Work:
    """How experiments are run.

    Attributes:
        processes: how many work at them.
        quiet: show no progress.
    """

    replications: int
    seed: int
    processes: int = attrs.field(converter=_processes)
    quiet: bool = False

    def simulate(self, experiments: list[Experiment]) -> list[Outcome]:
        """Run experiments, with a bar of progress on standard error."""
        total = len(experiments) * self.replications
        with _bar(quiet=self.quiet) as bar:
            task = bar.add_task("Simulating", total=total)
            return replicate(
                experiments,
                self.replications,
                seed=self.seed,
                workers=min(self.processes, total),
                progress=lambda done: bar.update(task, completed=done),
            )


def _bar(*, quiet: bool) -> Progress:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    console = Console(stderr=True)
    return Progress(
        *columns, console=console, transient=True, disable=quiet or not console.is_terminal
    )


def models(demand: Demand) -> dict[str, Model]:
    """The formulas that fit: Erlang A only where callers give up."""
    known: dict[str, Model] = {"Erlang C": ErlangC}
    if math.isfinite(demand.patience_s):
        known["Erlang A"] = ErlangA
    return known


def needed_by_theory(demand: Demand, goal: Goal) -> dict[str, Forecast]:
    """The fewest agents that each formula says are enough."""
    return {name: agents_needed(model, demand, goal) for name, model in models(demand).items()}


def curve(
    demand: Demand | None,
    points: list[StaffingPoint],
    also: Iterable[int] = (),
    *,
    agents: int | None = None,
) -> Curve:
    """A staffing curve over every number of agents that was tried or is asked for."""
    numbers = {point.agents for point in points} | set(also)
    every = range(min(numbers), max(numbers) + 1)
    forecasts = {
        name: [model(demand, number) for number in every]
        for name, model in (models(demand) if demand else {}).items()
        if demand
    }
    return Curve(points=points, forecasts=forecasts, agents=agents)
