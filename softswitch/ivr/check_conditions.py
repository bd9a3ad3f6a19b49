"""Expressions: their types fit, they can hold at all, and what they ask about exists."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Final

import attrs

from softswitch.errors import Fault
from softswitch.ivr.expressions import Expression, Slot, Template, Type, Vocabulary, can_hold
from softswitch.ivr.expressions.syntax import Joined, Not, Part
from softswitch.ivr.expressions.types import TRUTH, About
from softswitch.ivr.fields import RoleKind, role_of
from softswitch.ivr.model import Case, Flow
from softswitch.ivr.prompts import Prompt, Words
from softswitch.settings.faults import ConfigPath, fault, nearest, one_of

_WHAT: Final = {About.GROUP: "group", About.CALENDAR: "calendar"}


@attrs.frozen
class _Found:
    """An expression in a flow, and what it must come to."""

    path: ConfigPath
    expression: Expression
    wanted: Type | None = None


def condition_faults(
    flow: Flow, groups: Collection[str] | None, calendars: Collection[str] | None
) -> Iterator[Fault]:
    """Find what is wrong with the expressions of a flow.

    Args:
        flow: the flow.
        groups: groups that exist; None: not known.
        calendars: calendars that exist; None: not known.
    """
    vocabulary = flow.vocabulary()
    known = {About.GROUP: groups, About.CALENDAR: calendars}
    for found in _expressions(flow):
        faults = found.expression.faults(vocabulary, found.wanted)
        for one in faults:
            message = f"Column {one.column}: {one.message}"
            yield fault(found.path, message, found.expression.text, one.allowed)
        for about, name, column in found.expression.asked(vocabulary):
            exist = known[about]
            if exist is not None and name not in exist:
                what = f"There is no {_WHAT[about]} of this name.{nearest(name, exist)}"
                yield fault(found.path, f"Column {column}: {what}", name, _listed(exist))
        if not faults and found.wanted is TRUTH and not can_hold(found.expression.part, vocabulary):
            yield fault(found.path, "This can never hold.", found.expression.text)
    yield from _shadowed(flow, vocabulary)
    yield from _groups(flow, groups)


def _expressions(flow: Flow) -> Iterator[_Found]:
    for name, node in flow.nodes.items():
        for field in attrs.fields(type(node)):
            role, value = role_of(field), getattr(node, field.name)
            path: ConfigPath = ("nodes", name, field.name)
            match value:
                case Expression():
                    yield _Found(path, value, role.gives)
                case Template():
                    yield from (_Found(path, one) for one in _in_slots(value))
                case Prompt():
                    yield from (_Found(path, one) for one in _in_prompt(value))
                case tuple() | dict():
                    yield from _in_several(path, role.kind, value)


def _in_several(path: ConfigPath, kind: RoleKind, several: object) -> Iterator[_Found]:
    if isinstance(several, dict):
        for key, one in several.items():
            if isinstance(one, Expression):
                yield _Found((*path, key), one)
    elif isinstance(several, tuple):
        for i, one in enumerate(several):
            if isinstance(one, Case):
                yield _Found((*path, i, "when"), one.when, TRUTH)
            elif isinstance(one, Prompt) and kind is RoleKind.PROMPTS:
                yield from (_Found((*path, i), inner) for inner in _in_prompt(one))


def _in_prompt(prompt: Prompt) -> Iterator[Expression]:
    for _, piece in prompt.everything():
        if isinstance(piece, Words):
            yield from _in_slots(piece.text)


def _in_slots(template: Template) -> Iterator[Expression]:
    return (piece.expression for piece in template.pieces if isinstance(piece, Slot))


def _shadowed(flow: Flow, vocabulary: Vocabulary) -> Iterator[Fault]:
    """Find cases that can hold, but not where the cases before them do not."""
    for name, node in flow.nodes.items():
        cases = [
            c
            for f in attrs.fields(type(node))
            if role_of(f).kind is RoleKind.CASES
            for c in getattr(node, f.name)
        ]
        before: Part | None = None
        for i, case in enumerate(cases):
            if case.when.faults(vocabulary, TRUTH):
                return
            part = case.when.part
            if before is not None and can_hold(part, vocabulary):
                both = Joined(column=1, left=before, right=part, both=True)
                if not can_hold(both, vocabulary):
                    message = "This is never reached: the cases before it hold whenever it does."
                    yield fault(("nodes", name, "cases", i, "when"), message, case.when.text)
            not_this = Not(column=1, inner=part)
            before = (
                not_this
                if before is None
                else Joined(column=1, left=before, right=not_this, both=True)
            )


def _groups(flow: Flow, groups: Collection[str] | None) -> Iterator[Fault]:
    """Find nodes that lead to groups that do not exist."""
    for name, node in flow.nodes.items():
        group = getattr(node, "group", None)
        if groups is not None and isinstance(group, str) and group not in groups:
            message = f"There is no group of this name.{nearest(group, groups)}"
            yield fault(("nodes", name, "group"), message, group, _listed(groups))


def _listed(names: Collection[str]) -> str:
    return one_of(names) if names else "the office has none"
