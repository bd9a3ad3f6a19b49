"""The one place where the queue engine meets the clock.

The engine never reads a clock and never calls back: it is told what happened and when, and is
then asked what is to be done. This driver passes loop time in, arms exactly one timer for the
engine's next deadline, and hands out commands and records in the engine's own order.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable

from softswitch.acd import Engine
from softswitch.acd.commands import Command
from softswitch.acd.estimate import Expectation
from softswitch.acd.events import EngineEvent
from softswitch.acd.records import Record
from softswitch.acd.snapshot import EngineSnapshot
from softswitch.errors import MisuseError

log = logging.getLogger(__name__)


class EngineDriver:
    """Feeds one engine."""

    def __init__(
        self,
        engine: Engine,
        *,
        carry_out: Callable[[Command], None],
        note: Callable[[Record], None],
        ahead_s: float = 0.0,
    ) -> None:
        """Prepare.

        Args:
            engine: the engine.
            carry_out: does what a command says.
            note: keeps a record.
            ahead_s: the engine's time less the loop's.
        """
        self._engine = engine
        self._carry_out = carry_out
        self._note = note
        self._ahead_s = ahead_s
        self._loop = asyncio.get_running_loop()
        self._told: deque[Callable[[Engine, float], None]] = deque()
        self._busy = False
        self._closed = False
        self._timer: asyncio.TimerHandle | None = None
        self._armed_s = 0.0

    @property
    def now(self) -> float:
        """The engine's time, in seconds."""
        return self._loop.time() + self._ahead_s

    def snapshot(self) -> EngineSnapshot:
        """Return how things stand in the engine."""
        return self._engine.snapshot(self.now)

    def expected_for_new(self, group_id: str) -> Expectation | None:
        """Return the wait of a caller who would join a group now; None: nobody can know yet."""
        return self._engine.expected_for_new(group_id, self.now)

    def tell(self, event: EngineEvent) -> None:
        """Tell the engine what happened, and carry out what follows.

        May be called while a command is carried out; the event then waits its turn.
        """
        self._told.append(lambda engine, now: engine.handle(event, now))
        self._settle()

    def ask(self, event: EngineEvent) -> None:
        """Like `tell`, for whoever wants to know whether the engine takes it.

        While a command is being carried out the event waits its turn, and a refusal is logged.

        Raises:
            MisuseError: the engine refuses it, and nothing has changed.
        """
        self.act(lambda engine, now: engine.handle(event, now))

    def act(self, act: Callable[[Engine, float], None]) -> None:
        """Do something to the engine, in turn; see `ask`."""
        if self._busy or self._closed:
            self._told.append(act)
            return
        try:
            act(self._engine, self.now)
        finally:
            self._settle()

    def poll(self) -> None:
        """Carry out what the engine wants without being told anything."""
        self._settle()

    def close(self) -> None:
        """Disarm the timer for good; whatever is told from now on is ignored."""
        self._closed = True
        self._disarm()

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _settle(self) -> None:
        if self._busy or self._closed:
            return
        self._busy = True
        try:
            self._hand_out()
            while self._told:
                self._handle(self._told.popleft())
                self._hand_out()
        finally:
            self._busy = False
        self._arm()

    def _handle(self, act: Callable[[Engine, float], None]) -> None:
        try:
            act(self._engine, self.now)
        except MisuseError:
            log.exception("the queue engine refuses what it was told")

    def _hand_out(self) -> None:
        for item in self._engine.poll():
            try:
                if isinstance(item, Command):
                    self._carry_out(item)
                else:
                    self._note(item)
            except Exception:
                log.exception("%s could not be carried out", type(item).__name__)

    def _arm(self) -> None:
        self._disarm()
        deadline_s = self._engine.next_deadline()
        if deadline_s is not None:
            self._armed_s = deadline_s
            self._timer = self._loop.call_at(deadline_s - self._ahead_s, self._due)

    def _due(self) -> None:
        # A timer may wake a little early: the deadline itself is the least that is true.
        self._timer = None
        self._engine.advance(max(self._armed_s, self.now))
        self._settle()
