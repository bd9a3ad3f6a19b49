"""What the simulation's tests build: plain offices, and callers as a test writes them down."""

from __future__ import annotations

from collections.abc import Sequence

import attrs
import numpy as np

from softswitch.acd import Group, Member
from softswitch.acd.events import EngineEvent
from softswitch.simulation import (
    FOR_EVER,
    Caller,
    Distribution,
    DrawnTraffic,
    Experiment,
    Exponential,
    Office,
)

NO_CAP = 1_000_000


def people(*names: str) -> tuple[Member, ...]:
    return tuple(Member(id=name, address=f"sip:{name}@192.0.2.1") for name in names)


def plain_office(agents: int, **rules: object) -> Office:
    """One group in which callers wait as long as they like, first come first served."""
    names = tuple(f"m{number}" for number in range(1, agents + 1))
    group = attrs.evolve(Group(id="main", members=names, queue_cap=NO_CAP), **rules)
    return Office(groups=(group,), members=people(*names))


def markov(
    agents: int, load: float, *, patience_s: float | None, hours: float, **rules: object
) -> Experiment:
    """M/M/c or M/M/c+M with talks of 180 s; counting begins after an hour."""
    patience: Distribution = Exponential(patience_s) if patience_s else FOR_EVER
    traffic = DrawnTraffic(
        group_id="main",
        calls_per_hour=load * 20,
        hours=hours + 1,
        talk=Exponential(180),
        patience=patience,
    )
    return Experiment(office=plain_office(agents, **rules), traffic=traffic, warm_up_s=3600)


@attrs.frozen
class Script:
    """Exactly these callers."""

    callers: Sequence[Caller]
    length_s: float = 3600.0
    staff_changes: Sequence[tuple[float, EngineEvent]] = ()

    def draw(self, _seed: np.random.SeedSequence) -> list[Caller]:
        return list(self.callers)


def call(
    at: float, talk_s: float, patience_s: float = float("inf"), group_id: str = "main"
) -> Caller:
    return Caller(at=at, group_id=group_id, talk_s=talk_s, patience_s=patience_s)
