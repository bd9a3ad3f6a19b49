"""Flows made by Hypothesis: any nodes, leading anywhere."""

from __future__ import annotations

import functools

import attrs
from hypothesis import strategies as st

from softswitch.ivr import nodes as n
from softswitch.ivr.model import BACK, HANG_UP, Case, Flow, Node, Source
from softswitch.ivr.prompts import Welcome

NAMES = [f"n{i}" for i in range(7)]
VARIABLES = {"level": 0, "vip": False, "text": ""}
CONDITIONS = ("vip", "level > 2", 'open("main")', 'text == "1"', "priority < 3", "time < 12:00")
SAYINGS = ({}, {"1": ["sales", "buy"], "12": "support"}, {"en": {"2": "stop"}, "da": {"2": "nej"}})
"""Some stand for keys that the menu has not."""

SPOKEN = ("Words.", Welcome())
"""A greeting that the library does not have takes no time."""


@functools.cache
def nodes(names: tuple[str, ...]) -> st.SearchStrategy[Node]:
    """Nodes of every kind; ``names``: where they may lead."""
    targets = st.sampled_from(names)
    asking = {
        "prompt": st.just("Question?"),
        "attempts": st.integers(1, 3),
        "barge_in": st.booleans(),
        "otherwise": st.sampled_from([name for name in names if name]),
        "no_answer": targets,
    }
    cases = st.lists(st.builds(Case, st.sampled_from(CONDITIONS), targets), max_size=2)
    choices = st.dictionaries(st.sampled_from(["1", "2", "12", "0", "#"]), targets, max_size=3)
    return st.one_of(
        st.builds(n.Say, text=st.sampled_from(SPOKEN), barge_in=st.booleans(), next=targets),
        st.builds(
            n.Menu,
            choices=choices,
            spoken=st.sampled_from(SAYINGS),
            into=st.sampled_from(["", "text"]),
            **asking,
        ),
        st.builds(
            n.Collect,
            most=st.integers(1, 3),
            into=st.sampled_from(["", "text", "level"]),
            confirm=st.sampled_from([None, "Right?"]),
            next=targets,
            **asking,
        ),
        st.builds(
            n.Language, prompt=st.just("Well?"), languages=st.just({"1": "en"}), next=targets
        ),
        st.builds(n.Record, into=st.just("text"), next=targets, empty=targets),
        st.builds(n.Branch, cases=cases, otherwise=targets),
        st.builds(n.Set, values=st.just({"level": "level + 1", "vip": "not vip"}), next=targets),
        st.builds(
            n.LookUp,
            source=st.just("crm"),
            into=st.just({"level": "level"}),
            music=st.booleans(),
            next=targets,
            not_found=targets,
            failed=targets,
        ),
        st.builds(n.SubFlow, flow=st.just("inner"), next=targets),
        st.builds(n.Wait, seconds=st.just(2.0), next=targets),
        st.builds(n.Answer, next=targets),
        st.builds(
            n.Queue, group=st.just("g"), answered=targets, not_answered=targets, failed=targets
        ),
        st.builds(n.Dial, number=st.just("1"), answered=targets, busy=targets, otherwise=targets),
        st.builds(n.Transfer, number=st.just("1"), failed=targets),
        st.builds(n.Voicemail, box=st.just("g"), next=targets, failed=targets),
        st.builds(n.HangUp),
    )


@st.composite
def flows(draw: st.DrawFn, *, forward: bool = False, inner: bool = True) -> Flow:
    """Flows of a few nodes.

    Args:
        draw: given by Hypothesis.
        forward: ways that merely happen lead to later nodes more often than not.
        inner: there may be a further plan.
    """
    made: dict[str, Node] = {}
    count = draw(st.integers(1, len(NAMES)))
    for i, name in enumerate(NAMES[:count]):
        later = NAMES[i + 1 : count]
        anywhere = [*NAMES[:count], "", BACK, HANG_UP]
        made[name] = draw(nodes((*later, "", HANG_UP) if forward else tuple(anywhere)))
        if not inner and isinstance(made[name], n.SubFlow):
            made[name] = n.Say(text="No plan.")
    if forward:
        made = {name: draw(_with_keys_anywhere(node, made)) for name, node in made.items()}
    return Flow(
        name="random",
        start=NAMES[0],
        nodes=made,
        keys=draw(st.sampled_from([{}, {"0": NAMES[count - 1]}, {"*": BACK}])),
        variables=VARIABLES,
        sources={"crm": Source(timeout_s=2, fallback=draw(st.sampled_from([None, {"level": 1}])))},
        sub_flows={"inner": draw(flows(forward=forward, inner=False))} if inner else {},
        early_media=draw(st.booleans()),
    )


@st.composite
def _with_keys_anywhere(draw: st.DrawFn, node: Node, made: dict[str, Node]) -> Node:
    """Let the keys of a menu lead backwards too: then the caller has done something."""
    if isinstance(node, n.Menu):
        anywhere = st.sampled_from([*made, BACK])
        return attrs.evolve(node, choices={key: draw(anywhere) for key in sorted(node.choices)})
    return node


def pruned(flow: Flow) -> Flow:
    """Leave out what no way leads to, and the plan where nothing leads into it."""
    reached: set[str] = set()
    ahead = [flow.start, *flow.keys.values()]
    while ahead:
        name = ahead.pop()
        if name in flow.nodes and name not in reached:
            reached.add(name)
            ahead += (exit_.target for exit_ in flow.nodes[name].exits())
    kept = {name: node for name, node in flow.nodes.items() if name in reached}
    return attrs.evolve(flow, nodes=kept)
