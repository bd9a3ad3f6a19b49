"""Variables: those that are set exist and can hold what they get; none hides what flows know."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

import attrs

from softswitch.errors import Fault
from softswitch.ivr.expressions import Expression, Value
from softswitch.ivr.expressions.types import COUNT, KNOWN, QUESTIONS, Type, type_of_value
from softswitch.ivr.fields import role_of
from softswitch.ivr.model import Flow, Node
from softswitch.ivr.possible_values import PossibleValues
from softswitch.settings.faults import ConfigPath, fault, nearest, one_of

_SETTABLE: Final[Mapping[str, Type]] = {"priority": COUNT}


def variable_faults(flow: Flow) -> Iterator[Fault]:
    """Find variables that cannot be, are not there, or get what they cannot hold."""
    yield from _name_faults(flow)
    yield from _choice_faults(flow)
    yield from _shared_faults(flow)
    possible = PossibleValues(flow)
    for name, node in flow.nodes.items():
        for field in attrs.fields(type(node)):
            if role_of(field).sets:
                path: ConfigPath = ("nodes", name, field.name)
                yield from _set_faults(flow, path, getattr(node, field.name), role_of(field).gives)
                yield from _limit_faults(flow, path, node, getattr(node, field.name), possible)


def _name_faults(flow: Flow) -> Iterator[Fault]:
    for name in flow.variables:
        if name in KNOWN or name in QUESTIONS:
            yield fault(("variables", name), "Every flow knows something else by this name.")
        elif not name.isidentifier() or not name.isascii():
            message = "This name could not be used in expressions."
            yield fault(("variables", name), message, None, "letters, digits and underscores")


def _choice_faults(flow: Flow) -> Iterator[Fault]:
    for name, choices in flow.choices.items():
        if flow.variables.get(name) not in choices:
            message = "It begins as none of its choices."
            yield fault(("variables", name), message, flow.variables.get(name), one_of(choices))


def _limit_faults(
    flow: Flow,
    path: ConfigPath,
    node: Node,
    given: str | Mapping[str, object],
    possible: PossibleValues,
) -> Iterator[Fault]:
    """Find where a variable with choices could get something else.

    Data from outside and collected digits are held to the choices when they come.
    """
    several = given.items() if isinstance(given, Mapping) else [(given, None)]
    for name, one in several:
        choices = flow.choices.get(name)
        if choices is None:
            continue
        values: Collection[Value] | None
        if isinstance(one, Expression):
            where, values = (*path, name), possible.values(one)
            if values is None:
                message = f"This can be anything, and `{name}` is one of its choices."
                yield fault(where, message, one.text, one_of(choices))
        else:
            where, values = path, node.settles()
        others = [value for value in sorted(values or (), key=str) if value not in choices]
        if others:
            message = f"This can be {others[0]!r}, which is none of the choices of `{name}`."
            yield fault(where, message, None, one_of(choices))


def _shared_faults(flow: Flow) -> Iterator[Fault]:
    """Plans share variables: those of one name must be of one type."""
    for inner in flow.sub_flows.values():
        for name, value in inner.variables.items():
            own = flow.variables.get(name)
            if own is not None and type_of_value(own).kind is not type_of_value(value).kind:
                message = f"In the plan {inner.name!r} this variable is {type_of_value(value)}."
                yield fault(("variables", name), message, own)
            elif own is not None and flow.choices.get(name) != inner.choices.get(name):
                message = f"In the plan {inner.name!r} this variable has other choices."
                yield fault(("variables", name), message, own)


def _set_faults(
    flow: Flow,
    path: ConfigPath,
    given: Any,  # noqa: ANN401 - by role
    gives: Type | None,
) -> Iterator[Fault]:
    if isinstance(given, str):
        held = _settable(flow).get(given)
        if given:
            yield from _unknown(flow, path, given)
        if gives is not None and held is not None and held.kind is not gives.kind:
            yield fault(path, f"This gets {gives}, and the variable holds {held}.", given)
        return
    vocabulary = flow.vocabulary()
    for name, expression in given.items():
        yield from _unknown(flow, (*path, name), name)
        wanted = _settable(flow).get(name)
        if wanted is not None and not isinstance(expression, str):
            for one in expression.faults(vocabulary, wanted):
                message = f"Column {one.column}: {one.message}"
                yield fault((*path, name), message, expression.text, one.allowed)


def _unknown(flow: Flow, path: ConfigPath, name: str) -> Iterator[Fault]:
    known = _settable(flow)
    if name not in known:
        message = f"The flow has no such variable.{nearest(name, known)}"
        yield fault(path, message, name, one_of(known))


def _settable(flow: Flow) -> Mapping[str, Type]:
    own = {name: Type(type_of_value(value).kind) for name, value in flow.variables.items()}
    return {**own, **_SETTABLE}
