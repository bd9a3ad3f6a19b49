"""Nodes that the caller does not notice: conditions, variables, outside data, further plans."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import attrs

from softswitch.ivr import commands as cmd
from softswitch.ivr import fields as f
from softswitch.ivr.answers import fitted, within
from softswitch.ivr.expressions import Expression, Value
from softswitch.ivr.model import Case, Finding, Flow, Node, node_kind
from softswitch.ivr.prompts import Prompt
from softswitch.ivr.talk import Talk


@node_kind("branch")
@attrs.frozen(kw_only=True)
class Branch(Node):
    """Goes where the first condition leads that holds.

    Attributes:
        cases: conditions, the first one first.
        otherwise: where it goes when none holds.
    """

    cases: tuple[Case, ...] = f.cases()
    otherwise: str = f.leads_to(required=True)

    def enter(self, talk: Talk) -> None:
        """Decide."""
        holding = (case.to for case in self.cases if talk.holds(case.when))
        talk.go(next(holding, self.otherwise))


@node_kind("set")
@attrs.frozen(kw_only=True)
class Set(Node):
    """Gives variables values; also ``priority``, which queues go by.

    Attributes:
        values: an expression for each variable; all are computed before any is set.
        next: what follows.
    """

    values: Mapping[str, Expression] = f.expressions(sets=True)
    next: str = f.leads_to()

    def enter(self, talk: Talk) -> None:
        """Compute and set."""
        talk.variables |= {name: one.value(talk) for name, one in self.values.items()}
        talk.go(self.next)


@node_kind("look_up")
@attrs.frozen(kw_only=True)
class LookUp(Node):
    """Gets data from outside while the caller hears a message, music, or nothing.

    Attributes:
        source: one of the flow's sources.
        arguments: what is asked about.
        into: for each variable the name of a value in the answer; dots lead inwards.
        prompt: heard first.
        music: music is heard until the answer is there.
        next: what follows an answer.
        not_found: what follows when there is nothing of the kind; empty: `failed`.
        failed: what follows when the source failed, took too long or gave something else, and
            has no fallback.
    """

    source: str = f.text(None)
    arguments: Mapping[str, Expression] = f.expressions()
    into: Mapping[str, str] = f.words(sets=True)
    prompt: Prompt | None = f.heard()
    music: bool = f.truth(default=False)
    next: str = f.leads_to()
    not_found: str = f.leads_to()
    failed: str = f.leads_to()

    def findings(self, flow: Flow) -> Iterator[Finding]:
        """There must be such a source, and a way on when it fails."""
        source = flow.sources.get(self.source)
        if source is None:
            known = ", ".join(flow.sources)
            yield Finding(("source",), "The flow has no such source.", self.source, known)
        elif source.fallback is None and not self.failed:
            message = "Nothing says what follows when the look-up fails: it has no fallback."
            yield Finding(("failed",), message, allowed="the name of a node")
        else:
            yield from self._fallback_findings(flow, source.fallback or {})
        for name in sorted(source.arguments() - set(self.arguments)) if source else ():
            message = "The source needs this argument."
            yield Finding(("arguments", name), message, allowed="an expression in quotes")

    def _fallback_findings(self, flow: Flow, fallback: Mapping[str, Value]) -> Iterator[Finding]:
        for variable, name in self.into.items() if fallback else ():
            like = flow.variables.get(variable)
            if like is None:
                continue
            value = fitted(within(fallback, name), like)
            if value is None or value not in flow.choices.get(variable, (value,)):
                message = "The source's fallback has nothing of this name that fits the variable."
                yield Finding(("into", variable), message, name)

    def enter(self, talk: Talk) -> None:
        """Ask."""
        command = cmd.LookUp(
            source=self.source,
            arguments={name: one.value(talk) for name, one in self.arguments.items()},
            meanwhile=cmd.Meanwhile.MUSIC if self.music else cmd.Meanwhile.SILENCE,
            pieces=talk.audible(self.prompt),
        )
        talk.look_up(command, talk.source(self.source).timeout_s)

    def result(self, talk: Talk, outcome: str, values: Mapping[str, object] | None) -> None:
        """Keep what was asked for."""
        if outcome == "not_found":
            talk.go(self.not_found or self.failed)
            return
        answer = self._fitting(talk, values) if values is not None else None
        fallback = talk.source(self.source).fallback
        if answer is None and fallback is not None:
            answer = self._fitting(talk, fallback)
        talk.variables |= answer or {}
        talk.go(self.failed if answer is None else self.next)

    def _fitting(self, talk: Talk, values: Mapping[str, object]) -> dict[str, Value] | None:
        """Return the values for the variables, or None when one is missing or does not fit."""
        found: dict[str, Value] = {}
        for variable, name in self.into.items():
            value = talk.fitted(variable, within(values, name))
            if value is None:
                return None
            found[variable] = value
        return found


@node_kind("sub_flow")
@attrs.frozen(kw_only=True)
class SubFlow(Node):
    """Goes through a further plan, which shares the variables of this one.

    Attributes:
        flow: the plan's file, relative to this one's; from Python: its name in `Flow.sub_flows`.
        next: what follows when that plan comes to its end.
    """

    flow: str = f.text(None)
    next: str = f.leads_to()

    def findings(self, flow: Flow) -> Iterator[Finding]:
        """There must be such a plan."""
        if self.flow not in flow.sub_flows:
            known = ", ".join(flow.sub_flows)
            yield Finding(("flow",), "There is no such plan.", self.flow, known)

    def enter(self, talk: Talk) -> None:
        """Go in."""
        talk.go_into(talk.sub_flow(self.flow), self.next)
