"""The log of what an engine was told. The same log gives the same decisions, byte for byte."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import msgspec

from softswitch.acd.commands import Command
from softswitch.acd.events import EngineEvent
from softswitch.acd.model import Group, Member
from softswitch.acd.records import Record
from softswitch.acd.strategies import DEFAULT_STRATEGIES, Rank, Strategy

if TYPE_CHECKING:
    from softswitch.acd.engine import Engine


class Input(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One thing that an engine was told and took.

    Attributes:
        now: when, in the engine's seconds.
        event: what; None: only that time had passed and something had fallen due.
    """

    now: float
    event: EngineEvent | None = None


def repeat(engine: Engine, log: Iterable[Input]) -> list[Command | Record]:
    """Tell an engine what is in a log.

    Returns:
        Everything that came out, in order.
    """
    output = engine.poll()
    for told in log:
        if told.event is None:
            engine.advance(told.now)
        else:
            engine.handle(told.event, told.now)
        output += engine.poll()
    return output


def replay(
    groups: Iterable[Group],
    members: Iterable[Member],
    log: Iterable[Input],
    strategies: Mapping[str, Strategy | Rank] = DEFAULT_STRATEGIES,
    *,
    now: float = 0.0,
) -> list[Command | Record]:
    """Begin as that engine began, and let everything happen again.

    Other groups, members or strategies than the original's show what they would have made of the
    same events; events that then make no sense raise, as they would have.

    Returns:
        Everything that came out, in order.
    """
    from softswitch.acd.engine import Engine  # noqa: PLC0415 -- the engine writes such logs

    return repeat(Engine(groups, members, strategies, now=now), log)
