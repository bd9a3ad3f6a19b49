"""Which values an expression or a text with slots can come to, where a flow tells that.

A variable has the value that it begins with, and those that nodes set it to. Plans share their
variables, so all plans that lead into one another are looked at together. What comes from the
caller or from outside can be anything, unless the variable's ``choices`` say what it can be.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeAlias

import attrs

from softswitch.ivr.expressions import Expression, Slot, Template, Value
from softswitch.ivr.expressions.syntax import Literal, Name
from softswitch.ivr.expressions.types import WEEKDAYS
from softswitch.ivr.fields import role_of
from softswitch.ivr.model import Flow, Node

Values: TypeAlias = frozenset[Value] | None
"""Every value that something can have; None: it can be anything."""

TEXTS_MAX: Final = 1000
"""Above so many possible texts a template is taken to come to anything."""


class PossibleValues:
    """What can come about in a flow and in the plans that it leads to."""

    def __init__(self, flow: Flow) -> None:
        self._plans = tuple(plans_of(flow))
        self._known: dict[str, Values] = {
            "weekday": frozenset(WEEKDAYS),
            "language": frozenset(code for plan in self._plans for code in plan.spoken),
            "priority": None,
        }
        self._asking: set[str] = set()

    def texts(self, template: Template) -> frozenset[str] | None:
        """Return every text that a template can come to; None: any."""
        parts = [
            self.values(piece.expression) if isinstance(piece, Slot) else frozenset({piece})
            for piece in template.pieces
        ]
        known = [part for part in parts if part is not None]
        if len(known) < len(parts) or math.prod(map(len, known)) > TEXTS_MAX:
            return None
        return frozenset("".join(map(str, one)) for one in itertools.product(*known))

    def values(self, expression: Expression) -> Values:
        """Return every value that an expression can come to; None: any."""
        match expression.part:
            case Literal(value=value):
                return frozenset({value})
            case Name(name=name):
                return self._variable(name)
        return None

    def _variable(self, name: str) -> Values:
        if name in self._known:
            return self._known[name]
        if name in self._asking:  # set to itself, by a detour: nothing comes of that
            return frozenset()
        self._asking.add(name)
        found = self._found(name)
        self._asking.discard(name)
        if not self._asking:  # within a detour not everything was looked at
            self._known[name] = found
        return found

    def _found(self, name: str) -> Values:
        found: frozenset[Value] = frozenset()
        for values in self._all(name):
            if values is None:
                return None
            found |= values
        return found or None

    def _all(self, name: str) -> Iterator[Values]:
        """Give what a variable can be by each place that tells; the declared choices alone."""
        for plan in self._plans:
            if name in plan.choices:
                yield frozenset(plan.choices[name])
                return
        for plan in self._plans:
            if name in plan.variables:
                yield frozenset({plan.variables[name]})
            for node in plan.nodes.values():
                yield from self._set_by(node, name)

    def _set_by(self, node: Node, name: str) -> Iterator[Values]:
        for field in attrs.fields(type(node)):
            given: Any = getattr(node, field.name)
            if not role_of(field).sets:
                continue
            if isinstance(given, Mapping):
                if name in given:
                    one = given[name]
                    yield self.values(one) if isinstance(one, Expression) else None
            elif given == name:
                settled = node.settles()
                yield None if settled is None else frozenset(settled)


def plans_of(flow: Flow) -> Iterator[Flow]:
    """Give a flow and every plan that it leads to, however deep, each once."""
    seen: set[int] = set()
    ahead = [flow]
    while ahead:
        plan = ahead.pop()
        if id(plan) not in seen:
            seen.add(id(plan))
            yield plan
            ahead += plan.sub_flows.values()
