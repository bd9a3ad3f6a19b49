"""Scripted conversations: tests of a flow, written beside it.

Beside ``main.toml`` stands ``main.test.toml``::

    [[conversation]]
    name = "A known case"
    at = 2026-03-02T10:00:00
    caller = "+4512345678"
    open = { main = true }
    groups.service = { waiting = 3 }
    look_ups.cases = { case = { status = "open" } }
    steps = [
      { hears = "Press 1 for dansk", press = "2" },
      { hears = "Press 1 for cases", press = "1" },
      { hears = "case number", press = "2023#" },
      { looks_up = "cases", hears = "is open" },
      { hears = "Press 1 for cases", press = "2" },
      { queue = "service", then = "answered" },
      { ends = "completed" },
    ]

A step first looks at what was heard and what happened since the action before, then acts. What
happened is named by whom it is about, or by a table of its settings, of which a text needs to be
given in part only: ``sends = { to = "+4512345678", text = "Your case" }``. Look-ups
are answered as the conversation says at its head: with a table, with ``"nothing"``, or with
``"fails"``; those it does not mention fail.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import attrs

from softswitch.errors import MisuseError
from softswitch.ivr import commands as cmd
from softswitch.ivr.conversation_files import (
    ACTIONS,
    GIVES,
    LOOKS,
    Conversation,
    load_conversations,
    script_of,
)
from softswitch.ivr.model import Flow
from softswitch.ivr.possible_values import plans_of
from softswitch.ivr.rehearsal import Happened, Heard, Rehearsal
from softswitch.settings.faults import nearest, one_of

__all__ = ["Conversation", "Verdict", "load_conversations", "run", "script_of"]

_IN_PART: Final = ("subject", "text")


@attrs.frozen(kw_only=True)
class Verdict:
    """How a conversation went.

    Attributes:
        name: the conversation's.
        wrong: what was not as written, in words; empty: everything was.
        step: the step at which it went wrong, 1 for the first; 0: none.
        seen: what was heard and what happened, for people to read.
        nodes: every node that it came to.
    """

    name: str
    wrong: str = ""
    step: int = 0
    seen: tuple[str, ...] = ()
    nodes: frozenset[str] = frozenset()

    @property
    def passed(self) -> bool:
        """Whether everything was as written."""
        return not self.wrong


def run(flow: Flow, conversation: Conversation) -> Verdict:
    """Hold a conversation with a flow, and say how it went."""
    held = _Held(flow, conversation)
    wrong, step = _unknown_source(flow, conversation), 0
    if wrong:
        return Verdict(name=conversation.name, wrong=wrong)
    try:
        held.begin()
        for step, written in enumerate(conversation.steps, start=1):  # noqa: B007 - told below
            wrong = held.step(written)
            if wrong:
                wrong += held.pending(written)
                break
    except MisuseError as error:
        wrong = f"This cannot be done here: {f'{error}'.rstrip('.')}."
    return Verdict(
        name=conversation.name,
        wrong=wrong,
        step=step if wrong else 0,
        seen=tuple(held.transcript()),
        nodes=frozenset(one.node for one in held.rehearsal.session.trail),
    )


def _unknown_source(flow: Flow, conversation: Conversation) -> str:
    """Say which source is answered for that neither the flow nor a further plan has."""
    known = tuple(dict.fromkeys(name for plan in plans_of(flow) for name in plan.sources))
    for source in conversation.look_ups:
        if source not in known:
            allowed = f" Allowed: {one_of(known)}." if known else ""
            return (
                f"look_ups.{source}: The flow has no such source.{nearest(source, known)}{allowed}"
            )
    return ""


class _Held:
    """A conversation under way."""

    def __init__(self, flow: Flow, conversation: Conversation) -> None:
        self._conversation = conversation
        self.rehearsal = Rehearsal(flow, conversation.world, conversation.facts)
        self._told = 0
        self._done: list[tuple[int, str]] = []

    def begin(self) -> None:
        self.rehearsal.begin()
        self._answer_look_ups()

    def step(self, written: Mapping[str, Any]) -> str:
        """Look, then act; return what is not as written."""
        news = self.rehearsal.seen[self._told :]
        for key, wanted in written.items():
            if key in LOOKS and (wrong := self._look(key, wanted, news)):
                return wrong
        for key, how in written.items():
            if key in ACTIONS:
                self._told = len(self.rehearsal.seen)
                self._done.append((self._told, f"{key} {how}"))
                self._act(key, how, written.get(GIVES, {}))
                self._answer_look_ups()
        return ""

    def pending(self, written: Mapping[str, Any]) -> str:
        """Say what has not come out yet; empty: nothing, or what the step itself is about."""
        what, how = self.rehearsal.pending, self.rehearsal.outcomes
        if not what or what in written or self.rehearsal.over:
            return ""
        action = "speaks_s" if what == "records" else "then"
        ways = f" ({one_of((*how, 'failed'))})" if how else ""
        return f"; `{what}` is under way: `{action}` says how it comes out{ways}"

    def _look(self, key: str, wanted: Any, news: list[Heard | Happened]) -> str:  # noqa: ANN401 - as written
        heard = [one.text for one in news if isinstance(one, Heard)]
        session = self.rehearsal.session
        match key:
            case "hears":
                texts = wanted if isinstance(wanted, list) else [wanted]
                missing = [text for text in texts if not _contains(heard, text)]
                return f"Not heard: {missing[0]!r}; heard: {heard}" if missing else ""
            case "hears_not":
                return f"Heard: {wanted!r}" if _contains(heard, wanted) else ""
            case "language":
                return _unlike("The language", session.language, wanted)
            case "node":
                return _unlike("The node", self.rehearsal.at, wanted)
            case "variables":
                have = session.variables
                wrong = (_unlike(f"Variable {n}", have.get(n), v) for n, v in wanted.items())
                return next(filter(None, wrong), "")
        return self._happened(key, wanted, news)

    def _happened(self, what: str, wanted: object, news: list[Heard | Happened]) -> str:
        happened = [one for one in news if isinstance(one, Happened)]
        if any(one.what == what and _is_as(wanted, one) for one in happened):
            return ""
        saw = ", ".join(f"{one.what} {_shown(wanted, one)!r}" for one in happened) or "nothing"
        return f"Expected: {what} {wanted!r}; happened: {saw}"

    def _act(self, key: str, how: Any, gives: Mapping[str, Any]) -> None:  # noqa: ANN401 - as written
        rehearsal = self.rehearsal
        actions: Mapping[str, Callable[[], None]] = {
            "press": lambda: rehearsal.press(str(how)),
            "say": lambda: rehearsal.say(str(how)),
            "silent": lambda: self._stay_silent(int(how)),
            "hangs_up": rehearsal.hang_up,
            "then": lambda: self._then(str(how), gives),
            "speaks_s": lambda: rehearsal.recorded(float(how)),
        }
        actions[key]()

    def _then(self, outcome: str, gives: Mapping[str, Any]) -> None:
        if outcome == "failed":
            self.rehearsal.fails()
        else:
            self.rehearsal.comes_out(outcome, gives)

    def _stay_silent(self, times: int) -> None:
        """Stay silent once, or so many times."""
        for _ in range(times):
            self.rehearsal.stay_silent()

    def _answer_look_ups(self) -> None:
        while isinstance(waits := self.rehearsal.waits_for, cmd.LookUp):
            answer = self._conversation.look_ups.get(waits.source, "fails")
            if answer == "fails":
                self.rehearsal.fails()
            else:
                self.rehearsal.found(answer if isinstance(answer, Mapping) else None)

    def transcript(self) -> Iterator[str]:
        """Write what was heard and done."""
        done = list(self._done)
        for i, one in enumerate(self.rehearsal.seen):
            while done and done[0][0] <= i:
                yield f"> {done.pop(0)[1]}"
            yield one.text if isinstance(one, Heard) else _in_brackets(one)
        yield from (f"> {text}" for _, text in done)


def _is_as(wanted: object, one: Happened) -> bool:
    """Tell whether something happened as written: about this, or with these settings."""
    if not isinstance(wanted, Mapping):
        return wanted is True or one.about == wanted
    return all(_fits(name, value, one.details.get(name)) for name, value in wanted.items())


def _fits(name: str, wanted: object, found: object) -> bool:
    """Tell whether a setting is as written; of a text a part will do."""
    if name in _IN_PART:
        return _contains([str(found)], str(wanted))
    return found == (tuple(wanted) if isinstance(wanted, list) else wanted)


def _shown(wanted: object, one: Happened) -> object:
    """Return of what happened as much as was asked about."""
    if not isinstance(wanted, Mapping):
        return one.about
    return {name: one.details.get(name) for name in wanted}


def _contains(heard: list[str], text: str) -> bool:
    return any(text.casefold() in one.casefold() for one in heard)


def _in_brackets(one: Happened) -> str:
    return f"({one.what} {one.about}: {one.said})" if one.said else f"({one.what} {one.about})"


def _unlike(what: str, found: object, wanted: object) -> str:
    return "" if found == wanted else f"{what} is {found!r}, not {wanted!r}"
