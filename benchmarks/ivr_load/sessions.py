"""How many callers one core takes through a flow: the session alone, no clock, sound or network.

The flow is the main number of examples/municipality: a citizen hears the welcome and the menu,
presses 6, keys a case number, is told how far the case is, and says no more.
"""

from __future__ import annotations

import statistics
import time
from pathlib import Path
from typing import Final

import attrs
from sip_load.figures import Figure
from sip_load.work import Work

from softswitch.ivr import commands as cmd
from softswitch.ivr import events as ev
from softswitch.ivr.loading import load_flow
from softswitch.ivr.model import Flow
from softswitch.ivr.rehearsal import PretendWorld
from softswitch.ivr.session import Session
from softswitch.ivr.talk import Outcome
from softswitch.ivr.world import CallFacts

FLOW: Final = Path(__file__).parents[2] / "examples" / "municipality" / "main.toml"
KEYS: Final = "62023114#"
CASE: Final = {
    "case": "2023/114",
    "subject": "byggetilladelse",
    "state": "processing",
    "expected": "2026-04-15",
}
FACTS: Final = CallFacts(caller="+4522334455", dialled="77112000")
_BATCH = 200


@attrs.define
class Caller:
    """One caller, who does at once whatever the flow waits for.

    Attributes:
        events: how much the session was told.
    """

    session: Session
    now: float = 0.0
    events: int = 0

    def call(self) -> None:
        """Go through the flow to its end."""
        self._tell(ev.Begun())
        for key in KEYS:
            self._tell(ev.KeyPressed(key=key))
        while self.session.outcome is None:
            deadline = self.session.next_deadline()
            assert deadline is not None
            self.now, self.events = deadline, self.events + 1
            self.session.advance(deadline)
            self._carry_out()
        assert self.session.outcome is Outcome.COMPLETED

    def _tell(self, event: ev.SessionEvent) -> None:
        self.events += 1
        self.now += 0.5
        self.session.handle(event, self.now)
        self._carry_out()

    def _carry_out(self) -> None:
        for command in self.session.poll():
            match command:
                case cmd.Answer():
                    self._tell(ev.Answered())
                case cmd.Play():
                    self._tell(ev.PromptOver(id=command.id))
                case cmd.LookUp():
                    self._tell(ev.LookedUp(id=command.id, values=CASE))


def _batch(flow: Flow) -> tuple[float, int, int]:
    """Take some callers through; seconds, events and nodes in all."""
    world = PretendWorld()
    callers = [Caller(Session(flow, world, FACTS)) for _ in range(_BATCH)]
    begun_s = time.process_time()
    for caller in callers:
        caller.call()
    took_s = time.process_time() - begun_s
    nodes = sum(len(caller.session.trail) for caller in callers)
    return took_s, sum(caller.events for caller in callers), nodes


async def sessions(work: Work) -> list[Figure]:
    """Drive batches of callers; the median counts."""
    flow = load_flow(FLOW)
    batches = 5 if work.quick else 50
    found = [_batch(flow) for _ in work.steps(range(batches), "sessions", "")]
    took_s = statistics.median(took for took, _, _ in found)
    _, events, nodes = found[0]
    load = f"{nodes // _BATCH} nodes, {events // _BATCH} events each"
    return [
        Figure(
            name="callers taken through a flow, session alone",
            load=load,
            value=_BATCH / took_s,
            unit="calls/s",
            note="one core",
        ),
        Figure(
            name="processor time of an event of a session",
            load=load,
            value=1e6 * took_s / events,
            unit="µs",
        ),
    ]
