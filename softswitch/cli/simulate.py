"""``softswitch simulate`` and ``softswitch staff``: an office under traffic, and its staffing."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from softswitch.cli import simulate_view as view
from softswitch.cli import simulating
from softswitch.cli.modules import Modules
from softswitch.cli.output import errors_explained
from softswitch.cli.simulating import TrafficOptions, Work
from softswitch.reports.erlang import Demand
from softswitch.reports.service_level import Goal
from softswitch.simulation.office import Answering, Experiment
from softswitch.simulation.picture import check_picture, draw_simulation, draw_staffing
from softswitch.simulation.replications import Outcome
from softswitch.simulation.staffing import find_staff, staffing_curve
from softswitch.simulation.traffic import DrawnTraffic
from softswitch.switch.config import OfficeConfig

AROUND = 4
CURVE_POINTS = 12
"""So many agents more and fewer a picture's staffing curve shows."""

OfficeFile = Annotated[Path, typer.Argument(metavar="OFFICE.TOML", help="The office file.")]
Calls = Annotated[float, typer.Option("--calls-per-hour", min=0.001, help="How many call.")]
Talk = Annotated[
    str,
    typer.Option(
        metavar="S",
        help="Length of talks: a mean in seconds, or lognormal:MEAN:VARIATION, constant:S.",
    ),
]
StaffPatience = Annotated[
    str,
    typer.Option(
        metavar="S",
        help="How long callers wait before they hang up: likewise, or forever.",
    ),
]
Patience = Annotated[
    str | None,
    typer.Option(
        metavar="S",
        help="How long callers wait before they hang up: likewise, or forever.",
        show_default="forever",
    ),
]
Answer = Annotated[
    str | None,
    typer.Option(metavar="S", help="How long phones ring that are answered; without it, 0."),
]
Missed = Annotated[
    float | None,
    typer.Option(min=0, max=0.99, help="Share of ringing phones that nobody answers."),
]
Hours = Annotated[float, typer.Option(min=0.01, help="For how long callers come.")]
Group = Annotated[str | None, typer.Option(help="Which group; without it, the first.")]
Target = Annotated[
    str, typer.Option(metavar="P/S", help="Service goal: percent answered within seconds.")
]
Replications = Annotated[int, typer.Option(min=1, help="How many such days are simulated.")]
Seed = Annotated[int, typer.Option(min=0, help="The same seed, the same outcome.")]
Workers = Annotated[int | None, typer.Option(min=1, help="Processes; without it, one per core.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Plot = Annotated[Path | None, typer.Option(metavar="FILE", help="Draw a picture: .png or .svg.")]


def simulate(
    office: OfficeFile,
    *,
    modules: Modules = None,
    calls_per_hour: Calls = 60.0,
    profile: Annotated[
        str | None,
        typer.Option(
            metavar="N,N,...",
            help="Calls per hour for each half hour; instead of --calls-per-hour and --hours.",
        ),
    ] = None,
    replay: Annotated[
        Path | None,
        typer.Option(metavar="JOURNAL", help="Recorded traffic instead of drawn."),
    ] = None,
    talk: Talk = "180",
    patience: Patience = None,
    answer: Answer = None,
    missed: Missed = None,
    hours: Hours = 8.0,
    group: Group = None,
    strategy: Annotated[
        str | None, typer.Option(help="Another strategy for the group than the file's.")
    ] = None,
    target: Target = "80/20",
    replications: Replications = 20,
    seed: Seed = 1,
    workers: Workers = None,
    as_json: AsJson = False,
    plot: Plot = None,
) -> None:
    """Let an office's rules meet a day of traffic many times over, and tell what comes of it."""
    options = TrafficOptions(
        calls_per_hour=calls_per_hour, hours=hours, talk=talk, patience=patience, profile=profile
    )
    with errors_explained():
        goal = _goal(target, plot)
        config = simulating.read_office(office, modules)
        rules, group_id = simulating.office_of(config, group, strategy)
        traffic = simulating.recorded(replay, rules) if replay else options.drawn(group_id)
        usual = Answering() if isinstance(traffic, DrawnTraffic) else traffic.answering
        experiment = Experiment(
            office=rules,
            traffic=traffic,
            answering=simulating.answering(usual, answer, missed),
            within_s=goal.within_s,
        )
        work = Work(replications=replications, seed=seed, processes=workers, quiet=as_json)
        began = time.perf_counter()
        [outcome] = work.simulate([experiment])
        took_s = time.perf_counter() - began
        if plot:
            constant = None if replay or profile else options
            _plot_day(plot, outcome, group_id, goal=goal, work=work, options=constant)
    if as_json:
        typer.echo(json.dumps(view.describe_outcome(outcome, seed), indent=2))
    else:
        view.show_outcome(outcome, config.name, goal, Console())
        view.show_speed(outcome, work.processes, took_s, Console())


def _goal(target: str, plot: Path | None) -> Goal:
    """Read the goal; and before any work is done see that a picture can be drawn."""
    if plot:
        check_picture(plot)
    return Goal.parse(target)


def _plot_day(
    path: Path,
    outcome: Outcome,
    group_id: str,
    *,
    goal: Goal,
    work: Work,
    options: TrafficOptions | None,
) -> None:
    """Draw what came of it, with a staffing curve around the office as it is."""
    office = outcome.experiment.office
    group = office.group(group_id)
    active = {member.id for member in office.members if member.active}
    agents = len(active.intersection(group.members))
    demand = options.demand(group.wrap_up_s) if options else None
    numbers = _numbers_around(agents, demand, goal)
    points = staffing_curve(outcome.experiment, group_id, numbers, work.simulate)
    curve = simulating.curve(demand, points, agents=agents)
    offered = outcome.figures(group_id).offered.mean
    title = f"Group {group_id}: {offered:,.0f} calls a day; goal: {goal}"
    draw_simulation(path, outcome=outcome, group_id=group_id, goal=goal, curve=curve, title=title)


def _numbers_around(agents: int, demand: Demand | None, goal: Goal) -> Iterable[int]:
    """Numbers of agents for a curve that shows the office as it is, and where it would do."""
    most = agents + AROUND
    if demand is not None:
        needed = simulating.needed_by_theory(demand, goal)
        most = max([most, *(forecast.agents + 1 for forecast in needed.values())])
    least = max(1, agents - AROUND)
    step = math.ceil((most - least) / CURVE_POINTS)
    return sorted({*range(least, most + 1, step), agents})


def staff(
    *,
    calls_per_hour: Calls,
    talk: Talk = "180",
    patience: StaffPatience = "120",
    target: Target = "80/20",
    office: Annotated[
        Path | None,
        typer.Option(metavar="OFFICE.TOML", help="Simulate by this office's own rules too."),
    ] = None,
    modules: Modules = None,
    group: Group = None,
    answer: Answer = None,
    missed: Missed = None,
    hours: Hours = 8.0,
    replications: Replications = 20,
    seed: Seed = 1,
    workers: Workers = None,
    as_json: AsJson = False,
    plot: Plot = None,
) -> None:
    """Tell how many agents are needed, by Erlang C and A and by an office's own rules."""
    options = TrafficOptions(
        calls_per_hour=calls_per_hour, hours=hours, talk=talk, patience=patience
    )
    with errors_explained():
        goal = _goal(target, plot)
        phones = simulating.answering(Answering(), answer, missed)
        work = Work(replications=replications, seed=seed, processes=workers, quiet=as_json)
        if office is None:
            plan = _by_theory(options.demand(0.0), goal)
        else:
            config = simulating.read_office(office, modules)
            plan = _by_simulation(config, group, options, phones=phones, goal=goal, work=work)
        if plot:
            title = f"{calls_per_hour:g} calls an hour; goal: {goal}"
            draw_staffing(plot, goal, plan.curve, title)
    if as_json:
        typer.echo(json.dumps(view.describe_plan(plan), indent=2))
    else:
        view.show_plan(plan, Console())


def _by_theory(demand: Demand, goal: Goal) -> view.Plan:
    needed = simulating.needed_by_theory(demand, goal)
    most = max(forecast.agents for forecast in needed.values())
    few = min(forecast.agents for forecast in needed.values())
    numbers = range(max(1, few - AROUND + 1), most + AROUND)
    curve = simulating.curve(demand, [], numbers)
    return view.Plan(demand=demand, goal=goal, needed=needed, curve=curve)


def _by_simulation(
    config: OfficeConfig,
    group: str | None,
    options: TrafficOptions,
    *,
    phones: Answering,
    goal: Goal,
    work: Work,
) -> view.Plan:
    rules, group_id = simulating.office_of(config, group, None)
    experiment = Experiment(
        office=rules, traffic=options.drawn(group_id), answering=phones, within_s=goal.within_s
    )
    demand = options.demand(rules.group(group_id).wrap_up_s)
    needed = simulating.needed_by_theory(demand, goal)
    guess = min(forecast.agents for forecast in needed.values())
    points = find_staff(experiment, group_id, goal, work.simulate, guess=guess)
    curve = simulating.curve(demand, points, [forecast.agents for forecast in needed.values()])
    return view.Plan(demand=demand, goal=goal, needed=needed, curve=curve, group_id=group_id)
