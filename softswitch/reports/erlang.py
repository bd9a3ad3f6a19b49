"""Erlang's formulas: lines (B), agents with patient callers (C), with callers who give up (A).

All of them take calls that arrive at random (a Poisson process) and conversations of exponential
length. They differ in what a caller does who finds everybody busy:

* **Erlang B** (M/M/n/n): is gone at once. A. K. Erlang, "Solution of some problems in the theory
  of probabilities of significance in automatic telephone exchanges", 1917.
* **Erlang C** (M/M/n): waits for ever. The same paper.
* **Erlang A** (M/M/n+M): waits for an exponential time and then hangs up. C. Palm, "Research on
  telephone traffic carried by full availability groups", Tele 1957 (Swedish 1946); O. Garnett,
  A. Mandelbaum, M. Reiman, "Designing a call center with impatient customers", MSOM 4, 2002.

Nothing here overflows: B comes from its recurrence, A from one integral of a log-concave function
whose peak is scaled to 1 (A. Mandelbaum, S. Zeltyn, "Service engineering in action: the
Palm/Erlang-A queue", 2007, has it in the same form).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cached_property
from typing import Protocol

import attrs
import numpy as np
from numpy.typing import NDArray

from softswitch.errors import MisuseError
from softswitch.reports.service_level import Goal

_PANELS = 64
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(16)
_NEGLIGIBLE = 45.0
"""exp(-45) is less than the rounding of a double beside 1."""


@attrs.frozen(kw_only=True)
class Demand:
    """What callers ask for.

    Attributes:
        calls_per_hour: how many call, on average.
        handling_s: how long a call keeps an agent: talk and wrap-up, in seconds, on average.
        patience_s: how long callers wait before they hang up, in seconds, on average.
    """

    calls_per_hour: float = attrs.field(validator=attrs.validators.gt(0))
    handling_s: float = attrs.field(validator=attrs.validators.gt(0))
    patience_s: float = attrs.field(default=math.inf, validator=attrs.validators.gt(0))

    @property
    def load(self) -> float:
        """The traffic offered, in erlangs: how many agents would be busy if nobody waited."""
        return self.calls_per_hour * self.handling_s / 3600.0


class Forecast(Protocol):
    """What a formula says of a demand and a number of agents."""

    @property
    def agents(self) -> int:
        """How many agents."""

    @property
    def waiting(self) -> float:
        """The probability that a caller has to wait."""

    @property
    def abandoning(self) -> float:
        """The probability that a caller hangs up before being answered."""

    @property
    def mean_wait_s(self) -> float:
        """How long a caller waits on average, in seconds, those answered at once included."""

    @property
    def occupancy(self) -> float:
        """The share of their time in which agents are busy with calls."""

    def answered_within(self, seconds: float) -> float:
        """The probability that a caller is answered within so many seconds."""


def erlang_b(load: float, lines: int) -> float:
    """The probability that a call finds all lines taken.

    Args:
        load: the traffic offered, in erlangs.
        lines: how many calls there is room for.

    Raises:
        MisuseError: a negative load or number of lines.
    """
    if load < 0 or lines < 0:
        raise MisuseError("traffic and lines cannot be negative")
    return 0.0 if load == 0 and lines else 1.0 / _inverse_b(load, lines)


def _inverse_b(load: float, lines: int) -> float:
    """1 / B by the recurrence 1/B(n) = 1 + n/a · 1/B(n-1); inf where B is too small to tell."""
    inverse = 1.0
    for line in range(1, lines + 1):
        inverse = 1.0 + inverse * line / load
    return inverse


def lines_needed(load: float, blocked: float) -> int:
    """The fewest lines with which at most the share ``blocked`` of calls finds all lines taken.

    Raises:
        MisuseError: a negative load, or a share that is not between 0 and 1.
    """
    if load < 0 or not 0 < blocked <= 1:
        raise MisuseError("a load from 0 and a share above 0, at most 1, are needed")
    if load == 0:
        return 0
    lines, inverse = 0, 1.0
    while inverse * blocked < 1.0:
        lines += 1
        inverse = 1.0 + inverse * lines / load
    return lines


def _check_agents(_instance: object, _attribute: object, agents: int) -> None:
    if agents < 1:
        raise MisuseError("at least one agent is needed")


@attrs.frozen
class ErlangC:
    """Patient callers. With no more agents than erlangs the queue grows without end.

    Attributes:
        demand: what callers ask for; their patience plays no part.
        agents: how many people answer, at least 1.

    Raises:
        MisuseError: no agents.
    """

    demand: Demand
    agents: int = attrs.field(validator=_check_agents)

    @property
    def stable(self) -> bool:
        """Whether the agents can cope in the long run."""
        return self.demand.load < self.agents

    @cached_property
    def waiting(self) -> float:
        """The probability that a caller has to wait: Erlang's C."""
        if not self.stable:
            return 1.0
        spare = 1.0 - self.occupancy
        return 1.0 / (1.0 + spare * (_inverse_b(self.demand.load, self.agents) - 1.0))

    @property
    def abandoning(self) -> float:
        """Nobody hangs up."""
        return 0.0

    @property
    def mean_wait_s(self) -> float:
        """How long a caller waits on average, in seconds; inf where the queue only grows."""
        if not self.stable:
            return math.inf
        return self.waiting * self.demand.handling_s / (self.agents - self.demand.load)

    @property
    def occupancy(self) -> float:
        """The share of their time in which agents are busy with calls."""
        return min(self.demand.load / self.agents, 1.0)

    def answered_within(self, seconds: float) -> float:
        """The probability that a caller is answered within so many seconds."""
        if not self.stable:
            return 0.0
        pace = (self.agents - self.demand.load) / self.demand.handling_s
        return 1.0 - self.waiting * math.exp(-pace * seconds)


@attrs.frozen
class ErlangA:
    """Callers who give up. Any number of agents copes, for better or worse.

    A caller would have to wait for longer than t with a density proportional to g(t) =
    exp(λ/θ (1 - exp(-θt)) - nμt), for arrivals λ, services μ and abandonment θ per second.

    Attributes:
        demand: what callers ask for.
        agents: how many people answer, at least 1.

    Raises:
        MisuseError: no agents, or callers whose patience has no end: that is Erlang C.
    """

    demand: Demand = attrs.field()
    agents: int = attrs.field(validator=_check_agents)

    @demand.validator
    def _patience_ends(self, _attribute: object, demand: Demand) -> None:
        if math.isinf(demand.patience_s):
            raise MisuseError("Erlang A needs the callers' patience")

    @cached_property
    def waiting(self) -> float:
        """The probability that a caller has to wait."""
        return self._share(self._integral(lambda _: 1.0))

    @cached_property
    def abandoning(self) -> float:
        """The probability that a caller hangs up before being answered."""
        return self._share(self._integral(self._given_up))

    @property
    def mean_wait_s(self) -> float:
        """How long a caller waits on average, in seconds, whether answered or not."""
        return self.abandoning * self.demand.patience_s

    @property
    def occupancy(self) -> float:
        """The share of their time in which agents are busy with calls."""
        return self.demand.load * (1.0 - self.abandoning) / self.agents

    def answered_within(self, seconds: float) -> float:
        """The probability that a caller is answered within so many seconds."""
        before = self._integral(self._given_up, end=seconds)
        return 1.0 - self._share(before + self._integral(lambda _: 1.0, start=seconds))

    def _given_up(self, t: NDArray[np.float64]) -> NDArray[np.float64]:
        """The probability that a caller's patience has ended by t."""
        return -np.expm1(-t / self.demand.patience_s)

    def _share(self, integral: float) -> float:
        """What an integral over g means as a share of all callers."""
        rate = self.demand.calls_per_hour / 3600.0
        at_once = _inverse_b(self.demand.load, self.agents - 1) * math.exp(-self._height)
        return rate * integral / (at_once + rate * self._integral(lambda _: 1.0))

    def _log_g(self, t: NDArray[np.float64]) -> NDArray[np.float64]:
        load_of_patience = self.demand.calls_per_hour / 3600.0 * self.demand.patience_s
        return load_of_patience * self._given_up(t) - self.agents / self.demand.handling_s * t

    @cached_property
    def _peak(self) -> float:
        """Where g is highest."""
        return self.demand.patience_s * max(0.0, math.log(self.demand.load / self.agents))

    @cached_property
    def _height(self) -> float:
        """The logarithm of g at its peak."""
        return float(self._log_g(np.array(self._peak)))

    @cached_property
    def _window(self) -> tuple[float, float]:
        """Between which times g is not negligible."""
        step = self.demand.handling_s / self.agents
        while self._matters(self._peak + step):
            step *= 2.0
        high = self._edge(self._peak, self._peak + step)
        low = 0.0 if self._matters(0.0) else self._edge(self._peak, 0.0)
        return low, high

    def _matters(self, t: float) -> bool:
        return float(self._log_g(np.array(t))) > self._height - _NEGLIGIBLE

    def _edge(self, inside: float, outside: float) -> float:
        """Where, nearly, g becomes negligible between two times."""
        for _ in range(20):
            middle = (inside + outside) / 2.0
            inside, outside = (middle, outside) if self._matters(middle) else (inside, middle)
        return outside

    def _integral(
        self,
        factor: Callable[[NDArray[np.float64]], NDArray[np.float64] | float],
        *,
        start: float = 0.0,
        end: float = math.inf,
    ) -> float:
        """The integral of factor · g, with g's peak as 1, by Gauss and Legendre's rule."""
        low, high = max(start, self._window[0]), min(end, self._window[1])
        if low >= high:
            return 0.0
        edges = self._edges(low, high)
        halves = (np.diff(edges) / 2.0)[:, None]
        t = edges[:-1, None] + halves * (1.0 + _NODES)
        values = factor(t) * np.exp(self._log_g(t) - self._height)
        return float(np.sum(halves * values * _WEIGHTS))

    def _edges(self, low: float, high: float) -> NDArray[np.float64]:
        """Where panels meet: even ones, and finer ones where patience ends long before g does."""
        even = np.linspace(low, high, _PANELS + 1)
        fine = self.demand.patience_s / 4.0
        if fine >= high - low:
            return even
        return np.unique(np.concatenate([even, low + np.geomspace(fine, high - low, _PANELS)]))


Model = Callable[[Demand, int], Forecast]
"""A formula: `ErlangC` or `ErlangA`."""


def agents_needed(model: Model, demand: Demand, goal: Goal) -> Forecast:
    """The fewest agents that reach a goal.

    Args:
        model: a formula.
        demand: what callers ask for.
        goal: which share of callers is to be answered within which time.

    Returns:
        The forecast for that number of agents.
    """
    few, many = 0, 1
    while not _reaches(model(demand, many), goal):
        few, many = many, many * 2
    while many - few > 1:
        middle = (few + many) // 2
        few, many = (few, middle) if _reaches(model(demand, middle), goal) else (middle, many)
    return model(demand, many)


def _reaches(forecast: Forecast, goal: Goal) -> bool:
    return forecast.answered_within(goal.within_s) >= goal.share
