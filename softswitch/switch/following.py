"""Calls on their way through flows that are data: from a number, or from a program."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import attrs

from softswitch.errors import CallEndedError, MisuseError
from softswitch.ivr.expressions import Value
from softswitch.ivr.fields import RoleKind, role_of
from softswitch.ivr.model import Case, Flow, Node, Source
from softswitch.ivr.nodes import HangUp, LookUp
from softswitch.ivr.session import Session
from softswitch.ivr.talk import Outcome, SessionFault
from softswitch.switch.flow_book import FlowVersion
from softswitch.switch.flow_records import FlowRecord
from softswitch.switch.flow_run import FlowRun
from softswitch.switch.flow_sounds import FlowSounds
from softswitch.switch.flow_world import OfficeWorld, facts_of

if TYPE_CHECKING:
    from softswitch.switch.call import Call
    from softswitch.switch.house import House


@attrs.frozen(kw_only=True)
class FlowResult:
    """How a call fared in a flow.

    Attributes:
        outcome: how it ended.
        variables: what was remembered, ``digits`` among it. Personal data.
        language: what the caller heard last.
        fault: why it failed, or None.
    """

    outcome: Outcome
    variables: Mapping[str, Value]
    language: str
    fault: SessionFault | None = None


@attrs.frozen(kw_only=True)
class NodeResult:
    """How a call fared at one node.

    Attributes:
        way: the target that it left by, as written in the node; empty where none was.
        variables: what is remembered now, ``digits`` among it. Personal data.
        language: what the caller hears from now on.
    """

    way: str
    variables: Mapping[str, Value]
    language: str


async def serve(house: House, flow_id: str, call: Call) -> None:
    """Take a call through a flow of the office, in the version that is in force now."""
    await follow(house, call, house.flows.current(flow_id))


async def follow(
    house: House,
    call: Call,
    version: FlowVersion,
    *,
    variables: Mapping[str, Value] | None = None,
    keep: bool = False,
) -> FlowResult:
    """Take a call through a flow to its end, and record that.

    Args:
        house: what the switch's parts share.
        call: the call.
        version: the flow.
        variables: what is remembered from before.
        keep: the call goes on afterwards.
    """
    began = house.now
    session = _session(house, call, version.flow, variables)
    await FlowRun(house, call, session, version.sounds, keep=keep).run()
    outcome = session.outcome or Outcome.FAILED
    house.journal.note(
        FlowRecord(
            at=house.now,
            call_id=call.id,
            flow=version.flow.name,
            version=version.flow.version,
            outcome=outcome.value,
            fault=None if session.fault is None else session.fault.value,
            nodes=tuple(_nodes(session, version.flow)),
            started_at=began,
        )
    )
    return FlowResult(
        outcome=outcome,
        variables=session.variables,
        language=session.language,
        fault=session.fault,
    )


def _nodes(session: Session, flow: Flow) -> list[str]:
    return [
        step.node if step.flow == flow.name else f"{step.flow}/{step.node}"
        for step in session.trail
    ]


def _session(
    house: House, call: Call, flow: Flow, variables: Mapping[str, Value] | None
) -> Session:
    return Session(
        flow, OfficeWorld(house), facts_of(call), variables=variables, answered=call.answered
    )


_START: Final = "start"


async def do(
    house: House,
    call: Call,
    node: Node,
    *,
    language: str,
    variables: Mapping[str, Value] | None = None,
) -> NodeResult:
    """Let a call go through one node.

    Raises:
        CallEndedError: the caller hung up.
        MisuseError: the node cannot be used like this; the message says why.
    """
    call.check_alive()
    named = _named(node)
    ends = {f"end {i}": HangUp() for i in range(len(named))}
    numbered = dict(zip(named, ends, strict=True))
    flow = Flow(
        name="one node",
        start=_START,
        nodes={_START: _led_to(node, numbered), **ends},
        language=language,
        languages=tuple(getattr(node, "languages", {}).values()),
        variables=_variables(node),
        sources=_sources(node),
    )
    sounds = FlowSounds(house, house.sounds)
    session = _session(house, call, flow, variables)
    await FlowRun(house, call, session, sounds, keep=True).run()
    if session.outcome is Outcome.CALLER_HUNG_UP:
        raise CallEndedError(f"call {call.id} is over")
    if session.fault is not None:
        raise MisuseError(f"{session.fault.value}: {session.detail}")
    last = session.trail[-1].node
    way = next((name for name, end in numbered.items() if end == last), "")
    return NodeResult(way=way, variables=session.variables, language=session.language)


def _named(node: Node) -> list[str]:
    targets = (exit_.target for exit_ in node.exits())
    return [name for name in dict.fromkeys(targets) if name]


def _led_to(node: Node, ends: Mapping[str, str]) -> Node:
    """Let a node lead to other targets."""
    changed: dict[str, object] = {}
    for field in attrs.fields(type(node)):
        kind, value = role_of(field).kind, getattr(node, field.name)
        if kind is RoleKind.TARGET:
            changed[field.name] = ends.get(value, value)
        elif kind is RoleKind.CHOICES:
            changed[field.name] = {key: ends.get(to, to) for key, to in value.items()}
        elif kind is RoleKind.CASES:
            changed[field.name] = [Case(case.when, ends.get(case.to, case.to)) for case in value]
    return attrs.evolve(node, **changed)


def _sources(node: Node) -> dict[str, Source]:
    """Return the source that a look-up names: a function that the program has registered."""
    return {node.source: Source()} if isinstance(node, LookUp) else {}


def _variables(node: Node) -> dict[str, Value]:
    """Return the variables that a node sets, as texts to begin with."""
    names: list[str] = []
    for field in attrs.fields(type(node)):
        value = getattr(node, field.name)
        if role_of(field).sets and value:
            names += [value] if isinstance(value, str) else value
    return dict.fromkeys(itertools.chain(names), "")
