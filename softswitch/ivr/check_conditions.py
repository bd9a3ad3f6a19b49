"""Expressions: their types fit, they can hold at all, and what they ask about exists."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Final

import attrs

from softswitch.errors import Fault
from softswitch.ivr.expressions import (
    Expression,
    ExpressionFault,
    Slot,
    Template,
    Type,
    Vocabulary,
    can_hold,
)
from softswitch.ivr.expressions.syntax import Joined, Not, Part
from softswitch.ivr.expressions.types import TRUTH, About
from softswitch.ivr.fields import RoleKind, role_of
from softswitch.ivr.model import Case, Flow
from softswitch.ivr.prompts import Prompt, Words
from softswitch.prompts.messages import language as language_of
from softswitch.prompts.messages import languages
from softswitch.settings.faults import ConfigPath, fault, nearest, one_of

_WHAT: Final = {About.GROUP: "group", About.CALENDAR: "calendar"}


@attrs.frozen
class _Found:
    """An expression in a flow, and what it must come to, or the slot of a text that it fills."""

    path: ConfigPath
    expression: Expression
    wanted: Type | None = None
    slot: Slot | None = None

    def faults(self, vocabulary: Vocabulary) -> list[ExpressionFault]:
        if self.slot is None:
            return self.expression.faults(vocabulary, self.wanted)
        return self.slot.faults(vocabulary)


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
        faults = found.faults(vocabulary)
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
        if found.slot is not None:
            yield from _currency_faults(flow, found.path, found.slot.currency)
    yield from _shadowed(flow, vocabulary)


def _expressions(flow: Flow) -> Iterator[_Found]:
    for name, node in flow.nodes.items():
        for field in attrs.fields(type(node)):
            role, value = role_of(field), getattr(node, field.name)
            path: ConfigPath = ("nodes", name, field.name)
            match value:
                case Expression():
                    yield _Found(path, value, role.gives)
                case Template():
                    yield from _in_slots(path, value)
                case Prompt():
                    yield from _in_prompt(path, value)
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
                yield from _in_prompt((*path, i), one)


def _in_prompt(path: ConfigPath, prompt: Prompt) -> Iterator[_Found]:
    for _, piece in prompt.everything():
        if isinstance(piece, Words):
            yield from _in_slots(path, piece.text)


def _in_slots(path: ConfigPath, template: Template) -> Iterator[_Found]:
    return (_Found(path, slot.expression, slot=slot) for slot in template.slots)


def _currency_faults(flow: Flow, path: ConfigPath, code: str) -> Iterator[Fault]:
    """Find a currency that a language of the flow has no words for."""
    for language in flow.spoken if code else ():
        known = language_of(language).phrases.money.currencies if language in languages() else {}
        if known and code not in known:
            message = f"This currency has no words in {language}."
            yield fault(path, message, code, one_of(sorted(known)))


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
                break
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


def _listed(names: Collection[str]) -> str:
    return one_of(names) if names else "the office has none"
