"""Names of groups, boxes and surveys: each that a node can come to exists, or a way leads on."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

import attrs

from softswitch.errors import Fault
from softswitch.ivr.expressions import Template
from softswitch.ivr.fields import Thing, role_of
from softswitch.ivr.model import Flow, Node
from softswitch.ivr.possible_values import PossibleValues, plans_of
from softswitch.settings.faults import ConfigPath, fault, nearest, one_of


def naming_faults(flow: Flow, known: Mapping[Thing, Collection[str] | None]) -> Iterator[Fault]:
    """Find nodes that name, or can come to name, what there is not.

    Args:
        flow: the flow; in the plans that it leads to only what depends on this flow is looked at.
        known: what exists; None: it is not known.
    """
    possible = PossibleValues(flow)
    for name, node in flow.nodes.items():
        for naming in _namings(("nodes", name), node):
            yield from naming.faults(known, possible)
    for plan in list(plans_of(flow))[1:]:
        yield from _faults_further_in(flow, plan, known, possible)


@attrs.frozen
class _Naming:
    """A setting of a node that names something outside of the flow."""

    path: ConfigPath
    node: Node
    setting: str
    thing: Thing
    named: Template

    def faults(
        self, known: Mapping[Thing, Collection[str] | None], possible: PossibleValues
    ) -> Iterator[Fault]:
        exist, texts = known.get(self.thing), possible.texts(self.named)
        if self.named.fixed:
            yield from self._unknown(texts or {""}, exist)
            if exist is None and not self.named.text.strip():
                yield fault((*self.path, self.setting), f"This names no {self.thing.value}.")
            return
        yield from self._unknown((texts or frozenset()) - {""}, exist)
        if texts is None:
            yield from self._no_way("it can be anything")
        elif "" in texts:
            yield from self._no_way("it can be empty")

    def _unknown(self, texts: Collection[str], exist: Collection[str] | None) -> Iterator[Fault]:
        for text in sorted(texts) if exist is not None else ():
            if exist is not None and text not in exist:
                what = f"There is no {self.thing.value} of this name.{nearest(text, exist)}"
                message = what if self.named.fixed else f"This can be {text!r}. {what}"
                allowed = one_of(sorted(exist)) if exist else "the office has none"
                yield fault((*self.path, self.setting), message, self.named.text, allowed)

    def _no_way(self, why: str) -> Iterator[Fault]:
        """Ask for a way on, where a name may turn out to be nobody's."""
        ways: list[Any] = [getattr(self.node, name) for name in self.node.unknown]
        if self.node.unknown and not any(ways):
            what = f"Nothing says what follows when there is no such {self.thing.value}: {why}."
            allowed = "the name of a node; or give the variable `choices`"
            yield fault((*self.path, self.node.unknown[0]), what, None, allowed)


def _namings(path: ConfigPath, node: Node) -> Iterator[_Naming]:
    for field in attrs.fields(type(node)):
        role, value = role_of(field), getattr(node, field.name)
        if role.about is not None and isinstance(value, Template):
            yield _Naming(path, node, field.name, role.about, value)
        elif field.name == "group" and isinstance(value, str):  # of a program's own kind
            literal = Template(value.replace("{", "{{").replace("}", "}}"))
            yield _Naming(path, node, field.name, Thing.GROUP, literal)


def _faults_further_in(
    flow: Flow,
    plan: Flow,
    known: Mapping[Thing, Collection[str] | None],
    possible: PossibleValues,
) -> Iterator[Fault]:
    """Find what a plan by itself has no fault of, and has where this flow leads into it."""
    alone = PossibleValues(plan)
    for name, node in plan.nodes.items():
        for naming in _namings(("nodes", name), node):
            before = {*naming.faults(known, alone)}
            for one in naming.faults(known, possible):
                if one not in before:
                    message = f"In the plan {plan.name!r}, {one.path}: {one.message}"
                    yield fault(_leading_into(flow, plan), message, None, one.allowed)


def _leading_into(flow: Flow, plan: Flow) -> ConfigPath:
    """Return the path of the node that leads into a plan, at once or through others."""
    for name, node in flow.nodes.items():
        inner = flow.sub_flows.get(getattr(node, "flow", ""))
        if inner is not None and any(one is plan for one in plans_of(inner)):
            return ("nodes", name, "flow")
    return ("nodes",)
