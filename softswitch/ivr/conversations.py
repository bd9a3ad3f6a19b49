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

import tomllib
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, TypeAlias

import attrs
import cattrs

from softswitch.errors import ConfigurationError, Fault, MisuseError
from softswitch.ivr import commands as cmd
from softswitch.ivr.model import Flow
from softswitch.ivr.rehearsal import (
    MONDAY_MORNING,
    WHAT,
    Happened,
    Heard,
    PretendGroup,
    PretendWorld,
    Rehearsal,
)
from softswitch.ivr.world import CallFacts
from softswitch.settings.faults import ConfigPath, fault, nearest, one_of

Answer: TypeAlias = Mapping[str, object] | str
_ANSWERS: Final = ("nothing", "fails")
_HAPPENINGS: Final = (*(what for what, _ in WHAT.values()), "records", "ends")
_SETTINGS: Final = {
    what: tuple(field.name for field in attrs.fields(kind) if field.name != "id")
    for kind, (what, _) in WHAT.items()
}
"""What is known of each thing that happens."""

_IN_PART: Final = ("subject", "text")
_ACTIONS: Final = ("press", "say", "silent", "hangs_up", "then", "speaks_s")
_GIVES: Final = "gives"
"""What an own node gives besides its outcome: goes with ``then``."""

_LOOKS: Final = ("hears", "hears_not", "language", "node", "variables", *_HAPPENINGS)


@attrs.frozen(kw_only=True)
class Conversation:
    """One script.

    Attributes:
        world: what conditions find.
        facts: who calls.
        look_ups: how sources answer.
        steps: what is seen and done, in order; keys as in the file.
    """

    name: str
    world: PretendWorld
    facts: CallFacts
    look_ups: Mapping[str, Answer]
    steps: tuple[Mapping[str, Any], ...]


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


def script_of(flow_file: Path) -> Path:
    """Return where the conversations of a flow file stand."""
    return flow_file.with_name(f"{flow_file.stem}.test.toml")


def load_conversations(path: Path) -> tuple[Conversation, ...]:
    """Read a file of conversations.

    Raises:
        ConfigurationError: it cannot be read, or something in it is wrong.
    """
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigurationError([Fault(path=str(path), message=f"{error}")]) from None
    faults: list[Fault] = []
    tables = raw.get("conversation", [])
    if not _are_tables(tables):
        faults.append(fault(("conversation",), "Each begins with [[conversation]].", None))
        tables = []
    found = tuple(_conversation(i, table, faults) for i, table in enumerate(tables))
    faults += _unknown((), raw, ("conversation",))
    if faults:
        raise ConfigurationError(faults)
    return found


_HEAD: Final = (
    "name",
    "at",
    "caller",
    "caller_name",
    "dialled",
    "open",
    "special",
    "groups",
    "look_ups",
    "steps",
)


def _conversation(i: int, raw: Mapping[str, Any], faults: list[Fault]) -> Conversation:
    path: ConfigPath = ("conversation", i)
    raw = _shaped(path, raw, faults)
    faults.extend(_shape_faults(path, raw))
    return Conversation(
        name=str(raw.get("name", f"conversation {i + 1}")),
        world=_world(path, raw, faults),
        facts=CallFacts(
            caller=str(raw.get("caller", "")),
            caller_name=str(raw.get("caller_name", "")),
            dialled=str(raw.get("dialled", "")),
        ),
        look_ups=raw.get("look_ups", {}),
        steps=tuple(raw.get("steps", [])),
    )


def _are_tables(given: object) -> bool:
    return isinstance(given, list) and all(isinstance(one, dict) for one in given)


def _shaped(path: ConfigPath, raw: Mapping[str, Any], faults: list[Fault]) -> Mapping[str, Any]:
    """Return a conversation without what is no table, or no list of tables, and has to be."""
    found = dict(raw)
    wrong = [
        key for key in ("open", "groups", "look_ups") if not isinstance(raw.get(key, {}), dict)
    ]
    faults += [fault((*path, key), "This must be a table.", found.pop(key)) for key in wrong]
    if "steps" in raw and not _are_tables(raw["steps"]):
        faults.append(fault((*path, "steps"), "This must be a list of tables.", found.pop("steps")))
    return found


def _shape_faults(path: ConfigPath, raw: Mapping[str, Any]) -> Iterator[Fault]:
    """Find what is called by no known name, and look-ups that answer nothing known."""
    yield from _unknown(path, raw, _HEAD)
    for at, step in enumerate(raw.get("steps", [])):
        yield from _unknown((*path, "steps", at), step, (*_LOOKS, *_ACTIONS, _GIVES))
        if not isinstance(step.get("variables", {}), dict):
            where = (*path, "steps", at, "variables")
            yield fault(where, "This must be a table.", step["variables"])
        for what, settings in _SETTINGS.items():
            if isinstance(step.get(what), dict):
                yield from _unknown((*path, "steps", at, what), step[what], settings)
    for source, answer in raw.get("look_ups", {}).items():
        if not isinstance(answer, dict) and answer not in _ANSWERS:
            allowed = f"a table, {one_of(_ANSWERS)}"
            yield fault((*path, "look_ups", source), "This is no answer.", answer, allowed)


def _unknown(path: ConfigPath, raw: Mapping[str, Any], known: tuple[str, ...]) -> Iterator[Fault]:
    for key in raw:
        if key not in known:
            message = f"This means nothing here.{nearest(key, known)}"
            yield fault((*path, key), message, None, one_of(known))


def _world(
    path: tuple[str | int, ...], raw: Mapping[str, Any], faults: list[Fault]
) -> PretendWorld:
    begins, groups = raw.get("at", MONDAY_MORNING), {}
    if not isinstance(begins, datetime):
        message = "This must be a date and time."
        faults.append(fault((*path, "at"), message, begins, "such as 2026-03-02T10:00:00"))
        begins = MONDAY_MORNING
    for name, table in raw.get("groups", {}).items():
        try:
            groups[name] = _CONVERTER.structure(table, PretendGroup)
        except cattrs.BaseValidationError:
            allowed = one_of(field.name for field in attrs.fields(PretendGroup))
            faults.append(
                fault(
                    (*path, "groups", name),
                    "This is no state of a group.",
                    None,
                    f"a table with {allowed}",
                )
            )
    return PretendWorld(
        begins=begins if begins.tzinfo else begins.replace(tzinfo=UTC),
        open=raw.get("open", {}),
        special=tuple(raw.get("special", ())),
        groups=groups,
    )


_CONVERTER: Final = cattrs.Converter(forbid_extra_keys=True)


def run(flow: Flow, conversation: Conversation) -> Verdict:
    """Hold a conversation with a flow, and say how it went."""
    held = _Held(flow, conversation)
    wrong, step = "", 0
    try:
        held.begin()
        for step, written in enumerate(conversation.steps, start=1):  # noqa: B007 - told below
            wrong = held.step(written)
            if wrong:
                break
    except MisuseError as error:
        wrong = f"This cannot be done here: {error}."
    return Verdict(
        name=conversation.name,
        wrong=wrong,
        step=step if wrong else 0,
        seen=tuple(held.transcript()),
        nodes=frozenset(one.node for one in held.rehearsal.session.trail),
    )


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
            if key in _LOOKS and (wrong := self._look(key, wanted, news)):
                return wrong
        for key, how in written.items():
            if key in _ACTIONS:
                self._told = len(self.rehearsal.seen)
                self._done.append((self._told, f"{key} {how}"))
                self._act(key, how, written.get(_GIVES, {}))
                self._answer_look_ups()
        return ""

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
            self.rehearsal.done(outcome, gives)

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
