"""Whatever a flow is and whatever happens to it, every session ends, in a named outcome."""

from __future__ import annotations

from collections import deque

from flow_steps import Steps
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st
from random_flows import flows, pruned

from softswitch.ivr import commands as cmd
from softswitch.ivr import events as ev
from softswitch.ivr.check_ways import way_faults
from softswitch.ivr.checks import check
from softswitch.ivr.model import Flow
from softswitch.ivr.rehearsal import PretendWorld, Rehearsal
from softswitch.ivr.session import STEPS_MAX
from softswitch.ivr.tables import State
from softswitch.ivr.talk import Outcome, SessionFault

HAPPENINGS = st.one_of(
    st.sampled_from("0123456789*#"),
    st.sampled_from(
        [
            "over",
            "time",
            "late",
            "found",
            "nothing",
            "fails",
            "left",
            "busy",
            "spoken",
            "answered",
            "silence",
        ]
    ),
    st.sampled_from(["says sales", "says buy", "says support", "says stop", "says ", "speaks"]),
)


def answer(last: cmd.Asking, what: str) -> ev.SessionEvent | None:
    """Make the answer of a kind to a command, where the kind fits."""
    match last:
        case cmd.Play():
            return ev.PromptOver(id=last.id) if what == "over" else None
        case cmd.Record():
            return ev.Recorded(id=last.id, path="x.wav", length_s=float(what == "spoken"))
        case cmd.LookUp() if what in {"found", "nothing"}:
            return ev.LookedUp(id=last.id, values={"level": 2} if what == "found" else None)
        case cmd.Perform() if what in {"left", "busy", "answered"}:
            return ev.Done(id=last.id, outcome=what)
    return ev.Failed(id=last.id, why="it failed") if what == "fails" else None


class Driven(Steps):
    """A session to which things happen at random; keeps what a driver would keep."""

    def happen(self, what: str) -> None:
        open_line = self.session.state is State.OPENING
        if open_line:
            self.tell(ev.Answered())
        if what in "0123456789*#":
            self.press(what)
        elif what == "time":
            self.after((self.session.next_deadline() or self.now) - self.now)
        elif what == "late":
            self.tell(ev.PromptOver(id=9999))
            self.tell(ev.Spoken(id=9999, words="sales"))
        elif what == "speaks" and self.hearing:
            self.tell(ev.SpeechBegan(id=self.hearing.id))
        elif what.startswith("says ") and self.hearing:
            self.tell(ev.Spoken(id=self.hearing.id, words=what.removeprefix("says ")))
        elif self.last is not None and (told := answer(self.last, what)) is not None:
            self.tell(told)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(flows(), st.lists(HAPPENINGS, max_size=40))
def test_any_keys_silences_failures_and_a_hang_up_end_every_session(
    flow: Flow, happenings: list[str]
):
    driven = Driven(flow)
    driven.tell(ev.Begun())
    for what in happenings:
        if driven.session.outcome is None:
            driven.happen(what)
    ended_before = driven.session.outcome
    driven.tell(ev.HungUp())
    outcome = driven.session.outcome
    assert isinstance(outcome, Outcome)
    assert outcome is (ended_before or Outcome.CALLER_HUNG_UP)
    assert (driven.session.fault is not None) is (outcome is Outcome.FAILED)
    assert driven.session.state is State.ENDED
    assert driven.session.next_deadline() is None
    assert driven.hearing is None
    hung_up = [one for one in driven.log if isinstance(one, cmd.HangUp)]
    assert len(hung_up) == (outcome is not Outcome.CALLER_HUNG_UP)
    event(outcome.value)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(flows(forward=True), st.data())
def test_flows_that_the_checks_accept_come_to_an_end_without_the_caller(
    flow: Flow, data: st.DataObject
):
    flow = pruned(flow)
    assume(not list(way_faults(flow)))
    plan = pruned(flow.sub_flows["inner"])
    assume(not list(way_faults(plan)))
    rehearsal = Rehearsal(flow, PretendWorld())
    rehearsal.begin()
    turns = 0
    while not rehearsal.over:
        turns += 1
        assert turns < 10 * STEPS_MAX
        _without_caller(rehearsal, data)
    assert rehearsal.session.fault is not SessionFault.STEP_LIMIT
    assert rehearsal.session.outcome in {Outcome.COMPLETED, Outcome.TRANSFERRED}
    event(f"{min(turns, 5)} turns or more")


def _without_caller(rehearsal: Rehearsal, data: st.DataObject) -> None:
    waits = rehearsal.waits_for
    match waits:
        case None:
            rehearsal.stay_silent()
        case cmd.Record():
            rehearsal.recorded(data.draw(st.sampled_from([0.0, 2.0])))
        case cmd.LookUp():
            rehearsal.found(data.draw(st.sampled_from([None, {}, {"level": 1}])))
        case cmd.TransferTo():
            rehearsal.fails()
        case _ if data.draw(st.booleans()):
            rehearsal.fails()
        case _:
            rehearsal.done(data.draw(st.sampled_from(["busy", "left", "forwarded"])))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(flows(), st.lists(st.sampled_from("01289#*"), max_size=6))
def test_what_the_step_limit_stops_the_checks_refuse(flow: Flow, keys: list[str]):
    """The guard of the machine never acts on a flow that the checks accept."""
    rehearsal = Rehearsal(flow, PretendWorld())
    rehearsal.begin()
    left = deque(keys)
    for _ in range(3 * STEPS_MAX):
        if rehearsal.over:
            break
        if rehearsal.waits_for is not None:
            rehearsal.fails()
        elif left:
            rehearsal.press(left.popleft())
        else:
            rehearsal.stay_silent()
    faulty = [*check(flow), *check(flow.sub_flows["inner"])]
    if not rehearsal.over or rehearsal.session.fault is SessionFault.STEP_LIMIT:
        assert any("circle" in fault.message for fault in faulty)
        event("a circle")
