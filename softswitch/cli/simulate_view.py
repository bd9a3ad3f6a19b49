"""How a simulation and a staffing plan are shown to people, and as JSON."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any, Final

import attrs
import numpy as np
from rich.console import Console
from rich.table import Table

from softswitch.acd.records import CallOutcome
from softswitch.cli.words import duration
from softswitch.reports.erlang import Demand, Forecast
from softswitch.reports.intervals import Interval
from softswitch.reports.service_level import Goal
from softswitch.simulation.picture import Curve
from softswitch.simulation.replications import Figures, Outcome
from softswitch.simulation.staffing import StaffingPoint, fewest
from softswitch.simulation.tally import OUTCOMES

EDGES_S: Final = (0.0, 1.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0, math.inf)
"""Where the classes of waits begin and end, in seconds."""

_BAR: Final = 40
_QUANTILES: Final = (0.5, 0.9, 0.99)


@attrs.frozen(kw_only=True)
class Plan:
    """How many agents are needed.

    Attributes:
        needed: what each formula says, by its name.
        curve: more and fewer agents, also simulated where there is an office.
        group_id: of which the rules were simulated, or "".
    """

    demand: Demand
    goal: Goal
    needed: dict[str, Forecast]
    curve: Curve
    group_id: str = ""

    @property
    def simulated(self) -> StaffingPoint | None:
        """The fewest agents that the simulation says are enough."""
        return fewest(self.curve.points, self.goal)


def show_outcome(outcome: Outcome, name: str, goal: Goal, console: Console) -> None:
    """Tell what came of a simulation."""
    days = len(outcome.runs)
    title = f"{name or 'The office'}, {days} days simulated"
    table = Table(title=title, title_justify="left", title_style="bold", show_edge=False)
    table.add_column("a day, or of all calls")
    for group_id in outcome.group_ids:
        table.add_column(group_id, justify="right")
    figures = [outcome.figures(group_id) for group_id in outcome.group_ids]
    for words, cells in _rows(figures, goal):
        table.add_row(words, *cells)
    console.print(table)
    console.print("± is the 95 % confidence interval of the mean.", style="dim")
    for group_id in outcome.group_ids:
        _show_waits(outcome, group_id, console)


def _rows(figures: Sequence[Figures], goal: Goal) -> Iterator[tuple[str, list[str]]]:
    yield "calls", [_plain(f.offered, ",.0f") for f in figures]
    yield f"answered within {goal.within_s:g} s", [percent(f.service_level) for f in figures]
    yield "answered", [percent(f.answered) for f in figures]
    yield "hung up before", [percent(f.abandoned) for f in figures]
    yield "sent elsewhere", [percent(f.forwarded) for f in figures]
    yield "refused", [percent(f.refused) for f in figures]
    yield "wait of those answered", [seconds(f.wait_of_answered_s) for f in figures]
    yield "wait of all", [seconds(f.wait_s) for f in figures]
    yield "members busy", [percent(f.occupancy) for f in figures]


def percent(interval: Interval) -> str:
    """A share with its interval, in percent."""
    return _plain(
        attrs.evolve(interval, mean=interval.mean * 100, half_width=interval.half_width * 100),
        ".1f",
        " %",
    )


def seconds(interval: Interval) -> str:
    """A time with its interval."""
    return _plain(interval, ".1f", " s")


def _plain(interval: Interval, form: str, unit: str = "") -> str:
    if math.isnan(interval.mean):
        return "-"
    if not math.isfinite(interval.half_width):
        return f"{interval.mean:{form}}{unit}"
    return f"{interval.mean:{form}} ± {interval.half_width:{form}}{unit}"


def _show_waits(outcome: Outcome, group_id: str, console: Console) -> None:
    """A histogram in text: answered, and all others."""
    answered, others = _histogram(outcome, group_id)
    most = float((answered + others).max())
    table = Table(box=None, padding=(0, 1), show_header=False)
    for i, (good, bad) in enumerate(zip(answered, others, strict=True)):
        bars = [round(_BAR * float(share) / most) for share in (good, bad)]
        bar = f"[green]{'█' * bars[0]}[/][red]{'█' * bars[1]}[/]"
        table.add_row(_class(i), f"{good + bad:5.1f} %", bar)
    console.print(f"\n[bold]Waits in {group_id}[/]  [green]answered[/] [red]not answered[/]")
    console.print(table)


def _histogram(outcome: Outcome, group_id: str) -> tuple[np.ndarray, np.ndarray]:
    """The percentages of all calls in each class of waits: answered, and not."""
    runs = outcome.of_group(group_id)
    waits = np.concatenate([run.waited_s for run in runs])
    place = OUTCOMES.index(CallOutcome.ANSWERED)
    answered = np.concatenate([run.outcomes for run in runs]) == place
    counts = [np.histogram(waits[chosen], EDGES_S)[0] for chosen in (answered, ~answered)]
    return 100.0 * counts[0] / waits.size, 100.0 * counts[1] / waits.size


def _class(i: int) -> str:
    low, high = EDGES_S[i], EDGES_S[i + 1]
    if low == 0:
        return "at once"
    return f"{low:g} s and more" if math.isinf(high) else f"{low:g} to {high:g} s"


def show_speed(outcome: Outcome, processes: int, took_s: float, console: Console) -> None:
    """Tell how fast it went."""
    calls = f"{outcome.calls:,} calls in {took_s:.1f} s"
    pace = f"{outcome.calls / took_s:,.0f} a second, {processes} processes"
    console.print(f"\n{calls}: {pace}.", style="dim")


def describe_outcome(outcome: Outcome, seed: int) -> dict[str, Any]:
    """A simulation as JSON; the same for the same seed."""
    return {
        "days": len(outcome.runs),
        "seed": seed,
        "calls": outcome.calls,
        "within_s": outcome.experiment.within_s,
        "confidence": outcome.confidence,
        "groups": {
            group_id: {
                **describe_figures(outcome.figures(group_id)),
                "wait_quantiles_s": _quantiles(outcome, group_id),
                "waits": _describe_waits(outcome, group_id),
            }
            for group_id in outcome.group_ids
        },
    }


def _quantiles(outcome: Outcome, group_id: str) -> dict[str, float]:
    waits = np.concatenate([run.waited_s for run in outcome.of_group(group_id)])
    return {str(share): round(float(np.quantile(waits, share)), 3) for share in _QUANTILES}


def _describe_waits(outcome: Outcome, group_id: str) -> list[dict[str, Any]]:
    answered, others = _histogram(outcome, group_id)
    return [
        {
            "from_s": low,
            "to_s": None if math.isinf(high) else high,
            "answered": round(float(good) / 100, 6),
            "not_answered": round(float(bad) / 100, 6),
        }
        for low, high, good, bad in zip(EDGES_S, EDGES_S[1:], answered, others, strict=False)
    ]


def describe_figures(figures: Figures) -> dict[str, dict[str, float | None]]:
    """Key figures as JSON."""
    return {
        name: {
            "mean": _number(interval.mean),
            "low": _number(interval.low),
            "high": _number(interval.high),
        }
        for name, interval in attrs.asdict(figures, recurse=False).items()
    }


def _number(value: float) -> float | None:
    return round(value, 6) if math.isfinite(value) else None


def show_plan(plan: Plan, console: Console) -> None:
    """Tell how many agents are needed."""
    demand = plan.demand
    load = f"[bold]{demand.load:.2f} erlangs[/]"
    console.print(
        f"{demand.calls_per_hour:g} calls an hour of {duration(demand.handling_s)}: {load}. "
        f"{_patience(demand)} Goal: {plan.goal}."
    )
    console.print(_plan_table(plan))
    for name, forecast in plan.needed.items():
        console.print(f"{name}: [bold]{forecast.agents} agents[/].")
    if plan.curve.points:
        found = plan.simulated
        words = f"[bold]{found.agents} agents[/]" if found else "the goal is out of reach"
        console.print(f"By the rules of group {plan.group_id}: {words}.")


def _patience(demand: Demand) -> str:
    if math.isinf(demand.patience_s):
        return "Nobody hangs up."
    return f"Callers hang up after {duration(demand.patience_s)} on average."


def _plan_table(plan: Plan) -> Table:
    """A row for each number of agents; beside a simulation, of theory only its service level."""
    brief = bool(plan.curve.points)
    table = Table(show_edge=False)
    table.add_column("agents", justify="right", no_wrap=True)
    for name in plan.curve.forecasts:
        _add_columns(table, name, _heads(name)[:1] if brief else _heads(name))
    if plan.curve.points:
        _add_columns(table, "simulated", _heads("simulated"))
    points = {point.agents: point for point in plan.curve.points}
    for agents, forecasts in _by_agents(plan.curve):
        cells = [str(agents)]
        for name, forecast in forecasts.items():
            all_cells = _forecast_cells(name, forecast, plan)
            cells += all_cells[:1] if brief else all_cells
        table.add_row(*cells, *_point_cells(points.get(agents), plan))
    return table


def _by_agents(curve: Curve) -> Iterator[tuple[int, dict[str, Forecast]]]:
    for forecasts in zip(*curve.forecasts.values(), strict=True):
        yield forecasts[0].agents, dict(zip(curve.forecasts, forecasts, strict=True))


def _heads(name: str) -> list[str]:
    return ["in time", "wait", *(["hung up"] if name != "Erlang C" else []), "busy"]


def _add_columns(table: Table, name: str, heads: Sequence[str]) -> None:
    for i, head in enumerate(heads):
        over = f"[bold]{name}[/]" if i == 0 else ""
        table.add_column(f"{over}\n{head}", justify="right", no_wrap=True)


def _forecast_cells(name: str, forecast: Forecast, plan: Plan) -> list[str]:
    wait, best = forecast.mean_wait_s, plan.needed[name].agents == forecast.agents
    level = f"{forecast.answered_within(plan.goal.within_s) * 100:.1f} %"
    abandoning = f"{forecast.abandoning * 100:.1f} %"
    return [
        f"[bold green]{level}[/]" if best else level,
        f"{wait:.1f} s" if math.isfinite(wait) else "∞",
        *([abandoning] if name != "Erlang C" else []),
        f"{forecast.occupancy * 100:.1f} %",
    ]


def _point_cells(point: StaffingPoint | None, plan: Plan) -> list[str]:
    if point is None:
        return []
    figures, level = point.figures, percent(point.figures.service_level)
    return [
        f"[bold green]{level}[/]" if point == plan.simulated else level,
        f"{figures.wait_s.mean:.1f} s",
        f"{figures.abandoned.mean * 100:.1f} %",
        f"{figures.occupancy.mean * 100:.1f} %",
    ]


def describe_plan(plan: Plan) -> dict[str, Any]:
    """A staffing plan as JSON."""
    needed: dict[str, int | None] = {
        name: forecast.agents for name, forecast in plan.needed.items()
    }
    if plan.curve.points:
        needed["simulated"] = plan.simulated.agents if plan.simulated else None
    return {
        "erlangs": round(plan.demand.load, 6),
        "goal": {"share": plan.goal.share, "within_s": plan.goal.within_s},
        "needed": needed,
        "forecasts": {
            name: [_describe_forecast(forecast, plan.goal) for forecast in forecasts]
            for name, forecasts in plan.curve.forecasts.items()
        },
        "simulated": [
            {"agents": point.agents, **describe_figures(point.figures)}
            for point in plan.curve.points
        ],
    }


def _describe_forecast(forecast: Forecast, goal: Goal) -> dict[str, Any]:
    return {
        "agents": forecast.agents,
        "service_level": _number(forecast.answered_within(goal.within_s)),
        "waiting": _number(forecast.waiting),
        "wait_s": _number(forecast.mean_wait_s),
        "abandoned": _number(forecast.abandoning),
        "occupancy": _number(forecast.occupancy),
    }
