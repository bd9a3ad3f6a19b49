"""The queue engine: events and the time go in, commands and records come out.

It does no I/O and reads no clock. Whoever uses it does three things::

    engine.handle(event, now)             # something happened
    engine.advance(now)                   # when engine.next_deadline() has come
    for output in engine.poll(): ...      # after either of them

The same inputs give the same outputs. How often `advance` is called makes no difference: each
deadline is worked off at its own time, also by the `handle` of an event that comes after it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping

from softswitch.acd import dispatch, freezing, plan, reconfiguring, setup, snapshot, waits
from softswitch.acd.commands import Command
from softswitch.acd.core import Core
from softswitch.acd.errors import BadTimeError, StalePlanError, UnknownEventError
from softswitch.acd.estimate import Expectation
from softswitch.acd.events import EngineEvent, Reconfigured
from softswitch.acd.fork import fork
from softswitch.acd.freezing import Frozen
from softswitch.acd.handlers import DEADLINES, HANDLERS
from softswitch.acd.journal import Input
from softswitch.acd.model import Group, Member
from softswitch.acd.plan import Plan
from softswitch.acd.records import Record
from softswitch.acd.snapshot import EngineSnapshot
from softswitch.acd.strategies import DEFAULT_STRATEGIES, Rank, Strategy, as_strategy


class Engine:
    """A call distributor without I/O.

    Args:
        groups: the hunt groups.
        members: everybody who is a member of one of them.
        strategies: by the name that `Group.strategy` gives; plain functions are welcome.
        now: the time at which it begins, in seconds of the caller's clock.
        journal: is given everything that the engine is told and takes; `replay` takes it.

    Raises:
        ConfigurationError: groups and members do not fit together.
    """

    def __init__(
        self,
        groups: Iterable[Group],
        members: Iterable[Member],
        strategies: Mapping[str, Strategy | Rank] = DEFAULT_STRATEGIES,
        *,
        now: float = 0.0,
        journal: Callable[[Input], None] | None = None,
    ) -> None:
        groups, members = list(groups), list(members)
        known = {name: as_strategy(strategy) for name, strategy in strategies.items()}
        setup.check(groups, members, known)
        self._core = Core(now=now, strategies=known)
        self._journal = journal
        for member in members:
            setup.add_member(self._core, member)
        for group in groups:
            setup.add_group(self._core, group)
            setup.staff(self._core, self._core.groups[group.id])
        setup.settle_in(self._core)

    def handle(self, event: EngineEvent, now: float) -> None:
        """Tell what happened.

        Args:
            event: what happened.
            now: when, in seconds. A time before one already told counts as that one: a timer
                may fire a moment early.

        Raises:
            EngineMisuseError: the event names something unknown or cannot happen; except that
                deadlines before it were worked off, nothing has changed.
        """
        handler = HANDLERS.get(type(event))
        if handler is None:
            raise UnknownEventError(f"the engine does not know {type(event).__name__}")
        self.advance(now)
        handler(self._core, event)
        dispatch.settle(self._core)
        if self._journal is not None:
            self._journal(Input(now=self._core.now, event=event))

    def advance(self, now: float) -> None:
        """Work off what has fallen due until now, each at its own time.

        Raises:
            BadTimeError: `now` is not a finite number.
        """
        if math.isnan(now) or math.isinf(now):
            raise BadTimeError(f"{now!r} is not a time")
        core = self._core
        due = core.deadlines.next()
        if due is not None and due <= now:
            self._work_off(due, now)
        core.now = max(core.now, now)
        if due is not None and due <= now and self._journal is not None:
            self._journal(Input(now=core.now))

    def _work_off(self, due: float | None, now: float) -> None:
        """All deadlines until now, of which this is the first."""
        core = self._core
        while due is not None and due <= now:
            core.now = max(core.now, due)
            while core.deadlines.next() == due:
                kind, owner = core.deadlines.pop()
                DEADLINES[kind](core, owner)
            dispatch.settle(core)
            due = core.deadlines.next()

    def next_deadline(self) -> float | None:
        """When `advance` is wanted next, in seconds; None: not before another event."""
        return self._core.deadlines.next()

    def poll(self) -> list[Command | Record]:
        """Everything to do and everything that happened since the last poll, in order."""
        output, self._core.output = self._core.output, []
        return output

    def snapshot(self, now: float) -> EngineSnapshot:
        """How things stand; changes nothing."""
        return snapshot.take(self._core, max(now, self._core.now))

    def expected_for_new(self, group_id: str, now: float) -> Expectation | None:
        """The wait of a caller who would join a group now; changes nothing.

        Of a caller without priority who asks for no skills. By the group's own estimator, or by
        the length of the queue in a group that tells its callers no wait.

        Returns:
            A range of seconds, from 0 to 0 while a member is free; None: too few conversations
            of the group are over to know.

        Raises:
            UnknownGroupError: there is no such group.
        """
        core = self._core
        return waits.expected_for_new(core, core.group(group_id), max(now, core.now))

    def freeze(self) -> Frozen:
        """Everything that it knows, as plain values for JSON; `thaw` goes on from there.

        What has not been polled is not among it.
        """
        return freezing.freeze(self._core)

    @classmethod
    def thaw(
        cls,
        frozen: Frozen,
        strategies: Mapping[str, Strategy | Rank] = DEFAULT_STRATEGIES,
        *,
        journal: Callable[[Input], None] | None = None,
    ) -> Engine:
        """An engine that knows what another one knew, and will do what that one would have done.

        Raises:
            KeyError, TypeError, ValueError: this was not frozen by this version.
        """
        engine = cls((), (), strategies, journal=journal)
        engine._core = freezing.thaw(frozen, engine._core.strategies)
        return engine

    def plan(self, groups: Iterable[Group], members: Iterable[Member]) -> Plan:
        """What another configuration would do if it came into force now; changes nothing.

        Raises:
            ConfigurationError: it does not fit together.
        """
        groups, members = tuple(groups), tuple(members)
        trial = fork(self._core)
        reconfiguring.reconfigure(trial, groups, members)
        dispatch.settle(trial)
        effects = plan.changes(self._core, groups, members)
        effects += plan.consequences(trial, trial.output)
        return Plan(
            groups=groups, members=members, effects=tuple(effects), version=self._core.version
        )

    def apply(self, planned: Plan, now: float) -> None:
        """Bring a plan into force. Calls that came since it was made are treated by its rules.

        Raises:
            StalePlanError: another configuration came into force since; nothing has changed.
        """
        if planned.version != self._core.version:
            raise StalePlanError("the configuration has changed since the plan was made")
        self.handle(Reconfigured(groups=planned.groups, members=planned.members), now)
