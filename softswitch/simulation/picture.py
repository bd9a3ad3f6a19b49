"""Pictures of a simulation: waits, the day, the staffing curve. Needs ``softswitch[plot]``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import attrs
import numpy as np
from numpy.typing import NDArray

from softswitch.acd.records import CallOutcome
from softswitch.errors import EnvironmentFaultError, MisuseError
from softswitch.reports.erlang import Forecast
from softswitch.reports.service_level import Goal
from softswitch.simulation.distributions import Floats
from softswitch.simulation.replications import Outcome
from softswitch.simulation.staffing import StaffingPoint
from softswitch.simulation.tally import OUTCOMES
from softswitch.simulation.traffic import HALF_HOUR_S

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SUFFIXES: Final = (".png", ".svg")

AT_ONCE_S: Final = 1.0
"""A shorter wait is none."""

_GREEN, _ORANGE, _RED, _BLUE, _GREY = "#2f7d4f", "#e08a1e", "#b3352b", "#2b5f9e", "#6b6b6b"
_STYLE: Final[Any] = {
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 11,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.alpha": 0.25,
    "font.size": 9,
    "legend.framealpha": 0.85,
    "legend.edgecolor": "none",
    "svg.fonttype": "none",  # text stays text
    "svg.hashsalt": "softswitch",
}


@attrs.frozen(kw_only=True)
class Curve:
    """A staffing curve, with what theory says beside it.

    Attributes:
        points: the simulation's.
        forecasts: by the name of a formula, for the same numbers of agents.
        agents: how many there are in the office, or None.
    """

    points: Sequence[StaffingPoint]
    forecasts: Mapping[str, Sequence[Forecast]]
    agents: int | None = None


def check_picture(path: Path) -> None:
    """See that a picture could be made, before work is done for it.

    Raises:
        MisuseError: the name ends in neither .png nor .svg, or its folder is not there.
        EnvironmentFaultError: matplotlib is not installed.
    """
    if not path.absolute().parent.is_dir():
        raise MisuseError(f"There is no folder {path.parent}.")
    if path.suffix.lower() not in SUFFIXES:
        raise MisuseError(f"A picture's name ends in {' or '.join(SUFFIXES)}; {path} does not.")
    try:
        import matplotlib  # noqa: F401, ICN001, PLC0415 - an extra
    except ImportError:
        remedy = "Install it: pip install 'softswitch[plot]'"
        raise EnvironmentFaultError("Pictures need matplotlib.", remedy=remedy) from None


def draw_simulation(
    path: Path, *, outcome: Outcome, group_id: str, goal: Goal, curve: Curve, title: str
) -> None:
    """Draw how long callers waited, how the day went, and the staffing curve.

    Raises:
        MisuseError, EnvironmentFaultError: as `check_picture`.
        OSError: the picture cannot be written.
    """
    _save(
        path,
        title,
        [
            lambda axes: _draw_waits(axes, outcome, group_id, goal),
            lambda axes: _draw_day(axes, outcome, group_id, goal),
            lambda axes: _draw_levels(axes, curve, goal),
            lambda axes: _draw_costs(axes, curve),
        ],
    )


def draw_staffing(path: Path, goal: Goal, curve: Curve, title: str) -> None:
    """Draw the staffing curve: service level, and what it costs.

    Raises:
        MisuseError, EnvironmentFaultError: as `check_picture`.
        OSError: the picture cannot be written.
    """
    _save(
        path,
        title,
        [lambda axes: _draw_levels(axes, curve, goal), lambda axes: _draw_costs(axes, curve)],
    )


def _save(path: Path, title: str, panels: Sequence[Callable[[Axes], None]]) -> None:
    check_picture(path)
    from matplotlib import rc_context  # noqa: PLC0415 - an extra
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415
    from matplotlib.figure import Figure  # noqa: PLC0415

    rows = (len(panels) + 1) // 2
    with rc_context(_STYLE):
        figure: Figure = Figure(figsize=(11, 0.6 + 3.6 * rows), layout="constrained")
        FigureCanvasAgg(figure)
        figure.suptitle(title, x=0.01, ha="left", weight="bold")
        for place, panel in enumerate(panels, start=1):
            panel(figure.add_subplot(rows, 2, place))
        metadata = {"Date": None} if path.suffix.lower() == ".svg" else None
        figure.savefig(path, dpi=130, metadata=metadata)


def _draw_waits(axes: Axes, outcome: Outcome, group_id: str, goal: Goal) -> None:
    """How long those callers waited who did wait, by what became of them."""
    every = {kind: _waits(outcome, group_id, kind) for kind in CallOutcome}
    calls = sum(values.size for values in every.values())
    waits = {kind: values[values >= AT_ONCE_S] for kind, values in every.items()}
    sent = np.concatenate([waits[kind] for kind in _SENT])
    kinds = [(waits[CallOutcome.ANSWERED], "answered", _GREEN)]
    kinds += [(waits[CallOutcome.ABANDONED], "hung up", _RED), (sent, "sent elsewhere", _ORANGE)]
    shown = [kind for kind in kinds if kind[0].size]
    at_once = 100.0 * (1.0 - sum(values.size for values, _, _ in shown) / calls)
    axes.set(
        title=f"How long callers waited ({at_once:.0f} % did not)",
        xlabel="seconds (last bar: and longer)",
        ylabel="% of calls",
    )
    axes.axvline(goal.within_s, color=_GREY, linestyle="--", linewidth=1)
    if shown:
        edges = _edges(np.concatenate([values for values, _, _ in shown]), goal)
        last = (edges[-2] + edges[-1]) / 2.0
        axes.hist(
            [np.minimum(values, last) for values, _, _ in shown],
            bins=edges.tolist(),
            stacked=True,
            weights=[np.full(values.size, 100.0 / calls) for values, _, _ in shown],
            color=[colour for _, _, colour in shown],
            label=[name for _, name, _ in shown],
        )
        axes.legend()


def _edges(waits: Floats, goal: Goal) -> Floats:
    """The edges of some forty bars at most."""
    end = max(float(np.quantile(waits, 0.99)), 2.0 * goal.within_s)
    step = _round_step(end / 40)
    return step * np.arange(int(end / step) + 2, dtype=float)


_SENT: Final = (CallOutcome.FORWARDED, CallOutcome.REFUSED)


def _waits(outcome: Outcome, group_id: str, kind: CallOutcome) -> Floats:
    place = OUTCOMES.index(kind)
    runs = outcome.of_group(group_id)
    return np.concatenate([run.waited_s.compress(run.outcomes == place) for run in runs])


def _round_step(step: float) -> float:
    """The next of 1, 2, 5, 10, ... from a number on."""
    power = float(10.0 ** np.floor(np.log10(step)))
    return next(m * power for m in (1, 2, 5, 10) if m * power >= step * 0.999)


def _draw_day(axes: Axes, outcome: Outcome, group_id: str, goal: Goal) -> None:
    """Calls and service level for each half hour."""
    runs = outcome.of_group(group_id)
    joined = np.concatenate([run.joined_s for run in runs])
    in_time = np.concatenate([_in_time(run.waited_s, run.outcomes, goal) for run in runs])
    slots = (joined // HALF_HOUR_S).astype(int)
    hours = np.arange(slots.max() + 1) / 2.0
    calls = np.bincount(slots)
    level = 100.0 * np.bincount(slots, weights=in_time) / np.maximum(calls, 1)
    axes.bar(hours + 0.25, calls / len(outcome.runs), width=0.46, color=_BLUE, alpha=0.35)
    axes.set(
        title="The day by half hours: calls (bars) and service level (line)",
        xlabel="hours from the beginning",
        ylabel="calls",
    )
    right = axes.twinx()
    right.plot(hours[calls > 0] + 0.25, level[calls > 0], color=_GREEN, marker="o", markersize=3)
    right.axhline(goal.share * 100, color=_GREY, linestyle="--", linewidth=1)
    right.set(ylim=(0, 102), ylabel=f"% answered within {goal.within_s:g} s")
    right.grid(visible=False)


def _in_time(waited_s: Floats, outcomes: NDArray[np.int8], goal: Goal) -> Floats:
    answered = outcomes == OUTCOMES.index(CallOutcome.ANSWERED)
    return np.where(answered & (waited_s <= goal.within_s), 1.0, 0.0)


_DOTS: Final[Any] = {"marker": "o", "markersize": 2.5}
_LINES: Final = {"Erlang C": (_GREY, ":"), "Erlang A": (_BLUE, "--")}


def _draw_levels(axes: Axes, curve: Curve, goal: Goal) -> None:
    """Service level by number of agents."""
    for name, forecasts in curve.forecasts.items():
        colour, line = _LINES[name]
        levels = [100 * forecast.answered_within(goal.within_s) for forecast in forecasts]
        agents = [forecast.agents for forecast in forecasts]
        label = name + _needs(agents, levels, goal)
        axes.plot(agents, levels, color=colour, linestyle=line, label=label, **_DOTS)
    if curve.points:
        level = [point.figures.service_level for point in curve.points]
        means = [100 * x.mean for x in level]
        label = "simulated" + _needs(_agents(curve.points), means, goal)
        _draw_simulated(axes, curve.points, means, _GREEN, label)
        spread = ([100 * x.low for x in level], [100 * x.high for x in level])
        axes.fill_between(_agents(curve.points), *spread, color=_GREEN, alpha=0.2)
    axes.axhline(goal.share * 100, color=_GREY, linestyle="--", linewidth=1)
    axes.set(
        title="Service level with more and fewer agents",
        xlabel="agents",
        ylabel=f"% answered within {goal.within_s:g} s",
        ylim=(0, 102),
    )
    _finish(axes, curve)


def _needs(agents: Sequence[int], levels: Sequence[float], goal: Goal) -> str:
    """For a legend: the fewest agents that reach the goal, where one fewer was looked at too."""
    enough = [n for n, level in zip(agents, levels, strict=True) if level >= goal.share * 100]
    least = min(enough, default=0)
    return f": {least} reach the goal" if least - 1 in agents else ""


def _draw_costs(axes: Axes, curve: Curve) -> None:
    """Abandonment and occupancy by number of agents."""
    for name, forecasts in curve.forecasts.items():
        line, agents = _LINES[name][1], [forecast.agents for forecast in forecasts]
        busy = [100 * forecast.occupancy for forecast in forecasts]
        lost = [100 * forecast.abandoning for forecast in forecasts]
        axes.plot(agents, busy, color=_BLUE, linestyle=line, label=f"{name}: agents busy", **_DOTS)
        if any(lost):
            label = f"{name}: lost calls"
            axes.plot(agents, lost, color=_RED, linestyle=line, label=label, **_DOTS)
    if curve.points:
        busy = [100 * point.figures.occupancy.mean for point in curve.points]
        lost = [100 * (1 - point.figures.answered.mean) for point in curve.points]
        _draw_simulated(axes, curve.points, busy, _BLUE, "agents busy")
        _draw_simulated(axes, curve.points, lost, _RED, "lost calls")
    axes.set(
        title="Share of time agents are busy, share of calls not answered",
        xlabel="agents",
        ylabel="%",
        ylim=(0, 102),
    )
    _finish(axes, curve)


def _draw_simulated(
    axes: Axes, points: Sequence[StaffingPoint], values: Sequence[float], colour: str, name: str
) -> None:
    agents = _agents(points)
    axes.plot(agents, values, color=colour, marker="o", markersize=3.5, label=name)


def _agents(points: Sequence[StaffingPoint]) -> list[int]:
    return [point.agents for point in points]


def _finish(axes: Axes, curve: Curve) -> None:
    axes.locator_params(axis="x", integer=True)
    if curve.agents is not None:
        label = f"as it is: {curve.agents}"
        axes.axvline(curve.agents, color=_ORANGE, linewidth=6, alpha=0.3, zorder=0, label=label)
    if axes.get_legend_handles_labels()[0]:
        axes.legend(loc="best")
