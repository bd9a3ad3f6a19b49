"""Who calls and when: drawn from a rate and distributions, always the same for the same seed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import attrs
import msgspec
import numpy as np

from softswitch.acd.events import EngineEvent
from softswitch.simulation.distributions import FOR_EVER, Distribution, Floats

HALF_HOUR_S = 1800.0


class Caller(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Somebody who calls.

    Attributes:
        at: when, in seconds from the beginning.
        group_id: the group asked for.
        talk_s: how long the conversation will be, once there is one.
        patience_s: how long the caller waits before hanging up.
        number: the caller's number; who calls twice has the same.
    """

    at: float
    group_id: str
    talk_s: float
    patience_s: float
    number: str = ""


class Traffic(Protocol):
    """Where callers come from.

    Attributes:
        length_s: for how long callers come, in seconds; those who wait then are still served.
    """

    @property
    def length_s(self) -> float:
        """For how long callers come, in seconds."""

    @property
    def staff_changes(self) -> Sequence[tuple[float, EngineEvent]]:
        """What members do of their own accord, and when, in the order of time."""

    def draw(self, seed: np.random.SeedSequence) -> list[Caller]:
        """Draw the callers of one run, in the order of calling."""


def _rates(rates: float | Sequence[float]) -> tuple[float, ...]:
    return (float(rates),) if isinstance(rates, int | float) else tuple(map(float, rates))


@attrs.frozen(kw_only=True)
class DrawnTraffic:
    """Callers who know nothing of each other: a Poisson process, at a rate that may change.

    When, how long and how patient are drawn apart from each other, so that the same seed brings
    the same callers at the same times also when the talks are made longer or the staff changes.

    Attributes:
        group_id: the group they ask for.
        calls_per_hour: how many, on average; or a list of such rates, spread over the time in
            equal parts (with 16 of them over 8 hours, one for each half hour).
        hours: for how long.
        talk: how long conversations are.
        patience: how long callers wait before they hang up.
    """

    group_id: str
    calls_per_hour: tuple[float, ...] = attrs.field(
        converter=_rates,
        validator=[
            attrs.validators.min_len(1),
            attrs.validators.deep_iterable(attrs.validators.ge(0)),
        ],
    )
    hours: float = attrs.field(validator=attrs.validators.gt(0))
    talk: Distribution
    patience: Distribution = FOR_EVER

    @property
    def length_s(self) -> float:
        """For how long callers come, in seconds."""
        return self.hours * 3600.0

    @property
    def staff_changes(self) -> Sequence[tuple[float, EngineEvent]]:
        """Nobody comes or goes."""
        return ()

    def draw(self, seed: np.random.SeedSequence) -> list[Caller]:
        """Draw the callers of one run, in the order of calling."""
        arriving, talking, waiting = map(np.random.default_rng, seed.spawn(3))
        times = self._times(arriving)
        talks = self.talk.draw(talking, times.size).tolist()
        patience = self.patience.draw(waiting, times.size).tolist()
        return [
            Caller(at=at, group_id=self.group_id, talk_s=talk_s, patience_s=patience_s)
            for at, talk_s, patience_s in zip(times.tolist(), talks, patience, strict=True)
        ]

    def _times(self, rng: np.random.Generator) -> Floats:
        """Given how many call in a stretch of time, the times are uniform and independent."""
        part_s = self.length_s / len(self.calls_per_hour)
        counts = rng.poisson(np.array(self.calls_per_hour) * part_s / 3600.0)
        stretches = (part_s * (i + rng.random(count)) for i, count in enumerate(counts))
        return np.sort(np.concatenate(list(stretches)))
