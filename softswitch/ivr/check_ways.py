"""Ways through a flow: targets that dangle, nodes out of reach, loops in which nobody acts.

A way is taken *by the caller* when a key was pressed or somebody talked; all others merely happen.
A circle of ways that merely happen would keep a silent caller on the line for ever.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TypeAlias

from softswitch.errors import Fault
from softswitch.ivr.model import BACK, RESERVED, Exit, Flow
from softswitch.settings.faults import ConfigPath, fault, nearest


def way_faults(flow: Flow, refused: Collection[str] = ()) -> Iterator[Fault]:
    """Find what is wrong with the ways; ``refused``: nodes that exist and could not be read."""
    known = {*flow.nodes, *refused}
    yield from _dangling(flow, known)
    if not refused:
        yield from _unreachable(flow)
        yield from _loops(flow)
    yield from _plan_circles(flow)


def _dangling(flow: Flow, known: Collection[str]) -> Iterator[Fault]:
    for path, target in _targets(flow):
        if target and target not in known and target not in RESERVED:
            near = nearest(target, [*known, *RESERVED])
            allowed = "the name of a node, back or hang_up"
            yield fault(path, f"There is no such node.{near}", target, allowed)


def _targets(flow: Flow) -> Iterator[tuple[ConfigPath, str]]:
    if flow.start:
        yield ("flow", "start"), flow.start
    for key, target in flow.keys.items():
        yield ("keys", key), target
    for name, node in flow.nodes.items():
        for exit_ in node.exits():
            yield ("nodes", name, *exit_.setting), exit_.target


def _unreachable(flow: Flow) -> Iterator[Fault]:
    reached: set[str] = set()
    ahead = [flow.start, *flow.keys.values()]
    while ahead:
        name = ahead.pop()
        if name in flow.nodes and name not in reached:
            reached.add(name)
            ahead += (exit_.target for exit_ in flow.nodes[name].exits())
    for name in flow.nodes:
        if name not in reached:
            yield fault(("nodes", name), "No way leads to this node.")


def _loops(flow: Flow) -> Iterator[Fault]:
    """Find circles of ways that merely happen, each once, told at the way that closes it."""
    backs = _where_back_leads(flow)
    happening = {name: list(_happening(flow, name, backs)) for name in flow.nodes}
    done: set[str] = set()
    for start in flow.nodes:
        yield from _loops_from(start, happening, done)


_Way: TypeAlias = tuple[Exit, str]
"""A way out, and a node that it leads to."""


def _loops_from(start: str, happening: Mapping[str, list[_Way]], done: set[str]) -> Iterator[Fault]:
    """Walk in depth from one node, without recursion: flows may be long."""
    path: list[str] = []
    ahead: list[tuple[str, Iterator[_Way]]] = []
    if start not in done:
        path, ahead = [start], [(start, iter(happening[start]))]
    while ahead:
        name, ways = ahead[-1]
        exit_, target = next(ways, (None, ""))
        if exit_ is None:
            ahead.pop()
            done.add(path.pop())
        elif target in path:
            circle = " → ".join([*path[path.index(target) :], target])
            message = f"This closes a circle in which the caller does nothing: {circle}."
            yield fault(("nodes", name, *exit_.setting), message)
        elif target not in done:
            path.append(target)
            ahead.append((target, iter(happening[target])))


def _happening(flow: Flow, name: str, backs: Mapping[str, set[str]]) -> Iterator[_Way]:
    """Give the ways out of a node that need no caller."""
    node = flow.nodes[name]
    for exit_ in node.exits():
        if not exit_.by_caller:
            targets = backs.get(name, set()) if exit_.target == BACK else {exit_.target}
            yield from ((exit_, target) for target in sorted(targets) if target in flow.nodes)
    plan = flow.sub_flows.get(getattr(node, "flow", ""))
    if plan is not None and _leads_back(plan):
        through = Exit("back", BACK, by_caller=False, setting=("flow",))
        yield from ((through, target) for target in sorted(backs.get(name, ())))


def _leads_back(plan: Flow, around: tuple[int, ...] = ()) -> bool:
    if id(plan) in around:
        return False
    exits = (exit_ for node in plan.nodes.values() for exit_ in node.exits())
    inner = (_leads_back(one, (*around, id(plan))) for one in plan.sub_flows.values())
    return any(exit_.target == BACK for exit_ in exits) or any(inner)


def _where_back_leads(flow: Flow) -> dict[str, set[str]]:
    """For each node, what may have been asked last when a caller is there."""
    leads: dict[str, set[str]] = {}
    _spread(flow, flow.start, [flow.start], leads)
    for name, node in flow.nodes.items():
        if node.listens:
            first = [*flow.keys.values(), *(exit_.target for exit_ in node.exits())]
            _spread(flow, name, first, leads)
    return leads


def _spread(flow: Flow, origin: str, first: list[str], leads: dict[str, set[str]]) -> None:
    """Mark every node that can be come to from ``origin`` with nothing asked in between."""
    ahead, seen = list(first), set[str]()
    while ahead:
        name = ahead.pop()
        node = flow.nodes.get(name)
        if node is None or name in seen:
            continue
        seen.add(name)
        leads.setdefault(name, set()).add(origin)
        if not node.listens:
            ahead += (exit_.target for exit_ in node.exits())


def _plan_circles(flow: Flow, around: tuple[int, ...] = ()) -> Iterator[Fault]:
    for name, inner in flow.sub_flows.items():
        if id(inner) in {id(flow), *around}:
            path = next(_leading_to(flow, name), ("flow",))
            yield fault(path, "These plans lead into one another in a circle.", name)
        else:
            yield from (f for f in _plan_circles(inner, (*around, id(flow))) if not around)


def _leading_to(flow: Flow, plan: str) -> Iterator[ConfigPath]:
    for name, node in flow.nodes.items():
        if node.kind == "sub_flow" and getattr(node, "flow", None) == plan:
            yield ("nodes", name, "flow")
